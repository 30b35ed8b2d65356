import Consensus

/// A node's own settings, from `harmony --config FILE`. The file has one `key = value` per line; durations are numbers
/// with a unit (`250ms`, `2s`, `10m`).
struct NodeConfiguration: Sendable {
    /// What a node does in its shard.
    enum Role: String, Sendable, CaseIterable {
        /// Votes; its name stands in the genesis file's committee.
        case validator
        /// Follows and answers RPC.
        case explorer
    }

    /// Path of the genesis file.
    var genesisFile: String
    /// Key name; the key pair derives from it and the genesis file's seed.
    var name: String
    var shard: Int
    var role: Role
    var peerAddress: HostPort
    var rpcAddress: HostPort
    /// Directory that receives `harmony_db_<shard>`.
    var dataDirectory: String
    /// File that log lines are appended to.
    var logFile: String
    var timing: Timing
    var protocolVersion: ProtocolVersion
    /// Blocks a node that is behind fetches and checks per second, at most: it makes a sync take as long as the chain
    /// is high.
    var syncBlocksPerSecond: Int

    private static let keys = [
        "genesis", "name", "shard", "role", "address", "p2p_port", "rpc_port", "data_dir", "log_file",
        "block_interval", "phase_timeout", "view_change_unit", "bootstrap_timeout", "retry_interval",
        "commit_grace", "protocol",
        "epoch_leader_stays_silent", "view_change_ballots", "sync_blocks_per_second",
    ]
    private static let longestDuration = Duration.seconds(24 * 3600)

    /// Reads and checks the file.
    init(file: String) throws(ConfigurationFailure) {
        try self.init(try Configuration(file: file, keys: Self.keys))
    }

    init(file: String, text: String) throws(ConfigurationFailure) {
        try self.init(try Configuration(file: file, text: text, keys: Self.keys))
    }

    private init(_ settings: Configuration) throws(ConfigurationFailure) {
        genesisFile = try settings.required("genesis")
        name = try settings.required("name")
        _ = try settings.required("shard")
        shard = try settings.integer("shard", in: 0...1023, default: 0)
        guard let role = Role(rawValue: settings["role"] ?? "validator") else {
            throw settings.bad("role", "validator or explorer")
        }
        self.role = role
        let host = try settings.required("address")
        guard !host.contains(":"), let address = HostPort(host, defaultPort: 1) else {
            throw settings.bad("address", "an IPv4 address without a port")
        }
        func port(_ key: String, _ fallback: Int) throws(ConfigurationFailure) -> HostPort {
            let number = try settings.integer(key, in: 1...65535, default: fallback)
            return HostPort(address: address.address, port: UInt16(number))
        }
        peerAddress = try port("p2p_port", Int(GenesisParser.defaultPeerPort))
        rpcAddress = try port("rpc_port", 9500)
        dataDirectory = try settings.required("data_dir")
        logFile = try settings.required("log_file")
        timing = Timing(
            blockInterval: try Self.duration(settings, "block_interval", .seconds(1)),
            phase: try Self.duration(settings, "phase_timeout", .seconds(3)),
            viewChangeUnit: try Self.duration(settings, "view_change_unit", .seconds(2)),
            bootstrap: try Self.duration(settings, "bootstrap_timeout", .seconds(6)),
            retry: try Self.duration(settings, "retry_interval", .milliseconds(500)),
            commitGrace: try Self.duration(settings, "commit_grace", .zero))
        protocolVersion = try Self.protocolVersion(settings)
        syncBlocksPerSecond = try settings.integer("sync_blocks_per_second", in: 1...100_000, default: 500)
    }

    /// What `protocol` may be: which view-change defects the build has.
    static let protocols: [(name: String, version: ProtocolVersion)] = [
        ("fixed", .fixed), ("august-2019", .august2019), ("november-2019", .november2019),
    ]

    private static func protocolVersion(_ settings: Configuration) throws(ConfigurationFailure) -> ProtocolVersion {
        let name = settings["protocol"] ?? "fixed"
        guard let known = protocols.first(where: { $0.name == name }) else {
            throw settings.bad("protocol", "fixed, august-2019 or november-2019")
        }
        var version = known.version
        switch settings["epoch_leader_stays_silent"] {
        case nil: break
        case "yes": version.epochLeaderStaysSilent = true
        case "no": version.epochLeaderStaysSilent = false
        default: throw settings.bad("epoch_leader_stays_silent", "yes or no")
        }
        switch settings["view_change_ballots"] {
        case nil: break
        case "by-sender": version.ballots = .bySender
        case "by-view-id": version.ballots = .byViewID
        default: throw settings.bad("view_change_ballots", "by-sender or by-view-id")
        }
        return version
    }

    private static func duration(
        _ settings: Configuration, _ key: String, _ fallback: Duration
    ) throws(ConfigurationFailure) -> Duration {
        guard let text = settings[key] else { return fallback }
        guard let duration = Duration(settingText: text), duration > .zero, duration <= longestDuration else {
            throw settings.bad(key, "a duration above zero such as 250ms, 2s or 10m")
        }
        return duration
    }
}

extension Duration {
    /// Reads a whole number with the unit `ms`, `s`, `m` or `h`; nil for anything else.
    init?(settingText text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), number <= 1_000_000_000 else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": self = .milliseconds(number)
        case "s": self = .seconds(number)
        case "m": self = .seconds(number * 60)
        case "h": self = .seconds(number * 3600)
        default: return nil
        }
    }
}
