import CSecp256k1

/// A signature from which the signer's public key follows, in the compact form of the DPoS chains: one byte 31...34
/// (27, plus 4 for a compressed key, plus the recovery id), then r and s of 32 bytes each.
struct RecoverableSignature: Hashable, Sendable {
    static let byteCount = 65
    static let digestBytes = 32
    private static let firstHeader: UInt8 = 31

    let bytes: [UInt8]

    /// nil unless there are 65 bytes with a recovery id. Says nothing about who signed, or whether anybody did.
    init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount, (Self.firstHeader...Self.firstHeader + 3).contains(bytes[0]) else {
            return nil
        }
        self.bytes = bytes
    }

    init(recoveryID: UInt8, compact: [UInt8]) {
        bytes = [Self.firstHeader + recoveryID & 3] + compact
    }

    /// 0...3.
    var recoveryID: UInt8 { bytes[0] - Self.firstHeader }

    /// Neither r nor s has its top bit set or a needless leading zero byte: the chains accept no other signature.
    var isCanonical: Bool {
        [1, 33].allSatisfy { start in
            bytes[start] & 0x80 == 0 && !(bytes[start] == 0 && bytes[start + 1] & 0x80 == 0)
        }
    }

    /// The public key whose private key made this signature over `digest`; nil when the signature is not canonical or
    /// no key fits.
    func signer(digest: [UInt8]) -> PublicKey? {
        guard isCanonical, digest.count == Self.digestBytes,
            let point = Secp256k1.recover(self, digest: digest)
        else { return nil }
        return PublicKey(bytes: point)
    }
}
