import Foundation
import Testing
import Timeline

@testable import Definitions

/// Which facts are covered, and what `check` says about those that are not.
@Suite struct CoverageTests {
    private static let scenario = "chaos/scenarios/switch-off.yaml"
    private static let runbook = "runbooks/switch-on.md"
    private static let incident = "chaos/incidents/T1.yaml"

    private func facts(of name: String? = "T1") throws -> [String: Coverage.Fact] {
        let incidents = try Fixture.catalogue().coverage(of: name).incidents
        return Dictionary(uniqueKeysWithValues: incidents.flatMap(\.facts).map { ($0.id, $0) })
    }

    @Test func everyFactOfTheSampleIsAccountedFor() throws {
        let facts = try facts()
        #expect(facts.values.filter { $0.status == .uncovered }.isEmpty)
        #expect(facts.values.filter { $0.status == .excused }.map(\.id).sorted() == ["T1-L2", "T1-S5"])
        #expect(facts["T1-S5"]?.excuses.map(\.reason) == ["the nodes of this testnet keep no old log lines"])
        #expect(facts["T1-S2"]?.inferred == true)
    }

    @Test(arguments: [
        ("T1-L1", "latent unchecked switch", 5), ("T1-F1", "fault switch-off ", 4),
        ("T1-S1", "symptom off, same switch,web", 4), ("T1-S6", "symptom first pages", 4),
        ("T1-S3", "symptom rounds head", 1), ("T1-T1", "phase onset to recovered:shard0 ", 1),
        ("T1-R2", "wrong-response restart-unevenly ", 1), ("T1-X1", "runbook-step turn-on ", 1),
        ("T1-T2", "setting scaled.update_poll ", 5),
    ]) func aFactNamesWhatCoversIt(id: String, words: String, arms: Int) throws {
        let covers = try #require(try facts()[id]).covers
        #expect(covers.map { "\($0.kind.rawValue) \($0.name) \($0.probes.joined(separator: ","))" } == [words])
        #expect(covers.map(\.arms.count) == [arms])
        #expect(covers.map(\.scenario) == ["switch-off"])
        let known = try Fixture.catalogue().arms(of: "switch-off").map(\.description)
        #expect(Set(covers.flatMap(\.arms)).isSubset(of: known))
    }

    @Test func itCanBeAskedForOneScenarioAndForAll() throws {
        #expect(try Set(facts(of: "switch-off").keys) == Set(facts(of: nil).keys))
        #expect { try facts(of: "switch-of") } throws: { "\($0)".contains("Did you mean 'switch-off'?") }
        let encoded = try JSONEncoder().encode(Fixture.catalogue().coverage())
        #expect(try JSONDecoder().decode(Coverage.self, from: encoded) == Fixture.catalogue().coverage())
    }

    @Test(arguments: [
        // Covered by nothing, and not excused.
        (
            scenario, "  T1-L1: {checks: [{id: unchecked, probe: switch, match: ['.stdout !~ /checked/']}]}", "  {}",
            "the fact 'T1-L1' is covered by nothing and not excused"
        ),
        (scenario, ", facts: [T1-F1]", "", "the fact 'T1-F1' is covered by nothing and not excused"),
        (scenario, "    facts: [T1-R2]\n", "", "the fact 'T1-R2' is covered by nothing and not excused"),
        (
            scenario, "set_by: {T1-T2: scaled.update_poll}\n", "",
            "the fact 'T1-T2' is covered by nothing and not excused"
        ),
        (runbook, "- Facts: T1-R1, T1-X1\n", "", "the fact 'T1-X1' is covered by nothing and not excused"),
        (
            scenario, "  T1-L2: nothing on the testnet could show it\n", "",
            "the fact 'T1-L2' is covered by nothing and not excused"
        ),
        // Covered and excused.
        (scenario, "  T1-L2: nothing", "  T1-F1: nothing", "'T1-F1' is excused and covered by the fault 'switch-off'"),
        (
            scenario, "  T1-L2: nothing", "  T1-R1: nothing",
            "'T1-R1' is excused and covered by the people's step 'switch-on-again' of 'switch-off'"
        ),
        // Ids that do not exist, and letters that do not fit.
        (scenario, "facts: [T1-F1]", "facts: [T1-F2]", "the fact 'T1-F2' does not exist. Did you mean 'T1-F1'?"),
        (scenario, "facts: [T1-F1]", "facts: [T1-S1]", "'T1-S1' is not a fault. Those are: T1-F1."),
        (scenario, "facts: [T1-R2]", "facts: [T1-F1]", "'T1-F1' is not a response"),
        (scenario, "  T1-L1: {checks", "  T1-S5: {checks", "'T1-S5' is not a latent condition"),
        (scenario, "  T1-L1: {checks", "  T1-L9: {checks", "the fact 'T1-L9' does not exist"),
        (scenario, "T1-T2: scaled", "T1-S1: scaled", "'T1-S1' is not a latent condition or time"),
        (scenario, "scaled.update_poll}", "scaled.update_pol}", "Did you mean 'scaled.update_poll'?"),
        (scenario, "scaled.update_poll}", "settings.code1}", "Did you mean 'settings.code'?"),
        (scenario, "  T1-L2: nothing", "  T1-L3: nothing", "the fact 'T1-L3' does not exist"),
        (runbook, "T1-R1, T1-X1", "T1-R1, T1-X2", "the fact 'T1-X2' does not exist. Did you mean 'T1-R2'?"),
        (runbook, "T1-R1, T1-X1", "T1-R1, T1-S1", "'T1-S1' is not a response or fix"),
        (runbook, "T1-R1, T1-X1", "T1-R1, T2-X1", "the incident 'T2' does not exist. Did you mean 'T1'?"),
        (runbook, "T1-R1, T1-X1", "T1-R1 T1-X1", "'T1-R1 T1-X1' is not a fact id"),
        // A latent condition is seen before the fault.
        (
            scenario, "{id: unchecked, probe: switch, match: ['.stdout !~ /checked/']}",
            "{id: unchecked, quiet: {for: 9s}}",
            "a latent condition cannot be seen from signals"
        ),
        (
            scenario, "[{id: unchecked, probe: switch, match: ['.stdout !~ /checked/']}]", "[]",
            "the latent condition has no check"
        ),
        (scenario, "{id: unchecked, probe: switch,", "{id: unchecked, probe: swich,", "Did you mean 'switch'?"),
    ]) func oneMistakeIsOneClearError(file: String, old: String, new: String, message: String) throws {
        let errors = try Fixture.check(file, replacing: old, with: new)
        #expect(
            errors.contains { $0.description.contains(message) }, "\(errors.map(\.description).joined(separator: "\n"))"
        )
    }

    /// A second scenario of the incident that excuses everything it does not show.
    private func addScenario(in root: String, excusing facts: [String]) throws {
        let path = "\(root)/\(Self.scenario)"
        var text = try String(contentsOfFile: path, encoding: .utf8)
        text.replace("scenario: switch-off\n", with: "scenario: second\n")
        if let from = text.firstRange(of: "fault_variants:\n"), let to = text.firstRange(of: "detection:\n") {
            text.removeSubrange(from.lowerBound..<to.lowerBound)
        }
        text.replace(", facts: [T1-F1]", with: "")
        text.replace("    facts: [T1-R2]\n", with: "")
        text.replace("set_by: {T1-T2: scaled.update_poll}\n", with: "")
        text.replace("runbook: switch-on\n", with: "")
        for line in ["runbook_vars", "manual_delays", "approvals", "budgets"] {
            text.replace(try Regex("(?m)^\(line): .*\n"), with: "")
        }
        text.replace("excused:\n", with: "excused:\n" + facts.map { "  \($0): the other scenario has it\n" }.joined())
        try text.write(toFile: "\(root)/chaos/scenarios/second.yaml", atomically: false, encoding: .utf8)
    }

    @Test func scenariosOfOneIncidentCoverItTogether() throws {
        try Fixture.withCopy { copy in
            try addScenario(in: copy, excusing: [])
            let catalogue = Catalogue.load(root: copy)
            let errors = catalogue.check().filter { $0.severity == .error }
            #expect(errors.isEmpty, "\(errors.map(\.description).joined(separator: "\n"))")
            let incident = try #require(try catalogue.coverage(of: "T1").incidents.first)
            #expect(incident.scenarios == ["second", "switch-off"])
            #expect(incident.facts.first { $0.id == "T1-S1" }?.covers.map(\.scenario) == ["second", "switch-off"])
            let alone = try #require(try catalogue.coverage(of: "second").incidents.first)
            #expect(
                alone.facts.filter { $0.status == .uncovered }.map(\.id) == [
                    "T1-F1", "T1-T2", "T1-R2", "T1-X1", "T1-X3", "T1-C1",
                ])
        }
    }

    @Test func anExcuseForWhatAnotherScenarioCoversIsStale() throws {
        try Fixture.withCopy { copy in
            try addScenario(in: copy, excusing: ["T1-F1"])
            let errors = Catalogue.load(root: copy).check().filter { $0.severity == .error }
            #expect(
                errors.map(\.message) == ["'T1-F1' is excused and covered by the fault 'switch-off' of 'switch-off'"])
            #expect(errors.first?.location.file == "chaos/scenarios/second.yaml")
        }
    }

    @Test func anIncidentOfOnesOwnNeedsAScenario() throws {
        try Fixture.withCopy { copy in
            let text = try String(contentsOfFile: "\(copy)/\(Self.incident)", encoding: .utf8)
            try text.replacing("incident: T1", with: "incident: T2").replacing("T1-", with: "T2-").write(
                toFile: "\(copy)/chaos/incidents/T2.yaml", atomically: false, encoding: .utf8)
            let errors = Catalogue.load(root: copy).check().filter { $0.severity == .error }
            #expect(errors.map(\.message) == ["no scenario replays the incident 'T2', so nothing covers its facts"])
        }
    }

    @Test func builtInIncidentsThatARootDoesNotReplayAreNoMatterOfIts() throws {
        try Fixture.withCopy { copy in
            let shipped = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().path
            let catalogue = Catalogue.load(root: copy, builtIn: shipped)
            #expect(catalogue.check().filter { $0.severity == .error }.isEmpty)
            let ids = try catalogue.coverage().incidents.map(\.id)
            #expect(ids == ["T1"])
        }
    }

    /// While a file that may cover facts cannot be read, the facts are not called uncovered.
    @Test func aBrokenRunbookIsNoGap() throws {
        let errors = try Fixture.check(Self.runbook, replacing: "role=verify", with: "role=verfy")
        #expect(!errors.contains { $0.message.contains("covered by nothing") })
    }

    /// What a step codifies is no part of what it does.
    @Test func aFactOnAStepLeavesItsApproval() throws {
        func hash(_ root: String) throws -> String? {
            let compiled = try Catalogue.load(root: root).compile(
                scenario: "switch-off", arm: .runbook, options: Fixture.options)
            return compiled.plan.response.steps.first { $0.name == "turn-on" }?.approvalHash
        }
        let present = try #require(try hash(Fixture.root))
        try Fixture.withCopy { copy in
            let path = "\(copy)/\(Self.runbook)"
            try String(contentsOfFile: path, encoding: .utf8).replacing("- Facts: T1-R1, T1-X1\n", with: "").write(
                toFile: path, atomically: false, encoding: .utf8)
            #expect(try hash(copy) == present)
        }
    }
}
