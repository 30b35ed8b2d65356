/// Which packets between the hosts of a run are dropped: a value, changed by the lines of a request, that can be written
/// as a rule set for nft.
///
/// A path is an ordered pair of hosts, or of `any` and a host. A packet is on it when it carries both addresses; hosts
/// share one network, so what a program sends without binding its host's address carries 127.0.0.1 and is only on paths
/// that lead to or from `any`.
struct PathRules: Sendable, Hashable {
    /// What happens to packets on a path.
    enum Action: Sendable, Hashable, Comparable {
        case drop
        /// Percent of packets, each by chance, 1 to 99.
        case lose(Int)
    }

    struct Path: Sendable, Hashable {
        /// Host names; nil is `any`.
        var from: String?
        var to: String?
    }

    struct Refusal: Error, Sendable, Hashable { var reason: String }

    /// Lines of one request.
    static let mostLines = 2_000
    private static let table = "firedrill_paths"

    /// Host name to address: nothing else can be named.
    let addresses: [String: String]
    private(set) var actions: [Path: Action] = [:]

    init(addresses: [String: String]) { self.addresses = addresses }

    /// Applies all lines or, when one is wrong, none. Returns what `list` asked for.
    /// Lines: `drop FROM TO`, `loss PERCENT FROM TO`, `clear FROM TO`, `list`, `show FROM TO`.
    mutating func apply(_ request: String) throws(Refusal) -> String {
        let lines = request.split(separator: "\n")
        guard !lines.isEmpty, lines.count <= Self.mostLines else {
            throw Refusal(reason: "a request has 1 to \(Self.mostLines) lines")
        }
        var next = self
        var answer = ""
        for line in lines { answer += try next.apply(words: line.split(separator: " ").map(String.init)) }
        self = next
        return answer
    }

    private mutating func apply(words: [String]) throws(Refusal) -> String {
        switch (words.first, words.count) {
        case ("drop", 3): actions[try path(words[1], words[2])] = .drop
        case ("loss", 4):
            guard let percent = Int(words[1]), (1...99).contains(percent), words[1] == "\(percent)" else {
                throw Refusal(reason: "'\(words[1].prefix(20))' is not a percentage from 1 to 99")
            }
            actions[try path(words[2], words[3])] = .lose(percent)
        case ("clear", 3): actions[try path(words[1], words[2])] = nil
        case ("show", 3): return Self.line(try path(words[1], words[2]), actions[try path(words[1], words[2])])
        case ("list", 1): return sorted.map { Self.line($0.path, $0.action) }.joined()
        default:
            throw Refusal(
                reason: "usage: drop FROM TO | loss PERCENT FROM TO | clear FROM TO | show FROM TO | list")
        }
        return ""
    }

    private func path(_ from: String, _ to: String) throws(Refusal) -> Path {
        for name in [from, to] where name != "any" && addresses[name] == nil {
            throw Refusal(reason: "'\(name.prefix(63))' is no host of this testnet")
        }
        guard from != to else { throw Refusal(reason: "a path leads from one host to another") }
        return Path(from: from == "any" ? nil : from, to: to == "any" ? nil : to)
    }

    private static func line(_ path: Path, _ action: Action?) -> String {
        let word =
            switch action {
            case .drop: "drop"
            case .lose(let percent): "loss \(percent)"
            case nil: "open"
            }
        return "\(word) \(path.from ?? "any") \(path.to ?? "any")\n"
    }

    private var sorted: [(path: Path, action: Action)] {
        actions.sorted { ($0.key.from ?? "", $0.key.to ?? "") < ($1.key.from ?? "", $1.key.to ?? "") }
            .map { ($0.key, $0.value) }
    }

    /// The whole rule set as nft reads it. It replaces the former one in one step.
    ///
    /// Never touched: a host's traffic with itself, and the run's own SSH, which comes from 127.0.0.1 as if through a
    /// console line beside the network.
    var ruleSet: String {
        var rules = ["ip saddr 127.0.0.1 tcp dport 22 accept", "ip daddr 127.0.0.1 tcp sport 22 accept"]
        for host in Set(actions.keys.flatMap { [$0.from, $0.to] }.compactMap { $0 }).sorted() {
            guard let address = addresses[host] else { continue }
            rules.append("ip saddr \(address) ip daddr \(address) accept")
        }
        for (path, action) in sorted {
            let from = path.from.flatMap { addresses[$0] }.map { "ip saddr \($0) " } ?? ""
            let to = path.to.flatMap { addresses[$0] }.map { "ip daddr \($0) " } ?? ""
            switch action {
            case .drop: rules.append("\(from)\(to)drop")
            case .lose(let percent): rules.append("\(from)\(to)numgen random mod 100 < \(percent) drop")
            }
        }
        return """
            table ip \(Self.table)
            delete table ip \(Self.table)
            table ip \(Self.table) {
                chain paths {
                    type filter hook input priority filter; policy accept;
                    \(rules.joined(separator: "\n        "))
                }
            }

            """
    }
}
