/// One node's FBFT engine: inputs in, effects out. It has no clock, no randomness and does no I/O, so that the same inputs always
/// give the same effects.
public struct FBFT: Sendable {
    let configuration: Configuration
    let cryptography: Cryptography
    /// This node's committee position; nil on an explorer, which follows and never votes.
    public let identity: ValidatorIndex?
    /// The last final block.
    public internal(set) var head: Head

    var viewID: ViewID
    var viewChangingID: ViewID
    var leader: ValidatorIndex
    var changingView = false
    var phase = Phase.announce
    /// Votes cast for the current block.
    var votes: VoteRecord

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
        viewChangingID = head.viewID + 1
        leader = configuration.isLastOfEpoch(head.block.number) ? 0 : head.leader
    }

    /// Takes one input and says what is to be done, in order.
    public mutating func handle(_ input: Input) -> [Effect] { [] }

    /// What an RPC server shows.
    public var status: Status {
        let number = head.block.number + 1
        return Status(
            mode: identity == nil ? .listening : changingView ? .viewChanging : .normal, phase: phase, viewID: viewID,
            viewChangingID: changingView ? viewChangingID : viewID, blockNumber: number,
            epoch: configuration.epoch(of: number), leader: leader, leaderKey: configuration.committee.keys[leader],
            isLeader: identity == leader)
    }
}
