/// An error object of JSON-RPC 2.0.
struct JSONRPCError: Error, Equatable {
    var code: Int
    var message: String
    /// More about it, in the dialect's own shape; left out when nil.
    var data: JSON?

    static func parse(_ failure: JSONFailure) -> JSONRPCError {
        JSONRPCError(code: -32700, message: "parse error: \(failure)")
    }

    static func invalidRequest(_ reason: String) -> JSONRPCError {
        JSONRPCError(code: -32600, message: "invalid request: \(reason)")
    }

    static func unknownMethod(_ method: String) -> JSONRPCError {
        JSONRPCError(code: -32601, message: "the method \(method) does not exist/is not available")
    }

    static func invalidParameters(_ reason: String) -> JSONRPCError {
        JSONRPCError(code: -32602, message: "invalid params: \(reason)")
    }

    static func server(_ reason: String) -> JSONRPCError {
        JSONRPCError(code: -32000, message: reason)
    }
}

/// Answers JSON-RPC 2.0 requests and batches. An answer has either `result` or `error`, never a null error:
/// client libraries test for the key.
struct JSONRPCDispatcher: Sendable {
    /// Requests in one batch, at most.
    static let maximumBatch = 100
    /// Deepest nesting that is read; no request of the dialect needs more than 5.
    static let maximumDepth = 32
    private static let longestMethod = 64

    /// Runs a method with its parameters, an array or an object; throws `JSONRPCError`.
    let call: @Sendable (String, JSON) async throws -> JSON

    /// Methods that take their parameters as an array or an object.
    static func named(_ call: @escaping @Sendable (String, JSON) async throws -> JSON) -> JSONRPCDispatcher {
        JSONRPCDispatcher(anyShape: call)
    }

    private init(anyShape call: @escaping @Sendable (String, JSON) async throws -> JSON) {
        self.call = call
    }

    /// Methods that take their parameters as an array.
    init(_ call: @escaping @Sendable (String, [JSON]) throws -> JSON) {
        self.call = { method, parameters in
            guard let values = parameters.items else {
                throw JSONRPCError.invalidParameters("\"params\" must be an array")
            }
            return try call(method, values)
        }
    }

    /// The answer to a body; nil when it held notifications only.
    func answer(_ body: [UInt8]) async -> JSON? {
        let request: JSON
        do {
            request = try JSON.parse(body, depth: Self.maximumDepth)
        } catch {
            return Self.answer(nil, .parse(error))
        }
        guard case .array(let batch) = request else { return await answer(request) }
        guard !batch.isEmpty, batch.count <= Self.maximumBatch else {
            return Self.answer(nil, .invalidRequest("a batch holds 1 to \(Self.maximumBatch) requests"))
        }
        var answers: [JSON] = []
        for request in batch {
            if let answer = await answer(request) { answers.append(answer) }
        }
        return answers.isEmpty ? nil : .array(answers)
    }

    /// An answer with an error; the id is null when the request's could not be read.
    static func answer(_ id: JSON?, _ error: JSONRPCError) -> JSON {
        .make([
            "jsonrpc": .string("2.0"), "id": id ?? .null,
            "error": .make(["code": .int(error.code), "message": .string(error.message), "data": error.data]),
        ])
    }

    private func answer(_ request: JSON) async -> JSON? {
        guard case .object = request else { return Self.answer(nil, .invalidRequest("it is not an object")) }
        let id = request["id"]
        switch id {
        case nil, .null, .string, .number: break
        default: return Self.answer(nil, .invalidRequest("\"id\" must be a string or a number"))
        }
        guard case .string(let method) = request["method"], method.utf8.count <= Self.longestMethod else {
            return Self.answer(id, .invalidRequest("\"method\" must be a short string"))
        }
        let parameters = request["params"] ?? .null
        switch parameters {
        case .null, .array, .object: break
        default: return Self.answer(id, .invalidParameters("\"params\" must be an array or an object"))
        }
        do {
            let result = try await call(method, parameters == .null ? .array([]) : parameters)
            guard let id else { return nil }
            return .make(["jsonrpc": .string("2.0"), "id": id, "result": result])
        } catch let error as JSONRPCError {
            return id.map { Self.answer($0, error) }
        } catch {
            return id.map { Self.answer($0, .server("internal error")) }
        }
    }
}
