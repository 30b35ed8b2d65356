import Testing

@testable import testnode

@Suite("Steem: transactions, assets, times") struct SteemValueTests {
    /// A witness_update that the public Python library beem 0.24 built, serialised and signed for the chain whose id is
    /// 32 bytes of 0xab.
    static let json = """
        {"ref_block_num": 4660, "ref_block_prefix": 2271560481, "expiration": "2018-07-28T13:51:07", "operations":
        [["witness_update", {"owner": "lighthouse", "url": "https://lighthouse.example/witness", "block_signing_key":
        "STM6LLegbAgLAy28EHrffBVuANFWcFgmqRMW13wBmTExqFE9SCkg4", "props": {"account_creation_fee": "3.000 STEEM",
        "maximum_block_size": 65536, "sbd_interest_rate": 250}, "fee": "0.000 STEEM"}]], "extensions": [], "signatures":
        ["203d6a1fc6dc9479c0e893fe447d965f69dc478c9fc09e333edc1024813c66379c2457d68b36a5980eb4c282da6d2de2db3323ffd6d0d4\
        f27842cafb1e55651618"]}
        """
    static let message = """
        abababababababababababababababababababababababababababababababab341221436587cb745c5b010b0a6c69676874686f75736522\
        68747470733a2f2f6c69676874686f7573652e6578616d706c652f7769746e65737302be643d4c424ac7cf2f3cf51dd048773cbdcee30b11\
        1adb30d89c27668c501705b80b00000000000003535445454d000000000100fa00000000000000000003535445454d000000
        """
    static let chainID = [UInt8](repeating: 0xab, count: 32)
    static let signer = "STM6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV"

    private func read(_ text: String = json) throws -> (SteemTransaction, [RecoverableSignature]) {
        try SteemTransaction.read(try JSON.parse(Array(text.utf8)))
    }

    @Test("serialisation, digest, id and signer agree with a public client library's")
    func vector() throws {
        let (transaction, signatures) = try read()
        #expect(transaction.signed(chainID: Self.chainID).hex == Self.message)
        #expect(
            transaction.digest(chainID: Self.chainID).hex
                == "c39ee6b9c5902be565aaf28ea90e99a79b17e81729c0e6866d78cc50062b9f15")
        #expect(transaction.id.hex == "3be92b9a498680b0bdfa63f658159f7cf8ddd157")
        let signer = signatures.first?.signer(digest: transaction.digest(chainID: Self.chainID))
        #expect(signer?.text(.steem) == Self.signer)
        #expect(signatures.count == 1)
    }

    @Test("what was packed is read back; truncated, longer or other chains' bytes are refused")
    func unpack() throws {
        let (transaction, _) = try read()
        let signed = transaction.signed(chainID: Self.chainID)
        #expect(try SteemTransaction(signed: signed, chainID: Self.chainID) == transaction)
        for count in 0..<signed.count {
            #expect(throws: (any Error).self) {
                try SteemTransaction(signed: Array(signed.prefix(count)), chainID: Self.chainID)
            }
        }
        #expect(throws: (any Error).self) { try SteemTransaction(signed: signed + [0], chainID: Self.chainID) }
        #expect(throws: (any Error).self) {
            try SteemTransaction(signed: signed, chainID: [UInt8](repeating: 0, count: 32))
        }
        // Operation 12 is another one.
        var other = signed
        other[32 + 10 + 1] = 12
        #expect(throws: (any Error).self) { try SteemTransaction(signed: other, chainID: Self.chainID) }
    }

    @Test("both JSON styles mean the same transaction", arguments: [SteemStyle.condenser, .appbase])
    func styles(_ style: SteemStyle) throws {
        let (transaction, _) = try read()
        let (again, signatures) = try SteemTransaction.read(.object(transaction.members(style)))
        #expect(again == transaction)
        #expect(signatures.isEmpty)
    }

    @Test(
        "a transaction with something missing or wrong is refused with an error that says what",
        arguments: [
            ("\"owner\": \"lighthouse\", ", "", "needs owner"),
            ("lighthouse\", \"url", "seventeen-letters\", \"url", "name"),
            ("https://lighthouse.example/witness", "", "URL"), ("\"0.000 STEEM\"", "\"0.00 STEEM\"", "fee"),
            ("\"0.000 STEEM\"", "\"0.000 SBD\"", "STEEM"), ("witness_update", "transfer", "one witness_update"),
            ("4660", "70000", "ref_block_num"), ("4660", "-1", "ref_block_num"), ("65536", "1e3", "props"),
            ("2018-07-28T13:51:07", "2018-07-28 13:51:07", "expiration"),
            ("2018-07-28T13:51:07", "2018-02-30T13:51:07", "expiration"), ("203d6a", "003d6a", "signature"),
            ("STM6LLegb", "STM6LLegc", "block_signing_key"), ("\"extensions\": []", "\"extensions\": [1]", "extension"),
        ])
    func wrong(_ part: String, _ replacement: String, _ reason: String) throws {
        #expect(Self.json.contains(part))
        let text = Self.json.replacing(part, with: replacement, maxReplacements: 1)
        let error = #expect(throws: JSONRPCError.self) { _ = try read(text) }
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        #expect(error?.code == -32000)
    }

    @Test("amounts are read exactly and written as they were")
    func assets() throws {
        for text in ["0.000 STEEM", "3.000 STEEM", "12345.678 SBD", "0.000001 VESTS"] {
            let asset = try #require(SteemAsset(text))
            #expect(asset.text == text)
            #expect(SteemAsset(json: asset.json(.appbase)) == asset)
            #expect(SteemAsset(json: asset.json(.condenser)) == asset)
        }
        for text in ["", "1 STEEM", "1.00 STEEM", "-1.000 STEEM", "1.000", "1.000 HIVE", ".000 STEEM", "1.000  STEEM"] {
            #expect(SteemAsset(text) == nil, "\(text)")
        }
        #expect(
            SteemAsset(json: .make(["amount": .string("1"), "precision": .int(2), "nai": .string("@@000000021")]))
                == nil)
    }

    @Test("variable-length integers: the shortest form only, at most 32 bits")
    func variable() throws {
        for value in [UInt32(0), 1, 127, 128, 300, 16384, .max] {
            var writer = GrapheneWriter()
            writer.variable(value)
            var reader = GrapheneReader(writer.bytes)
            #expect(try reader.variable() == value)
            try reader.end()
        }
        for bytes: [UInt8] in [
            [], [0x80], [0x80, 0], [0xff, 0xff, 0xff, 0xff, 0x1f], [0xff, 0xff, 0xff, 0xff, 0xff, 1],
        ] {
            #expect(throws: (any Error).self) {
                var reader = GrapheneReader(bytes)
                _ = try reader.variable()
            }
        }
    }

    @Test("a block id names its block in a transaction")
    func reference() throws {
        let id = try #require([UInt8](hex: "00011234214365870000000000000000000000ff"))
        let reference = SteemTransaction.reference(blockID: id)
        #expect(reference.number == 0x1234)
        #expect(reference.prefix == 0x8765_4321)
    }
}
