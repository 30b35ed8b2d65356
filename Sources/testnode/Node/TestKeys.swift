import Crypto

/// Keys of a test network: every key pair follows from the network's seed, which stands in the genesis file, so no
/// key has to be handed out. Whoever reads the genesis file can sign for everybody: never use these anywhere else.
enum TestKeys {
    /// The Ed25519 key pair of the node called `name`: HKDF with SHA-256 (RFC 5869) over the seed, the name as info.
    static func signingKey(seed: String, name: String) throws -> Curve25519.Signing.PrivateKey {
        let bytes = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(seed.utf8)), salt: Array("firedrill test network key".utf8),
            info: Array(name.utf8), outputByteCount: 32)
        return try Curve25519.Signing.PrivateKey(rawRepresentation: bytes.withUnsafeBytes { Array($0) })
    }

    /// The account that earns a validator's rewards: the last 20 bytes of its public key's SHA-256.
    static func account(of publicKey: [UInt8]) -> AccountAddress {
        let digest = Array(SHA256.hash(data: publicKey))
        guard let address = AccountAddress(bytes: Array(digest.suffix(AccountAddress.byteCount))) else {
            preconditionFailure("20 bytes make an address")
        }
        return address
    }
}
