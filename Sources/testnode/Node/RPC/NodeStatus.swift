import Synchronization

/// What RPC reports of the running node, copied out of the event loop after every change.
struct NodeStatus: Sendable {
    var head: StoredBlock
    /// Epoch and proposer of the block being agreed on.
    var viewID: UInt64
    var viewChangeID: UInt64
    /// `Normal`, `ViewChanging`, `Syncing` or `Listening`.
    var mode: String
    /// `Announce`, `Prepare` or `Commit`.
    var phase: String
    /// Number of the block being agreed on.
    var blockNumber: UInt64
    var leader: Int
    /// Time from proposal to commit of the last block.
    var finality: Duration
    var isInSync: Bool
    var knownPeers: Int
    var connectedPeers: [String]
}

/// Hands the latest `NodeStatus` from the event loop to RPC handlers.
final class StatusBoard: Sendable {
    private let status: Mutex<NodeStatus>

    init(_ status: NodeStatus) {
        self.status = Mutex(status)
    }

    var current: NodeStatus {
        get { status.withLock { $0 } }
        set { status.withLock { $0 = newValue } }
    }
}
