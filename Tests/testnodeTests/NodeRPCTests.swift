import Foundation
import Testing

@testable import testnode

@Suite("Node: RPC", .serialized, .timeLimit(.minutes(3))) struct NodeRPCTests {
    @Test("answers have the documented fields and spellings")
    func shapes() async throws {
        var options = NodeTestNetwork.Options()
        options.validators = 4
        try await NodeTestNetwork.with(options) { network in
            try network.start(network.names)
            #expect(try await network.reach(3, network.names))
            try await headers(network)
            try await metadata(network)
            try await styles(network)
        }
    }

    private func headers(_ network: NodeTestNetwork) async throws {
        let header = try #require(await network.call("v1", "hmy_latestHeader"))
        let keys = header.members?.map(\.name) ?? []
        #expect(
            keys == [
                "blockHash", "blockNumber", "shardID", "leader", "viewID", "epoch", "timestamp", "unixtime",
                "lastCommitSig", "lastCommitBitmap", "vrf", "vrfProof", "crossLinks",
            ])
        #expect(header["leader"]?.text?.hasPrefix("one1") == true)
        #expect(header["timestamp"]?.text?.hasSuffix(" +0000 UTC") == true)
        let bitmap = try #require([UInt8](hex: header["lastCommitBitmap"]?.text ?? "x"))
        #expect(bitmap.count == 1 && bitmap[0].nonzeroBitCount >= 3)
        #expect(header["lastCommitSig"]?.text?.count == bitmap[0].nonzeroBitCount * 128)
        let number = try #require(header["blockNumber"]?.integer)
        let same = await network.call("v2", "hmyv2_getHeaderByNumber", [.int(number)])
        #expect(same == header)
    }

    private func metadata(_ network: NodeTestNetwork) async throws {
        let metadata = try #require(await network.call("v1", "hmy_getNodeMetadata"))
        let keys = metadata.members?.map(\.name) ?? []
        #expect(
            keys == [
                "blskey", "version", "network", "chain-config", "is-leader", "shard-id", "current-block-number",
                "current-epoch", "blocks-per-epoch", "role", "dns-zone", "is-archival", "is-backup",
                "node-unix-start-time", "peerid", "consensus", "p2p-connectivity", "sync-peers",
            ])
        #expect(
            metadata["consensus"]?.members?.map(\.name) == [
                "viewId", "viewChangeId", "mode", "phase", "blocknum", "finality",
            ])
        #expect(metadata["p2p-connectivity"]?["connected"] == .int(3))
        #expect(metadata["network"] == .string("devnet"))
        let start = try #require(metadata["node-unix-start-time"]?.integer)
        #expect(abs(Double(start) - Date().timeIntervalSince1970) < 120)
    }

    private func styles(_ network: NodeTestNetwork) async throws {
        #expect(await network.call("v0", "hmy_blockNumber")?.text?.hasPrefix("0x") == true)
        #expect(await network.call("v0", "hmyv2_blockNumber")?.integer != nil)
        #expect(await network.call("v0", "net_peerCount") == .string("0x3"))
        #expect(await network.call("v0", "net_version") == .string("2"))
        #expect(await network.call("v0", "hmyv2_inSync") == .bool(true))
        let account = JSON.string(NodeTestNetwork.account)
        #expect(await network.call("v0", "hmy_getBalance", [account]) == .string("0x3635c9adc5dea00000"))
        let hex = JSON.string(try #require(AccountAddress(NodeTestNetwork.account)).hex)
        #expect(await network.call("v0", "hmy_getBalance", [hex]) == .string("0x3635c9adc5dea00000"))
        let structure = try #require(await network.call("v0", "hmyv2_getShardingStructure")?.items)
        #expect(
            structure.first
                == .make([
                    "current": .bool(true), "shardID": .int(0), "http": .string("http://api.s0.example"),
                    "ws": .string("ws://ws.s0.example"),
                ]))
        #expect(structure.count == 2)
        let block = try #require(await network.call("v0", "hmy_getBlockByNumber", [.string("0x2"), .bool(false)]))
        #expect(block["number"] == .string("0x2"))
        let hash = try #require(block["hash"])
        #expect(block["miner"]?.text?.hasPrefix("one1") == true)
        let ethereum = await network.call("v0", "eth_getBlockByNumber", [.string("0x2"), .bool(false)])
        #expect(ethereum?["hash"] == hash)
        #expect(ethereum?["miner"]?.text == block["miner"]?.text.flatMap { AccountAddress($0)?.hex })
        let v2 = await network.call("v0", "hmyv2_getBlockByHash", [hash, .make(["withSigners": .bool(true)])])
        #expect(v2?["number"] == .int(2))
        #expect(v2?["signers"]?.items?.isEmpty == false)
        let blocks = await network.call("v0", "hmyv2_getBlocks", [.int(1), .int(3), .make([:])])
        #expect(blocks?.items?.compactMap { $0["number"]?.integer } == [1, 2, 3])
        #expect(await network.call("v0", "hmyv2_getBlockByNumber", [.int(1_000_000)]) == .null)
        #expect(await network.call("v0", "eth_chainId") == .string("0x2"))
    }

    @Test("malformed bodies are answered with JSON-RPC errors, and the node goes on")
    func malformed() async throws {
        var options = NodeTestNetwork.Options()
        options.validators = 1
        try await NodeTestNetwork.with(options) { network in
            try network.start(network.names)
            #expect(try await network.reach(0, network.names))
            let deep = String(repeating: "[", count: 50_000)
            let batch = "[" + Array(repeating: "1", count: 200).joined(separator: ",") + "]"
            let cases: [([UInt8], status: Int, code: Int)] = [
                (Array("".utf8), 200, -32700), (Array("{".utf8), 200, -32700), (Array(deep.utf8), 200, -32700),
                ([0x22, 0xFF, 0xFE, 0x22], 200, -32700), (Array("1".utf8), 200, -32600),
                (Array("[]".utf8), 200, -32600), (Array(batch.utf8), 200, -32600),
                (Array(#"{"id":1,"method":7}"#.utf8), 200, -32600),
                (Array(#"{"id":{},"method":"hmy_blockNumber"}"#.utf8), 200, -32600),
                (Array(#"{"id":1,"method":"hmy_nothing"}"#.utf8), 200, -32601),
                (Array(#"{"id":1,"method":"hmy_blockNumber","params":{}}"#.utf8), 200, -32602),
                (Array(#"{"id":1,"method":"hmy_getBalance","params":["one1"]}"#.utf8), 200, -32602),
                (Array(#"{"id":1,"method":"hmy_getBalance"}"#.utf8), 200, -32602),
                (Array(#"{"id":1,"method":"hmyv2_getBlocks","params":[0,99999999999999999999]}"#.utf8), 200, -32602),
                ([UInt8](repeating: 0x20, count: 1_000_000), 413, -32600),
            ]
            for (body, status, code) in cases {
                let reply = try #require(await network.post("v0", body))
                #expect(reply.status == status)
                #expect(reply.answer?["error"]?["code"] == .int(code))
                #expect(reply.answer?["result"] == nil)
            }
            #expect(await network.height("v0") != nil)
        }
    }

    @Test("ids come back as they were; an answer never has a null error; notifications get none")
    func ids() async throws {
        let dispatcher = JSONRPCDispatcher { _, _ in .bool(true) }
        for id in [
            JSON.string("1"), .int(1), .string("é\n"), .number("1.50"), .number("123456789012345678901234567890"),
        ] {
            let body = JSON.make(["id": id, "method": .string("m")]).line
            let answer = try #require(await dispatcher.answer(Array(body.utf8)))
            #expect(answer["id"] == id)
            #expect(answer["error"] == nil)
        }
        #expect(await dispatcher.answer(Array(#"{"method":"m"}"#.utf8)) == nil)
        let batch = await dispatcher.answer(Array(#"[{"id":1,"method":"m"},{"method":"m"},5]"#.utf8))
        #expect(batch?.items?.count == 2)
    }
}
