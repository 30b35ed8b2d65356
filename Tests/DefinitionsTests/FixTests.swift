import Foundation
import Testing
import Timeline

@testable import Definitions

/// Fixes, fault variants, claims and mutants of the sample root: what they make of a plan.
@Suite struct FixTests {
    private func compile(
        _ fixes: [String] = ["spare-switch"], variant: String? = nil, root: String = Fixture.root
    ) throws -> CompiledPlan {
        var options = Fixture.options
        options.variant = variant
        return try Catalogue.load(root: root).compile(scenario: "switch-off", arm: .fix(fixes), options: options)
    }

    private func text(_ path: String, on host: String, in compiled: CompiledPlan) throws -> String? {
        let plan = try #require(compiled.plan.testnet.hosts.first { $0.name == host })
        guard let file = plan.files.first(where: { $0.path == path }) else { return nil }
        return compiled.staged.first { $0.sha256 == file.sha256 }.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    @Test func theOverlayLiesOverTheLayersAndTheMoreSpecialOneWins() throws {
        let compiled = try compile()
        #expect(try text("/etc/who", on: "ops", in: compiled) == "from the layer\n")
        #expect(try text("/etc/who", on: "s1-fn-1", in: compiled) == "from the group\n")
        #expect(try text("/etc/who", on: "s0-t3-1", in: compiled) == "from the host\n")
        #expect(try text("/etc/spare.conf", on: "ops", in: compiled) == "poll=20.000 answer=yes\n")
        #expect(try text("/usr/local/bin/switch-lib", on: "ops", in: compiled) == nil)
        let ops = try #require(compiled.plan.testnet.hosts.first { $0.name == "ops" })
        #expect(ops.services == ["node"])
    }

    @Test func withoutTheFixNothingOfItIsThere() throws {
        let control = try Catalogue.load(root: Fixture.root).compile(
            scenario: "switch-off", arm: .runbook, options: Fixture.options)
        #expect(try text("/etc/who", on: "ops", in: control) == nil)
        #expect(try text("/usr/local/bin/switch-lib", on: "ops", in: control) != nil)
        #expect(control.plan.criteria.fix == nil && control.plan.criteria.variant == nil)
    }

    @Test func theResponseAndThePromiseAreTheFixes() throws {
        let plan = try compile().plan
        #expect(plan.criteria.arm == .fix(["spare-switch"]) && plan.criteria.played == .runbook)
        #expect(plan.criteria.fix?.expect?.description == "ttr<=10m and ttm<=0.5x")
        #expect(plan.criteria.horizon.description == "20m")
        #expect(plan.criteria.budgets == Criteria.Budgets())
        #expect(plan.response.startAfter.description == "1m" && plan.response.acknowledgeAfter.description == "0s")
        #expect(plan.response.steps.first { $0.role == .act }?.command?.environment["SWITCH"] == "spare")
        #expect(plan.response.steps.first { $0.role == .manual }?.delay.description == "1m")
    }

    @Test func whatPromisesThatNothingBreaksIsWatchedForTheWindowWithoutAFault() throws {
        let plan = try compile(["watched"]).plan
        #expect(plan.criteria.horizon.description == "5m" && plan.response.kind == .none)
    }

    @Test func aVariantReplacesTheFaults() throws {
        let plan = try compile(variant: "both-off").plan
        #expect(plan.faults.count == 2 && plan.criteria.variant == "both-off")
        #expect(plan.faults.map { $0.inject.environment["SWITCH"] } == ["main", "spare"])
        #expect { try compile(variant: "both-of") } throws: { "\($0)".contains("Did you mean 'both-off'?") }
    }

    @Test func anApprovalOfTheScenarioNoLongerHoldsForAChangedScript() throws {
        func hash(_ plan: Plan) -> String? { plan.response.steps.first { $0.hazard != nil }?.approvalHash }
        let control = try Catalogue.load(root: Fixture.root).compile(
            scenario: "switch-off", arm: .runbook, options: Fixture.options)
        let fixed = hash(try compile().plan)
        #expect(fixed != nil && fixed != hash(control.plan))
    }

    @Test func fixesThatArePlayedDifferentlyAreNotCombined() throws {
        #expect { try compile(["spare-switch", "watched"]) } throws: {
            "\($0)".contains("'spare-switch' plays runbook and 'watched' plays fault-only")
        }
    }

    @Test func aMutantIsPlayedInThePlaceOfItsFix() throws {
        let compiled = try compile(["same-switch"])
        #expect(try text("/etc/spare", on: "ops", in: compiled) == "main\n")
        #expect(try text("/etc/who", on: "ops", in: compiled) == nil, "the fix's own files stay away")
        #expect(compiled.plan.criteria.played == .runbook)
        #expect(compiled.plan.criteria.fix?.expect?.description == "ttr<=10m and ttm<=0.5x")
    }

    // MARK: A fix of one's own

    private func own(_ fix: OwnFix) throws -> CompiledPlan {
        var options = Fixture.options
        options.ownFix = fix
        return try Fixture.catalogue().compile(scenario: "switch-off", arm: .fix([OwnFix.id]), options: options)
    }

    @Test func aFolderIsAFix() throws {
        let folder = "\(Fixture.root)/chaos/mutants/same-switch"
        let compiled = try own(
            OwnFix(overlay: folder, program: nil, expect: "no-outage", plays: "fault-only", under: []))
        #expect(try text("/etc/spare", on: "ops", in: compiled) == "main\n")
        #expect(compiled.plan.criteria.fix?.expect?.promisesNoOutage == true)
    }

    @Test func aNewBuildIsRolledOutAfterItsStage() throws {
        let file = "\(Fixture.root)/runbooks/switch-on.md"
        let compiled = try own(OwnFix(overlay: nil, program: file, expect: "ttr<=5m", plays: "runbook", under: []))
        #expect(compiled.plan.testnet.stages.map(\.name) == ["start-nodes", "release", "publish"])
        let ops = try #require(compiled.plan.testnet.hosts.first { $0.name == "ops" })
        let build = try #require(ops.files.first { $0.path == "/root/new-release" })
        #expect(build.mode == "0755" && compiled.staged.contains { $0.sha256 == build.sha256 })
    }

    @Test(arguments: [
        (OwnFix(overlay: "/nowhere", program: nil, expect: "no-outage", plays: "fault-only", under: []), "no folder"),
        (OwnFix(overlay: nil, program: "/nowhere/x", expect: "no-outage", plays: "fault-only", under: []), "new build"),
        (
            OwnFix(overlay: nil, program: nil, expect: "no-outag", plays: "fault-only", under: []),
            "Did you mean 'no-outage'?"
        ),
        (
            OwnFix(overlay: nil, program: nil, expect: "no-outage", plays: "runbok", under: []),
            "Did you mean 'runbook'?"
        ),
        (OwnFix(overlay: nil, program: nil, expect: "no-outage", plays: "runbook", under: ["spare-of"]), "spare-off"),
    ]) func aMistakeInItIsFound(fix: OwnFix, words: String) throws {
        #expect { try own(fix) } throws: { "\($0)".contains(words) }
    }

    @Test func theHashOfWhatIsDeployedFollowsFilesAndNothingElse() throws {
        let digest = { (plan: CompiledPlan) in plan.plan.testnet.deployedDigest }
        let control = try Fixture.catalogue().compile(
            scenario: "switch-off", arm: .faultOnly, options: Fixture.options)
        let other = try Fixture.catalogue().compile(scenario: "switch-off", arm: .runbook, options: Fixture.options)
        #expect(digest(control) == digest(other))
        #expect(try digest(control) != digest(compile()))
        #expect(try digest(compile()) != digest(compile(["same-switch"])))
    }

    // MARK: What is compared

    private func comparisons(_ change: (inout ComparisonChoice) -> Void = { _ in }) throws -> Comparisons {
        var choice = ComparisonChoice()
        change(&choice)
        return try Fixture.catalogue().comparisons(of: ["switch-off"], choice)
    }

    @Test func everythingIsComparedAndControlsAreShared() throws {
        let all = try comparisons()
        #expect(
            all.pairs.map { "\($0.fix) \($0.variant ?? "-") \($0.control)" } == [
                "spare-switch - runbook", "spare-switch spare-off runbook", "spare-switch both-off runbook",
                "watched - fault-only",
            ])
        #expect(all.pairs.map { $0.notClaimed != nil } == [false, false, true, false])
        #expect(all.claims.map(\.claim.id) == ["T1-C1"] && all.mutants.isEmpty)
        // Three times runbook and its fix, and fault-only and its fix; the claim needs nothing more.
        #expect(all.cells.count == 8)
        #expect(all.cells.first?.arm == .runbook, "the control comes first")
    }

    @Test func aChoiceIsComparedAlone() throws {
        #expect(try comparisons { $0.fixes = ["watched"] }.cells.count == 2)
        let claim = try comparisons { $0.claims = ["T1-C1"] }
        #expect(claim.pairs.isEmpty && claim.cells.map(\.arm) == [.runbook, .fix(["spare-switch"])])
        let mutants = try comparisons { $0.mutants = true }
        #expect(mutants.pairs.isEmpty && mutants.mutants.map(\.id) == ["same-switch"])
        #expect(mutants.mutants[0].pairs.map(\.variant) == ["spare-off"])
        #expect { try comparisons { $0.fixes = ["watchd"] } } throws: { "\($0)".contains("Did you mean 'watched'?") }
        #expect { try comparisons { $0.claims = ["T1-C2"] } } throws: { "\($0)".contains("Did you mean 'T1-C1'?") }
    }

    @Test(arguments: [
        ("fix:spare-swich", "Did you mean 'spare-switch'?"), ("fix:watched+watched", "named twice"),
        ("fix:", "does not exist"), ("fixx", "does not exist"),
    ]) func anArmThatDoesNotExistIsRefused(text: String, words: String) throws {
        let catalogue = Fixture.catalogue()
        #expect { try catalogue.arm(named: text, of: "switch-off") } throws: { "\($0)".contains(words) }
    }

    @Test(arguments: [
        ("overlay: chaos/fixes/switch-off/spare-switch", "overlay: chaos/fixes/nothing", "is no folder"),
        ("overlay: chaos/fixes/switch-off/spare-switch", "overlay: ../chaos", "is not a path under the root"),
        ("remove: [ops/usr/local/bin/switch-lib]", "remove: [ops/usr/local/bin/switch-lab]", "Did you mean"),
        ("remove: [ops/usr/local/bin/switch-lib]", "remove: [opps/etc/who]", "Did you mean 'ops'?"),
        ("settings: {update_poll: 10m,", "settings: {update_pol: 10m,", "Did you mean 'update_poll'?"),
        ("settings: {update_poll: 10m,", "settings: {update_poll: soon,", "duration"),
        ("services: {operators: [node]}", "services: {operator: [node]}", "Did you mean 'operators'?"),
        ("services: {operators: [node]}", "services: {operators: [nodes]}", "has no /etc/sv/nodes/run"),
        ("plays: runbook", "plays: no-fault", "does not exist"),
        ("under: [spare-off]", "under: [spare-of]", "Did you mean 'spare-off'?"),
        ("under: [spare-off]", "under: [both-off]", "Remove one of the two"),
        ("expect: no-outage", "expect: no-outages", "Did you mean 'no-outage'?"),
        ("expect: no-outage", "facts: [T1-X1]", "promises nothing"),
        ("treatment: \"fix:spare-switch\"", "treatment: runbook", "compared with itself"),
        ("scope: shard0, expect", "scope: shard9, expect", "does not exist"),
        ("measure: ttr", "measure: outage", "has no ratio"),
    ]) func aMistakeIsFound(right: String, wrong: String, words: String) throws {
        let errors = try Fixture.check("chaos/scenarios/switch-off.yaml", replacing: right, with: wrong).map(
            \.description)
        #expect(errors.contains { $0.contains(words) }, "\(errors)")
    }

    @Test(arguments: [
        ("of: spare-switch", "of: spare-swich", "Did you mean 'spare-switch'?"),
        ("scenario: switch-off", "scenario: switch-of", "Did you mean 'switch-off'?"),
        ("only_under: [spare-off]", "only_under: [spare-on]", "does not exist"),
    ]) func aMistakeInAMutantIsFound(right: String, wrong: String, words: String) throws {
        let errors = try Fixture.check("chaos/mutants/same-switch.yaml", replacing: right, with: wrong).map(
            \.description)
        #expect(errors.contains { $0.contains(words) }, "\(errors)")
    }

    @Test(arguments: [
        ("no-outage", "no-outage"), ("ttr<=10m", "ttr<=10m"), ("ttr <= 90s", "ttr<=1m30s"),
        ("alert<=2m and ttm<=0.5x", "alert<=2m and ttm<=0.5x"), ("ttd<=2m and no-outage", "ttd<=2m and no-outage"),
    ]) func expectationsAreRead(text: String, meaning: String) throws {
        #expect(try PromiseParser.parse(text).description == meaning)
    }

    @Test(arguments: [
        "", "and", "ttr", "ttr<10m", "ttr<=0s", "ttr<=10", "ttr<=-1x", "alert<=0.5x", "no-outage and", "tts<=1m",
        "no-outage and no-outage", "no-outage, ttr<=1m",
    ]) func otherTextsAreNoExpectations(text: String) {
        #expect(throws: ExpressionError.self) { try PromiseParser.parse(text) }
    }

    @Test(arguments: ["ratio<=0.5", "ratio>=2.0", "both", "neither", "only-control", "only-treatment"])
    func claimsAreRead(text: String) throws {
        #expect(try PromiseParser.claim(text).description == text)
    }
}
