import Consensus
import Crypto

/// Makes the past of a test network's shard: blocks that its whole committee signed, as if it had run for long.
///
/// Every test key derives from the genesis file's seed, so one program can sign for all. What it makes is checked by
/// nodes like any other chain.
struct ChainHistory {
    /// Time between two blocks of the past, nanoseconds.
    static let blockInterval: Int64 = 1_000_000_000
    /// Blocks stored in one transaction.
    private static let batch = 200

    private let setup: NodeSetup
    private let ports: [Cryptography]
    private var head: Head

    /// - Parameter setup: A node of the shard; the blocks go into its database, after the head found there.
    init(_ setup: NodeSetup) throws {
        self.setup = setup
        ports = try setup.committee.map { member in
            .ed25519(try TestKeys.signingKey(seed: setup.genesis.seed, name: member.name))
        }
        head = setup.head
    }

    /// Adds `count` blocks; returns the number of the last one.
    mutating func extend(by count: Int) throws(StoreError) -> BlockNumber {
        var left = count
        while left > 0 {
            let blocks = (0..<min(left, Self.batch)).map { _ in next() }
            try setup.store.append(blocks.map { setup.stored($0) })
            left -= blocks.count
        }
        return head.block.number
    }

    private mutating func next() -> CommittedBlock {
        let parent = head.block
        let number = parent.number + 1
        let viewID = parent.viewID + 1
        let leader = 0
        let block = Block(
            shard: setup.consensus.shard, number: number, epoch: setup.consensus.epoch(of: number), viewID: viewID,
            leader: leader, timestamp: parent.timestamp + Self.blockInterval, parentHash: parent.hash,
            payload: LastCommit(head.certificate).encoded, cryptography: setup.cryptography)
        let statement = VoteStatement(
            round: .commit, shard: block.shard, number: number, viewID: viewID, leader: leader, blockHash: block.hash)
        let bytes = statement.signedBytes
        let votes = Dictionary(uniqueKeysWithValues: ports.indices.map { ($0, ports[$0].sign(bytes)) })
        let aggregate = Aggregate(votes, committeeSize: ports.count)
        let committed = CommittedBlock(
            block: block, certificate: Certificate(statement: statement, aggregate: aggregate))
        head = Head(committed)
        return committed
    }
}
