/// What a validator must remember across a restart so that it never votes against itself. It belongs to one block
/// number.
///
/// The three rules that keep a shard from forking, whatever the order or loss of messages:
/// 1. Votes go up: never a vote in a view below one already voted in.
/// 2. One PREPARE per view: never for two blocks.
/// 3. The lock: after a COMMIT vote, a PREPARE for another block only with proof that a quorum prepared that block in a
///    later view than the lock's.
/// Two quorums share a validator, so once a quorum has voted COMMIT for a block in view u, no other block can be
/// prepared in a view after u, and none can be committed.
public struct VoteRecord: Sendable, Hashable {
    /// The block number the votes are about.
    public let number: BlockNumber
    /// View of the latest vote of either round, if any.
    private(set) var votedViewID: ViewID?
    /// View and block of the latest PREPARE vote.
    private(set) var prepared: (viewID: ViewID, blockHash: [UInt8])?
    /// What the latest COMMIT vote was for.
    private(set) var lock: PreparedProof?
    /// The block this validator proposed, kept so that a restarted leader proposes the same one.
    var proposal: Block?

    init(number: BlockNumber) { self.number = number }

    /// Whether a PREPARE for `blockHash` in `viewID` keeps the rules. `justification` is a checked prepare certificate
    /// for it.
    func mayPrepare(_ blockHash: [UInt8], viewID: ViewID, justifiedBy justification: ViewID?) -> Bool {
        if let votedViewID, viewID < votedViewID { return false }
        if let prepared, prepared.viewID == viewID, prepared.blockHash != blockHash { return false }
        guard let lock, lock.block.hash != blockHash else { return true }
        guard let justification else { return false }
        return justification > lock.viewID && justification < viewID
    }

    /// Whether a COMMIT on the checked certificate in `proof` keeps the rules.
    func mayCommit(_ proof: PreparedProof) -> Bool {
        if let votedViewID, proof.viewID < votedViewID { return false }
        guard let lock, lock.block.hash != proof.block.hash else { return true }
        return proof.viewID > lock.viewID
    }

    mutating func recordPrepare(_ blockHash: [UInt8], viewID: ViewID) {
        prepared = (viewID, blockHash)
        votedViewID = viewID
    }

    mutating func recordCommit(_ proof: PreparedProof) {
        lock = proof
        votedViewID = proof.viewID
    }

    /// Whether both say the same.
    public static func == (left: Self, right: Self) -> Bool { left.encoded == right.encoded }

    /// Hashes what `==` compares.
    public func hash(into hasher: inout Hasher) { hasher.combine(encoded) }

    /// The record as bytes, for disk.
    public var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.write(number)
        writer.write(optional: votedViewID) { $1.write($0) }
        writer.write(optional: prepared) {
            $1.write($0.viewID)
            $1.write(string: $0.blockHash)
        }
        writer.write(optional: lock) { $0.encode(into: &$1) }
        writer.write(optional: proposal) { $0.encode(into: &$1) }
        return writer.bytes
    }

    /// Reads `encoded` back.
    /// - Throws: `DecodingError` for anything else, of any length.
    public init(decoding bytes: [UInt8]) throws(DecodingError) {
        var reader = try ByteReader(bytes)
        number = try reader.integer()
        votedViewID = try reader.optionalViewID()
        prepared = try reader.optional { (reader: inout ByteReader) throws(DecodingError) in
            (viewID: try reader.integer(UInt64.self), blockHash: try reader.string(limit: Limits.hashBytes))
        }
        lock = try reader.optionalProof()
        proposal = try reader.optionalBlock()
        try reader.finish()
    }
}
