/// The node's HTTP face: POST with a JSON-RPC body on any path. Handlers run on the HTTP server's own threads, so
/// they may wait for the database.
struct RPCServer: Sendable {
    /// Largest request body in bytes; no request of the dialect comes near.
    static let maximumBody = 128 * 1024

    let dispatcher: JSONRPCDispatcher

    /// Binds the address; `run` of the result serves until cancelled.
    func listen(on address: HostPort) throws(HTTP.ListenFailure) -> HTTP.Server {
        try HTTP.Server(address: address.host, port: address.port) { await answer($0) }
    }

    /// The HTTP response to one request.
    func answer(_ request: HTTP.Request) async -> HTTP.Response {
        guard request.head.method == "POST" else {
            var response = HTTP.Response(405, type: "text/plain", text: "Send a JSON-RPC request with POST.\n")
            response.headers.append(("Allow", "POST"))
            return response
        }
        do {
            let body = try await request.body.collect(limit: Self.maximumBody)
            guard let answer = await dispatcher.answer(body) else { return HTTP.Response(204) }
            return response(200, answer)
        } catch HTTP.Failure.bodyTooLarge(let limit) {
            let error = JSONRPCError.invalidRequest("the body is larger than \(limit) bytes")
            return response(413, JSONRPCDispatcher.answer(nil, error))
        } catch {
            return HTTP.Response(400, type: "text/plain", text: "\(error)\n")
        }
    }

    private func response(_ status: Int, _ answer: JSON) -> HTTP.Response {
        HTTP.Response(status, type: "application/json", text: answer.line + "\n")
    }
}
