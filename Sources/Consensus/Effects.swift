/// Timers the engine asks for. At most one of each kind runs; setting one again replaces it.
public enum TimerKind: String, Sendable, Hashable, CaseIterable {
    /// The leader waits before its next proposal.
    case blockInterval
    /// Everybody waits for the next block of a running shard.
    case phase
    /// Everybody waits for a NEWVIEW.
    case viewChange
    /// Everybody waits for the first block after starting.
    case bootstrap
    /// The leader repeats its latest messages.
    case retry
    /// The leader has a quorum of commit votes and waits for the others.
    case grace
}

/// Everything that can happen to the engine.
public enum Input: Sendable {
    /// The process is up and connected. Give it once, first.
    case start
    /// A decoded message from the network. Signatures are checked by the engine.
    case message(SignedMessage)
    /// A timer ran out. Firings of timers that were cancelled or never set are ignored.
    case timerFired(TimerKind)
    /// The answer to `Effect.requestProposal`. `payload` has at most `Limits.payloadBytes`;
    /// `timestamp` is Unix time in nanoseconds. Ignored when the engine no longer wants a proposal.
    case proposal(payload: [UInt8], timestamp: Int64)
    /// A sync ended; always answer `Effect.needSync` with this, also when nothing was gained. The node has checked
    /// every block up to `head` with `CommittedBlock.isValid` and stored it.
    case synced(head: Head)
}

/// Everything the engine wants done, in order.
public enum Effect: Sendable {
    /// Store the votes durably before any later effect of the same list (they keep a restarted node from voting twice).
    case persist(VoteRecord)
    /// Store a final block.
    case commit(CommittedBlock)
    /// Send to every other node of the shard, validators and explorers.
    case broadcast(SignedMessage)
    /// Send to one validator, never to this node itself.
    case send(SignedMessage, to: ValidatorIndex)
    /// Start, or restart, a timer.
    case setTimer(TimerKind, Duration)
    /// Stop a timer.
    case cancelTimer(TimerKind)
    /// This node leads and wants block `number` filled: answer with `Input.proposal`.
    case requestProposal(number: BlockNumber)
    /// The network is ahead: fetch blocks from `from` (inclusive). `hint` is a validator that has them up to `upTo`.
    case needSync(from: BlockNumber, upTo: BlockNumber, hint: ValidatorIndex)
    /// Something people want in the log.
    case log(LogEvent)
}

/// What the engine tells people.
public enum LogEvent: Sendable, Hashable {
    /// The leader's line on a committed block.
    case hooray(number: BlockNumber, viewID: ViewID, hash: [UInt8], signers: Int)
    /// A validator's line on a committed block.
    case bingo(number: BlockNumber, viewID: ViewID, hash: [UInt8], signers: Int)
    /// An explorer accepted a committed block.
    case followed(number: BlockNumber, viewID: ViewID, hash: [UInt8], signers: Int)
    /// A time-out: this validator asks for view `to` under `candidate`, and waits `timeout` for it.
    case viewChangeStarted(number: BlockNumber, from: ViewID, to: ViewID, candidate: ValidatorIndex, timeout: Duration)
    /// A prospective leader counted a view-change message. `ids` are the distinct view ids among the counted
    /// signatures.
    case viewChangeCounted(number: BlockNumber, viewID: ViewID, sender: ValidatorIndex, counted: Int, ids: [ViewID])
    /// A prospective leader dropped a view-change message.
    case viewChangeDropped(number: BlockNumber, viewID: ViewID, sender: ValidatorIndex, reason: ViewChangeDrop)
    /// This validator counted enough view-change messages and takes over.
    case newViewSent(number: BlockNumber, viewID: ViewID, ids: [ViewID])
    /// The new leader's proof holds; this validator follows it.
    case newViewAccepted(number: BlockNumber, viewID: ViewID, leader: ValidatorIndex)
    /// The new leader's proof does not hold.
    case newViewRejected(number: BlockNumber, viewID: ViewID, leader: ValidatorIndex, reason: NewViewRejection)
    /// This node is behind and asks for a sync.
    case behind(number: BlockNumber, network: BlockNumber)
}

/// Why a view-change message was not counted.
public enum ViewChangeDrop: String, Sendable, Hashable {
    case lowViewID = "view changing id is low"
    case lowBlockNumber = "block number is low"
    case alreadyReceived = "already received a view change message from the validator"
    case badSignature = "signature of the view change message failed verification"
    case badPreparedProof = "prepared proof failed verification"
}

/// Why a NEWVIEW was not accepted.
public enum NewViewRejection: String, Sendable, Hashable {
    case tooFewSigners = "not enough view id signatures"
    case badViewIDAggregate = "aggregate of view id signatures failed verification"
    case badNilAggregate = "aggregate of nil signatures failed verification"
    case missingPreparedProof = "prepared proof is missing although a signer had one"
    case badPreparedProof = "prepared proof failed verification"
}

/// What an RPC server shows about the engine. Finality (the time a block took) needs a clock and is the node's to
/// measure.
public struct Status: Sendable, Hashable {
    /// Mode of the node.
    public var mode: Mode
    /// Phase of the current block.
    public var phase: Phase
    /// The view this node is in.
    public var viewID: ViewID
    /// The view this node asks for while changing views; else the id its next view change goes on from, which is
    /// `viewID` unless a block overtook an earlier one (`ProtocolVersion.keepsUnfinishedViewID`).
    public var viewChangingID: ViewID
    /// The block being decided: head + 1.
    public var blockNumber: BlockNumber
    /// Epoch of the block being decided.
    public var epoch: UInt64
    /// Leader, or candidate while changing views.
    public var leader: ValidatorIndex
    /// Public key of `leader`.
    public var leaderKey: [UInt8]
    /// Whether this node is `leader`.
    public var isLeader: Bool
}

/// Modes of a node (chains.md, Harmony).
public enum Mode: String, Sendable, Hashable {
    case normal = "Normal"
    case viewChanging = "ViewChanging"
    case syncing = "Syncing"
    case listening = "Listening"
}

/// Phases of a block (chains.md, Harmony).
public enum Phase: String, Sendable, Hashable {
    case announce = "Announce"
    case prepare = "Prepare"
    case commit = "Commit"
}
