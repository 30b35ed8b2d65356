/// Signatures and hashes, supplied by whoever runs the engine. All three must be deterministic functions of their
/// inputs.
public struct Cryptography: Sendable {
    /// Signs bytes with this node's own key. Returns at most `Limits.signatureBytes`.
    public var sign: @Sendable (_ message: [UInt8]) -> [UInt8]
    /// Whether `signature` over `message` was made with `publicKey`'s private key. Must return false for malformed
    /// input.
    public var verify: @Sendable (_ message: [UInt8], _ signature: [UInt8], _ publicKey: [UInt8]) -> Bool
    /// A collision-resistant hash of at most `Limits.hashBytes` bytes.
    public var hash: @Sendable (_ bytes: [UInt8]) -> [UInt8]

    /// A port made of the three functions.
    public init(
        sign: @escaping @Sendable (_ message: [UInt8]) -> [UInt8],
        verify: @escaping @Sendable (_ message: [UInt8], _ signature: [UInt8], _ publicKey: [UInt8]) -> Bool,
        hash: @escaping @Sendable (_ bytes: [UInt8]) -> [UInt8]
    ) {
        self.sign = sign
        self.verify = verify
        self.hash = hash
    }
}

/// Many validators' signatures over one message, with a bitmap of who signed. It stands in for a BLS aggregate and is
/// checked signature by signature.
public struct Aggregate: Sendable, Hashable {
    /// One bit per committee member, least significant bit first; bit i is set when member i signed.
    public let bitmap: [UInt8]
    /// The signatures, in committee order, one per set bit.
    public let signatures: [[UInt8]]

    init(bitmap: [UInt8], signatures: [[UInt8]]) {
        self.bitmap = bitmap
        self.signatures = signatures
    }

    /// The aggregate of signatures by committee position.
    public init(_ votes: [ValidatorIndex: [UInt8]], committeeSize: Int) {
        var bitmap = [UInt8](repeating: 0, count: (committeeSize + 7) / 8)
        var signatures: [[UInt8]] = []
        for index in votes.keys.sorted() where index >= 0 && index < committeeSize {
            bitmap[index / 8] |= 1 << UInt8(index % 8)
            signatures.append(votes[index] ?? [])
        }
        self.init(bitmap: bitmap, signatures: signatures)
    }

    /// Positions whose bit is set, ascending.
    public var signers: [ValidatorIndex] {
        var result: [ValidatorIndex] = []
        for (byteIndex, byte) in bitmap.enumerated() where byte != 0 {
            for bit in 0..<8 where byte & (1 << UInt8(bit)) != 0 { result.append(byteIndex * 8 + bit) }
        }
        return result
    }

    /// Number of set bits.
    public var count: Int { bitmap.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Whether every claimed signer is a member and really signed `message`. Says nothing about the quorum.
    public func verify(_ message: [UInt8], committee: Committee, cryptography: Cryptography) -> Bool {
        let signers = signers
        guard signers.count == signatures.count, signers.allSatisfy({ $0 < committee.count }) else { return false }
        for (index, signature) in zip(signers, signatures)
        where !cryptography.verify(message, signature, committee.keys[index]) {
            return false
        }
        return true
    }
}
