import Foundation
import Testing
import Timeline

@testable import Definitions

@Suite struct CompileTests {
    private func compile(
        _ arm: Criteria.Arm = .runbook, root: String = Fixture.root, _ options: CompileOptions = Fixture.options
    ) throws -> CompiledPlan {
        try Catalogue.load(root: root).compile(scenario: "switch-off", arm: arm, options: options)
    }

    private func text(_ path: String, on host: String, in compiled: CompiledPlan) throws -> String {
        let plan = try #require(compiled.plan.testnet.hosts.first { $0.name == host })
        let file = try #require(plan.files.first { $0.path == path })
        let staged = try #require(compiled.staged.first { $0.sha256 == file.sha256 })
        #expect(Hash.hex(staged.bytes) == file.sha256 && staged.bytes.count == file.size)
        return String(decoding: staged.bytes, as: UTF8.self)
    }

    private func json(_ plan: Plan) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(plan), as: UTF8.self)
    }

    @Test func theSameInputsGiveTheSameBytes() throws {
        let first = try compile()
        let second = try compile()
        let texts = (try json(first.plan), try json(second.plan))
        #expect(texts.0 == texts.1)
        #expect(first.staged == second.staged)
        let decoded = try JSONDecoder().decode(Plan.self, from: Data(json(first.plan).utf8))
        #expect(decoded == first.plan)
    }

    @Test func generatedTokensFollowTheNonceAlone() throws {
        let first = try text("/etc/network.conf", on: "ops", in: try compile())
        let same = try text("/etc/network.conf", on: "s0-t3-1", in: try compile())
        var other = Fixture.options
        other.runNonce = "nonce-2"
        let changed = try compile(.runbook, other)
        #expect(first == same)
        #expect(try text("/etc/network.conf", on: "ops", in: changed) != first)
        let key = try #require(first.split(separator: "\n").first { $0.hasPrefix("key=") })
        #expect(key.count == 4 + 40)
        let plan = try json(try compile().plan)
        #expect(!plan.contains(key.dropFirst(4)), "a generated value stands in the plan")
    }

    private func compile(_ arm: Criteria.Arm, _ options: CompileOptions) throws -> CompiledPlan {
        try compile(arm, root: Fixture.root, options)
    }

    @Test func templatesArePlainTextWithRawSettings() throws {
        let rendered = try text("/etc/network.conf", on: "ops", in: try compile())
        #expect(rendered.hasPrefix("network=mainnet\npoll=10.000\nkey="))
        #expect(rendered.contains("\nanswer=no 1.10 1:30 010 <&>\nops 127.31.200.1\ns0-t3-1 127.31.1.1\n"))
        #expect(!rendered.contains("\n\n"))
        let node = try text("/etc/node.conf", on: "s1-fn-2", in: try compile())
        #expect(node == "shard=1\nname=s1-fn-2\npeer 127.31.1.1\npeer 127.31.1.2\npeer 127.31.1.3\npeer 127.31.1.4\n")
    }

    @Test func hostsAreExpandedInOrder() throws {
        let hosts = try compile().plan.testnet.hosts
        #expect(
            hosts.map(\.name) == [
                "ops", "s0-t3-1", "s0-t3-2", "s0-fn-1", "s0-fn-2", "s1-t3-1", "s1-t3-2", "s1-fn-1", "s1-fn-2",
            ])
        #expect(hosts[1].groups == ["nodes", "shard0", "t3"] && hosts[1].services == ["node"])
        #expect(hosts[0].capabilities == ["switch", "network-control"])
        #expect(hosts[1].files.first { $0.path == "/etc/sv/node/run" }?.mode == "0755")
        #expect(hosts[1].files.first { $0.path == "/etc/node.conf" }?.mode == "0644")
    }

    @Test func armsDifferInFaultsAndResponse() throws {
        let none = try compile(.noFault).plan
        #expect(none.faults.isEmpty && none.response.kind == .none)
        #expect(none.criteria.faults.isEmpty)
        let fault = try compile(.faultOnly).plan
        #expect(fault.faults.map(\.id) == ["switch-off"] && fault.response.kind == .none)
        #expect(fault.criteria.faults == ["switch-off": fault.faults[0].hosts])
        #expect(
            fault.faults[0].inject.environment == ["SWITCH": "main", "REASON": "none given", "FOLDER": "/srv/switch"])
        #expect(fault.faults[0].inject.script.contains("& * ! ? [ {"))
        let wrong = try compile(.wrongResponse("restart-unevenly")).plan
        #expect(wrong.response.kind == .scripted && wrong.response.steps[0].strategy == .rolling(batch: 1, maxFail: 1))
        #expect(wrong.response.steps[0].hosts == ["s0-t3-1", "s0-t3-2", "s0-fn-1", "s0-fn-2"])
        let runbook = try compile(.runbook).plan
        #expect(runbook.response.steps.map(\.name) == ["look", "tell-the-users", "turn-on", "blocks"])
        #expect(
            runbook.response.steps[1].delay == DurationText(.seconds(180)) && runbook.response.steps[1].command == nil)
        #expect(runbook.response.steps[2].command?.environment == ["SWITCH": "main", "LEVEL": "info"])
        #expect(runbook.response.steps[2].rollback?.script == "switch \"$SWITCH\" off\n")
        #expect(runbook.response.steps[3].hosts == ["s0-t3-1", "s0-t3-2", "s1-t3-1", "s1-t3-2"])
        #expect(
            runbook.sources.keys.sorted() == [
                "chaos/faults/switch-off.yaml", "chaos/incidents/T1.yaml", "chaos/scenarios/switch-off.yaml",
                "runbooks/switch-on.md",
                "testnet/two-shards/testnet.yaml",
            ])
    }

    @Test func incidentTimeBecomesWallTimeWhereTheJudgeWantsIt() throws {
        var options = Fixture.options
        options.timeScale = 60
        options.seed = 99
        let criteria = try compile(.runbook, options).plan.criteria
        #expect(criteria.timeScale == 60 && criteria.seed == 99 && criteria.commit == "abc")
        let quiet = try #require(criteria.symptoms.first { $0.fact == "T1-S4" }?.checks.first)
        #expect(quiet.predicate == .quiet(lasting: DurationText(.seconds(10))))
        let stalled = try #require(criteria.symptoms.first { $0.fact == "T1-S2" }?.checks.first)
        #expect(stalled.predicate == .stalled(value: ".height", lasting: DurationText(.seconds(9)), answering: 2))
        #expect(stalled.scopes == ["shard0": ["s0-t3-1", "s0-t3-2"], "shard1": ["s1-t3-1", "s1-t3-2"]])
        let pages = try #require(criteria.symptoms.first { $0.fact == "T1-S6" }?.checks.first)
        #expect(pages.predicate == .pages(atLeast: 4, firstAlone: true) && pages.probe == "pages")
        #expect(criteria.symptoms.first { $0.fact == "T1-S1" }?.lasting == DurationText(.seconds(4)))
        #expect(criteria.symptoms.first { $0.fact == "T1-S2" }?.lasting == nil)
        #expect(criteria.symptoms.first { $0.fact == "T1-S3" }?.lasting == DurationText(.seconds(2)))
        #expect(criteria.horizon == DurationText(.seconds(2_700)))
        #expect(criteria.budgets.detect == DurationText(.seconds(180)), "the scenario overrides the runbook")
        #expect(criteria.inferred == ["T1-S2"])
        #expect(criteria.symptoms.first { $0.fact == "T1-S3" }?.after == ["restart-unevenly"])
    }

    @Test func probesDetectionAndCrossCheckAreResolved() throws {
        let plan = try compile().plan
        let head = try #require(plan.probes.first { $0.id == "head" })
        #expect(head.targets.count == 8 && head.interval == DurationText(.seconds(1)))
        let params = JSON.array([
            .string("latest"), .int(1), .string("1"), .bool(true), .object(["full": .string("no")]),
        ])
        #expect(head.kind == .rpc(port: 9500, path: "/rpc", method: "head", params: params))
        #expect(plan.probes.first { $0.id == "switch" }?.interval == DurationText(.milliseconds(500)))
        #expect(plan.criteria.affected.count == 8)
        #expect(plan.criteria.probes["head"]?.interval == DurationText(.seconds(1)))
        #expect(plan.observation.pagerTest?.hosts == ["ops"])
        #expect(plan.observation.crossCheck?.scopes.keys.sorted() == ["shard0", "shard1"])
        #expect(plan.observation.noFaultWindow == DurationText(.seconds(10)))
    }

    @Test func programsArePinnedByHash() throws {
        try Fixture.withCopy { copy in
            var options = Fixture.options
            options.programFolder = copy
            #expect(throws: DefinitionErrors.self) { try compile(.runbook, options) }
            try "binary".write(toFile: "\(copy)/testnode", atomically: false, encoding: .utf8)
            let compiled = try compile(.runbook, options)
            #expect(compiled.plan.testnet.programs == ["testnode": Hash.hex(Array("binary".utf8))])
            #expect(try text("/usr/local/bin/testnode", on: "ops", in: compiled) == "binary")
        }
    }

    // MARK: Approval

    private func hash(_ change: (String) throws -> Void = { _ in }, options: CompileOptions = Fixture.options) throws
        -> String
    {
        try Fixture.withCopy { copy in
            try change(copy)
            let plan = try compile(.runbook, root: copy, options).plan
            return try #require(plan.response.steps.first { $0.name == "turn-on" }?.approvalHash)
        }
    }

    private func replace(_ file: String, _ old: String, _ new: String) -> (String) throws -> Void {
        { copy in
            let path = "\(copy)/\(file)"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try #require(text.contains(old))
            try text.replacing(old, with: new).write(toFile: path, atomically: false, encoding: .utf8)
        }
    }

    @Test func anApprovedStepIsApprovedUntilItChanges() throws {
        let present = try hash()
        let approve = replace("chaos/scenarios/switch-off.yaml", "turn-on: 0000", "turn-on: \(present)")
        try Fixture.withCopy { copy in
            try approve(copy)
            let compiled = try compile(.runbook, root: copy)
            #expect(!compiled.plan.response.steps.contains { !$0.approved })
            #expect(compiled.warnings.isEmpty)
        }
        let stale = try compile()
        #expect(stale.plan.response.steps.filter { !$0.approved }.map(\.name) == ["turn-on"])
        #expect(stale.warnings.contains { $0.message.contains("has changed since") && $0.remedy.contains(present) })
    }

    @Test func whatTheStepDoesChangesItsHash() throws {
        let present = try hash()
        let runbook = "runbooks/switch-on.md"
        let layer = "testnet/two-shards/layers/ops/usr/local/bin"
        let changes: [(String) throws -> Void] = [
            replace(runbook, "switch \"$SWITCH\" on", "switch \"$SWITCH\" on "),
            replace(runbook, "switch \"$SWITCH\" off", "switch x off"),
            replace(runbook, "Strategy: parallel 1, max-fail 0", "Strategy: parallel 2"),
            replace(runbook, "Hosts: `ops`", "Hosts: nodes"),
            replace("chaos/scenarios/switch-off.yaml", "runbook_vars: {SWITCH: main}", "runbook_vars: {SWITCH: other}"),
            replace("\(layer)/switch", "$1", "$2"), replace("\(layer)/switch-lib", "echo", "printf"),
            replace("testnet/two-shards/testnet.yaml", "update_poll: 5m", "update_poll: 6m"),
            { copy in
                try FileManager.default.moveItem(
                    atPath: "\(copy)/testnet/two-shards", toPath: "\(copy)/testnet/three-shards")
                try replace("testnet/three-shards/testnet.yaml", "two-shards", "three-shards")(copy)
                try replace("chaos/scenarios/switch-off.yaml", "two-shards", "three-shards")(copy)
            },
        ]
        for (index, change) in changes.enumerated() {
            let changed = try hash(change)
            #expect(changed != present, "change \(index)")
        }
    }

    @Test func whatItDoesNotDoLeavesTheHash() throws {
        let present = try hash()
        var options = Fixture.options
        options.runNonce = "another"
        options.timeScale = 600
        options.commit = "other"
        #expect(try hash(options: options) == present)
        #expect(try hash(replace("runbooks/switch-on.md", "This can take a minute.", "Patience.")) == present)
    }
}
