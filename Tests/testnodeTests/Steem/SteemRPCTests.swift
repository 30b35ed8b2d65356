import Foundation
import Testing

@testable import testnode

@Suite("Steem: RPC of real nodes", .serialized, .timeLimit(.minutes(4))) struct SteemRPCTests {
    @Test("answers have the names and spellings of the real interfaces, in both styles")
    func shapes() async throws {
        try await SteemTestNetwork.with { network in
            try await properties(network)
            try await witnesses(network)
            try await blocks(network)
            try await facts(network)
            try await errors(network)
        }
    }

    private func keys(_ json: JSON) -> Set<String> { Set(json.members?.map(\.name) ?? []) }

    private func properties(_ network: SteemTestNetwork) async throws {
        let condenser = try await network.result("bob", "condenser_api.get_dynamic_global_properties")
        let appbase = try await network.result("bob", "database_api.get_dynamic_global_properties", .make([:]))
        #expect(keys(condenser) == keys(appbase))
        #expect(
            keys(condenser).isSuperset(of: [
                "head_block_number", "head_block_id", "time", "current_witness", "current_aslot",
                "recent_slots_filled", "participation_count", "last_irreversible_block_num", "maximum_block_size",
            ]))
        #expect(condenser["current_supply"] == .string("1000.000 STEEM"))
        #expect(
            appbase["current_supply"]
                == .make(["amount": .string("1000000"), "precision": .int(3), "nai": .string("@@000000021")]))
        #expect(condenser["head_block_id"]?.text?.count == 40)
        #expect(condenser["recent_slots_filled"]?.text.flatMap { UInt128($0) } != nil)
        #expect(condenser["time"]?.text.flatMap(SteemTime.seconds) != nil)
    }

    private func witnesses(_ network: SteemTestNetwork) async throws {
        let witness = try await network.witness("alice")
        #expect(
            witness.members?.map(\.name) == [
                "id", "owner", "created", "url", "votes", "virtual_last_update", "virtual_position",
                "virtual_scheduled_time", "total_missed", "last_aslot", "last_confirmed_block_num", "pow_worker",
                "signing_key", "props", "sbd_exchange_rate", "last_sbd_exchange_update", "last_work",
                "running_version", "hardfork_version_vote", "hardfork_time_vote",
                "available_witness_account_subsidies",
            ])
        #expect(witness["signing_key"] == .string(SteemTestNetwork.key("primary").publicKey.text(.steem)))
        #expect(witness["running_version"] == .string("0.19.10"))
        #expect(witness["url"] == .string("https://alice.example"))
        let owners = JSON.make(["owners": .array([.string("alice"), .string("nobody")])])
        let found = try await network.result("bob", "database_api.find_witnesses", owners)
        #expect(found["witnesses"]?.items?.map { $0["owner"] } == [.string("alice")])
        let nobody = try await network.result(
            "bob", "condenser_api.get_witness_by_account", .array([.string("nobody")]))
        #expect(nobody == .null)
        let active = try await network.result("bob", "condenser_api.get_active_witnesses")
        #expect(Set(active.items?.compactMap(\.text) ?? []) == ["alice", "bob"])
        let named = try await network.result("bob", "database_api.get_active_witnesses", .make([:]))
        #expect(named["witnesses"]?.items?.count == 2)
    }

    private func blocks(_ network: SteemTestNetwork) async throws {
        let block = try await network.result("bob", "condenser_api.get_block", .array([.int(2)]))
        #expect(
            block.members?.map(\.name) == [
                "previous", "timestamp", "witness", "transaction_merkle_root", "extensions", "witness_signature",
                "transactions", "block_id", "signing_key", "transaction_ids",
            ])
        let number = JSON.make(["block_num": .int(2)])
        #expect(try await network.result("bob", "block_api.get_block", number)["block"] == block)
        let header = try await network.result("bob", "block_api.get_block_header", number)
        #expect(header["header"]?["previous"] == block["previous"])
        let first = try await network.result("bob", "call", older("get_block", 1))
        #expect(first["block_id"] == block["previous"])
        #expect(first["previous"] == .string(String(repeating: "0", count: 40)))
        // The signature over the block's id is the scheduled witness's.
        let makers = ["alice": "primary", "bob": "bob"]
        let maker = try #require(makers[block["witness"]?.text ?? ""])
        #expect(block["signing_key"] == .string(SteemTestNetwork.key(maker).publicKey.text(.steem)))
        #expect(try await network.result("bob", "condenser_api.get_block", .array([.int(100_000)])) == .null)
        #expect(
            try await network.result("bob", "block_api.get_block", .make(["block_num": .int(100_000)])) == .make([:]))
    }

    /// The older form of a database call.
    private func older(_ method: String, _ argument: Int) -> JSON {
        .array([.string("database_api"), .string(method), .array([.int(argument)])])
    }

    private func facts(_ network: SteemTestNetwork) async throws {
        let config = try await network.result("bob", "database_api.get_config", .make([:]))
        #expect(config["STEEM_CHAIN_ID"]?.text?.count == 64)
        #expect(config["STEEM_BLOCKCHAIN_VERSION"] == .string("0.19.10"))
        #expect(config["STEEM_ADDRESS_PREFIX"] == .string("STM"))
        let version = try await network.result("bob", "condenser_api.get_version")
        #expect(version["blockchain_version"] == .string("0.19.10"))
        #expect(version["chain_id"] == config["STEEM_CHAIN_ID"])
        let account = try await network.result(
            "bob", "condenser_api.get_accounts", .array([.array([.string("alice")])]))
        let key = JSON.string(SteemTestNetwork.key("alice-active").publicKey.text(.steem))
        #expect(
            account.items?.first?["active"]
                == .make([
                    "weight_threshold": .int(1), "account_auths": .array([]),
                    "key_auths": .array([.array([key, .int(1)])]),
                ]))
        let found = try await network.result(
            "bob", "database_api.find_accounts", .make(["accounts": .array([.string("alice")])]))
        #expect(found["accounts"]?.items?.first?["name"] == .string("alice"))
    }

    private func errors(_ network: SteemTestNetwork) async throws {
        let wrong: [(String, JSON)] = [
            ("database_api.no_such", .make([:])), ("condenser_api.no_such", .array([])), ("no_api.method", .array([])),
            ("condenser_api.get_block", .array([])), ("condenser_api.get_block", .make([:])),
            ("database_api.find_witnesses", .array([])), ("block_api.get_block", .make(["block_num": .int(-1)])),
            ("call", .array([])), ("condenser_api.broadcast_transaction", .array([.make([:])])),
            ("network_broadcast_api.broadcast_transaction", .make([:])),
        ]
        for (method, parameters) in wrong {
            let answer = try #require(await network.ask("bob", method, parameters), "\(method)")
            #expect(answer["error"]?["message"]?.text?.isEmpty == false, "\(method)")
            #expect(answer["result"] == nil, "\(method)")
        }
        let right = try #require(await network.ask("bob", "condenser_api.get_version"))
        #expect(right["error"] == nil)
    }
}
