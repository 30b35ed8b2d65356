import Foundation
import Testing

@testable import testnode

@Suite("EOS: public Python clients read it", .serialized, .timeLimit(.minutes(5))) struct EOSClientTests {
    private func read(_ script: String, _ network: EOSTestNetwork) async throws -> JSON {
        let keys = ["alice", "bob"].map { PrivateKey(seed: "test", name: $0).wif }
        let result = try await Command.run(try await S3Clients.python.value, ["-c", script, network.url("eu")] + keys)
        try #require(result.status == 0, "\(result.errors)")
        return try JSON.parse(Array(result.text.utf8))
    }

    @Test("libeospy, aioeos and pyntelope connect and read head block, chain info, accounts and producers")
    func clients() async throws {
        try await EOSTestNetwork.with { network in
            for name in EOSTestNetwork.names { try network.start(name) }
            #expect(try await network.reach(6, "eu"))
            let chain = try #require(try await network.info("eu")?["chain_id"])
            for script in [Self.eospy, Self.aioeos, Self.pyntelope] {
                let found = try await read(script, network)
                #expect(found["chain"] == chain)
                #expect(found["head"]?.integer ?? 0 >= 6 && found["number"] == .int(3), "\(found)")
                #expect(found["balance"] == .string("7.0000 EOS") && found["failed"] == .bool(true), "\(found)")
            }
        }
    }

    private static let eospy = """
        import json, sys
        from eospy.cleos import Cleos
        ce = Cleos(url=sys.argv[1])
        info, irreversible = ce.get_chain_lib_info()
        assert irreversible["block_num"] == info["last_irreversible_block_num"]
        assert [row["owner"] for row in ce.get_producers()["rows"]] == ["alice", "bob"]
        failed = False
        try:
            ce.get_account("nobody")
        except Exception as error:
            failed = "'code': 500" in str(error)
        print(json.dumps({
            "chain": info["chain_id"], "head": info["head_block_num"], "number": ce.get_block(3)["block_num"],
            "balance": ce.get_account("carol")["core_liquid_balance"], "failed": failed}))
        """

    /// Also checks a block's signature with the library's own cryptography: it is over the block's id.
    private static let aioeos = """
        import asyncio, binascii, json, sys
        from aioeos import EosJsonRpc, EosKey
        from aioeos.exceptions import EosRpcException
        async def main():
            rpc = EosJsonRpc(url=sys.argv[1])
            chain = binascii.hexlify(await rpc.get_chain_id()).decode()
            block = await rpc.get_block(3)
            keys = dict(zip(("alice", "bob"), (EosKey(private_key=wif) for wif in sys.argv[2:])))
            for producer in (await rpc.get_producer_schedule())["active"]["producers"]:
                assert producer["block_signing_key"] == keys[producer["producer_name"]].to_public()
            assert keys[block["producer"]].verify(block["producer_signature"], binascii.unhexlify(block["id"]))
            state = await rpc.get_block_header_state((await rpc.get_info())["head_block_num"])
            assert state["header"]["producer"] in ("alice", "bob")
            failed = False
            try:
                await rpc.get_account("nobody")
            except EosRpcException:
                failed = True
            print(json.dumps({
                "chain": chain, "head": (await rpc.get_head_block())["block_num"], "number": block["block_num"],
                "balance": (await rpc.get_account("carol"))["core_liquid_balance"], "failed": failed}))
        asyncio.run(main())
        """

    private static let pyntelope = """
        import json, sys
        from pyntelope import Net
        net = Net(host=sys.argv[1])
        info = net.get_info()
        print(json.dumps({
            "chain": info["chain_id"], "head": info["head_block_num"],
            "number": net.get_block(block_num_or_id="3")["block_num"],
            "balance": net.get_account(account_name="carol")["core_liquid_balance"],
            "failed": net.get_account(account_name="nobody")["code"] == 500 and net.get_abi(account_name="carol") is None}))
        """
}
