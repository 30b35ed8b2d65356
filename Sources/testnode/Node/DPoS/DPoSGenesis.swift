import Consensus
import Crypto

/// What all nodes of a DPoS network agree on before the first block, read from the genesis file. Line based, like
/// `Genesis`:
///
///     engine        dpos
///     network       testnet-name
///     seed          text from which the test keys are derived (rest of the line)
///     chain_id      64 hexadecimal digits     optional; else the genesis file's own hash
///     genesis_time  1767225600                seconds since 1970
///     slot          500ms
///     repetitions   12                        blocks in a row; default 1
///     schedule      ordered                   or shuffled; default ordered
///     irreversible_percent 75                 optional; else more than two thirds
///     producer      alice alice-signing http://alice.example    repeatable: account, key name [url]
///     account       bob 1000                  repeatable: account, balance in whole tokens
struct DPoSGenesis: Sendable {
    /// An account and what it owns. Its active key derives from the seed and `activeKeyName`.
    struct Account: Sendable, Hashable {
        var name: String
        /// Whole tokens; nothing moves them.
        var balance: UInt64
        /// Active key, 33 bytes compressed.
        var activeKey: [UInt8]
    }

    var network = ""
    var seed = ""
    /// Identifies the chain to clients, 32 bytes.
    var chainID: [UInt8] = []
    /// SHA-256 of the file's normalised text; peers and data with another one are refused.
    var id: [UInt8] = []
    /// Seconds since 1970.
    var time: UInt64 = 0
    var slot = Duration.seconds(3)
    var consensus: DPoS.Configuration
    /// By name; producers that no `account` line names have a balance of 0.
    var accounts: [String: Account] = [:]

    /// Key name that an account's active key derives from.
    static func activeKeyName(_ account: String) -> String { account + "-active" }
}

/// A DPoS node's own settings.
struct DPoSNodeConfiguration: Sendable {
    var genesisFile: String
    /// Name of the node; its peers' logs show it.
    var name: String
    var peerAddress: HostPort
    var rpcAddress: HostPort
    var dataDirectory: String
    var logFile: String
    /// Producers that this node makes blocks for.
    var producers: [String]
    /// Private keys in wallet import format. Never logged.
    var privateKeys: [String]
    var peers: [HostPort]
    var syncBlocksPerSecond: Int
    /// Blocks a replay applies per second, at most; nil for no limit.
    var replayBlocksPerSecond: Int?
    /// Version text in this node's blocks; nil for the dialect's.
    var version: String?
}
