import Consensus

/// The `steem` dialect: JSON-RPC as steemd answers it, and transactions in Steem's binary form. Field names and shapes as
/// in chains.md, "Steem (steemd)", and as the Python client library beem reads them.
struct SteemDialect: Dialect {
    static let flavour = Flavour(
        name: "steem", program: "steemd", version: "0.23.1", rpcPort: 8090, blocksFile: "blockchain/block_log",
        stateFile: "blockchain/shared_memory.bin", refusesDirtyState: false,
        starts: ["--replay-blockchain": .replay, "--resync-blockchain": .deleteAll], genesisArgument: nil,
        ending: { _ in nil }, keyText: keyText, update: update)

    private let server: RPCServer

    init(chain: any ChainReading) {
        let methods = SteemMethods(chain: chain)
        server = RPCServer(dispatcher: .named { try await methods.call($0, $1) })
    }

    func answer(_ request: HTTP.Request) async -> HTTP.Response {
        await server.answer(request)
    }

    private static func keyText(_ key: [UInt8]) -> String {
        (key.isEmpty ? .null : PublicKey(bytes: key) ?? .null).text(.steem)
    }

    /// What signed bytes ask for; the null key disables a witness.
    private static func update(signed: [UInt8], chainID: [UInt8]) -> DPoS.Update? {
        guard let transaction = try? SteemTransaction(signed: signed, chainID: chainID) else { return nil }
        let update = transaction.update
        return DPoS.Update(
            owner: update.owner, signingKey: update.signingKey == .null ? [] : update.signingKey.bytes,
            url: update.url, expiration: Int64(transaction.expiration) * 1_000_000_000)
    }
}
