import Crypto
import Testing

@testable import Consensus

@Suite("Real signatures")
struct Ed25519Tests {
    @Test("Validators with Ed25519 keys and SHA-256 agree, and replace a dead leader")
    func ed25519() throws {
        let seeds = (0..<4).map { index in [UInt8](repeating: UInt8(index + 1), count: 32) }
        let keys = try seeds.map { seed in
            [UInt8](try Curve25519.Signing.PrivateKey(rawRepresentation: seed).publicKey.rawRepresentation)
        }
        var shard = try Simulation(validators: 4, keys: keys) { index in
            let signer = try? Curve25519.Signing.PrivateKey(rawRepresentation: seeds[index % 4])
            return Cryptography(
                sign: { message in signer.flatMap { try? [UInt8]($0.signature(for: message)) } ?? [] },
                verify: { message, signature, key in
                    guard let publicKey = try? Curve25519.Signing.PublicKey(rawRepresentation: key) else {
                        return false
                    }
                    return publicKey.isValidSignature(signature, for: message)
                },
                hash: { [UInt8](SHA256.hash(data: $0)) })
        }
        shard.usesWire = true
        shard.startAll()
        shard.run(for: .seconds(4))
        #expect(shard.topHeight >= 3)
        shard.crash(0)
        let height = shard.topHeight
        shard.run(for: .seconds(8))
        #expect(shard.topHeight > height)
    }
}
