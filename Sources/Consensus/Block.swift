/// One block of a shard's chain.
public struct Block: Sendable, Hashable {
    /// Shard number.
    public let shard: UInt32
    /// Height; genesis is 0.
    public let number: BlockNumber
    /// Epoch of `number`.
    public let epoch: UInt64
    /// The view in which the block was first proposed.
    public let viewID: ViewID
    /// Committee position of the validator that first proposed it.
    public let leader: ValidatorIndex
    /// Unix time in nanoseconds, by the proposer's clock; never before the parent's.
    public let timestamp: Int64
    /// Hash of the block before.
    public let parentHash: [UInt8]
    /// Opaque contents, at most `Limits.payloadBytes`.
    public let payload: [UInt8]
    /// Hash over all the above.
    public let hash: [UInt8]

    /// A block whose hash is computed with `cryptography`.
    public init(
        shard: UInt32, number: BlockNumber, epoch: UInt64, viewID: ViewID, leader: ValidatorIndex, timestamp: Int64,
        parentHash: [UInt8], payload: [UInt8], cryptography: Cryptography
    ) {
        let unhashed = Block(
            shard: shard, number: number, epoch: epoch, viewID: viewID, leader: leader, timestamp: timestamp,
            parentHash: parentHash, payload: payload, hash: [])
        self.init(
            shard: shard, number: number, epoch: epoch, viewID: viewID, leader: leader, timestamp: timestamp,
            parentHash: parentHash, payload: payload, hash: cryptography.hash(unhashed.hashedBytes))
    }

    init(
        shard: UInt32, number: BlockNumber, epoch: UInt64, viewID: ViewID, leader: ValidatorIndex, timestamp: Int64,
        parentHash: [UInt8], payload: [UInt8], hash: [UInt8]
    ) {
        self.shard = shard
        self.number = number
        self.epoch = epoch
        self.viewID = viewID
        self.leader = leader
        self.timestamp = timestamp
        self.parentHash = parentHash
        self.payload = payload
        self.hash = hash
    }

    /// The first block of a shard. The same arguments give the same block on every node.
    public static func genesis(shard: UInt32, timestamp: Int64, payload: [UInt8], cryptography: Cryptography) -> Block {
        Block(
            shard: shard, number: 0, epoch: 0, viewID: 0, leader: 0, timestamp: timestamp, parentHash: [],
            payload: payload, cryptography: cryptography)
    }

    /// Whether `hash` really is the hash of the contents.
    public func isIntact(_ cryptography: Cryptography) -> Bool { cryptography.hash(hashedBytes) == hash }

    private var hashedBytes: [UInt8] {
        var writer = ByteWriter()
        encodeContents(into: &writer)
        return writer.bytes
    }
}

/// Proof that a quorum voted for a block in one phase of one view. It can be checked with nothing but the committee.
public struct Certificate: Sendable, Hashable {
    /// What was voted for.
    public let statement: VoteStatement
    /// Who voted.
    public let aggregate: Aggregate

    /// A certificate; check it with `isValid`.
    public init(statement: VoteStatement, aggregate: Aggregate) {
        self.statement = statement
        self.aggregate = aggregate
    }

    /// Whether at least a quorum signed, and every signature is good.
    public func isValid(committee: Committee, cryptography: Cryptography) -> Bool {
        aggregate.count >= committee.quorum
            && aggregate.verify(statement.signedBytes, committee: committee, cryptography: cryptography)
    }
}

/// What a validator signs in PREPARE and COMMIT. Binding the view and the leader keeps votes of different views apart.
public struct VoteStatement: Sendable, Hashable {
    /// The two rounds of votes.
    public enum Round: UInt8, Sendable, Hashable {
        case prepare = 2
        case commit = 4
    }

    /// Which round.
    public let round: Round
    /// Shard number.
    public let shard: UInt32
    /// Height of the block.
    public let number: BlockNumber
    /// View in which the vote is cast; may be later than the block's own.
    public let viewID: ViewID
    /// Leader of that view.
    public let leader: ValidatorIndex
    /// Hash of the block.
    public let blockHash: [UInt8]

    /// A statement.
    public init(
        round: Round, shard: UInt32, number: BlockNumber, viewID: ViewID, leader: ValidatorIndex, blockHash: [UInt8]
    ) {
        self.round = round
        self.shard = shard
        self.number = number
        self.viewID = viewID
        self.leader = leader
        self.blockHash = blockHash
    }

    /// The bytes that are signed.
    public var signedBytes: [UInt8] {
        var writer = ByteWriter()
        encode(into: &writer)
        return writer.bytes
    }
}

/// A final block with the proof that it is final.
public struct CommittedBlock: Sendable, Hashable {
    /// The block.
    public let block: Block
    /// A commit certificate for it.
    public let certificate: Certificate

    /// A block and its certificate; check the pair with `isValid`.
    public init(block: Block, certificate: Certificate) {
        self.block = block
        self.certificate = certificate
    }

    /// Whether this is a final block that may follow `parent`: right number, parent, epoch and shard, intact hash, and
    /// a commit certificate by a quorum. Syncing nodes check every block with this.
    public func isValid(after parent: Block, configuration: Configuration, cryptography: Cryptography) -> Bool {
        let statement = certificate.statement
        return block.follows(parent, configuration: configuration, cryptography: cryptography)
            && statement.round == .commit && statement.shard == block.shard && statement.number == block.number
            && statement.blockHash == block.hash && statement.viewID >= block.viewID
            && statement.leader < configuration.committee.count
            && certificate.isValid(committee: configuration.committee, cryptography: cryptography)
    }
}

extension Block {
    /// Whether this block may follow `parent`, apart from any votes.
    func follows(_ parent: Block, configuration: Configuration, cryptography: Cryptography) -> Bool {
        shard == configuration.shard && number == parent.number + 1 && parentHash == parent.hash
            && epoch == configuration.epoch(of: number) && timestamp >= parent.timestamp
            && leader < configuration.committee.count && payload.count <= Limits.payloadBytes
            && isIntact(cryptography)
    }
}

/// The last block a node has: genesis, or a committed block with its certificate.
public struct Head: Sendable, Hashable {
    /// The block.
    public let block: Block
    /// Its certificate; nil only for genesis.
    public let certificate: Certificate?

    /// The head of an empty chain.
    public init(genesis: Block) {
        block = genesis
        certificate = nil
    }

    /// The head of a chain that ends with `committed`.
    public init(_ committed: CommittedBlock) {
        block = committed.block
        certificate = committed.certificate
    }

    /// The view in which the block became final.
    var viewID: ViewID { certificate?.statement.viewID ?? block.viewID }
    /// The leader of that view.
    var leader: ValidatorIndex { certificate?.statement.leader ?? block.leader }
}
