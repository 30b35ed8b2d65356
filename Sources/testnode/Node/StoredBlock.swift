import Consensus

/// A final block as the node keeps and reports it: the exact bytes that peers get, and copies of what queries ask for.
struct StoredBlock: Sendable, Equatable {
    var number: UInt64
    var hash: [UInt8]
    var parentHash: [UInt8]
    var viewID: UInt64
    var epoch: UInt64
    /// Seconds since 1970.
    var time: UInt64
    /// Position of the proposer in the committee; nil for the genesis block.
    var leader: Int?
    /// One bit per committee member that signed the commit, lowest bit first.
    var signerBitmap: [UInt8]
    /// `CommittedBlock.encoded`; empty for the genesis block, which every node makes itself.
    var encoded: [UInt8]

    /// Committee positions of the signers.
    var signers: [Int] {
        (0..<signerBitmap.count * 8).filter { signerBitmap[$0 / 8] >> ($0 % 8) & 1 == 1 }
    }
}

extension StoredBlock {
    init(genesis block: Block) {
        self.init(block, leader: nil, signerBitmap: [], encoded: [])
    }

    init(_ committed: CommittedBlock) {
        self.init(
            committed.block, leader: committed.block.leader, signerBitmap: committed.certificate.aggregate.bitmap,
            encoded: committed.encoded)
    }

    private init(_ block: Block, leader: Int?, signerBitmap: [UInt8], encoded: [UInt8]) {
        number = block.number
        hash = block.hash
        parentHash = block.parentHash.isEmpty ? [UInt8](repeating: 0, count: 32) : block.parentHash
        viewID = block.viewID
        epoch = block.epoch
        time = UInt64(max(0, block.timestamp)) / 1_000_000_000
        self.leader = leader
        self.signerBitmap = signerBitmap
        self.encoded = encoded
    }
}

/// What a block says about the one before: who signed its commit. The proposer puts it into the payload, so that all
/// nodes pay the same rewards, whichever certificate they saw themselves.
struct LastCommit: Equatable {
    private static let maximumBitmap = 32
    private static let signatureLength = 64

    var bitmap: [UInt8] = []
    /// The signatures, one after the other, in committee order.
    var signatures: [UInt8] = []

    init(_ certificate: Certificate?) {
        guard let aggregate = certificate?.aggregate else { return }
        bitmap = aggregate.bitmap
        signatures = Array(aggregate.signatures.joined())
    }

    /// Reads a payload; anything that is not a last commit counts as an empty one.
    init(payload: [UInt8]) {
        var reader = ByteReader(payload)
        guard let bitmap = try? reader.counted(limit: Self.maximumBitmap),
            let signatures = try? reader.counted(limit: Genesis.maximumCommittee * Self.signatureLength),
            reader.remaining == 0
        else { return }
        self.bitmap = bitmap
        self.signatures = signatures
    }

    var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.counted(bitmap)
        writer.counted(signatures)
        return writer.bytes
    }

    /// The reward of each signer: equal parts, the rest is not paid.
    func rewards(_ total: UInt128, committee: [Genesis.Validator]) -> [AccountAddress: UInt128] {
        let signers = committee.indices.filter { $0 / 8 < bitmap.count && bitmap[$0 / 8] >> ($0 % 8) & 1 == 1 }
        guard !signers.isEmpty, total > 0 else { return [:] }
        let share = total / UInt128(signers.count)
        return Dictionary(signers.map { (committee[$0].account, share) }, uniquingKeysWith: +)
    }
}
