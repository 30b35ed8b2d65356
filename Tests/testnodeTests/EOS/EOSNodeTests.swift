import Foundation
import Testing

@testable import testnode

@Suite("EOS: real nodes", .serialized, .timeLimit(.minutes(5))) struct EOSNodeTests {
    @Test("answers have nodeos's fields, by GET and by POST")
    func shapes() async throws {
        try await EOSTestNetwork.with { network in
            for name in EOSTestNetwork.names { try network.start(name) }
            #expect(try await network.reach(6, "eu"))
            try await infoAndBlocks(network)
            try await accountsAndProducers(network)
            try await errors(network)
        }
    }

    private func infoAndBlocks(_ network: EOSTestNetwork) async throws {
        let info = try #require(try await network.info("eu"))
        #expect(
            info.members?.map(\.name) == [
                "server_version", "chain_id", "head_block_num", "last_irreversible_block_num",
                "last_irreversible_block_id", "head_block_id", "head_block_time", "head_block_producer",
                "virtual_block_cpu_limit", "virtual_block_net_limit", "block_cpu_limit", "block_net_limit",
                "server_version_string",
            ])
        #expect(info["chain_id"]?.text?.count == 64)
        #expect(try await network.ask("eu", "get_info", "{}")?.answer["chain_id"] == info["chain_id"])
        let head = try #require(info["head_block_num"]?.integer)
        let irreversible = try #require(info["last_irreversible_block_num"]?.integer)
        #expect(irreversible < head && irreversible > 0)
        let block = try #require(try await network.ask("eu", "get_block", #"{"block_num_or_id": 3}"#)?.answer)
        #expect(
            block.members?.map(\.name) == [
                "timestamp", "producer", "confirmed", "previous", "transaction_mroot", "action_mroot",
                "schedule_version", "new_producers", "header_extensions", "producer_signature", "transactions",
                "block_extensions", "id", "block_num", "ref_block_prefix",
            ])
        #expect(block["block_num"] == .int(3))
        let id = try #require(block["id"]?.text)
        #expect(id.hasPrefix("00000003"), "the number stands in the id's first four bytes")
        #expect(try await network.ask("eu", "get_block", #"{"block_num_or_id": "3"}"#)?.answer["id"] == .string(id))
        #expect(try await network.ask("eu", "get_block", "{\"block_num_or_id\": \"\(id)\"}")?.answer == block)
        let next = try await network.ask("alice", "get_block", #"{"block_num_or_id": 4}"#)?.answer
        #expect(next?["previous"] == .string(id))
        let number = try #require(try await network.head("eu"))
        // They take turns by the clock: who is late for a slot misses it, and the other may make two blocks in a row.
        var makers: [Int: Set<String>] = [:]
        for height in 2...number {
            let path = "{\"block_num_or_id\": \(height)}"
            let made = try #require(try await network.ask("eu", "get_block", path)?.answer)
            let slot = try slot(#require(made["timestamp"]?.text))
            makers[slot % 2, default: []].insert(try #require(made["producer"]?.text))
        }
        #expect(Set(makers.values) == [["alice"], ["bob"]], "two producers take turns: \(makers)")
        try await headerState(network)
    }

    /// Only blocks that are not final have a state, and a block is final within seconds: asked for anew each time.
    private func headerState(_ network: EOSTestNetwork) async throws {
        var state: JSON?
        var number = 0
        for _ in 0..<5 where state == nil {
            number = try #require(try await network.head("eu"))
            let answer = try await network.ask("eu", "get_block_header_state", "{\"block_num_or_id\": \(number)}")?
                .answer
            if answer?["block_num"] != nil { state = answer }
        }
        #expect(state?["block_num"] == .int(number) && state?["header"]?["producer"] != nil)
        #expect(state?["active_schedule"]?["producers"]?.items?.count == 2)
    }

    /// Slots of 200 ms (`EOSTestNetwork`) since 1970.
    private func slot(_ timestamp: String) throws -> Int {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return Int((try style.parse(timestamp + "Z").timeIntervalSince1970 * 5).rounded())
    }

    private func accountsAndProducers(_ network: EOSTestNetwork) async throws {
        let account = try #require(try await network.ask("eu", "get_account", #"{"account_name": "carol"}"#)?.answer)
        #expect(account["core_liquid_balance"] == .string("7.0000 EOS"))
        #expect(account["permissions"]?.items?.map { $0["perm_name"] } == [.string("active"), .string("owner")])
        let balance = #"{"code": "eosio.token", "account": "carol", "symbol": "EOS"}"#
        #expect(
            try await network.ask("eu", "get_currency_balance", balance)?.answer == .array([.string("7.0000 EOS")]))
        let producers = try #require(try await network.ask("eu", "get_producers")?.answer)
        #expect(producers["rows"]?.items?.map { $0["owner"] } == [.string("alice"), .string("bob")])
        let key = PrivateKey(seed: "test", name: "alice").publicKey.text(.eos)
        #expect(producers["rows"]?.items?.first?["producer_key"] == .string(key))
        let first = try await network.ask("eu", "get_producers", #"{"limit": 1}"#)?.answer
        #expect(first?["rows"]?.items?.count == 1 && first?["more"] == .string("bob"))
        let schedule = try await network.ask("eu", "get_producer_schedule")?.answer
        #expect(schedule?["active"]?["producers"]?.items?.map { $0["block_signing_key"] }.first == .string(key))
    }

    private func errors(_ network: EOSTestNetwork) async throws {
        let expected: [(method: String, body: String?, status: Int, name: String)] = [
            ("get_block", #"{"block_num_or_id": 999999}"#, 400, "unknown_block_exception"),
            ("get_block", #"{"block_num_or_id": "xyz"}"#, 500, "block_id_type_exception"),
            ("get_block", "{}", 500, "bad_cast_exception"), ("get_block", "{", 500, "parse_error_exception"),
            ("get_block_header_state", #"{"block_num_or_id": 1}"#, 400, "unknown_block_exception"),
            ("get_account", #"{"account_name": "nobody"}"#, 500, "exception"),
            ("get_account", #"{"account_name": "NOBODY"}"#, 500, "name_type_exception"),
            ("get_nothing", nil, 404, "exception"),
        ]
        for (method, body, status, name) in expected {
            let error = try #require(try await network.ask("eu", method, body))
            #expect(error.status == status && error.answer["code"] == .int(status), "\(method) \(body ?? "")")
            #expect(error.answer["error"]?["name"] == .string(name), "\(method) \(body ?? "")")
        }
    }

    @Test("a killed node refuses to start until it is replayed; an ordinary stop leaves no mark")
    func dirty() async throws {
        try await EOSTestNetwork.with { network in
            for name in EOSTestNetwork.names { try network.start(name) }
            #expect(try await network.reach(6, "eu"))
            network.end("eu", signal: SIGTERM)
            try network.start("eu")
            #expect(try await network.reach(8, "eu"))
            network.end("eu")
            #expect(try await network.exitCode(starting: "eu") == 2)
            #expect(
                try network.said("eu").contains(
                    "database dirty flag set (likely due to unclean shutdown): replay required"))
            network.end("eu")
            try network.start("eu", ["--replay-blockchain"])
            #expect(try await network.reach(9, "eu"))
            network.end("eu")
            try network.start("eu", ["--hard-replay-blockchain"])
            #expect(try await network.reach(10, "eu"), "what can be read is kept")
            #expect(FileManager.default.fileExists(atPath: network.file("eu/blocks/blocks.log.old").path))
        }
    }

    @Test("a node whose data are overwritten ends by itself; only removing the data and the right genesis help")
    func corrupt() async throws {
        try await EOSTestNetwork.with { network in
            for name in EOSTestNetwork.names { try network.start(name) }
            #expect(try await network.reach(8, "eu"))
            for file in ["eu/state/shared_memory.bin", "eu/blocks/blocks.log"] {
                try Self.overwrite(network.file(file))
            }
            #expect(try await network.exitCode("eu") == 1)
            #expect(try network.said("eu").hasSuffix("bad alloc\n"))
            #expect(try await network.ask("eu", "get_info") == nil)
            #expect(try await network.exitCode(starting: "eu") == 2)
            #expect(try await network.exitCode(starting: "eu", "--replay-blockchain") == 2)
            #expect(try await network.exitCode(starting: "eu", "--hard-replay-blockchain") == 2)
            // Another network's genesis: the node runs and never gets a block.
            let right = try await network.info("alice")?["chain_id"]
            let other = network.file("other-genesis.json").path
            network.end("eu")
            try network.start("eu", ["--delete-all-blocks", "--genesis-json", other])
            #expect(try await network.reach(0, "eu"))
            try await Task.sleep(for: .seconds(2))
            #expect(try await network.head("eu") == 0)
            #expect(try await network.info("eu")?["chain_id"] != right)
            // Its data belong to that chain now.
            network.end("eu", signal: SIGTERM)
            #expect(try await network.exitCode(starting: "eu") == 254)
            network.end("eu")
            let genesis = network.file("genesis.json").path
            try network.start("eu", ["--delete-all-blocks", "--genesis-json", genesis])
            let goal = try #require(try await network.head("alice"))
            #expect(try await network.reach(goal, "eu"))
            #expect(try await network.info("eu")?["chain_id"] == right)
        }
    }

    /// Overwrites 128 bytes at the start of a file and at every 16 KiB.
    private static func overwrite(_ file: URL) throws {
        let handle = try FileHandle(forUpdating: file)
        defer { try? handle.close() }
        for offset in stride(from: UInt64(0), to: try handle.seekToEnd(), by: 16384) {
            try handle.seek(toOffset: offset)
            try handle.write(contentsOf: Data(repeating: 0xA5, count: 128))
        }
    }

    @Test("wrong options and another data folder")
    func options() async throws {
        try await EOSTestNetwork.with { network in
            #expect(try await network.exitCode(starting: "eu", "--replay") == 255)
            #expect(try network.said("eu").contains("usage: nodeos"))
            network.end("eu")
            try network.start("eu", ["--data-dir", network.file("elsewhere").path])
            #expect(try await network.reach(0, "eu"))
            #expect(FileManager.default.fileExists(atPath: network.file("elsewhere/blocks/blocks.log").path))
        }
    }
}
