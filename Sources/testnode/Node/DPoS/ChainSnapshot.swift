import Consensus
import Synchronization

/// The chain as RPC reports it at one moment, copied out of the event loop after every change. All parts belong
/// together.
struct ChainSnapshot: Sendable {
    /// A block by number and id.
    struct Reference: Sendable, Hashable {
        var number: UInt64
        /// 32 bytes, the number in the first four.
        var id: [UInt8]
        /// Seconds since 1970, rounded down.
        var time: UInt64
        /// Name of its producer; empty for the state before the first block.
        var producer: String
    }

    /// The last block.
    var head: Reference
    /// The last block that can never be undone.
    var irreversible: Reference
    /// What follows from the chain up to `head`: producers with their counters and keys, schedule, current slot
    /// (`slot` is Steem's `current_aslot`), recent slots and participation.
    var state: DPoS.ChainState
    /// Highest block number that a peer has told of.
    var best: UInt64
    /// True while blocks are fetched from a peer.
    var isSyncing: Bool
    /// Names of the peers that are connected.
    var peers: [String]

    /// Names of the producers in the order of the present round.
    var schedule: [String] { state.schedule.map { state.producers[$0].name } }

    /// A producer by name.
    func producer(_ name: String) -> DPoS.ProducerState? { state.producers.first { $0.name == name } }
}

/// A block as dialects read it.
struct ChainBlock: Sendable, Hashable {
    /// Header, transactions, signature and id.
    var block: DPoS.Block
    /// Nanoseconds since 1970.
    var time: Int64
    /// Name of the producer.
    var producer: String
    var isIrreversible: Bool
}

/// What became of a submitted transaction.
enum SubmitResult: Sendable, Equatable {
    /// Valid; passed on to peers and put into this node's next block.
    case accepted
    /// The same transaction waits already or is part of the chain.
    case duplicate
    /// Not valid, and why: a short text that a dialect can put into its own error.
    case refused(String)
}

/// What a dialect reads and does. Handlers call it on the HTTP server's own threads, so calls may wait for the database.
protocol ChainReading: Sendable {
    var genesis: DPoSGenesis { get }
    /// The node's own settings.
    var settings: DPoSNodeConfiguration { get }
    var snapshot: ChainSnapshot { get }
    /// The block with this number on the present chain; nil if there is none (yet).
    func block(number: UInt64) throws -> ChainBlock?
    /// The block with this id on the present chain; the first 20 bytes are enough, as Steem has no more.
    func block(id: [UInt8]) throws -> ChainBlock?
    /// Checks a transaction and passes it on; waits until the node has looked at it.
    func submit(_ transaction: DPoS.Transaction) -> SubmitResult
}

/// Hands the latest `ChainSnapshot` from the event loop to RPC handlers.
final class SnapshotBoard: Sendable {
    private let snapshot: Mutex<ChainSnapshot>

    init(_ snapshot: ChainSnapshot) {
        self.snapshot = Mutex(snapshot)
    }

    var current: ChainSnapshot {
        get { snapshot.withLock { $0 } }
        set { snapshot.withLock { $0 = newValue } }
    }
}
