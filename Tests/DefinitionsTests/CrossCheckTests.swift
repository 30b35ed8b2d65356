import Foundation
import Testing
import Timeline

@testable import Definitions

/// What is wrong between files. Each case changes one thing in a copy of the sample root, which is free of errors.
@Suite struct CrossCheckTests {
    private static let scenario = "chaos/scenarios/switch-off.yaml"
    private static let testnet = "testnet/two-shards/testnet.yaml"
    private static let runbook = "runbooks/switch-on.md"

    @Test(arguments: [
        (scenario, "incident: T1", "incident: T2", "the incident 'T2' does not exist"),
        (scenario, "testnet: two-shards", "testnet: two-shard", "Did you mean 'two-shards'?"),
        (scenario, "runbook: switch-on", "runbook: swich-on", "Did you mean 'switch-on'?"),
        (scenario, "fault: switch-off", "fault: switch-of", "Did you mean 'switch-off'?"),
        (scenario, "scenario: switch-off", "scenario: switch-of", "is named 'switch-off'"),
        (scenario, "T1-S1:", "T1-S9:", "the fact 'T1-S9' does not exist"),
        (scenario, "T1-S1:", "T1-L1:", "'T1-L1' is not a symptom"),
        (
            scenario, "  T1-S5: the nodes of this testnet keep no old log lines\n", "",
            "'T1-S5' of the incident is neither shown nor excused"
        ),
        (scenario, "T1-S5: the", "T1-S1: the", "'T1-S1' is excused and covered by the symptom with checks 'off, same'"),
        (scenario, "T1-S5: the nodes of this testnet keep no old log lines", "T1-S5: no", "the reason is too short"),
        (scenario, "kind: onset", "kind: onsett", "Did you mean 'onset'?"),
        (scenario, "kind: response", "kind: onset", "only response symptoms have 'after'"),
        (scenario, "after: [restart-unevenly]", "after: [restart-uneven]", "Did you mean 'restart-unevenly'?"),
        (
            scenario, "probe: head, each: shard, advancing", "probe: haed, each: shard, advancing",
            "Did you mean 'head'?"
        ),
        (scenario, "each: shard, advancing", "each: shards, advancing", "Did you mean 'shard'?"),
        (scenario, "value: .height, hash", "value: .heigth, hash", "Did you mean 'height'?"),
        (scenario, "'.stdout ~", "'.stdotu ~", "Did you mean 'stdout'?"),
        (scenario, "quorum: 3", "quorum: 5", "the smallest scope has 4 hosts"),
        (scenario, "quorum: 3", "quorum: 0", "must be between 1 and"),
        (scenario, "answering: 2", "answering: 3", "the smallest scope has 2 hosts"),
        (scenario, "targets: {at_least: 1}", "targets: {at_least: 2}", "the smallest scope has 1 hosts"),
        (scenario, "targets: {at_least: 1}", "targets: {at_least: 1, at_most: 1}", "takes one of at_least and at_most"),
        (scenario, "targets: any", "targets: every", "'targets' cannot be 'every'"),
        (
            scenario, "pages: {at_least: all, first_alone: true}", "pages: {at_least: 9}",
            "the smallest scope has 4 hosts"
        ),
        (scenario, "quiet: {for_incident: 10m}", "quiet: {for_incident: 10m, for: 1s}", "exactly one of 'for'"),
        (scenario, "for_incident: 2m", "for_incident: 2m\n    for: 4s", "exactly one of 'for'"),
        (scenario, "{id: quiet, quiet", "{id: quiet, probe: head, quiet", "reads signals, not a probe"),
        (scenario, "{id: web, probe: web,", "{id: web, probe: pages,", "gives signals, not samples"),
        (scenario, "{id: web, probe: web,", "{id: web,", "'match' needs a probe"),
        (
            scenario, "match: .status == 200, targets: any", "quiet: {for: 1s}, targets: any",
            "'targets' cannot be used with this predicate"
        ),
        (
            scenario, "  - {id: blocks, probe",
            "  - {id: blocks, probe: head, match: .height > 0}\n  - {id: blocks, probe",
            "the check 'blocks' appears twice"
        ),
        (scenario, "hosts: ops, with", "hosts: opps, with", "Did you mean 'ops'?"),
        (scenario, "hosts: ops, with", "hosts: s0-t3-1, with", "lacks the capability 'switch'"),
        (scenario, "hosts: ops, with", "hosts: ops & nodes, with", "matches no host"),
        (scenario, "with: {SWITCH: main}", "with: {SWICH: main}", "Did you mean 'SWITCH'?"),
        (scenario, "with: {SWITCH: main}", "with: {}", "needs a value for 'SWITCH'"),
        (scenario, "with: {SWITCH: main}", "with: {SWITCH: \"main; ls\"}", "does not match SWITCH's pattern"),
        (
            scenario, "runbook_vars: {SWITCH: main}", "runbook_vars: {SWITCH: \"main\\nx\"}",
            "does not match SWITCH's pattern"
        ),
        (scenario, "runbook_vars: {SWITCH: main}", "runbook_vars: {SWITCH: main, LEVLE: a}", "Did you mean 'LEVEL'?"),
        (scenario, "pager: pages", "pager: chat", "the pager probe 'chat' does not exist"),
        (scenario, "reports: chat", "reports: chta", "Did you mean 'chat'?"),
        (scenario, "tell-the-users: 3m", "tell-the-user: 3m", "Did you mean 'tell-the-users'?"),
        (scenario, "manual_delays: {tell-the-users: 3m}\n", "", "has no delay in the scenario"),
        (scenario, "approvals: {turn-on: 0000}", "approvals: {turn-in: 0000}", "Did you mean 'turn-on'?"),
        (scenario, "hold: 6s", "hold: 2s", "shorter than 5 probe intervals"),
        (scenario, "block_time: 1s", "block_time: 3s", "shorter than 3 blocks"),
        (scenario, "interval: 1s", "interval: 2s", "looks too seldom"),
        (scenario, "recover: 30m", "recover: 50m", "longer than the horizon"),
        (scenario, "detect: 3m", "detect: 13m", "is shorter than the one before it"),
        (scenario, "time_scale: 30", "time_scale: 0.5", "must be a number between"),
        (scenario, "http: {", "rpc: {port: 1, method: a}, http: {", "must have exactly one of"),
        (scenario, "http://{address}", "{address}", "must begin with http://"),
        (
            scenario, "chat: {port: 8080, path: /chat}", "chat: {port: 8080, path: /chat}, values: {a: .b}",
            "'values' cannot be used with this kind of probe"
        ),
        (
            testnet, "{/srv/switch: 1MiB}", "{/srv/other: 1MiB}",
            "needs a file system of the host's own at '/srv/switch'"
        ),
        (testnet, "/srv/switch: 1MiB", "/srv/switch: 1GiB", "is not a size from 64KiB to 64MiB"),
        (testnet, "/srv/switch: 1MiB", "/srv/switch: 65MiB", "is not a size from 64KiB to 64MiB"),
        (testnet, "/srv/switch: 1MiB", "/usr/bin: 1MiB", "'/usr/bin' cannot be a file system of its own"),
        (testnet, "/srv/switch: 1MiB", "/var/lib/firedrill: 1MiB", "cannot be a file system of its own"),
        (testnet, "/srv/switch: 1MiB", "srv: 1MiB", "cannot be a key of 'filesystems'"),
        (testnet, "[switch]", "[switch, network-control]", "is no capability to list"),
        ("chaos/faults/switch-off.yaml", "filesystem: FOLDER", "filesystem: FOLDR", "Did you mean 'FOLDER'?"),
        (testnet, "address_prefix: 127.31", "address_prefix: 10.31", "is not an address prefix"),
        (testnet, "address: 127.31.200.1", "address: 127.31.1.1", "have the same address"),
        (testnet, "address: 127.31.200.1", "address: 10.0.0.1", "is not an address of a host"),
        (testnet, "layers: [base, ops]", "layers: [base, opps]", "Did you mean 'ops'?"),
        (testnet, "services: [node]", "services: [nodee]", "Did you mean 'node'?"),
        (testnet, "{kind}-{n}\"", "{kidn}-{n}\"", "Did you mean 'kind'?"),
        (testnet, "{kind}-{n}\"", "{kind}\"", "two hosts are named"),
        (testnet, "n: \"1..{size.nodes}\"", "n: 1..240", "more than 250 hosts"),
        (testnet, "[shard0, shard1]", "[shard0, shrad1]", "Did you mean 'shard1'?"),
        (testnet, "./stages/publish.sh", "./../../../etc/passwd", "leads out of the testnet's folder"),
        (testnet, "./stages/publish.sh", "./stages/publsh.sh", "cannot be read"),
        (testnet, "to: /usr/local/bin/testnode", "to: ../testnode", "is not an absolute path"),
        (testnet, "name: publish", "name: start-nodes", "two stages are named"),
        (testnet, "hosts: nodes, timeout", "hosts: ndoes, timeout", "Did you mean 'nodes'?"),
        (testnet, "name: ops", "name: all", "reserved names"),
        (testnet, "groups: [operators]", "groups: [s0-t3-1]", "is a host and a group"),
        (
            "testnet/two-shards/layers/node/etc/node.conf.mustache", "host.name", "host.nmae",
            "Did you mean 'host.name'?"
        ),
        (
            "testnet/two-shards/layers/base/etc/network.conf.mustache", "settings.answer", "settings.anwser",
            "Did you mean 'settings.answer'?"
        ),
        (
            "testnet/two-shards/layers/base/etc/network.conf.mustache", "{{network}}", "{{netwrok}}",
            "Did you mean 'network'?"
        ),
        (
            "testnet/two-shards/layers/base/etc/network.conf.mustache", "{{network}}", "{{> network}}",
            "is not supported"
        ),
        ("testnet/two-shards/layers/base/etc/network.conf.mustache", "{{/hosts}}", "", "cannot be parsed"),
        (runbook, "Hosts: nodes & !fn", "Hosts: nodes & !fnn", "Did you mean 'fn'?"),
        (runbook, "Rollback: turn-off", "Rollback: turn-of", "Did you mean 'turn-off'?"),
        ("chaos/incidents/T1.yaml", "id: T1-S2", "id: T1-S1", "appears twice"),
        ("chaos/incidents/T1.yaml", "id: T1-S2", "id: T2-S2", "does not belong to incident T1"),
        ("chaos/incidents/T1.yaml", "id: T1-S2", "id: T1-Q2", "is not a fact id"),
        (
            "chaos/faults/switch-off.yaml", "invariants: [position of the switch]", "invariants: []",
            "at least one invariant"
        ),
        ("chaos/faults/switch-off.yaml", "undo: {timeout: 5s", "undo: {timeout: 2h", "is longer than 1h"),
    ]) func oneMistakeIsOneClearError(file: String, old: String, new: String, message: String) throws {
        let errors = try Fixture.check(file, replacing: old, with: new)
        #expect(
            errors.contains { $0.description.contains(message) }, "\(errors.map(\.description).joined(separator: "\n"))"
        )
        for error in errors { #expect(error.location.line > 0 && !error.location.file.isEmpty) }
    }

    /// Played for real, a fault whose program is neither on this machine nor deployed is refused by the plan.
    @Test func aFaultThatTheMachineCannotDoIsRefused() throws {
        try Fixture.withCopy { copy in
            let file = "\(copy)/chaos/faults/switch-off.yaml"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            for (program, isRefused) in [("sh", false), ("no-such-program", true), ("switch", false)] {
                try text.replacing("programs: [sh]", with: "programs: [\(program)]")
                    .write(toFile: file, atomically: false, encoding: .utf8)
                // The testnet's own program is not there either; that is another error.
                let options = CompileOptions(runNonce: "test", programFolder: copy)
                let errors = #expect(throws: DefinitionErrors.self) {
                    try Catalogue.load(root: copy).compile(scenario: "switch-off", arm: .faultOnly, options: options)
                }
                let words = "needs the program '\(program)', which host 'ops' does not have"
                #expect("\(errors as Any)".contains(words) == isRefused, "\(errors as Any)")
            }
        }
    }

    @Test func linksInLayersAreRefused() throws {
        try Fixture.withCopy { copy in
            let link = "\(copy)/testnet/two-shards/layers/base/etc/passwd"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/etc/passwd")
            let errors = Catalogue.load(root: copy).check().filter { $0.severity == .error }
            #expect(errors.map(\.message) == ["a layer cannot hold a symbolic link"])
        }
    }

    @Test func aLinkedTestnetIsRefused() throws {
        try Fixture.withCopy { copy in
            try FileManager.default.createSymbolicLink(
                atPath: "\(copy)/testnet/linked", withDestinationPath: "\(copy)/testnet/two-shards")
            let errors = Catalogue.load(root: copy).check().filter { $0.severity == .error }
            #expect(errors.map(\.message) == ["a testnet's folder cannot be a symbolic link"])
        }
    }

    @Test func aServiceThatCannotBeExecutedIsRefused() throws {
        try Fixture.withCopy { copy in
            let run = "\(copy)/testnet/two-shards/layers/base/etc/sv/node/run"
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: run)
            #expect(Catalogue.load(root: copy).check().contains { $0.message.contains("is not executable") })
        }
    }

    @Test func filesThatWouldBeIgnoredAreErrors() throws {
        try Fixture.withCopy { copy in
            try "x".write(toFile: "\(copy)/chaos/faults/other.yml", atomically: false, encoding: .utf8)
            try "x".write(toFile: "\(copy)/chaos/faults/README.md", atomically: false, encoding: .utf8)
            let errors = Catalogue.load(root: copy).check().filter { $0.severity == .error }
            #expect(
                errors.map(\.description) == [
                    "chaos/faults/other.yml:1:1: error: the file would be ignored. Definitions here end in '.yaml': rename or move it."
                ])
        }
    }

    @Test func aBrokenFileIsNotCalledMissing() throws {
        let errors = try Fixture.check(Self.runbook, replacing: "role=verify", with: "role=verfy")
        #expect(errors.contains { $0.remedy == "Did you mean 'verify'?" })
        #expect(!errors.contains { $0.message.contains("does not exist") && $0.message.contains("runbook") })
    }

    @Test func builtInFaultsAndIncidentsFillIn() throws {
        try Fixture.withCopy { copy in
            try FileManager.default.removeItem(atPath: "\(copy)/chaos/faults")
            try FileManager.default.removeItem(atPath: "\(copy)/chaos/incidents")
            #expect(throws: DefinitionErrors.self) {
                try Catalogue.load(root: copy).compile(
                    scenario: "switch-off", arm: .faultOnly, options: Fixture.options)
            }
            let catalogue = Catalogue.load(root: copy, builtIn: Fixture.root)
            #expect(catalogue.check().filter { $0.severity == .error }.isEmpty)
            _ = try catalogue.compile(scenario: "switch-off", arm: .faultOnly, options: Fixture.options)
        }
    }

    @Test func namesOnTheCommandLineHaveNearMisses() {
        let catalogue = Fixture.catalogue()
        func text(_ body: () throws -> Void) -> String {
            do { try body() } catch { return "\(error)" }
            return ""
        }
        #expect(text { _ = try catalogue.arms(of: "switch-of") }.contains("Did you mean 'switch-off'?"))
        #expect(text { _ = try catalogue.arm(named: "runbok", of: "switch-off") }.contains("Did you mean 'runbook'?"))
        #expect(
            text { _ = try catalogue.arm(named: "wrong-response:restart-uneven", of: "switch-off") }.contains(
                "wrong-response:restart-unevenly"))
        #expect(
            text {
                _ = try catalogue.compile(scenario: "switch-off", arm: .fix(["watchd"]), options: Fixture.options)
            }.contains("Did you mean 'watched'?"))
        #expect(
            text { _ = try catalogue.compile(testnet: "two-shard", timeScale: 1, options: Fixture.options) }.contains(
                "Did you mean 'two-shards'?"))
    }

    @Test func anEmptyRootIsNoCrash() {
        #expect(Catalogue.load(root: "/nonexistent").check().isEmpty)
        #expect(Catalogue.load(root: "/nonexistent").scenarioNames.isEmpty)
    }
}
