import Testing

@testable import testnode

@Suite("Steem: the operators' wallet") struct WalletTests {
    private static let config = JSON.make(["STEEM_CHAIN_ID": .string(String(repeating: "ab", count: 32))])
    private static let properties = JSON.make([
        "head_block_id": .string("00011234214365870000000000000000000000ff"), "time": .string("2018-07-28T13:50:07"),
    ])

    private func request(
        config: JSON = config, properties: JSON = properties, newKey: String = PublicKey.null.text(.steem)
    ) throws -> JSON {
        try WalletProgram.request(
            owner: "lighthouse", url: "https://lighthouse.example", signingKey: newKey,
            key: PrivateKey(seed: "seed", name: "lighthouse-active"), config: config, properties: properties)
    }

    @Test("a signed update refers to the head block, expires a minute later and is signed with the key given")
    func update() throws {
        let request = try request()
        #expect(request["method"] == .string("condenser_api.broadcast_transaction_synchronous"))
        let (transaction, signatures) = try SteemTransaction.read(try #require(request["params"]?.items?.first))
        #expect(transaction.referenceNumber == 0x1234)
        #expect(transaction.referencePrefix == 0x8765_4321)
        #expect(SteemTime.text(UInt64(transaction.expiration)) == "2018-07-28T13:51:07")
        #expect(transaction.update.signingKey == .null)
        let digest = transaction.digest(chainID: [UInt8](repeating: 0xab, count: 32))
        #expect(
            signatures.map { $0.signer(digest: digest) } == [
                PrivateKey(seed: "seed", name: "lighthouse-active").publicKey
            ])
    }

    @Test("answers without what is needed are refused")
    func incomplete() {
        #expect(throws: WalletFailure.self) { _ = try request(config: .make([:])) }
        #expect(throws: WalletFailure.self) {
            _ = try request(properties: .make(["time": .string("2018-07-28T13:50:07")]))
        }
        #expect(throws: WalletFailure.self) { _ = try request(newKey: "EOS1111111111111111111111111111111114T1Anm") }
    }

    @Test("as a program: the key comes on standard input and appears nowhere; wrong use is told apart from wrong input")
    func program() async throws {
        let key = PrivateKey(seed: "seed", name: "a")
        let wallet = try RunningProgram.binary()
        let give = "printf '%s\\n' \"$KEY\" | \"$WALLET\" cli_wallet public_key"
        let shown = try await Command.run("sh", ["-c", give], environment: ["KEY": key.wif, "WALLET": wallet])
        #expect(shown.status == 0)
        #expect(shown.text == key.publicKey.text(.steem) + "\n")
        let wrong = try await Command.run("sh", ["-c", give], environment: ["KEY": "5Jnokey", "WALLET": wallet])
        #expect(wrong.status == 1)
        #expect(!wrong.errors.contains("5Jnokey"))
        #expect(try await Command.run(wallet, ["cli_wallet", "update_witness"]).status == 64)
        let generated = try await Command.run(
            wallet, ["keygen", "--dialect", "steem", "--seed", "seed", "--name", "a"])
        #expect(generated.text == "private_key \(key.wif)\npublic_key \(key.publicKey.text(.steem))\n")
    }
}
