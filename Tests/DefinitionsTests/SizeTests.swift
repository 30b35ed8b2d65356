import Foundation
import Testing
import Timeline

@testable import Definitions

/// One testnet in several sizes.
@Suite struct SizeTests {
    private static let testnet = "testnet/two-shards/testnet.yaml"

    private func plan(_ size: String?, root: String = Fixture.root) throws -> Plan {
        var options = Fixture.options
        options.size = size
        return try Catalogue.load(root: root).compile(scenario: "switch-off", arm: .runbook, options: options).plan
    }

    @Test func theDefaultIsTakenUnlessAnotherIsChosen() throws {
        let (standard, small, large) = (try plan(nil), try plan("small"), try plan("large"))
        #expect(standard == small && standard.testnet.hosts.count == 9 && large.testnet.hosts.count == 13)
        #expect(standard.testnet.size == "small" && standard.criteria.size == "small")
        #expect(large.testnet.size == "large" && large.criteria.size == "large")
        #expect(large.testnet.hosts.map(\.name).contains("s1-fn-3"))
    }

    @Test func templatesAndHostTextsSeeTheSize() throws {
        try Fixture.withCopy { copy in
            try edit(copy, "vars: {shard: \"{shard}\"}", "vars: {shard: \"{shard} of {size.nodes}\"}")
            let layer = "\(copy)/testnet/two-shards/layers/node/etc/size.conf.mustache"
            try "nodes={{size.nodes}} {{host.vars.shard}}\n".write(toFile: layer, atomically: false, encoding: .utf8)
            var options = Fixture.options
            options.size = "large"
            let compiled = try Catalogue.load(root: copy).compile(testnet: "two-shards", timeScale: 1, options: options)
            let file = try #require(compiled.plan.hosts.last?.files.first { $0.path == "/etc/size.conf" })
            let bytes = try #require(compiled.staged.first { $0.sha256 == file.sha256 }).bytes
            #expect(String(decoding: bytes, as: UTF8.self) == "nodes=3 1 of 3\n")
        }
    }

    @Test func aSizeThatDoesNotExistIsRefusedWithTheNearMiss() throws {
        #expect { try plan("smal") } throws: {
            "\($0)".contains("the size 'smal' does not exist. Did you mean 'small'?")
        }
        var options = Fixture.options
        options.size = "larg"
        #expect { try Fixture.catalogue().compile(testnet: "two-shards", timeScale: 1, options: options) } throws: {
            "\($0)".contains("Did you mean 'large'?")
        }
        #expect(Fixture.catalogue().check(size: "larg").contains { $0.remedy == "Did you mean 'large'?" })
        try Fixture.withCopy { copy in
            try edit(copy, "sizes: {small: {nodes: 2}, large: {nodes: 3}}\ndefault_size: small\n", "")
            try edit(copy, "1..{size.nodes}", "1..2")
            #expect(try plan(nil, root: copy).criteria.size == nil)
            #expect { try plan("small", root: copy) } throws: { "\($0)".contains("has no sizes") }
        }
    }

    @Test func everySizeIsChecked() throws {
        let errors = try Fixture.check(Self.testnet, replacing: "small: {nodes: 2}", with: "small: {nodes: 1}")
        #expect(errors.contains { $0.message.contains("the smallest scope has 2 hosts") })
        let large = try Fixture.withCopy { copy in
            try edit(copy, "large: {nodes: 3}", "large: {nodes: 1}")
            let catalogue = Catalogue.load(root: copy)
            #expect(!catalogue.check(size: "small").contains { $0.severity == .error })
            return catalogue.check().filter { $0.severity == .error }
        }
        #expect(large.contains { $0.message.contains("the smallest scope has 2 hosts") })
    }

    @Test(arguments: [
        ("default_size: small\n", "", "'sizes' needs 'default_size'"),
        ("default_size: small", "default_size: smal", "Did you mean 'small'?"),
        ("sizes: {small: {nodes: 2}, large: {nodes: 3}}\n", "", "'default_size' needs 'sizes'"),
        ("large: {nodes: 3}", "large: {node: 3}", "have different values"),
        ("large: {nodes: 3}", "large: {nodes: many}", "'1..many' is not a range"),
        ("large: {nodes: 3}", "large: 3", "must be a mapping"),
        ("{size.nodes}", "{size.node}", "the size's value 'size.node' does not exist. Did you mean 'size.nodes'?"),
    ]) func oneMistakeIsOneClearError(old: String, new: String, message: String) throws {
        let errors = try Fixture.check(Self.testnet, replacing: old, with: new)
        #expect(
            errors.contains { $0.description.contains(message) }, "\(errors.map(\.description).joined(separator: "\n"))"
        )
    }

    /// Sizes have different hosts, so a step on them has several hashes.
    @Test func anApprovalMayNameTheHashOfEachSize() throws {
        try Fixture.withCopy { copy in
            let scenario = "\(copy)/chaos/scenarios/switch-off.yaml"
            let runbook = "\(copy)/runbooks/switch-on.md"
            try String(contentsOfFile: runbook, encoding: .utf8).replacing("- Hosts: `ops`", with: "- Hosts: nodes")
                .write(toFile: runbook, atomically: false, encoding: .utf8)
            let hashes = try ["small", "large"].map { size in
                try #require(try plan(size, root: copy).response.steps.first { $0.name == "turn-on" }).approvalHash
            }
            #expect(Set(hashes).count == 2)
            func approve(_ text: String) throws -> [Diagnostic] {
                let old = try String(contentsOfFile: scenario, encoding: .utf8)
                try old.replacing(try Regex("turn-on: .*\\}"), with: "turn-on: \(text)}").write(
                    toFile: scenario, atomically: false, encoding: .utf8)
                return Catalogue.load(root: copy).check().filter {
                    $0.message.contains("'turn-on' has changed") && $0.remedy.contains("of the scenario")
                }
            }
            let one = try approve(hashes[0])
            #expect(
                one.count == 1 && one[0].message.contains("at the size 'large'") && one[0].remedy.contains(hashes[1]))
            #expect(try approve("[\(hashes[0]), \(hashes[1])]").isEmpty)
        }
    }

    private func edit(_ root: String, _ old: String, _ new: String) throws {
        let path = "\(root)/\(Self.testnet)"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try #require(text.contains(old))
        try text.replacing(old, with: new).write(toFile: path, atomically: false, encoding: .utf8)
    }
}
