import Crypto
import Definitions
import Timeline

/// The probes that give samples: each knows how to look at one target, once.
struct RPCLook: Probe {
    let client: HTTPClient
    /// Host name to address; nothing else is ever contacted.
    let addresses: [String: String]
    let timeout: Duration
    let port: UInt16
    let path: String
    let body: [UInt8]
    /// Sample key to path; empty for the whole answer.
    let values: [(key: String, path: JSONPath)]

    func look(at target: String) async -> Result<JSON, ProbeFailure> {
        guard let address = addresses[target] else {
            return .failure(ProbeFailure("\(target) is not a host of this run"))
        }
        let request = HTTPRequest(
            method: "POST", address: address, port: port, target: path,
            headers: ["Content-Type": "application/json"], body: body)
        switch await client.send(request, timeout: timeout) {
        case .failure(let failure): return .failure(failure)
        case .success(let response):
            guard !response.isCut else {
                return .failure(ProbeFailure("the answer is longer than \(request.bodyLimit) bytes"))
            }
            do throws(JSONReader.Failure) {
                return Self.sample(try JSONReader.read(response.body), status: response.status, values: values)
            } catch {
                return .failure(ProbeFailure("HTTP status \(response.status), and \(error)"))
            }
        }
    }

    /// The sample that an answer gives: an RPC error is one as well, under `error`.
    static func sample(_ answer: JSON, status: Int, values: [(key: String, path: JSONPath)]) -> Result<
        JSON, ProbeFailure
    > {
        guard case .object(let members) = answer else {
            return .failure(ProbeFailure("the answer is not a JSON-RPC response"))
        }
        guard !values.isEmpty else { return .success(answer) }
        if let error = members["error"], error != .null { return .success(.object(["error": error])) }
        var sample: [String: JSON] = [:]
        for (key, path) in values {
            if let value = path.value(in: answer) { sample[key] = value }
        }
        guard !sample.isEmpty else {
            return .failure(ProbeFailure("HTTP status \(status), and the answer has none of the values looked for"))
        }
        return .success(.object(sample))
    }
}

/// An HTTP GET: `status`, `sha256` (of a whole body), `body` (its first 4 KiB), `size`, `truncated`, `headers`.
struct HTTPLook: Probe {
    static let bodyInSample = 4 << 10

    let client: HTTPClient
    let addresses: [String: String]
    let timeout: Duration
    let url: String
    let headers: [String: String]
    var bodyLimit = HTTPRequest.defaultBodyLimit

    func look(at target: String) async -> Result<JSON, ProbeFailure> {
        guard let address = addresses[target] else {
            return .failure(ProbeFailure("\(target) is not a host of this run"))
        }
        let text = url.replacing("{address}", with: address)
        guard let request = HTTPRequest(get: text, headers: headers, bodyLimit: bodyLimit) else {
            return .failure(ProbeFailure("'\(text)' is not a URL with an IPv4 address"))
        }
        guard addresses.values.contains(request.address) else {
            return .failure(ProbeFailure("\(request.address) is not an address of this run"))
        }
        return await client.send(request, timeout: timeout).map(Self.sample)
    }

    static func sample(_ response: HTTPResponse) -> JSON {
        var sample: [String: JSON] = [
            "status": .int(Int64(response.status)),
            "body": .string(String(decoding: response.body.prefix(bodyInSample), as: UTF8.self)),
            "size": .int(Int64(response.body.count)),
            "truncated": .bool(response.isCut),
            "headers": .object(response.headers.mapValues { .string($0) }),
        ]
        if !response.isCut {
            sample["sha256"] = .string(SHA256.hash(data: response.body).map { hexByte($0) }.joined())
        }
        return .object(sample)
    }

    private static func hexByte(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }
}

/// A short command on the target: `exit`, `stdout`, `stderr`, and `json` when standard output is one JSON value.
struct CommandLook: Probe {
    let hosts: [String: any RemoteHost]
    let command: ScriptPlan

    func look(at target: String) async -> Result<JSON, ProbeFailure> {
        guard let host = hosts[target] else { return .failure(ProbeFailure("\(target) is not a host of this run")) }
        return Self.sample(await host.ask(command), redaction: Redaction(of: [command]))
    }

    static func sample(_ result: CommandResult, redaction: Redaction) -> Result<JSON, ProbeFailure> {
        let exit: Int64
        switch result.outcome {
        case .exited(let code): exit = Int64(code)
        case .signaled(let name): return .failure(ProbeFailure("the command was killed by \(name)"))
        case .unknown(let reason): return .failure(ProbeFailure(reason))
        }
        func text(_ bytes: [UInt8]) -> JSON {
            .string(redaction.apply(to: String(decoding: bytes.prefix(HTTPLook.bodyInSample), as: UTF8.self)))
        }
        var sample: [String: JSON] = ["exit": .int(exit), "stdout": text(result.stdout), "stderr": text(result.stderr)]
        let redacted = redaction.apply(to: String(decoding: result.stdout, as: UTF8.self))
        if !result.truncated, let value = try? JSONReader.read(Array(redacted.utf8)) { sample["json"] = value }
        return .success(.object(sample))
    }
}
