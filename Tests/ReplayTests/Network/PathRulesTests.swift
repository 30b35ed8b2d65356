@testable import Replay
import Testing

@Suite("The paths between hosts")
struct PathRulesTests {
    private let rules = PathRules(addresses: ["a": "127.9.0.1", "b": "127.9.0.2", "c": "127.9.1.1"])

    @Test("are cut, thinned, shown and opened again")
    func actions() throws {
        var rules = rules
        #expect(try rules.apply("drop a b\nloss 30 b a\ndrop any c") == "")
        #expect(try rules.apply("list") == "drop any c\ndrop a b\nloss 30 b a\n")
        #expect(try rules.apply("show a b\nshow a c") == "drop a b\nopen a c\n")
        #expect(try rules.apply("loss 5 a b\nclear any c\nlist") == "loss 5 a b\nloss 30 b a\n")
        #expect(try rules.apply("clear a b\nclear b a\nclear b a\nlist") == "")
    }

    @Test("become rules for the addresses of this run and no other, and never touch the run's own SSH")
    func ruleSet() throws {
        var rules = rules
        _ = try rules.apply("drop a b\nloss 30 b a\ndrop any c")
        let lines = rules.ruleSet.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }
        let own = lines.firstIndex(of: "ip saddr 127.0.0.1 tcp dport 22 accept")
        let first = lines.firstIndex { $0.hasSuffix("drop") }
        #expect(try #require(own) < #require(first))
        for rule in [
            "ip saddr 127.9.0.1 ip daddr 127.9.0.2 drop",
            "ip saddr 127.9.0.2 ip daddr 127.9.0.1 numgen random mod 100 < 30 drop", "ip daddr 127.9.1.1 drop",
            "ip saddr 127.9.1.1 ip daddr 127.9.1.1 accept",
        ] { #expect(lines.contains { $0 == rule }, "\(rule) is missing in \(lines)") }
        #expect(lines.count { $0.hasSuffix("drop") } == 3)
    }

    @Test(
        "are refused whole when a line names anything else",
        arguments: [
            "", "drop a", "drop a b c", "drop a x", "drop a 127.9.0.2", "drop a 10.0.0.1", "drop a a", "drop any any",
            "loss 0 a b", "loss 100 a b", "loss 030 a b", "loss x a b", "flush", "list all", "drop a b; flush ruleset",
            "drop a b\ndrop a ;", "drop a $(x)", "drop a b\u{0}", String(repeating: "drop a b\n", count: 2_001),
        ])
    func refused(_ request: String) {
        var changed = rules
        #expect(throws: PathRules.Refusal.self) { try changed.apply(request) }
        #expect(changed == rules)
    }
}
