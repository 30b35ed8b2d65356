import Testing

@testable import testnode

@Suite("EOS: texts, errors and genesis") struct EOSValueTests {
    @Test("times, assets and names are written as EOSIO writes them")
    func texts() {
        #expect(EOSText.time(nanoseconds: 0) == "1970-01-01T00:00:00.000")
        #expect(EOSText.time(nanoseconds: 1_528_844_100_500_000_000) == "2018-06-12T22:55:00.500")
        #expect(EOSText.time(nanoseconds: 1_583_020_799_999_000_000) == "2020-02-29T23:59:59.999")
        #expect(EOSText.asset(1000) == "1000.0000 EOS")
        for name in ["eosdacserver", "a", "eosio.token", "prod12345"] { #expect(EOSText.isName(name), "\(name)") }
        for name in ["", "eosdacserver1", "Alice", "bp-1", "prod6", "prod_1", "é"] {
            #expect(!EOSText.isName(name), "\(name)")
        }
    }

    /// The key pair that every EOSIO manual uses.
    @Test("keys and signatures have EOSIO's text")
    func keys() throws {
        let key = try #require(PrivateKey(wif: "5KQwrPbwdL6PhXujxW37FSSQZ1JiwsST4cqQzDeyXtP79zkvFD3"))
        #expect(EOSText.key(key.publicKey.bytes) == "EOS6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV")
        #expect(EOSText.key([]) == "EOS1111111111111111111111111111111114T1Anm")
        let text = EOSText.signature(key.sign(digest: [UInt8](repeating: 7, count: 32)).bytes)
        let digits = try #require(text.wholeMatch(of: /SIG_K1_(\w+)/)).1
        let decoded = try #require(Base58.decode(digits))
        #expect(decoded.count == 69)
        let checksum = RIPEMD160.hash(Array(decoded.prefix(65)) + Array("K1".utf8)).prefix(4)
        #expect(Array(decoded.suffix(4)) == Array(checksum))
    }

    @Test("a reference to a block is bytes 8 to 11 of its id, little endian")
    func references() {
        let id = (0..<32).map { UInt8($0) }
        #expect(EOSText.reference(prefixOf: id) == 0x0b0a_0908)
        #expect(EOSText.reference(prefixOf: []) == 0)
    }

    @Test("an error repeats its status in the body and never has a null error")
    func errors() throws {
        let unknown = EOSError.unknownBlock("999")
        #expect(unknown.status == 400)
        #expect(
            unknown.body.line
                == #"{"code":400,"message":"Unknown Block","error":{"code":3100002,"name":"unknown_block_exception","#
                + #""what":"Unknown block","details":[{"message":"Could not find block: 999","file":"chain_plugin.cpp","#
                + #""line_number":0,"method":"get_block"}]}}"#)
        let all: [(EOSError, Int, Int, String)] = [
            (.badBlockID("x"), 500, 3_010_008, "block_id_type_exception"),
            (.badName("X"), 500, 3_010_001, "name_type_exception"), (.unknownAccount("nobody"), 500, 0, "exception"),
            (.unknownEndpoint, 404, 0, "exception"), (.badParameter("account_name"), 500, 7, "bad_cast_exception"),
        ]
        for (error, status, code, name) in all {
            #expect(error.body["code"] == .int(status))
            #expect(error.body["error"]?["code"] == .int(code))
            #expect(error.body["error"]?["name"] == .string(name))
            #expect(error.body["error"]?["details"]?.items?.count == 1)
        }
    }

    static let genesis = """
        {"initial_timestamp": "2018-06-08T12:00:00.000", "initial_configuration": {"max_block_cpu_usage": 200000},
         "network": "devnet", "seed": "test", "block_interval_ms": 500, "producer_repetitions": 2,
         "producers": [{"producer_name": "alice", "key_name": "alice", "url": "http://alice.example"},
                       {"producer_name": "bob", "key_name": "bob"}],
         "accounts": [{"account_name": "carol", "balance": 5}]}
        """

    @Test("genesis.json says what the lines say, and is the same network")
    func genesisFile() throws {
        let lines = """
            engine dpos
            network devnet
            seed test
            genesis_time 1528459200
            slot 500ms
            repetitions 2
            producer alice alice http://alice.example
            producer bob bob
            account carol 5
            """
        #expect(try EOSGenesis.lines(json: Self.genesis, file: "genesis.json") == lines)
        let fromJSON = try DPoSGenesis.parse(Self.genesis, file: "genesis.json")
        let fromLines = try DPoSGenesis.parse(lines, file: "genesis")
        #expect(fromJSON.id == fromLines.id && fromJSON.chainID == fromLines.chainID)
        #expect(fromJSON.accounts["carol"]?.balance == 5)
        let other = Self.genesis.replacing("12:00:00", with: "12:00:01")
        #expect(try DPoSGenesis.parse(other, file: "genesis.json").chainID != fromJSON.chainID)
    }

    @Test(
        "a genesis.json with a mistake is refused with a sentence",
        arguments: [
            ("\"network\": \"devnet\",", "", "network"),
            ("\"network\": \"devnet\"", "\"network\": \"dev net\"", "spaces"),
            ("\"seed\"", "\"sed\"", "unknown key \"sed\""), ("12:00:00.000", "noon", "initial_timestamp"),
            ("\"block_interval_ms\": 500", "\"block_interval_ms\": \"500\"", "block_interval_ms"),
            ("\"key_name\": \"bob\"", "\"key_name\": \"bob\\neve\"", "spaces"),
            ("{\"initial", "{{\"initial", "not valid JSON"),
        ])
    func badGenesis(_ right: String, _ wrong: String, _ sentence: String) throws {
        let text = Self.genesis.replacing(right, with: wrong)
        try #require(text != Self.genesis)
        let error = #expect(throws: GenesisError.self) { try DPoSGenesis.parse(text, file: "genesis.json") }
        #expect("\(try #require(error))".contains(sentence), "\(String(describing: error))")
    }

    @Test("nodeos's exit codes")
    func endings() {
        #expect(EOSEnding.of(.dirty(file: "s")).code == 2)
        #expect(
            EOSEnding.of(.dirty(file: "s")).text.contains(
                "database dirty flag set (likely due to unclean shutdown): replay required"))
        #expect(EOSEnding.of(.corruptState(file: "s", finding: "f")).code == 1)
        #expect(EOSEnding.of(.corruptState(file: "s", finding: "f")).text.hasSuffix("bad alloc"))
        #expect(EOSEnding.of(.corruptBlocks(file: "b", finding: "f")).code == 2)
        #expect(EOSEnding.of(.otherGenesis(file: "b", found: "1", expected: "2")).code == 254)
        #expect(EOSEnding.of(.usage("u")).code == 255)
    }
}
