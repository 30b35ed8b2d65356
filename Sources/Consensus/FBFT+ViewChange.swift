// Replacing a leader: VIEWCHANGE to the candidate, NEWVIEW from it. The documented defect is the `.bySender` way of
// counting.

extension FBFT {
    /// Longest wait for a NEWVIEW, in units. Time-outs grow linearly without end (chains.md); this only keeps the sum
    /// in range.
    static let maximumTimeoutUnits: UInt64 = 1_000_000

    /// Gives up on the current view, or on the one asked for, and asks for `newViewID`.
    mutating func startViewChange(to newViewID: ViewID) {
        guard let identity else { return }
        let candidate = candidate(for: newViewID)
        stopRepeating()
        round.waitsForPayload = false
        for kind in [TimerKind.phase, .bootstrap, .blockInterval] { cancelTimer(kind) }
        // Counted from this validator's own id, so that validators whose ids differ time out together.
        let units = newViewID - viewID - viewsAhead
        let timeout = timing.viewChangeUnit * Int(min(units, Self.maximumTimeoutUnits))
        change = PendingChange(viewID: newViewID, candidate: candidate)
        ballots.dropViewIDs(below: newViewID)
        log(
            .viewChangeStarted(
                number: number, from: viewID, to: newViewID, candidate: candidate, timeout: timeout))
        setTimer(.viewChange, timeout)
        if candidate != identity {
            perform(.send(signed(.viewChange(ownBallot(for: newViewID, candidate)), viewID: newViewID), to: candidate))
        } else if configuration.version.ballots == .byViewID {
            // Until the fix a candidate added its own signatures only with the first message from somebody else.
            count(ownBallot(for: newViewID, identity), viewID: newViewID, from: identity)
        }
    }

    /// Until the fix, the next after the current local leader or candidate; with it, a function of the view id, so that
    /// validators who agree on the id agree on the candidate.
    private func candidate(for newViewID: ViewID) -> ValidatorIndex {
        switch configuration.version.ballots {
        case .bySender: committee.next(after: change?.candidate ?? leader)
        case .byViewID: committee.next(after: leader, steps: newViewID - viewID)
        }
    }

    private func ownBallot(for newViewID: ViewID, _ candidate: ValidatorIndex) -> ViewChange {
        ViewChange(
            leader: candidate, proof: votes.lock,
            signature: cryptography.sign(votes.lock.map(ViewChange.proofBytes) ?? ViewChange.nilBytes),
            viewIDSignature: cryptography.sign(ViewChange.viewIDBytes(newViewID)))
    }

    mutating func onViewChange(_ ballot: ViewChange, in message: Message) {
        guard let identity, ballot.leader == identity else { return }
        if let change, change.viewID > message.viewID { return drop(message, .lowViewID) }
        let way = configuration.version.ballots
        // A running view is not changed for itself or an earlier one. Until the fix nobody looked.
        if way == .byViewID, message.viewID <= viewID { return drop(message, .lowViewID) }
        let key = committee.keys[message.sender]
        let signed = ballot.proof.map(ViewChange.proofBytes) ?? ViewChange.nilBytes
        guard cryptography.verify(signed, ballot.signature, key),
            cryptography.verify(ViewChange.viewIDBytes(message.viewID), ballot.viewIDSignature, key)
        else { return drop(message, .badSignature) }
        if let proof = ballot.proof,
            !proof.isValid(after: head.block, configuration: configuration, cryptography: cryptography)
        {
            return drop(message, .badPreparedProof)
        }
        let own = ownBallot(for: message.viewID, identity)
        ballots.withBox(for: message.viewID, way) { box in
            if box.viewIDSigners[identity] == nil { _ = box.add(own, viewID: message.viewID, from: identity) }
        }
        if let reason = count(ballot, viewID: message.viewID, from: message.sender) { drop(message, reason) }
    }

    /// Counts a checked ballot and takes over when it makes a quorum.
    @discardableResult
    private mutating func count(_ ballot: ViewChange, viewID newViewID: ViewID, from sender: ValidatorIndex)
        -> ViewChangeDrop?
    {
        let (reason, box) = ballots.withBox(for: newViewID, configuration.version.ballots) { box in
            (box.add(ballot, viewID: newViewID, from: sender), box)
        }
        if let reason { return reason }
        log(
            .viewChangeCounted(
                number: number, viewID: newViewID, sender: sender, counted: box.viewIDSigners.count, ids: box.viewIDs))
        if box.viewIDSigners.count >= committee.quorum { takeOver(newViewID, box) }
        return nil
    }

    /// Leads view `newViewID`, which is the last received one, and shows the count to everybody.
    private mutating func takeOver(_ newViewID: ViewID, _ box: Ballots.Box) {
        guard let identity else { return }
        let proof = box.proof.flatMap { $0.block.number == number ? $0 : nil }
        let newView = NewView(
            proof: proof,
            nilAggregate: Aggregate(box.nilSigners, committeeSize: committee.count),
            viewIDAggregate: Aggregate(box.viewIDSigners.mapValues(\.signature), committeeSize: committee.count))
        enter(newViewID, leader: identity)
        round.adopted = proof
        log(.newViewSent(number: number, viewID: newViewID, ids: box.viewIDs))
        broadcastRepeatedly(signed(.newView(newView), viewID: newViewID), after: committedMessage.map { [$0] } ?? [])
        beginProposal()
    }

    mutating func onNewView(_ newView: NewView, in message: Message) {
        // A validator that asked for a view does not go back below it.
        if let change { guard message.viewID >= change.viewID else { return } }
        guard message.viewID > viewID else { return }
        if let reason = rejection(of: newView, viewID: message.viewID) {
            return log(
                .newViewRejected(
                    number: number, viewID: message.viewID, leader: message.sender, reason: reason))
        }
        enter(message.viewID, leader: message.sender)
        log(.newViewAccepted(number: number, viewID: message.viewID, leader: message.sender))
    }

    /// Checks a NEWVIEW's M3, M2 and M1, in this order (chains.md, Harmony).
    private func rejection(of newView: NewView, viewID: ViewID) -> NewViewRejection? {
        guard newView.viewIDAggregate.count >= committee.quorum else { return .tooFewSigners }
        let viewIDBytes = ViewChange.viewIDBytes(viewID)
        guard newView.viewIDAggregate.verify(viewIDBytes, committee: committee, cryptography: cryptography) else {
            return .badViewIDAggregate
        }
        guard newView.nilAggregate.verify(ViewChange.nilBytes, committee: committee, cryptography: cryptography) else {
            return .badNilAggregate
        }
        guard let proof = newView.proof else {
            return newView.viewIDAggregate.count > newView.nilAggregate.count ? .missingPreparedProof : nil
        }
        let isValid = proof.isValid(after: head.block, configuration: configuration, cryptography: cryptography)
        return isValid ? nil : .badPreparedProof
    }

    /// Begins a view that a NEWVIEW announced.
    private mutating func enter(_ newViewID: ViewID, leader newLeader: ValidatorIndex) {
        stopRepeating()
        viewID = newViewID
        leader = newLeader
        change = nil
        viewsAhead = 0
        ballots = Ballots()
        round = Round()
        for kind in [TimerKind.viewChange, .bootstrap, .blockInterval] { cancelTimer(kind) }
        setTimer(.phase, timing.phase)
    }

    mutating func drop(_ message: Message, _ reason: ViewChangeDrop) {
        log(.viewChangeDropped(number: number, viewID: message.viewID, sender: message.sender, reason: reason))
    }
}
