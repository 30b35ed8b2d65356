// One block in one view: ANNOUNCE, PREPARE, PREPARED, COMMIT, COMMITTED.

extension FBFT {
    /// What this node signs to vote for a block in the current view.
    func statement(_ round: VoteStatement.Round, _ blockHash: [UInt8]) -> VoteStatement {
        VoteStatement(
            round: round, shard: configuration.shard, number: number, viewID: viewID, leader: leader,
            blockHash: blockHash)
    }

    /// Leader: propose again what must be proposed again, else ask for a payload.
    mutating func beginProposal() {
        guard leads, round.proposal == nil else { return }
        if let voted = votes.votedViewID, voted > viewID, maySkip { viewID = skip(beyond: voted) }
        let candidates = [votes.lock, round.adopted].compactMap { $0 }
        if let proof = candidates.max(by: { $0.viewID < $1.viewID }) {
            // Below the view of its own lock this node waits for a later view.
            guard proof.viewID <= viewID else { return }
            announce(proof.block, justification: proof.certificate)
        } else if let earlier = votes.proposal, earlier.viewID == viewID {
            announce(earlier, justification: nil)
        } else {
            round.waitsForPayload = true
            perform(.requestProposal(number: number))
        }
    }

    mutating func propose(payload: [UInt8], timestamp: Int64) {
        guard leads, round.waitsForPayload, let identity, payload.count <= Limits.payloadBytes else { return }
        round.waitsForPayload = false
        let parent = head.block
        let block = Block(
            shard: configuration.shard, number: number, epoch: configuration.epoch(of: number), viewID: viewID,
            leader: identity, timestamp: max(timestamp, parent.timestamp), parentHash: parent.hash, payload: payload,
            cryptography: cryptography)
        votes.proposal = block
        perform(.persist(votes))
        announce(block, justification: nil)
    }

    private mutating func announce(_ block: Block, justification: Certificate?) {
        round.proposal = block
        round.justification = justification
        round.phase = .prepare
        let message = signed(
            .announce(block, justification: justification, skippedFrom: round.skippedFrom), viewID: viewID)
        let newView = round.repeated.filter { $0.message.kind == .newView }
        broadcastRepeatedly(message, after: lastCommitted + newView)
        tryPrepared()
    }

    /// The head as a message, for those who missed it; empty after genesis.
    private var lastCommitted: [SignedMessage] { committedMessage.map { [$0] } ?? [] }

    mutating func onAnnounce(_ block: Block, justification: Certificate?, in message: Message) {
        guard follows(message), block.follows(head.block, configuration: configuration, cryptography: cryptography)
        else { return }
        if block.viewID != viewID || block.leader != leader {
            // Not this view's own block, so a quorum must have prepared it before.
            guard let justification, block.viewID < viewID, justification.statement.viewID <= viewID,
                PreparedProof(block: block, certificate: justification)
                    .isValid(after: head.block, configuration: configuration, cryptography: cryptography)
            else { return }
        } else if justification != nil {
            guard justification?.statement.viewID == viewID else { return }
        }
        guard votes.mayPrepare(block.hash, viewID: viewID, justifiedBy: justification?.statement.viewID) else {
            return refuse()
        }
        stopRepeating()
        if round.phase == .announce { round.phase = .prepare }
        votes.recordPrepare(block.hash, viewID: viewID)
        perform(.persist(votes))
        let signature = cryptography.sign(statement(.prepare, block.hash).signedBytes)
        perform(.send(signed(.prepare(blockHash: block.hash, signature: signature), viewID: viewID), to: leader))
    }

    /// Whether a message is the current leader's, in the current view, and this node follows it.
    private func follows(_ message: Message) -> Bool {
        change == nil && message.viewID == viewID && message.sender == leader
    }

    /// Whether a vote in a message is for this leader's round.
    private func accepts(
        _ round: VoteStatement.Round, _ blockHash: [UInt8], _ signature: [UInt8], in message: Message
    ) -> Bool {
        leads && message.viewID == viewID && blockHash == self.round.proposal?.hash
            && cryptography.verify(statement(round, blockHash).signedBytes, signature, committee.keys[message.sender])
    }

    mutating func onPrepare(_ blockHash: [UInt8], signature: [UInt8], in message: Message) {
        guard round.proof == nil, round.prepares[message.sender] == nil,
            accepts(.prepare, blockHash, signature, in: message)
        else { return }
        round.prepares[message.sender] = signature
        tryPrepared()
    }

    /// Leader: with the last vote of a quorum, which is its own, publish the proof. The leader votes last so that a
    /// leader whom nobody followed has not voted at all.
    private mutating func tryPrepared() {
        guard round.proof == nil, let block = round.proposal, let identity else { return }
        let mayVote = votes.mayPrepare(
            block.hash, viewID: viewID, justifiedBy: round.justification?.statement.viewID)
        guard round.prepares.count + (mayVote ? 1 : 0) >= committee.quorum else { return }
        let statement = statement(.prepare, block.hash)
        if mayVote {
            votes.recordPrepare(block.hash, viewID: viewID)
            round.prepares[identity] = cryptography.sign(statement.signedBytes)
        }
        let proof = PreparedProof(
            block: block,
            certificate: Certificate(
                statement: statement, aggregate: Aggregate(round.prepares, committeeSize: committee.count)))
        round.proof = proof
        round.phase = .commit
        if votes.mayCommit(proof) {
            votes.recordCommit(proof)
            round.commits[identity] = cryptography.sign(self.statement(.commit, block.hash).signedBytes)
        }
        perform(.persist(votes))
        let newView = round.repeated.filter { $0.message.kind == .newView }
        broadcastRepeatedly(signed(.prepared(proof), viewID: viewID), after: lastCommitted + newView)
        tryCommitted()
    }

    mutating func onPrepared(_ proof: PreparedProof, in message: Message) {
        guard follows(message), proof.viewID == viewID, proof.certificate.statement.leader == leader,
            proof.isValid(after: head.block, configuration: configuration, cryptography: cryptography),
            votes.mayCommit(proof)
        else { return }
        stopRepeating()
        round.phase = .commit
        votes.recordCommit(proof)
        perform(.persist(votes))
        let signature = cryptography.sign(statement(.commit, proof.block.hash).signedBytes)
        let vote = signed(.commit(blockHash: proof.block.hash, signature: signature), viewID: viewID)
        perform(.send(vote, to: leader))
    }

    mutating func onCommit(_ blockHash: [UInt8], signature: [UInt8], in message: Message) {
        guard round.proof != nil, round.commits[message.sender] == nil,
            accepts(.commit, blockHash, signature, in: message)
        else { return }
        round.commits[message.sender] = signature
        tryCommitted()
    }

    /// The wait for more votes is over; of an earlier round, or of a leader that is about to leave its view, it is no news.
    mutating func graceEnded() {
        guard round.grace == .running, leads else { return }
        round.grace = .over
        tryCommitted()
    }

    /// Leader: whether more commit votes are waited for.
    private mutating func waitsForMoreVotes() -> Bool {
        guard timing.commitGrace > .zero, round.grace != .over, round.commits.count < committee.count else {
            cancelTimer(.grace)
            return false
        }
        if round.grace == .unused {
            round.grace = .running
            setTimer(.grace, timing.commitGrace)
        }
        return true
    }

    private mutating func tryCommitted() {
        guard let proof = round.proof, round.commits.count >= committee.quorum, !waitsForMoreVotes() else { return }
        let certificate = Certificate(
            statement: statement(.commit, proof.block.hash),
            aggregate: Aggregate(round.commits, committeeSize: committee.count))
        let committed = CommittedBlock(block: proof.block, certificate: certificate)
        perform(.commit(committed))
        log(
            .hooray(
                number: proof.block.number, viewID: viewID, hash: proof.block.hash, signers: certificate.aggregate.count
            ))
        advance(to: Head(committed))
        if let message = committedMessage { broadcastRepeatedly(message, after: []) }
    }
}
