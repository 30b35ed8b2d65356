import Crypto
import Glibc

/// What all nodes of a network agree on before the first block, read from the genesis file.
///
/// The file is line based so that any template language writes it: a keyword, then its values, separated by spaces;
/// `#` starts a comment. Every key that is not marked repeatable stands exactly once.
///
///     network          testnet-name
///     chain_id         1666700000
///     seed             text from which the test keys are derived (rest of the line)
///     genesis_time     1767225600          seconds since 1970
///     blocks_per_epoch 16
///     block_reward     28                  ONE per block, split among the signers
///     validator        0 s0-t3-1 127.1.0.1:9000    repeatable: shard, key name, address[:port], in committee order
///     balance          0 one1... 1000      repeatable: shard, account, ONE
///     endpoint         0 http://api.s0.example ws://ws.s0.example    at most one per shard
struct Genesis: Sendable {
    /// A member of a shard's committee.
    struct Validator: Sendable, Hashable {
        var name: String
        var address: HostPort
        var publicKey: [UInt8]
        /// Where its rewards go.
        var account: AccountAddress
    }

    /// Public addresses of a shard, as `getShardingStructure` reports them.
    struct Endpoint: Sendable, Hashable {
        var http: String
        var ws: String
    }

    /// Balances are counted in atto: 10^18 of them are one ONE.
    static let attoPerONE: UInt128 = 1_000_000_000_000_000_000
    /// Committees are bitmaps and full meshes; more members than this is a mistake.
    static let maximumCommittee = 128

    var network = ""
    var chainID: UInt64 = 0
    var seed = ""
    /// Seconds since 1970.
    var time: UInt64 = 0
    var blocksPerEpoch: UInt64 = 0
    /// Atto per block.
    var blockReward: UInt128 = 0
    /// Committee of each shard in bitmap order.
    var committees: [Int: [Validator]] = [:]
    /// Initial atto per account and shard.
    var balances: [Int: [AccountAddress: UInt128]] = [:]
    var endpoints: [Int: Endpoint] = [:]
    /// SHA-256 over everything but the endpoints; peers with another one are refused.
    private(set) var id: [UInt8] = []

    /// Largest genesis file that is read, in bytes.
    private static let maximumFile = 1024 * 1024

    /// Reads and checks a genesis file.
    static func read(file: String) throws(GenesisError) -> Genesis {
        try parse(try text(of: file), file: file)
    }

    /// The text of a genesis file; all engines' files have the same limit.
    static func text(of file: String) throws(GenesisError) -> String {
        guard let handle = fopen(file, "re") else {
            throw .unreadable(file: file, reason: String(cString: strerror(errno)))
        }
        defer { fclose(handle) }
        let bytes = [UInt8](unsafeUninitializedCapacity: maximumFile + 1) { space, count in
            count = fread(space.baseAddress, 1, space.count, handle)
        }
        guard bytes.count <= maximumFile, let text = String(validating: bytes, as: UTF8.self) else {
            throw .unreadable(file: file, reason: "it is not a text of at most \(maximumFile) bytes")
        }
        return text
    }

    /// Reads the genesis file's text; `file` only names it in errors.
    static func parse(_ text: String, file: String) throws(GenesisError) -> Genesis {
        var parser = GenesisParser(file: file)
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            try parser.read(line: String(line), number: index + 1)
        }
        var genesis = try parser.finish()
        genesis.id = Array(SHA256.hash(data: Array(parser.canonical.utf8)))
        return genesis
    }
}

/// An IPv4 address and a port.
struct HostPort: Sendable, Hashable, CustomStringConvertible {
    /// The four bytes in network order.
    var address: [UInt8]
    var port: UInt16

    /// Reads `a.b.c.d` or `a.b.c.d:port`; nil for anything else.
    init?(_ text: String, defaultPort: UInt16) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let bytes = parts[0].split(separator: ".", omittingEmptySubsequences: false).compactMap { UInt8($0) }
        guard parts.count <= 2, bytes.count == 4, parts[0].filter({ $0 == "." }).count == 3 else { return nil }
        guard parts.count == 2 else {
            self.init(address: bytes, port: defaultPort)
            return
        }
        guard let port = UInt16(parts[1]), port > 0 else { return nil }
        self.init(address: bytes, port: port)
    }

    init(address: [UInt8], port: UInt16) {
        self.address = address
        self.port = port
    }

    /// The address without the port.
    var host: String { address.map(String.init).joined(separator: ".") }
    var description: String { "\(host):\(port)" }
}

/// Why a genesis file was refused.
enum GenesisError: Error, CustomStringConvertible, Equatable {
    case unreadable(file: String, reason: String)
    case line(file: String, line: Int, problem: String)
    case missing(file: String, key: String)

    var description: String {
        switch self {
        case .unreadable(let file, let reason): "genesis file \(file) cannot be read: \(reason)."
        case .line(let file, let line, let problem): "\(file):\(line): \(problem)."
        case .missing(let file, let key): "\(file): the line \"\(key) ...\" is missing; add it."
        }
    }
}
