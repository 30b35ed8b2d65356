import Consensus

/// The `eos` dialect: nodeos's HTTP API under `/v1/chain/`, with GET or POST, and its file layout.
struct EOSDialect: Dialect {
    /// Largest request body in bytes; no request of the dialect comes near.
    static let maximumBody = 64 * 1024
    /// Deepest nesting that is read.
    static let maximumDepth = 16
    private static let root = "/v1/chain/"

    static let flavour = Flavour(
        name: "eos", program: "nodeos", version: "1.1.0", rpcPort: 8888, blocksFile: "blocks/blocks.log",
        stateFile: "state/shared_memory.bin", refusesDirtyState: true,
        starts: [
            "--replay-blockchain": .replay, "--hard-replay-blockchain": .hardReplay, "--delete-all-blocks": .deleteAll,
        ],
        genesisArgument: "--genesis-json", ending: { EOSEnding.of($0) }, keyText: { EOSText.key($0) },
        // Producers of this dialect do not change their keys by a transaction.
        update: { _, _ in nil })

    private let methods: EOSMethods

    init(chain: any ChainReading) {
        methods = EOSMethods(chain: chain)
    }

    func answer(_ request: HTTP.Request) async -> HTTP.Response {
        do {
            let body = try await request.body.collect(limit: Self.maximumBody)
            return Self.response(200, try answer(method: request.head.method, path: request.head.path, body: body))
        } catch let error as EOSError {
            return Self.response(error.status, error.body)
        } catch HTTP.Failure.bodyTooLarge(let limit) {
            let error = EOSError.tooLarge(limit: limit)
            return Self.response(error.status, error.body)
        } catch {
            return HTTP.Response(400, type: "text/plain", text: "\(error)\n")
        }
    }

    /// - Throws: `EOSError`.
    func answer(method: String, path: String, body: [UInt8]) throws -> JSON {
        guard method == "GET" || method == "POST", path.hasPrefix(Self.root) else { throw EOSError.unknownEndpoint }
        let parameters: JSON
        do {
            parameters = body.isEmpty ? .make([:]) : try JSON.parse(body, depth: Self.maximumDepth)
        } catch {
            throw EOSError.parse(error)
        }
        return try methods.call(String(path.dropFirst(Self.root.count)), parameters)
    }

    private static func response(_ status: Int, _ answer: JSON) -> HTTP.Response {
        HTTP.Response(status, type: "application/json", text: answer.line)
    }
}
