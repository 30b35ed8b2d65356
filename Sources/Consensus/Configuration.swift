/// What all nodes of one shard must agree on, and this node's timing.
public struct Configuration: Sendable {
    /// Shard number; messages of other shards are refused.
    public var shard: UInt32
    /// The shard's validators.
    public var committee: Committee
    /// Blocks in an epoch, at least 1. Block n belongs to epoch n / blocksPerEpoch.
    public var blocksPerEpoch: UInt64
    /// Durations of the protocol's timers.
    public var timing: Timing
    /// Which of the documented defects this build of the protocol has.
    public var version: ProtocolVersion

    /// A configuration. `blocksPerEpoch` of 0 is taken as 1.
    public init(
        shard: UInt32, committee: Committee, blocksPerEpoch: UInt64, timing: Timing, version: ProtocolVersion
    ) {
        self.shard = shard
        self.committee = committee
        self.blocksPerEpoch = max(1, blocksPerEpoch)
        self.timing = timing
        self.version = version
    }

    /// The epoch that block `number` belongs to.
    public func epoch(of number: BlockNumber) -> UInt64 { number / blocksPerEpoch }

    /// Whether block `number` is the last of its epoch, after which the leader goes back to index 0.
    public func isLastOfEpoch(_ number: BlockNumber) -> Bool { epoch(of: number) != epoch(of: number + 1) }
}

/// Durations of the protocol's timers. Late 2019's mainnet: phase 60 s, view change unit 60 s, bootstrap 600 s
/// (chains.md, Harmony).
public struct Timing: Sendable, Hashable {
    /// From a committed block to the leader's next proposal.
    public var blockInterval: Duration
    /// From a committed block, or a new view, to the next committed block; then the view changes.
    public var phase: Duration
    /// A view change waits (new view id - view id) times this.
    public var viewChangeUnit: Duration
    /// From the start of the process to the first committed block; then the view changes.
    public var bootstrap: Duration
    /// How often a leader repeats its latest message while it waits for votes.
    public var retry: Duration
    /// How long a leader that has a quorum of commit votes waits for the others, whose reward it is; zero: not at all.
    /// Without it, whoever is slowest on its machine never signs.
    public var commitGrace: Duration

    /// All durations; each greater than zero, except the grace.
    public init(
        blockInterval: Duration, phase: Duration, viewChangeUnit: Duration, bootstrap: Duration, retry: Duration,
        commitGrace: Duration = .zero
    ) {
        self.blockInterval = blockInterval
        self.phase = phase
        self.viewChangeUnit = viewChangeUnit
        self.bootstrap = bootstrap
        self.retry = retry
        self.commitGrace = commitGrace
    }
}

/// A build of the protocol: which documented defects it has.
public struct ProtocolVersion: Sendable, Hashable {
    /// How a prospective leader keeps view-change messages (chains.md, "The view-change defect").
    public enum ViewChangeBallots: Sendable, Hashable {
        /// The defect until November 2019: by sender only, whatever the view id and the block.
        case bySender
        /// The fix: by view id, of the current block.
        case byViewID
    }

    /// How view-change messages are kept. The defective way also picks candidates as "next after my current leader".
    public var ballots: ViewChangeBallots
    /// Whether a validator that leaves a view change because a block overtook it begins its next one from the id it had
    /// asked for (chains.md, "How ids come to differ": our reading). Harmony keeps that id apart from the id of the view
    /// in which a node votes, so the validator votes on; it is ahead until a NEWVIEW or a restart.
    public var keepsUnfinishedViewID: Bool
    /// Whether the leader that an epoch change resets to index 0 fails to propose (chains.md, "Related").
    public var epochLeaderStaysSilent: Bool

    /// A version with exactly these defects.
    public init(ballots: ViewChangeBallots, keepsUnfinishedViewID: Bool, epochLeaderStaysSilent: Bool) {
        self.ballots = ballots
        self.keepsUnfinishedViewID = keepsUnfinishedViewID
        self.epochLeaderStaysSilent = epochLeaderStaysSilent
    }

    /// No known defect.
    public static let fixed = Self(ballots: .byViewID, keepsUnfinishedViewID: false, epochLeaderStaysSilent: false)
    /// The build of the first outage: ballots kept by sender.
    public static let august2019 = Self(ballots: .bySender, keepsUnfinishedViewID: false, epochLeaderStaysSilent: false)
    /// All of the view-change defect, until its fix in November 2019.
    public static let november2019 = Self(ballots: .bySender, keepsUnfinishedViewID: true, epochLeaderStaysSilent: true)
}
