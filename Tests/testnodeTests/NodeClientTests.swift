import Foundation
import Testing

@testable import testnode

@Suite("Node: the public Python client reads it", .timeLimit(.minutes(5))) struct NodeClientTests {
    /// Calls the library's functions and prints one JSON object; anything the library refuses ends the script.
    private static let script = """
        import json, sys
        from pyhmy import account, blockchain
        url, who = sys.argv[1], sys.argv[2]
        first = blockchain.get_block_by_number(1, include_signers=True, endpoint=url)
        metadata = blockchain.get_node_metadata(url)
        print(json.dumps({
            "head": blockchain.get_block_number(url), "epoch": blockchain.get_current_epoch(url),
            "balance": str(account.get_balance(who, url)), "shard": blockchain.get_shard(url),
            "at_block": str(account.get_balance_by_block(who, 1, url)),
            "mode": metadata["consensus"]["mode"], "view": metadata["consensus"]["viewId"],
            "staking": blockchain.get_staking_epoch(url), "peers": blockchain.get_num_peers(url),
            "leader": account.is_valid_address(blockchain.get_leader_address(url)),
            "header": blockchain.get_latest_header(url)["shardID"], "in_sync": blockchain.in_sync(url),
            "structure": len(blockchain.get_sharding_structure(url)), "gas": blockchain.get_gas_price(url),
            "protocol": blockchain.protocol_version(url), "signers": len(first["signers"]),
            "same": blockchain.get_block_by_hash(first["hash"], endpoint=url)["number"],
            "validators": len(blockchain.get_validators(0, url)["validators"]),
            "nonce": account.get_account_nonce(who, "latest", url), "last": blockchain.epoch_last_block(0, url),
            "blocks": len(blockchain.get_blocks(0, 3, endpoint=url)),
            "history": account.get_transaction_history(who, endpoint=url),
        }))
        """

    @Test("head block, metadata, epoch, balance and what else pyhmy asks for")
    func pyhmy() async throws {
        var options = NodeTestNetwork.Options()
        options.validators = 4
        options.blocksPerEpoch = 1000
        try await NodeTestNetwork.with(options) { network in
            try network.start(network.names)
            #expect(try await network.reach(3, network.names))
            let url = "http://\(network.address("v2")):9500"
            let result = try await Command.run(
                try await S3Clients.python.value, ["-c", Self.script, url, NodeTestNetwork.account])
            try #require(result.status == 0, "\(result.errors)")
            let read = try JSON.parse(Array(result.text.utf8))
            #expect(read["head"]?.integer ?? 0 >= 3)
            #expect(read["balance"] == .string("1000000000000000000000"))
            #expect(read["at_block"] == .string("1000000000000000000000"))
            let expected: KeyValuePairs<String, JSON> = [
                "epoch": .int(0), "shard": .int(0), "mode": .string("Normal"), "staking": .int(0), "peers": .int(3),
                "leader": .bool(true), "header": .int(0), "in_sync": .bool(true), "structure": .int(2),
                "gas": .int(1_000_000_000), "protocol": .int(1), "same": .int(1), "validators": .int(4),
                "nonce": .int(0), "last": .int(999), "blocks": .int(4), "history": .array([]),
            ]
            for (key, value) in expected { #expect(read[key] == value, "\(key)") }
            #expect(read["signers"]?.integer ?? 0 >= 3)
        }
    }
}
