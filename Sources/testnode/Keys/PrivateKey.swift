import CSecp256k1
import Crypto

/// A private key of a DPoS chain: a scalar of secp256k1.
struct PrivateKey: Hashable, Sendable {
    static let byteCount = 32
    private static let wifVersion: UInt8 = 0x80
    private static let checksumBytes = 4

    /// The scalar, most significant byte first. A secret: never log it.
    let bytes: [UInt8]

    /// The key that belongs to it.
    let publicKey: PublicKey

    /// nil unless the bytes are a scalar between 1 and the order of the curve.
    init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount, let point = Secp256k1.publicKey(of: bytes),
            let publicKey = PublicKey(bytes: point)
        else { return nil }
        self.bytes = bytes
        self.publicKey = publicKey
    }

    /// The test network's key called `name`: HKDF with SHA-256 (RFC 5869) over the seed, the name as info. Whoever
    /// reads the seed in the genesis file can sign for everybody.
    init(seed: String, name: String) {
        var attempt = 0
        while true {
            // Practically never repeated: one in 2^128 outputs is no scalar of the curve.
            let info = attempt == 0 ? name : "\(name)#\(attempt)"
            let derived = HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: Array(seed.utf8)),
                salt: Array("firedrill test network secp256k1 key".utf8), info: Array(info.utf8),
                outputByteCount: Self.byteCount)
            if let key = PrivateKey(bytes: derived.withUnsafeBytes { Array($0) }) {
                self = key
                return
            }
            attempt += 1
        }
    }

    /// Reads the wallet import format; nil when the alphabet, the length, the version, the checksum or the scalar is
    /// wrong.
    init?(wif text: String) {
        guard let decoded = Base58.decode(text), decoded.count == 1 + Self.byteCount + Self.checksumBytes,
            decoded[0] == Self.wifVersion
        else { return nil }
        let body = Array(decoded.dropLast(Self.checksumBytes))
        guard Array(decoded.suffix(Self.checksumBytes)) == Self.checksum(body) else { return nil }
        self.init(bytes: Array(body.dropFirst()))
    }

    /// The wallet import format: base 58 of 0x80, the scalar, and the first 4 bytes of the double SHA-256 of both.
    var wif: String {
        let body = [Self.wifVersion] + bytes
        return Base58.encode(body + Self.checksum(body))
    }

    /// A canonical signature over `digest`, the same each time (RFC 6979).
    ///
    /// - Parameter digest: 32 bytes.
    func sign(digest: [UInt8]) -> RecoverableSignature {
        precondition(digest.count == RecoverableSignature.digestBytes, "a digest has 32 bytes")
        var attempt: UInt64 = 0
        while true {
            let signature = Secp256k1.sign(digest: digest, scalar: bytes, attempt: attempt)
            if signature.isCanonical { return signature }
            // Every second signature is canonical: the nonce is made again with one more byte of input.
            attempt += 1
        }
    }

    private static func checksum(_ bytes: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: Array(SHA256.hash(data: bytes))).prefix(checksumBytes))
    }
}
