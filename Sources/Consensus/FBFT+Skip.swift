// After a restart view ids begin again at head + 1, but votes cast in later views still bind. Without help the shard
// would have to time out its way up to those views. So the leader of the first view after the head, told of such votes,
// skips beyond them. Safety does not depend on how a view came about, only on `VoteRecord`'s rules.

extension FBFT {
    /// Whether this node is still where it began after the head, so that nobody has a NEWVIEW for where it is.
    var maySkip: Bool { viewID == head.viewID + 1 || round.skippedFrom != nil }

    /// Leaves the round for one beyond `votedViewID`; returns the new view id.
    mutating func skip(beyond votedViewID: ViewID) -> ViewID {
        let origin = round.skippedFrom ?? viewID
        stopRepeating()
        round = Round()
        round.skippedFrom = origin
        return votedViewID + 1
    }

    /// Validator: the leader's announced view is below a vote of this node; say so.
    mutating func refuse() {
        guard let voted = votes.votedViewID, voted > viewID, maySkip else { return }
        perform(.send(signed(.refusal(votedViewID: voted), viewID: viewID), to: leader))
    }

    /// Leader: go beyond the vote that keeps a validator from following.
    mutating func onRefusal(_ votedViewID: ViewID, in message: Message) {
        guard leads, maySkip, message.viewID == viewID, round.proof == nil, votedViewID > viewID,
            votedViewID < ViewID.max - 1
        else { return }
        viewID = skip(beyond: votedViewID)
        beginProposal()
    }

    /// Validator: go along when the leader skipped from the view that this node is in.
    mutating func followSkip(from skippedFrom: ViewID?, in message: Message) {
        guard let skippedFrom, change == nil, message.sender == leader, maySkip, message.viewID > viewID,
            viewID == skippedFrom || round.skippedFrom == skippedFrom
        else { return }
        viewID = message.viewID
        round = Round()
        round.skippedFrom = skippedFrom
    }
}
