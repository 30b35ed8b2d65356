/// One message of the protocol. Every message names its shard, block, view and sender, and is signed as a whole.
public struct Message: Sendable, Hashable {
    /// Shard number.
    public let shard: UInt32
    /// The block it is about.
    public let number: BlockNumber
    /// The view it belongs to; for VIEWCHANGE and NEWVIEW the new one.
    public let viewID: ViewID
    /// Who made it.
    public let sender: ValidatorIndex
    /// The rest, by type.
    public let body: Body

    /// The types.
    public enum Body: Sendable, Hashable {
        /// Leader: vote for this block. `justification` shows that a quorum once prepared it, when it is proposed
        /// again. `skippedFrom` is the view the leader left by itself because validators had already voted in later
        /// ones.
        case announce(Block, justification: Certificate?, skippedFrom: ViewID?)
        /// Validator: I vote to prepare.
        case prepare(blockHash: [UInt8], signature: [UInt8])
        /// Leader: a quorum prepared it.
        case prepared(PreparedProof)
        /// Validator: I vote to commit.
        case commit(blockHash: [UInt8], signature: [UInt8])
        /// Leader: it is final.
        case committed(CommittedBlock)
        /// Validator: I want a new view.
        case viewChange(ViewChange)
        /// Candidate: a quorum wants this view.
        case newView(NewView)
        /// Validator: I cannot vote in this view, because before a restart I voted in view `votedViewID`.
        case refusal(votedViewID: ViewID)
    }

    /// Wire number and name of a type (chains.md, Harmony); the refusal is this engine's own.
    public enum Kind: UInt8, Sendable, Hashable, CaseIterable {
        case announce = 1
        case prepare = 2
        case prepared = 3
        case commit = 4
        case committed = 5
        case viewChange = 6
        case newView = 7
        case refusal = 8
    }

    /// The type of `body`.
    public var kind: Kind {
        switch body {
        case .announce: .announce
        case .prepare: .prepare
        case .prepared: .prepared
        case .commit: .commit
        case .committed: .committed
        case .viewChange: .viewChange
        case .newView: .newView
        case .refusal: .refusal
        }
    }
}

/// A block with the proof that a quorum prepared it: Harmony's M1 payload (block hash, prepared aggregate, bitmap),
/// with the block itself so that a candidate who missed it can propose it again.
public struct PreparedProof: Sendable, Hashable {
    /// The block.
    public let block: Block
    /// A prepare certificate for it.
    public let certificate: Certificate

    /// The view in which the quorum prepared it.
    public var viewID: ViewID { certificate.statement.viewID }

    /// Whether a quorum really prepared this block, and the block may follow `parent`.
    func isValid(after parent: Block, configuration: Configuration, cryptography: Cryptography) -> Bool {
        let statement = certificate.statement
        return block.follows(parent, configuration: configuration, cryptography: cryptography)
            && statement.round == .prepare && statement.shard == block.shard && statement.number == block.number
            && statement.blockHash == block.hash && statement.viewID >= block.viewID
            && certificate.isValid(committee: configuration.committee, cryptography: cryptography)
    }
}

/// Contents of a VIEWCHANGE.
public struct ViewChange: Sendable, Hashable {
    /// The candidate it is meant for.
    public let leader: ValidatorIndex
    /// M1: what the sender saw prepared, or nil.
    public let proof: PreparedProof?
    /// Signature on M1, or M2 (on NIL) without a proof.
    public let signature: [UInt8]
    /// M3: signature on the view id.
    public let viewIDSignature: [UInt8]

    /// M2's text: the single byte 1 (chains.md, Harmony).
    static let nilBytes: [UInt8] = [1]

    /// M3's text: the view id as eight bytes, little endian (chains.md, Harmony).
    static func viewIDBytes(_ viewID: ViewID) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(viewID)
        return writer.bytes
    }

    /// M1's text: block hash, then the prepared certificate with its bitmap.
    static func proofBytes(_ proof: PreparedProof) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(string: proof.block.hash)
        proof.certificate.encode(into: &writer)
        return writer.bytes
    }
}

/// Contents of a NEWVIEW.
public struct NewView: Sendable, Hashable {
    /// M1: what the new leader will propose again, or nil.
    public let proof: PreparedProof?
    /// M2 signatures of those who saw nothing prepared.
    public let nilAggregate: Aggregate
    /// M3 signatures of everybody counted.
    public let viewIDAggregate: Aggregate
}

/// A message with its sender's signature: what travels.
public struct SignedMessage: Sendable, Hashable {
    /// The message. Nothing about it is verified yet.
    public let message: Message
    /// The bytes that were signed.
    let messageBytes: [UInt8]
    /// The sender's signature over them.
    let signature: [UInt8]

    init(_ message: Message, cryptography: Cryptography) {
        self.message = message
        messageBytes = message.encoded
        signature = cryptography.sign(messageBytes)
    }

    /// The message and its signature as bytes, at most `Limits.encodedBytes`.
    public var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.write(string: signature)
        return writer.bytes + messageBytes
    }

    /// Reads `encoded` back; the signature is checked later, by the engine.
    /// - Throws: `DecodingError` for anything else, of any length.
    public init(decoding bytes: [UInt8]) throws(DecodingError) {
        var reader = try ByteReader(bytes)
        signature = try reader.string(limit: Limits.signatureBytes)
        messageBytes = Array(bytes[reader.offset...])
        message = try Message(from: &reader)
        try reader.finish()
    }

    /// Whether the named sender is a member and signed this.
    func isAuthentic(committee: Committee, cryptography: Cryptography) -> Bool {
        message.sender < committee.count
            && cryptography.verify(messageBytes, signature, committee.keys[message.sender])
    }
}
