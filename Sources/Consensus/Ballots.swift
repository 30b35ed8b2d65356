/// View-change messages counted by a prospective leader.
struct Ballots: Sendable {
    /// One count: by sender, who signed NIL (M2), who signed a prepared proof (M1), who signed which view id (M3).
    struct Box: Sendable {
        var nilSigners: [ValidatorIndex: [UInt8]] = [:]
        var proofSigners: [ValidatorIndex: [UInt8]] = [:]
        var viewIDSigners: [ValidatorIndex: (viewID: ViewID, signature: [UInt8])] = [:]
        /// The proof of the latest view among those received.
        var proof: PreparedProof?

        /// Distinct view ids among the counted signatures, ascending. More than one cannot make a valid aggregate.
        var viewIDs: [ViewID] { Set(viewIDSigners.values.map(\.viewID)).sorted() }

        /// Counts one message. Returns the reason when it is not counted.
        /// As documented, a second M1, M2 or M3 of the same sender is discarded, whatever its view id.
        mutating func add(_ change: ViewChange, viewID: ViewID, from sender: ValidatorIndex) -> ViewChangeDrop? {
            if let proof = change.proof {
                guard proofSigners[sender] == nil else { return .alreadyReceived }
                proofSigners[sender] = change.signature
                if self.proof.map({ $0.viewID < proof.viewID || $0.block.number < proof.block.number }) ?? true {
                    self.proof = proof
                }
            } else {
                guard nilSigners[sender] == nil else { return .alreadyReceived }
                nilSigners[sender] = change.signature
            }
            guard viewIDSigners[sender] == nil else { return .alreadyReceived }
            viewIDSigners[sender] = (viewID, change.viewIDSignature)
            return nil
        }
    }

    /// Most view ids kept at once; the lowest go first. Bounds what one node can make another remember.
    static let maximumViewIDs = 64

    /// The only box of versions that keep ballots by sender.
    private var single = Box()
    private var byViewID: [ViewID: Box] = [:]

    /// Changes the box that `viewID`'s messages go to.
    mutating func withBox<Result>(
        for viewID: ViewID, _ way: ProtocolVersion.ViewChangeBallots, _ body: (inout Box) -> Result
    ) -> Result {
        switch way {
        case .bySender: return body(&single)
        case .byViewID:
            let result = body(&byViewID[viewID, default: Box()])
            if byViewID.count > Self.maximumViewIDs, let lowest = byViewID.keys.min() { byViewID[lowest] = nil }
            return result
        }
    }

    /// Forgets ids that the node has left behind.
    mutating func dropViewIDs(below viewID: ViewID) { byViewID = byViewID.filter { $0.key >= viewID } }
}
