import CSecp256k1

/// What stands in front of a public key's text, by chain.
enum KeyPrefix: String, Sendable {
    case steem = "STM"
    case eos = "EOS"
}

/// A public key of a DPoS chain: a point of secp256k1 in its compressed form, or the null key.
struct PublicKey: Hashable, Sendable {
    static let byteCount = 33
    private static let checksumBytes = 4

    /// 33 zero bytes: nobody's. A witness whose signing key it is produces no blocks.
    static let null = PublicKey(unchecked: [UInt8](repeating: 0, count: byteCount))

    /// The 33 bytes of the compressed point.
    let bytes: [UInt8]

    private init(unchecked bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// nil unless the bytes are a compressed point of the curve, or all zero.
    init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        guard bytes == Self.null.bytes || Secp256k1.isPoint(bytes) else { return nil }
        self.bytes = bytes
    }

    /// Reads the chain's text; nil when the prefix, the alphabet, the length, the checksum or the point is wrong.
    init?(_ text: String, prefix: KeyPrefix) {
        guard text.hasPrefix(prefix.rawValue), let decoded = Base58.decode(text.dropFirst(prefix.rawValue.count)),
            decoded.count == Self.byteCount + Self.checksumBytes
        else { return nil }
        let bytes = Array(decoded.prefix(Self.byteCount))
        guard Array(decoded.suffix(Self.checksumBytes)) == Self.checksum(bytes) else { return nil }
        self.init(bytes: bytes)
    }

    /// The chain's text: prefix, then base 58 of the key and the first 4 bytes of its RIPEMD-160.
    func text(_ prefix: KeyPrefix) -> String {
        prefix.rawValue + Base58.encode(bytes + Self.checksum(bytes))
    }

    /// Whether `signature` over `digest` (32 bytes) was made with this key's private key.
    func verifies(_ signature: RecoverableSignature, digest: [UInt8]) -> Bool {
        self != .null && signature.signer(digest: digest) == self
    }

    private static func checksum(_ bytes: [UInt8]) -> [UInt8] {
        Array(RIPEMD160.hash(bytes).prefix(checksumBytes))
    }
}
