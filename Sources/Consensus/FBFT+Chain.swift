// Moving along the chain: final blocks, catching up, helping others to catch up.

extension Configuration {
    /// Who leads the block after `head`: whoever led the last one, or index 0 at an epoch change (chains.md, Harmony).
    func leader(after head: Head) -> ValidatorIndex { isLastOfEpoch(head.block.number) ? 0 : head.leader }
}

extension FBFT {
    /// The head as a COMMITTED message; nil for genesis.
    var committedMessage: SignedMessage? {
        guard let identity, let certificate = head.certificate else { return nil }
        let message = Message(
            shard: configuration.shard, number: head.block.number, viewID: certificate.statement.viewID,
            sender: identity, body: .committed(CommittedBlock(block: head.block, certificate: certificate)))
        return SignedMessage(message, cryptography: cryptography)
    }

    mutating func onCommitted(_ committed: CommittedBlock) {
        guard committed.isValid(after: head.block, configuration: configuration, cryptography: cryptography) else {
            return
        }
        perform(.commit(committed))
        let block = committed.block
        let viewID = committed.certificate.statement.viewID
        let signers = committed.certificate.aggregate.count
        log(
            identity == nil
                ? .followed(number: block.number, viewID: viewID, hash: block.hash, signers: signers)
                : .bingo(number: block.number, viewID: viewID, hash: block.hash, signers: signers))
        advance(to: Head(committed))
    }

    /// Starts on the block after `newHead`, in the view after its.
    mutating func advance(to newHead: Head) {
        stopRepeating()
        if configuration.version.keepsUnfinishedViewID, let change { viewsAhead = change.viewID - viewID }
        head = newHead
        viewID = newHead.viewID + 1
        leader = configuration.leader(after: newHead)
        change = nil
        round = Round()
        votes = VoteRecord(number: number)
        if configuration.version.ballots == .byViewID { ballots = Ballots() }
        guard identity != nil else { return }
        for kind in [TimerKind.bootstrap, .viewChange, .blockInterval] { cancelTimer(kind) }
        setTimer(.phase, timing.phase)
        let silent = configuration.version.epochLeaderStaysSilent && configuration.isLastOfEpoch(newHead.block.number)
        if leads && !silent { setTimer(.blockInterval, timing.blockInterval) }
    }

    mutating func synced(to newHead: Head) {
        syncInFlight = false
        if newHead.block.number > head.block.number { advance(to: newHead) }
    }

    /// A message about a later block: the block before it is final somewhere. ANNOUNCE and votes for the very next
    /// block may only have overtaken a COMMITTED, so they wait.
    mutating func noticeBehind(_ message: Message) {
        let finalNumber = message.kind == .committed ? message.number : message.number - 1
        let patient = message.kind != .committed && message.kind != .viewChange && message.kind != .newView
        guard !syncInFlight, !patient || message.number > number + 1 else { return }
        syncInFlight = true
        log(.behind(number: number, network: finalNumber))
        perform(.needSync(from: number, upTo: finalNumber, hint: message.sender))
    }

    /// A validator wants to change the view of a block that is final already: show it the newest one.
    mutating func helpLaggard(_ message: Message) {
        if case .viewChange(let change) = message.body, change.leader == identity {
            drop(message, .lowBlockNumber)
        }
        if let committedMessage { perform(.send(committedMessage, to: message.sender)) }
    }
}
