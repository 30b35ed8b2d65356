/// Reads a genesis file line by line; `Genesis` documents the format.
struct GenesisParser {
    /// Key names and network names show up in logs and file names.
    private static let maximumNameLength = 64
    static let defaultPeerPort: UInt16 = 9000

    private let file: String
    private var genesis = Genesis()
    private var seen: Set<String> = []
    /// The lines that all nodes must share, normalised.
    private(set) var canonical = ""
    private var pending: [(shard: Int, name: String, address: HostPort, line: Int)] = []

    init(file: String) {
        self.file = file
    }

    mutating func read(line text: String, number: Int) throws(GenesisError) {
        let content = text.prefix { $0 != "#" }
        let words = content.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let key = words.first else { return }
        let values = Array(words.dropFirst())
        if key != "endpoint" { canonical += words.joined(separator: " ") + "\n" }
        switch key {
        case "validator": try validator(values, line: number)
        case "balance": try balance(values, line: number)
        case "endpoint": try endpoint(values, line: number)
        default:
            guard seen.insert(key).inserted else { throw problem("\"\(key)\" stands twice", number) }
            try single(key, values, line: number)
        }
    }

    private func problem(_ text: String, _ line: Int) -> GenesisError {
        .line(file: file, line: line, problem: text)
    }

    private mutating func single(_ key: String, _ values: [String], line: Int) throws(GenesisError) {
        if key == "seed" {
            guard !values.isEmpty else { throw problem("\"seed\" needs a text", line) }
            genesis.seed = values.joined(separator: " ")
            return
        }
        guard values.count == 1 else { throw problem("\"\(key)\" needs exactly one value", line) }
        switch key {
        case "network": genesis.network = try name(values[0], line)
        case "chain_id": genesis.chainID = try number(values[0], key, 1...UInt64(Int32.max), line)
        case "genesis_time": genesis.time = try number(values[0], key, 0...4_102_444_800, line)
        case "blocks_per_epoch": genesis.blocksPerEpoch = try number(values[0], key, 1...1_000_000, line)
        case "block_reward": genesis.blockReward = try one(values[0], key, line)
        default:
            throw problem(
                "unknown key \"\(key)\"; known are network, chain_id, seed, genesis_time, blocks_per_epoch, "
                    + "block_reward, validator, balance and endpoint", line)
        }
    }

    private mutating func validator(_ values: [String], line: Int) throws(GenesisError) {
        guard values.count == 3 else { throw problem("\"validator\" needs a shard, a key name and an address", line) }
        guard let address = HostPort(values[2], defaultPort: Self.defaultPeerPort) else {
            throw problem("\"\(values[2])\" is not an IPv4 address with an optional port", line)
        }
        let name = try name(values[1], line)
        if let other = pending.first(where: { $0.name == name || $0.address == address }) {
            throw problem("key name or address already stands in line \(other.line)", line)
        }
        pending.append((try shard(values[0], line), name, address, line))
    }

    private mutating func balance(_ values: [String], line: Int) throws(GenesisError) {
        guard values.count == 3 else { throw problem("\"balance\" needs a shard, an account and an amount", line) }
        guard let account = AccountAddress(values[1]) else {
            throw problem("\"\(values[1])\" is not an account address (one1... or 0x...)", line)
        }
        let shard = try shard(values[0], line)
        guard genesis.balances[shard]?[account] == nil else { throw problem("this account stands twice", line) }
        genesis.balances[shard, default: [:]][account] = try one(values[2], "balance", line)
    }

    private mutating func endpoint(_ values: [String], line: Int) throws(GenesisError) {
        guard values.count == 3 else { throw problem("\"endpoint\" needs a shard, an HTTP and a WS address", line) }
        let shard = try shard(values[0], line)
        guard genesis.endpoints[shard] == nil else { throw problem("shard \(shard) has two endpoints", line) }
        genesis.endpoints[shard] = Genesis.Endpoint(http: values[1], ws: values[2])
    }

    private func shard(_ text: String, _ line: Int) throws(GenesisError) -> Int {
        Int(try number(text, "shard", 0...1023, line))
    }

    private func number(
        _ text: String, _ key: String, _ range: ClosedRange<UInt64>, _ line: Int
    ) throws(GenesisError) -> UInt64 {
        guard let value = UInt64(text), range.contains(value) else {
            throw problem("\(key) must be a number from \(range.lowerBound) to \(range.upperBound)", line)
        }
        return value
    }

    private func one(_ text: String, _ key: String, _ line: Int) throws(GenesisError) -> UInt128 {
        UInt128(try number(text, key, 0...1_000_000_000_000, line)) * Genesis.attoPerONE
    }

    private func name(_ text: String, _ line: Int) throws(GenesisError) -> String {
        let allowed = text.utf8.allSatisfy {
            ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D || $0 == 0x2E
                || $0 == 0x5F
        }
        guard allowed, text.utf8.count <= Self.maximumNameLength else {
            throw problem(
                "\"\(text)\" is not a name of at most \(Self.maximumNameLength) letters, digits and -_.", line)
        }
        return text
    }

    /// Checks what only the whole file shows and derives the validators' keys.
    func finish() throws(GenesisError) -> Genesis {
        for key in ["network", "chain_id", "seed", "genesis_time", "blocks_per_epoch", "block_reward"]
        where !seen.contains(key) {
            throw .missing(file: file, key: key)
        }
        guard !pending.isEmpty else { throw .missing(file: file, key: "validator") }
        var genesis = genesis
        for entry in pending {
            let key: [UInt8]
            do {
                key = Array(try TestKeys.signingKey(seed: genesis.seed, name: entry.name).publicKey.rawRepresentation)
            } catch {
                throw problem("no key can be derived for \"\(entry.name)\": \(error)", entry.line)
            }
            genesis.committees[entry.shard, default: []].append(
                Genesis.Validator(
                    name: entry.name, address: entry.address, publicKey: key, account: TestKeys.account(of: key)))
            guard genesis.committees[entry.shard, default: []].count <= Genesis.maximumCommittee else {
                throw problem("a committee has at most \(Genesis.maximumCommittee) members", entry.line)
            }
        }
        return genesis
    }
}
