/// One node's FBFT engine: inputs in, effects out. It has no clock, no randomness and does no I/O, so that the same
/// inputs always give the same effects.
public struct FBFT: Sendable {
    let configuration: Configuration
    let cryptography: Cryptography
    /// This node's committee position; nil on an explorer, which follows and never votes.
    public let identity: ValidatorIndex?
    /// The last final block.
    public internal(set) var head: Head

    /// The view this node takes part in, and its leader.
    var viewID: ViewID
    var leader: ValidatorIndex
    /// Set while this node asks for another view.
    var change: PendingChange?
    /// How far view changes that a block overtook have left the id of the next view change ahead of `viewID`; 0 without
    /// that defect.
    var viewsAhead: UInt64 = 0
    /// View-change messages this node received as a candidate.
    var ballots = Ballots()
    /// Votes cast for the current block.
    var votes: VoteRecord
    /// The current block's progress in the current view.
    var round = Round()
    var syncInFlight = false
    private var started = false
    private var runningTimers: Set<TimerKind> = []
    private var effects: [Effect] = []

    /// A view this node asked for, and who should lead it.
    struct PendingChange: Sendable {
        var viewID: ViewID
        var candidate: ValidatorIndex
    }

    /// What happened so far to the current block in the current view. The vote lists are used by the leader only.
    struct Round: Sendable {
        var phase = Phase.announce
        var proposal: Block?
        var justification: Certificate?
        var prepares: [ValidatorIndex: [UInt8]] = [:]
        var proof: PreparedProof?
        var commits: [ValidatorIndex: [UInt8]] = [:]
        /// Where the wait for more commit votes than a quorum is.
        var grace = Grace.unused
        /// M1 of the NEWVIEW that began this view: the block to propose again.
        var adopted: PreparedProof?
        var waitsForPayload = false
        /// The view before the leader skipped views, if it did.
        var skippedFrom: ViewID?
        /// What the leader repeats until the round moves on.
        var repeated: [SignedMessage] = []
    }

    /// The leader's wait for commit votes beyond a quorum.
    enum Grace: Sendable {
        case unused, running, over
    }

    /// The engine of one node.
    /// - Parameters:
    ///   - configuration: what the shard agrees on, and timing.
    ///   - identity: position in the committee, or nil (or out of range) for an explorer.
    ///   - head: the last block on disk. The view id starts at the head's + 1, as after a sync (chains.md).
    ///   - votes: the last `Effect.persist`, if any. One for another block number is ignored.
    ///   - cryptography: the ports.
    public init(
        configuration: Configuration, identity: ValidatorIndex?, head: Head, votes: VoteRecord?,
        cryptography: Cryptography
    ) {
        self.configuration = configuration
        self.cryptography = cryptography
        self.identity = identity.flatMap { configuration.committee.keys.indices.contains($0) ? $0 : nil }
        self.head = head
        let number = head.block.number + 1
        self.votes = votes.flatMap { $0.number == number ? $0 : nil } ?? VoteRecord(number: number)
        viewID = head.viewID + 1
        leader = configuration.leader(after: head)
    }

    /// Takes one input and says what is to be done, in order.
    public mutating func handle(_ input: Input) -> [Effect] {
        switch input {
        case .start: start()
        case .message(let signed): receive(signed)
        case .timerFired(let kind): if runningTimers.remove(kind) != nil { timerFired(kind) }
        case .proposal(let payload, let timestamp): propose(payload: payload, timestamp: timestamp)
        case .synced(let newHead): synced(to: newHead)
        }
        defer { effects.removeAll() }
        return effects
    }

    /// What an RPC server shows.
    public var status: Status {
        let mode: Mode =
            switch (identity, syncInFlight, change) {
            case (nil, _, _): .listening
            case (_, true, _): .syncing
            case (_, _, .some): .viewChanging
            default: .normal
            }
        let current = change?.candidate ?? leader
        return Status(
            mode: mode, phase: round.phase, viewID: viewID, viewChangingID: change?.viewID ?? viewID + viewsAhead,
            blockNumber: number, epoch: configuration.epoch(of: number), leader: current,
            leaderKey: configuration.committee.keys[current], isLeader: identity == current && change == nil)
    }

    /// The block being decided.
    var number: BlockNumber { head.block.number + 1 }
    var committee: Committee { configuration.committee }
    var timing: Timing { configuration.timing }
    /// Whether this node leads the current view and is not about to leave it.
    var leads: Bool { identity == leader && change == nil }

    private mutating func start() {
        guard !started, identity != nil else { return }
        started = true
        setTimer(.bootstrap, timing.bootstrap)
        if leads { setTimer(.blockInterval, timing.blockInterval) }
    }

    private mutating func timerFired(_ kind: TimerKind) {
        switch kind {
        case .blockInterval: beginProposal()
        case .retry: repeatMessages()
        case .grace: graceEnded()
        case .phase, .bootstrap: startViewChange(to: viewID + viewsAhead + 1)
        case .viewChange: startViewChange(to: (change?.viewID ?? viewID + viewsAhead) + 1)
        }
    }

    /// Sorts out whom a message is from and which block it is about, then hands it on.
    private mutating func receive(_ signed: SignedMessage) {
        let message = signed.message
        guard message.shard == configuration.shard, message.sender != identity else { return }
        guard identity != nil || message.kind == .committed else { return }
        guard message.number >= number || message.kind == .viewChange || message.kind == .newView else { return }
        guard signed.isAuthentic(committee: committee, cryptography: cryptography) else { return }
        if message.number < number {
            helpLaggard(message)
        } else if message.number > number {
            noticeBehind(message)
        } else {
            receiveCurrent(message)
        }
    }

    private mutating func receiveCurrent(_ message: Message) {
        switch message.body {
        case .announce(let block, let justification, let skippedFrom):
            followSkip(from: skippedFrom, in: message)
            onAnnounce(block, justification: justification, in: message)
        case .prepare(let hash, let signature): onPrepare(hash, signature: signature, in: message)
        case .prepared(let proof): onPrepared(proof, in: message)
        case .commit(let hash, let signature): onCommit(hash, signature: signature, in: message)
        case .committed(let committed): onCommitted(committed)
        case .viewChange(let change): onViewChange(change, in: message)
        case .newView(let newView): onNewView(newView, in: message)
        case .refusal(let votedViewID): onRefusal(votedViewID, in: message)
        }
    }
}

// Producing effects.
extension FBFT {
    mutating func perform(_ effect: Effect) { effects.append(effect) }

    mutating func log(_ event: LogEvent) { effects.append(.log(event)) }

    mutating func setTimer(_ kind: TimerKind, _ duration: Duration) {
        runningTimers.insert(kind)
        effects.append(.setTimer(kind, duration))
    }

    mutating func cancelTimer(_ kind: TimerKind) {
        if runningTimers.remove(kind) != nil { effects.append(.cancelTimer(kind)) }
    }

    func signed(_ body: Message.Body, viewID: ViewID) -> SignedMessage {
        SignedMessage(
            Message(shard: configuration.shard, number: number, viewID: viewID, sender: identity ?? 0, body: body),
            cryptography: cryptography)
    }

    /// Broadcasts a leader's message and repeats it, after what a node that missed the start of the round needs.
    mutating func broadcastRepeatedly(_ message: SignedMessage, after earlier: [SignedMessage]) {
        perform(.broadcast(message))
        round.repeated = earlier + [message]
        setTimer(.retry, timing.retry)
    }

    private mutating func repeatMessages() {
        guard !round.repeated.isEmpty else { return }
        for message in round.repeated { perform(.broadcast(message)) }
        setTimer(.retry, timing.retry)
    }

    mutating func stopRepeating() {
        round.repeated = []
        cancelTimer(.retry)
    }
}
