import Testing
import Timeline

@testable import Definitions

/// Each mutation operator on a made-up runbook: data in, data out.
@Suite struct MutationTests {
    private static let hosts: [(String, [String], [String])] = [
        ("ops", ["operators"], ["/opt/ops/make-list", "/opt/ops/make-lists", "/opt/ops/restart"]),
        ("ex-1", ["nodes", "explorers", "ex-side"], ["/opt/node/start", "/opt/node/start-wiped"]),
        ("ex-2", ["nodes", "explorers"], ["/opt/node/start"]),
        ("va-1", ["nodes", "validators"], ["/opt/node/start"]),
        ("va-2", ["nodes", "validators"], ["/opt/node/start"]),
    ]

    private static func step(
        _ name: String, _ role: StepPlan.Role, on hosts: [String] = ["ops"], _ script: String = "true\n",
        _ environment: [String: String] = [:], hazard: String? = nil
    ) -> StepPlan {
        StepPlan(
            name: name, heading: name, role: role, hosts: hosts, strategy: .parallel(limit: nil, maxFail: 0),
            command: ScriptPlan(
                script: script, environment: environment, secrets: [], timeout: DurationText(.seconds(5))),
            delay: DurationText(.zero), expect: [], hazard: hazard, approvalHash: "", approved: hazard == nil,
            file: "runbooks/x.md", line: 1)
    }

    private static let steps = [
        step("look", .diagnose),
        step(
            "make", .act,
            "cp \"/opt/ops/shard$SHARD.txt\" \"/opt/ops/shard$SHARD.txt.old\"\n/opt/ops/make-list \"$SHARD\"\n"),
        step("complete", .check),
        step("restart", .act, "/opt/ops/restart <\"/opt/ops/shard$SHARD.txt\"\n"),
        step("start", .act, on: ["ex-1", "ex-2"], "/opt/node/start\n", hazard: "careful"),
        step("tell", .act, "curl \"$RPC/$NODE\" https://provider/\n", ["RPC": "https://pool", "NODE": "va-1"]),
        step("well", .verify),
    ]

    private let maker = MutantMaker(
        testnet: TestnetPlan(
            name: "t",
            hosts: hosts.map { name, groups, files in
                HostPlan(
                    name: name, address: "127.1.1.1", groups: groups, capabilities: [],
                    files: files.map { FilePlan(path: $0, mode: "0755", sha256: "", size: 0) }
                        + [FilePlan(path: "/etc/node.conf", mode: "0644", sha256: "", size: 0)],
                    services: [])
            },
            programs: [:], stages: [], bootTimeout: DurationText(.seconds(1)), settleTimeout: DurationText(.seconds(1))),
        steps: steps)

    private func made(_ kind: RunbookMutant.Kind, _ name: String) -> RunbookMutant? {
        Self.steps.firstIndex { $0.name == name }.flatMap { maker.mutant(kind, at: $0) }
    }

    private func changed(_ kind: RunbookMutant.Kind, _ name: String) throws -> StepPlan {
        let mutant = try #require(made(kind, name), "\(kind) of \(name)")
        #expect(mutant.id == "\(kind.rawValue):\(name)" && mutant.summary.contains("'\(name)'"))
        // Nothing else may differ but the approvals.
        let others = zip(mutant.steps, Self.steps).filter { $0.name != name && $0.name == $1.name }
        for (new, old) in others { #expect(new.command == old.command && new.hosts == old.hosts) }
        return try #require(mutant.steps.first { $0.name == name })
    }

    @Test func aStepIsLeftOut() throws {
        let mutant = try #require(made(.drop, "make"))
        #expect(mutant.steps.map(\.name) == ["look", "complete", "restart", "start", "tell", "well"])
        #expect(made(.drop, "complete")?.role == .check)
    }

    @Test func aStepAndTheNextThatDoesMoreThanLookChangePlaces() throws {
        #expect(
            made(.swap, "make")?.steps.map(\.name) == ["look", "complete", "make", "restart", "start", "tell", "well"])
        #expect(made(.swap, "tell")?.steps.map(\.name).suffix(2) == ["well", "tell"])
    }

    @Test func hostsAreTheNearestGroupThatSharesNone() throws {
        #expect(try changed(.wrongHosts, "start").hosts == ["va-1", "va-2"])
        #expect(!(try changed(.wrongHosts, "make").hosts.contains("ops")))
    }

    @Test func hostsAreAPartOnly() throws {
        #expect(try changed(.tooFewHosts, "start").hosts == ["ex-1"])
        #expect(made(.tooFewHosts, "make") == nil, "one host has no part")
    }

    @Test func aVariableNamesTheNeighbour() throws {
        #expect(try changed(.wrongTarget, "tell").command?.environment["NODE"] == "va-2")
        #expect(made(.wrongTarget, "make") == nil, "SHARD names no host")
    }

    @Test func aScriptIsMisspelt() throws {
        #expect(
            try changed(.misspeltScript, "restart").command?.script
                == "/opt/ops/erstart <\"/opt/ops/shard$SHARD.txt\"\n")
        #expect(made(.misspeltScript, "tell") == nil, "it calls no deployed script")
    }

    @Test func theNeighbouringScriptIsCalled() throws {
        let script = try #require(try changed(.otherScript, "make").command?.script)
        #expect(script.hasSuffix("/opt/ops/make-lists \"$SHARD\"\n"))
        #expect(try changed(.otherScript, "start").command?.script == "/opt/node/start-wiped\n")
    }

    @Test func addressesLoseTheirScheme() throws {
        let command = try #require(try changed(.plainHTTP, "tell").command)
        #expect(command.script.contains(" http://provider/") && command.environment["RPC"] == "http://pool")
        #expect(made(.plainHTTP, "make") == nil)
    }

    @Test func aListIsNotMadeOrIsTheOldOne() throws {
        #expect(try changed(.listNotMade, "make").command?.script == ":\n")
        #expect(
            try changed(.staleList, "restart").command?.script == "/opt/ops/restart <\"/opt/ops/shard$SHARD.txt.old\"\n"
        )
        #expect(made(.listNotMade, "restart") == nil && made(.staleList, "make") == nil)
    }

    @Test func looksAndVerificationAreNeverMutated() {
        for kind in RunbookMutant.Kind.allCases {
            #expect(made(kind, "look") == nil && made(kind, "well") == nil)
            if kind != .drop, kind != .swap { #expect(made(kind, "complete") == nil) }
        }
    }

    @Test func mutantsAreApproved() throws {
        #expect(Self.steps.contains { !$0.approved })
        #expect(made(.drop, "make")?.steps.contains { !$0.approved } == false)
    }

    @Test func everyShippedRunbookHasTheSameMutantsEveryTime() throws {
        let catalogue = Catalogue.load(root: Fixture.root)
        let plan = try catalogue.compile(scenario: "switch-off", arm: .runbook, options: Fixture.options).plan
        let ids = plan.runbookMutants.map(\.id)
        #expect(!ids.isEmpty && Set(ids).count == ids.count)
        #expect(plan.runbookMutants == plan.runbookMutants)
        let mutant = try #require(plan.runbookMutants.first)
        let played = plan.playing(mutant)
        #expect(played.response.steps == mutant.steps)
        #expect(played.criteria.horizon.duration <= plan.criteria.horizon.duration)
        var none = plan
        none.response.kind = .scripted
        #expect(none.runbookMutants.isEmpty, "only runbooks are mutated")
    }

    @Test func theScenarioIsFoundOrNamed() throws {
        let catalogue = Catalogue.load(root: Fixture.root)
        #expect(try catalogue.scenario(using: "switch-on", named: nil) == "switch-off")
        #expect(try catalogue.scenario(using: "switch-on", named: "switch-off") == "switch-off")
        let error = #expect(throws: DefinitionErrors.self) { try catalogue.scenario(using: "swich-on", named: nil) }
        #expect(error?.description.contains("Did you mean 'switch-on'?") == true)
        #expect(throws: DefinitionErrors.self) { try catalogue.scenario(using: "switch-on", named: "other") }
    }
}
