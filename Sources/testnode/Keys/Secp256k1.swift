import CSecp256k1

/// The few calls of libsecp256k1 that keys need, with bytes in and bytes out.
///
/// Every call makes a context of its own: since version 0.2 a context is small, and none has to be shared between
/// threads.
enum Secp256k1 {
    /// Whether the bytes are a compressed point of the curve.
    static func isPoint(_ bytes: [UInt8]) -> Bool {
        withContext { context in
            var key = secp256k1_pubkey()
            return secp256k1_ec_pubkey_parse(context, &key, bytes, bytes.count) == 1
        }
    }

    /// The compressed point of a private key; nil when the 32 bytes are no scalar of the curve.
    static func publicKey(of scalar: [UInt8]) -> [UInt8]? {
        withContext { context in
            var key = secp256k1_pubkey()
            guard secp256k1_ec_pubkey_create(context, &key, scalar) == 1 else { return nil }
            return serialize(&key, context)
        }
    }

    /// A signature over 32 bytes, not always canonical.
    ///
    /// - Parameter attempt: 0 for the nonce of RFC 6979, larger for others; the same attempt makes the same signature.
    static func sign(digest: [UInt8], scalar: [UInt8], attempt: UInt64) -> RecoverableSignature {
        withContext { context in
            var signature = secp256k1_ecdsa_recoverable_signature()
            let extra = attempt == 0 ? nil : withUnsafeBytes(of: attempt.littleEndian) { Array($0) }
            // The nonce function reads 32 bytes if it is given any.
            let padded = extra.map { $0 + [UInt8](repeating: 0, count: 32 - $0.count) }
            let signed = secp256k1_ecdsa_sign_recoverable(
                context, &signature, digest, scalar, secp256k1_nonce_function_rfc6979, padded)
            precondition(signed == 1, "a checked scalar signs")
            var compact = [UInt8](repeating: 0, count: 64)
            var recoveryID: Int32 = 0
            secp256k1_ecdsa_recoverable_signature_serialize_compact(context, &compact, &recoveryID, &signature)
            return RecoverableSignature(recoveryID: UInt8(truncatingIfNeeded: recoveryID), compact: compact)
        }
    }

    /// The compressed point of the key that signed; nil when there is none.
    static func recover(_ signature: RecoverableSignature, digest: [UInt8]) -> [UInt8]? {
        withContext { context in
            var parsed = secp256k1_ecdsa_recoverable_signature()
            var key = secp256k1_pubkey()
            let compact = Array(signature.bytes.dropFirst())
            guard
                secp256k1_ecdsa_recoverable_signature_parse_compact(
                    context, &parsed, compact, Int32(signature.recoveryID)) == 1,
                secp256k1_ecdsa_recover(context, &key, &parsed, digest) == 1
            else { return nil }
            return serialize(&key, context)
        }
    }

    private static func serialize(_ key: inout secp256k1_pubkey, _ context: OpaquePointer) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: PublicKey.byteCount)
        var count = bytes.count
        secp256k1_ec_pubkey_serialize(context, &bytes, &count, &key, UInt32(SECP256K1_EC_COMPRESSED))
        return bytes
    }

    private static func withContext<Result>(_ body: (OpaquePointer) -> Result) -> Result {
        guard let context = secp256k1_context_create(UInt32(SECP256K1_CONTEXT_NONE)) else {
            preconditionFailure("libsecp256k1 ends the process itself when memory is short")
        }
        defer { secp256k1_context_destroy(context) }
        return body(context)
    }
}
