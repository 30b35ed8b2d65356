import Foundation
import Testing

@testable import testnode

@Suite("Steem: a witness update changes the producing node", .serialized, .timeLimit(.minutes(5)))
struct SteemUpdateTests {
    /// What the public library beem reads, and an update that it signs. Keys come on standard input.
    private static let script = """
        import json, sys
        from beem import Steem
        from beem.account import Account
        from beem.block import Block
        from beem.blockchain import Blockchain
        from beem.exceptions import AccountDoesNotExistsException
        from beem.witness import Witness
        keys = json.load(open(sys.argv[2]))
        chain = Steem(node=[sys.argv[1]], keys=[keys["active"]], num_retries=2, num_retries_call=2, timeout=10)
        properties = chain.get_dynamic_global_properties()
        witness = Witness("alice", blockchain_instance=chain)
        try:
            Account("nobody", blockchain_instance=chain)
            missing = False
        except AccountDoesNotExistsException:
            missing = True
        read = {
            "prefix": chain.get_network()["prefix"], "version": chain.get_blockchain_version(),
            "head": properties["head_block_number"], "key": witness["signing_key"], "active": witness.is_active,
            "missed": witness["total_missed"], "missing": missing,
            "balance": str(Account("alice", blockchain_instance=chain)["balance"]),
            "block": Block(2, blockchain_instance=chain)["witness"],
            "irreversible": Blockchain(blockchain_instance=chain).get_current_block_num(),
        }
        properties = {"account_creation_fee": "3.000 STEEM", "maximum_block_size": 65536, "sbd_interest_rate": 0}
        read["id"] = witness.update(keys["new"], "https://alice.example/moved", properties)["trx_id"]
        print(json.dumps(read))
        """

    /// What the public library lighthive reads.
    private static let reader = """
        import json, sys
        from lighthive.client import Client
        client = Client(nodes=[sys.argv[1]], automatic_node_selection=False)
        print(json.dumps({
            "head": client.get_dynamic_global_properties()["head_block_number"],
            "witness": client.get_witness_by_account("alice")["owner"],
            "found": client("database_api").find_witnesses({"owners": ["bob"]})["witnesses"][0]["owner"],
            "block": client("block_api").get_block({"block_num": 2})["block"]["witness"],
        }))
        """

    @Test("public client libraries read the chain; a library's signed update moves production to the backup")
    func clients() async throws {
        try await SteemTestNetwork.with { network in
            let python = try await S3Clients.python.value
            let newKey = SteemTestNetwork.key("backup").publicKey.text(.steem)
            let keys = JSON.make([
                "active": .string(SteemTestNetwork.key("alice-active").wif), "new": .string(newKey),
            ])
            let file = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)")
            try keys.line.write(to: file, atomically: true, encoding: .utf8)
            defer { try? FileManager.default.removeItem(at: file) }
            #expect(try network.produced("backup") == 0)
            let result = try await Command.run(python, ["-c", Self.script, network.url("bob"), file.path])
            try #require(result.status == 0, "\(result.errors)")
            let read = try JSON.parse(Array(result.text.utf8))
            let expected: KeyValuePairs<String, JSON> = [
                "prefix": .string("STM"), "version": .string("0.19.10"), "active": .bool(true),
                "missing": .bool(true), "balance": .string("1000.000 STEEM"),
                "key": .string(SteemTestNetwork.key("primary").publicKey.text(.steem)),
            ]
            for (key, value) in expected { #expect(read[key] == value, "\(key)") }
            #expect(read["head"]?.integer ?? 0 >= 4)
            #expect(try await network.wait { try network.produced("backup") >= 2 })
            let witness = try await network.witness("alice")
            #expect(witness["signing_key"] == .string(newKey))
            #expect(witness["url"] == .string("https://alice.example/moved"))
            try await expectInBlock(network, id: try #require(read["id"]?.text))
            let other = try await Command.run(python, ["-c", Self.reader, network.url("backup")])
            try #require(other.status == 0, "\(other.errors)")
            let seen = try JSON.parse(Array(other.text.utf8))
            #expect(seen["witness"] == .string("alice") && seen["found"] == .string("bob"))
        }
    }

    /// Looks for the transaction in every block.
    private func expectInBlock(_ network: SteemTestNetwork, id: String) async throws {
        for number in 1...(await network.head("bob")) {
            let block = try await network.result("bob", "condenser_api.get_block", .array([.int(number)]))
            guard block["transaction_ids"]?.items?.contains(.string(id)) == true else { continue }
            let transaction = try #require(block["transactions"]?.items?.first)
            #expect(transaction["operations"]?.items?.first?.items?.first == .string("witness_update"))
            #expect(transaction["transaction_id"] == .string(id))
            return
        }
        Issue.record("no block has the transaction \(id)")
    }

    private func request(_ network: SteemTestNetwork, newKey: String, signer: String) async throws -> JSON {
        let config = try await network.result("bob", "condenser_api.get_config")
        let properties = try await network.result("bob", "condenser_api.get_dynamic_global_properties")
        let request = try WalletProgram.request(
            owner: "alice", url: "https://alice.example", signingKey: newKey, key: SteemTestNetwork.key(signer),
            config: config, properties: properties)
        return try #require(request["params"]?.items?.first)
    }

    @Test("the wallet's update is answered with its block; the null key stops the witness; the primary makes no more")
    func wallet() async throws {
        try await SteemTestNetwork.with { network in
            let key = SteemTestNetwork.key("backup").publicKey.text(.steem)
            let update = try await request(network, newKey: key, signer: "alice-active")
            let method = "condenser_api.broadcast_transaction_synchronous"
            let answer = try await network.result("primary", method, .array([update]))
            let number = try #require(answer["block_num"]?.integer)
            #expect(answer["expired"] == .bool(false))
            let block = try await network.result("bob", "condenser_api.get_block", .array([.int(number)]))
            #expect(block["transaction_ids"]?.items == [answer["id"] ?? .null])
            #expect(try await network.wait { try network.produced("backup") >= 1 })
            let before = try network.produced("primary")
            let again = try #require(await network.ask("primary", method, .array([update])))
            #expect(again["error"]?["message"]?.text?.contains("Duplicate") == true)
            let none = try await request(network, newKey: PublicKey.null.text(.steem), signer: "alice-active")
            _ = try await network.result("bob", method, .array([none]))
            #expect(try await network.witness("alice")["signing_key"] == .string(PublicKey.null.text(.steem)))
            let head = await network.head("bob")
            #expect(try await network.wait { await network.head("bob") >= head + 6 })
            let makers = try await network.result("bob", "condenser_api.get_block", .array([.int(head + 6)]))
            #expect(makers["witness"] == .string("bob"))
            #expect(try network.produced("primary") == before)
        }
    }

    @Test("an update that is not signed with the active key, or not for this chain and time, is refused")
    func refusals() async throws {
        try await SteemTestNetwork.with { network in
            let key = SteemTestNetwork.key("backup").publicKey.text(.steem)
            let good = try await request(network, newKey: key, signer: "alice-active")
            let cases: [(JSON, String)] = [
                (try await request(network, newKey: key, signer: "bob"), "missing required active authority"),
                (change(good, "signatures", .array([])), "missing required active authority"),
                (change(good, "ref_block_prefix", .int(1)), "tapos"),
                (change(good, "expiration", .string("2018-07-28T07:00:00")), "expiration"),
                (change(good, "expiration", .string("2100-01-01T00:00:00")), "expiration"),
            ]
            for (transaction, reason) in cases {
                let answer = try #require(
                    await network.ask("bob", "condenser_api.broadcast_transaction", .array([transaction])))
                #expect(answer["error"]?["message"]?.text?.contains(reason) == true, "\(reason): \(answer.line)")
            }
            let named = await network.ask(
                "bob", "network_broadcast_api.broadcast_transaction", .make(["trx": cases[0].0]))
            #expect(named?["error"]?["data"]?["name"] == .string("tx_missing_active_auth"))
            #expect(try await network.witness("alice")["signing_key"] != .string(key))
            // The untouched one is taken, so the refusals are not for another reason.
            _ = try await network.result("bob", "condenser_api.broadcast_transaction", .array([good]))
        }
    }

    private func change(_ transaction: JSON, _ name: String, _ value: JSON) -> JSON {
        .object((transaction.members ?? []).map { $0.name == name ? .init(name: name, value: value) : $0 })
    }
}
