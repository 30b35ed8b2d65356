import Testing

@testable import testnode

@Suite("Node: addresses, genesis and configuration files") struct NodeValueTests {
    @Test("bech32 agrees with published pairs of the chain's documents")
    func bech32() throws {
        let address = try #require(AccountAddress("one1a50tun737ulcvwy0yvve0pvu5skq0kjargvhwe"))
        #expect(address.bech32 == "one1a50tun737ulcvwy0yvve0pvu5skq0kjargvhwe")
        #expect(AccountAddress(address.hex) == address)
        #expect(AccountAddress.zero.bech32 == "one1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqquzw7vz")
        #expect(address.hex == "0xed1ebe4fd1f73f86388f231997859ca42c07da5d")
    }

    @Test(
        "wrong addresses are refused",
        arguments: [
            "", "one1", "one1a50tun737ulcvwy0yvve0pvu5skq0kjargvhwf", "0x00",
            "two1a50tun737ulcvwy0yvve0pvu5skq0kjargvhwe",
            "one1A50tun737ulcvwy0yvve0pvu5skq0kjargvhwe", "0xzz1ebe4fd1f73f86388f231997859ca42c07da5d",
        ])
    func wrongAddress(_ text: String) {
        #expect(AccountAddress(text) == nil)
    }

    static let genesisText = """
        # a comment
        network devnet
        chain_id 2   # trailing comment
        seed some words
        genesis_time 1767225600
        blocks_per_epoch 5
        block_reward 28
        validator 0 a 127.1.0.1
        validator 0 b 127.1.0.2:9100
        validator 1 c 127.1.0.3
        balance 0 0xed1ebe4fd1f73f86388f231997859ca42c07da5d 7
        endpoint 0 http://x ws://x
        """

    @Test("a genesis file is read as written")
    func genesis() throws {
        let genesis = try Genesis.parse(Self.genesisText, file: "g")
        #expect(genesis.seed == "some words")
        #expect(genesis.blocksPerEpoch == 5)
        #expect(genesis.committees[0]?.map(\.name) == ["a", "b"])
        #expect(genesis.committees[0]?.map(\.address.description) == ["127.1.0.1:9000", "127.1.0.2:9100"])
        #expect(genesis.committees[1]?.count == 1)
        #expect(genesis.balances[0]?.values.first == 7 * Genesis.attoPerONE)
        #expect(genesis.blockReward == 28 * Genesis.attoPerONE)
    }

    @Test("the network id depends on everything but comments, spaces and endpoints")
    func networkID() throws {
        let id = try Genesis.parse(Self.genesisText, file: "g").id
        let same = Self.genesisText.replacing("network devnet", with: "  network    devnet #x")
            .replacing("http://x", with: "http://y")
        #expect(try Genesis.parse(same, file: "g").id == id)
        let other = Self.genesisText.replacing("chain_id 2", with: "chain_id 3")
        #expect(try Genesis.parse(other, file: "g").id != id)
    }

    @Test(
        "every mistake in a genesis file names its line",
        arguments: [
            ("chain_id 2", "chain_id two", 3), ("chain_id 2", "chian_id 2", 3), ("seed some words", "seed", 4),
            ("blocks_per_epoch 5", "blocks_per_epoch 0", 6), ("validator 0 b", "validator 0 a", 9),
            ("127.1.0.2:9100", "127.1.0.2:0", 9), ("127.1.0.2:9100", "127.1.0.300", 9),
            ("validator 0 b", "validator -1 b", 9), ("0xed1e", "0xed", 11), ("b 127.1", "b/../x 127.1", 9),
            ("genesis_time 1767225600", "network devnet", 5),
        ])
    func genesisMistake(original: String, mistake: String, line: Int) {
        let text = Self.genesisText.replacing(original, with: mistake)
        #expect {
            try Genesis.parse(text, file: "g")
        } throws: { error in
            "\(error)".hasPrefix("g:\(line): ")
        }
    }

    @Test("a missing line of a genesis file is named")
    func genesisMissing() {
        #expect(throws: GenesisError.missing(file: "g", key: "seed")) {
            try Genesis.parse(Self.genesisText.replacing("seed some words", with: ""), file: "g")
        }
    }

    @Test("names make different keys, the same name the same key on every host")
    func keys() throws {
        let one = try TestKeys.signingKey(seed: "s", name: "a").rawRepresentation
        #expect(try TestKeys.signingKey(seed: "s", name: "a").rawRepresentation == one)
        #expect(try TestKeys.signingKey(seed: "s", name: "b").rawRepresentation != one)
        #expect(try TestKeys.signingKey(seed: "t", name: "a").rawRepresentation != one)
    }

    static let configurationText = """
        genesis = /g
        name = a
        shard = 0
        address = 127.1.0.1
        data_dir = /d
        log_file = /l
        """

    @Test("a configuration has documented defaults and reads durations with units")
    func configuration() throws {
        let plain = try NodeConfiguration(file: "c", text: Self.configurationText)
        #expect(plain.peerAddress.description == "127.1.0.1:9000")
        #expect(plain.rpcAddress.description == "127.1.0.1:9500")
        #expect(plain.role == .validator)
        #expect(plain.protocolVersion == .fixed)
        let text = Self.configurationText + "\nphase_timeout = 250ms\nprotocol = november-2019\nbootstrap_timeout = 10m"
        let set = try NodeConfiguration(file: "c", text: text)
        #expect(set.timing.phase == .milliseconds(250))
        #expect(set.timing.bootstrap == .seconds(600))
        #expect(set.protocolVersion == .november2019)
        let ballots = try NodeConfiguration(file: "c", text: text + "\nview_change_ballots = by-view-id")
        #expect(ballots.protocolVersion.ballots == .byViewID && ballots.protocolVersion.keepsUnfinishedViewID)
    }

    @Test(
        "a wrong setting is refused with its line",
        arguments: [
            "phase_timeout = 3", "phase_timeout = 0s", "phase_timeout = -1s", "phase_timeout = 99999999999s",
            "role = observer", "protocol = old", "sync_blocks_per_second = 0", "rpc_port = 70000",
            "view_change_ballots = both",
            "phase_timeuot = 3s", "block_interval = 1 s", "name = b",
        ])
    func configurationMistake(_ line: String) {
        #expect {
            try NodeConfiguration(file: "c", text: Self.configurationText + "\n" + line)
        } throws: { error in
            "\(error)".hasPrefix("c:7: ")
        }
    }

    @Test("header times are printed like the chain's own software prints them")
    func time() {
        #expect(UTCText.go(seconds: 1_136_214_245) == "2006-01-02 15:04:05 +0000 UTC")
    }
}
