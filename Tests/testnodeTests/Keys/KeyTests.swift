import Crypto
import Testing

@testable import testnode

@Suite("Keys of the DPoS chains: text, signatures, recovery") struct KeyTests {
    /// Published development keys, and signatures that another library (Python's ecdsa, under a Steem client) made
    /// with them over SHA-256 of "firedrill".
    static let vectors = [
        Vector(
            wif: "5KQwrPbwdL6PhXujxW37FSSQZ1JiwsST4cqQzDeyXtP79zkvFD3",
            key: "6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV",
            point: "02c0ded2bc1f1305fb0faac5e6c03ee3a1924234985427b6167ca569d13df435cf",
            signature: "1f6c209d2238e31b209787ecc60cc3ecbfd22b69aad87f8f9db5248a771755107d"
                + "22829135f2b22c5567c61b70e4504cf2aa15642984ab19ce02bc806227a93330"),
        Vector(
            wif: "5JNHfZYKGaomSFvd4NUdQ9qMcEAC43kujbfjueTHpVapX1Kzq2n",
            key: "6LLegbAgLAy28EHrffBVuANFWcFgmqRMW13wBmTExqFE9SCkg4",
            point: "02be643d4c424ac7cf2f3cf51dd048773cbdcee30b111adb30d89c27668c501705",
            signature: "1f0541b3a47e1780ad85721589024bc9bffcd7062ac3728a77177cc44911c76897"
                + "689c7687da02f0ef83fb68cd65e1e602598f4507c3e02d25a7cc8a2cac7ade77"),
    ]
    static let digest = Array(SHA256.hash(data: Array("firedrill".utf8)))

    struct Vector: Sendable, CustomTestStringConvertible {
        let wif: String
        let key: String
        let point: String
        let signature: String
        var testDescription: String { key }
    }

    @Test("a wallet import key gives the published public key under both prefixes", arguments: vectors)
    func text(_ vector: Vector) throws {
        let key = try #require(PrivateKey(wif: vector.wif))
        #expect(key.wif == vector.wif)
        #expect(key.publicKey.bytes.hex == vector.point)
        #expect(key.publicKey.text(.steem) == "STM" + vector.key)
        #expect(key.publicKey.text(.eos) == "EOS" + vector.key)
        #expect(PublicKey("STM" + vector.key, prefix: .steem) == key.publicKey)
        #expect(PublicKey("EOS" + vector.key, prefix: .eos) == key.publicKey)
        #expect(PublicKey("EOS" + vector.key, prefix: .steem) == nil)
    }

    @Test("the signer of another library's signature is recovered, and of a changed one is not", arguments: vectors)
    func recover(_ vector: Vector) throws {
        let bytes = try #require([UInt8](hex: vector.signature))
        let signature = try #require(RecoverableSignature(bytes: bytes))
        let key = try #require(PublicKey("STM" + vector.key, prefix: .steem))
        #expect(signature.isCanonical)
        #expect(signature.signer(digest: Self.digest) == key)
        #expect(key.verifies(signature, digest: Self.digest))
        for index in [1, 40, 64] {
            var changed = bytes
            changed[index] ^= 1
            #expect(RecoverableSignature(bytes: changed)?.signer(digest: Self.digest) != key)
        }
        #expect(signature.signer(digest: [UInt8](repeating: 7, count: 32)) != key)
        #expect(signature.signer(digest: [1, 2]) == nil)
    }

    @Test("every signature is canonical, repeatable, and its signer is recovered")
    func sign() throws {
        for number in 0..<64 {
            let key = PrivateKey(seed: "seed", name: "witness-\(number)")
            let digest = Array(SHA256.hash(data: [UInt8(number)]))
            let signature = key.sign(digest: digest)
            #expect(signature.isCanonical)
            #expect(signature == key.sign(digest: digest))
            #expect(signature.signer(digest: digest) == key.publicKey)
            #expect(PrivateKey(wif: key.wif) == key)
        }
    }

    @Test("keys follow from seed and name alone")
    func derivation() {
        let key = PrivateKey(seed: "seed", name: "a")
        #expect(key == PrivateKey(seed: "seed", name: "a"))
        #expect(key != PrivateKey(seed: "seed", name: "b"))
        #expect(key != PrivateKey(seed: "other", name: "a"))
    }

    @Test("the null key has its known text and verifies nothing")
    func nullKey() throws {
        #expect(PublicKey.null.text(.steem) == "STM1111111111111111111111111111111114T1Anm")
        #expect(PublicKey("STM1111111111111111111111111111111114T1Anm", prefix: .steem) == .null)
        let signature = PrivateKey(seed: "seed", name: "a").sign(digest: Self.digest)
        #expect(!PublicKey.null.verifies(signature, digest: Self.digest))
    }

    @Test(
        "text that is no key is refused",
        arguments: [
            "", "STM", "STM6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CW",
            "STM6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5C", "STM0OIl",
            "6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV",
            "5KQwrPbwdL6PhXujxW37FSSQZ1JiwsST4cqQzDeyXtP79zkvFD4",
        ])
    func notAKey(_ text: String) {
        #expect(PublicKey(text, prefix: .steem) == nil)
        #expect(PrivateKey(wif: text) == nil)
    }

    @Test("overlong text is refused before it is decoded")
    func overlong() {
        #expect(Base58.decode(String(repeating: "z", count: 129)) == nil)
        #expect(PublicKey("STM" + String(repeating: "z", count: 100_000), prefix: .steem) == nil)
    }

    @Test("bytes that are no key and no signature are refused")
    func notBytes() {
        #expect(PrivateKey(bytes: [UInt8](repeating: 0, count: 32)) == nil)
        #expect(PrivateKey(bytes: [UInt8](repeating: 0xff, count: 32)) == nil)
        #expect(PrivateKey(bytes: [1]) == nil)
        #expect(PublicKey(bytes: [UInt8](repeating: 0xff, count: 33)) == nil)
        #expect(RecoverableSignature(bytes: [UInt8](repeating: 0, count: 65)) == nil)
        #expect(RecoverableSignature(bytes: [31]) == nil)
        var uncanonical = [UInt8](repeating: 1, count: 65)
        uncanonical[0] = 31
        uncanonical[1] = 0x80
        #expect(RecoverableSignature(bytes: uncanonical)?.isCanonical == false)
    }

    @Test(
        "RIPEMD-160 agrees with its authors' examples",
        arguments: [
            ("", "9c1185a5c5e9fc54612808977ee8f548b2258d31"), ("abc", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"),
            ("message digest", "5d0689ef49d2fae572b881b123a85ffa21595f36"),
            (
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
                "b0e20b6e3116640286ed3a87a5713079b21f5189"
            ),
            (String(repeating: "1234567890", count: 8), "9b752e45573d4b39f4dbd3323cab82bf63326bfb"),
        ])
    func ripemd(_ message: String, _ expected: String) {
        #expect(RIPEMD160.hash(Array(message.utf8)).hex == expected)
    }

    @Test("base 58 keeps leading zeros")
    func base58() {
        #expect(Base58.encode([0, 0, 1]) == "112")
        #expect(Base58.decode("112") == [0, 0, 1])
        #expect(Base58.decode("") == [])
        #expect(Base58.decode("0") == nil)
    }
}
