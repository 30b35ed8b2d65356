import Consensus
import Crypto

/// Reads a DPoS genesis file line by line; `DPoSGenesis` documents the format.
struct DPoSGenesisParser {
    private static let single: Set<String> = [
        "engine", "network", "seed", "chain_id", "genesis_time", "slot", "repetitions", "schedule",
        "irreversible_percent",
    ]
    private static let required = ["engine", "network", "seed", "genesis_time", "slot"]
    private static let longestSlot = Duration.seconds(3600)
    private static let mostAccounts = 10_000

    private let file: String
    private var values: [String: (text: String, line: Int)] = [:]
    private var producers: [(name: String, key: String, url: String)] = []
    private var balances: [String: UInt64] = [:]
    private var canonical = ""

    init(file: String) {
        self.file = file
    }

    private func problem(_ text: String, _ line: Int) -> GenesisError {
        .line(file: file, line: line, problem: text)
    }

    mutating func read(line text: String, number: Int) throws(GenesisError) {
        let words = text.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let key = words.first else { return }
        canonical += words.joined(separator: " ") + "\n"
        let rest = Array(words.dropFirst())
        switch key {
        case "producer": try producer(rest, number)
        case "account": try account(rest, number)
        case _ where Self.single.contains(key):
            guard values[key] == nil else { throw problem("\"\(key)\" stands twice", number) }
            guard !rest.isEmpty, rest.count == 1 || key == "seed" else {
                throw problem("\"\(key)\" needs exactly one value", number)
            }
            values[key] = (rest.joined(separator: " "), number)
        default:
            let known = Self.single.sorted().joined(separator: ", ")
            throw problem("unknown key \"\(key)\"; known are \(known), producer and account", number)
        }
    }

    private mutating func producer(_ words: [String], _ line: Int) throws(GenesisError) {
        guard (2...3).contains(words.count) else {
            throw problem("\"producer\" needs an account, a key name and perhaps a url", line)
        }
        let name = try name(words[0], line)
        guard !producers.contains(where: { $0.name == name }) else {
            throw problem("the producer \"\(name)\" stands twice", line)
        }
        guard producers.count < DPoS.Limits.producers else {
            throw problem("there are at most \(DPoS.Limits.producers) producers", line)
        }
        let url = words.count == 3 ? words[2] : ""
        guard url.utf8.count <= DPoS.Limits.urlBytes else { throw problem("the url is too long", line) }
        producers.append((name, words[1], url))
    }

    private mutating func account(_ words: [String], _ line: Int) throws(GenesisError) {
        guard words.count == 2, let balance = UInt64(words[1]), balance <= 1_000_000_000_000 else {
            throw problem("\"account\" needs a name and a balance in whole tokens", line)
        }
        let name = try name(words[0], line)
        guard balances.updateValue(balance, forKey: name) == nil else {
            throw problem("the account \"\(name)\" stands twice", line)
        }
        guard balances.count <= Self.mostAccounts else {
            throw problem("there are at most \(Self.mostAccounts) accounts", line)
        }
    }

    private func name(_ text: String, _ line: Int) throws(GenesisError) -> String {
        let allowed = text.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
        }
        guard allowed, text.utf8.count <= DPoS.Limits.nameBytes else {
            throw problem(
                "\"\(text)\" is not an account name: at most \(DPoS.Limits.nameBytes) of a-z, 0-9, - and .", line)
        }
        return text
    }

    private func number(_ key: String, _ range: ClosedRange<UInt64>, _ fallback: UInt64) throws(GenesisError) -> UInt64
    {
        guard let entry = values[key] else { return fallback }
        guard let value = UInt64(entry.text), range.contains(value) else {
            throw problem("\(key) must be a number from \(range.lowerBound) to \(range.upperBound)", entry.line)
        }
        return value
    }

    private func choice(_ key: String, _ allowed: [String]) throws(GenesisError) -> String {
        guard let entry = values[key] else { return allowed[0] }
        guard allowed.contains(entry.text) else {
            throw problem("\(key) must be \(allowed.joined(separator: " or "))", entry.line)
        }
        return entry.text
    }

    private func slot() throws(GenesisError) -> Duration {
        guard let entry = values["slot"] else { return .seconds(3) }
        guard let slot = Duration(settingText: entry.text), slot >= .milliseconds(10), slot <= Self.longestSlot else {
            throw problem("slot must be a duration from 10ms to 1h, such as 500ms or 3s", entry.line)
        }
        return slot
    }

    private func chainID(_ fallback: [UInt8]) throws(GenesisError) -> [UInt8] {
        guard let entry = values["chain_id"] else { return fallback }
        guard let id = [UInt8](hex: entry.text), id.count == 32 else {
            throw problem("chain_id must be 64 hexadecimal digits", entry.line)
        }
        return id
    }

    private func quorum() throws(GenesisError) -> Int {
        guard values["irreversible_percent"] != nil else { return DPoS.Configuration.twoThirds(of: producers.count) }
        let percent = try number("irreversible_percent", 51...100, 75)
        return DPoS.Configuration.share(Int(percent), of: producers.count)
    }

    /// Checks what only the whole file shows and derives the keys.
    func finish() throws(GenesisError) -> DPoSGenesis {
        for key in Self.required where values[key] == nil { throw .missing(file: file, key: key) }
        guard !producers.isEmpty else { throw .missing(file: file, key: "producer") }
        _ = try choice("engine", ["dpos"])
        let seed = values["seed"]?.text ?? ""
        let id = Array(SHA256.hash(data: Array(canonical.utf8)))
        let time = try number("genesis_time", 0...4_102_444_800, 0)
        let slot = try slot()
        let consensus = DPoS.Configuration(
            genesisID: id, genesisTime: Int64(time) * 1_000_000_000, slotLength: Int64(slot.wholeNanoseconds),
            repetitions: Int(try number("repetitions", 1...1000, 1)),
            isShuffled: try choice("schedule", ["ordered", "shuffled"]) == "shuffled",
            producers: producers.map {
                let key = PrivateKey(seed: seed, name: $0.key).publicKey.bytes
                return DPoS.Configuration.Producer(name: $0.name, signingKey: key, url: $0.url)
            },
            quorum: try quorum())
        var accounts: [String: DPoSGenesis.Account] = [:]
        for name in Set(balances.keys).union(producers.map(\.name)) {
            let key = PrivateKey(seed: seed, name: DPoSGenesis.activeKeyName(name)).publicKey.bytes
            accounts[name] = DPoSGenesis.Account(name: name, balance: balances[name] ?? 0, activeKey: key)
        }
        return DPoSGenesis(
            network: try name(values["network"]?.text ?? "", values["network"]?.line ?? 0), seed: seed,
            chainID: try chainID(id), id: id, time: time, slot: slot, consensus: consensus, accounts: accounts)
    }
}
