import Crypto

/// A pair of keys from the configuration file.
struct S3Credential: Sendable {
    /// User name, as policies and the access log name the caller.
    var name: String
    var accessKey: String
    var secretKey: String
    /// True for administrators of the account that owns the buckets; false for users of another account.
    var isOwner: Bool
}

/// How a request's body is protected (header `x-amz-content-sha256`).
enum S3Payload: Sendable, Equatable {
    case unsigned
    /// Hexadecimal SHA-256 of the whole body.
    case sha256(String)
    /// `aws-chunked`, each chunk signed.
    case signedChunks(trailer: Bool)
    /// `aws-chunked` with a checksum in the trailer, chunks not signed.
    case unsignedChunksWithTrailer

    var isChunked: Bool {
        switch self {
        case .unsigned, .sha256: false
        case .signedChunks, .unsignedChunksWithTrailer: true
        }
    }

    /// Reads the header's value; absent means unsigned.
    init(header: String?) throws(S3Error) {
        switch header {
        case nil, "UNSIGNED-PAYLOAD": self = .unsigned
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD": self = .signedChunks(trailer: false)
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER": self = .signedChunks(trailer: true)
        case "STREAMING-UNSIGNED-PAYLOAD-TRAILER": self = .unsignedChunksWithTrailer
        case .some(let hash):
            guard hash.utf8.count == 64, hash.utf8.allSatisfy(\.isHexDigit) else {
                throw .invalidArgument(
                    "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a STREAMING-… value of Signature Version 4, "
                        + "or a valid sha256 value.")
            }
            self = .sha256(hash.lowercased())
        }
    }
}

/// What continues a request's signature over the chunks of its body.
struct ChunkSigning: Sendable {
    var key: SymmetricKey
    var amzDate: String
    var scope: SignatureV4.Scope
    /// Signature of the request, then of each chunk in turn.
    var previous: String
}

/// Finds out who sent a request: Signature Version 4 in the header or in the query (presigned), or nobody.
struct S3Authentication: Sendable {
    /// Largest difference between the request's time and ours (S3, "RequestTimeTooSkewed").
    static let allowedSkew: Duration = .seconds(15 * 60)
    /// Longest life of a presigned URL.
    static let longestPresign = 7 * 24 * 3600

    var region: String
    /// By access key.
    var credentials: [String: S3Credential]

    struct Result: Sendable {
        var caller: Caller
        var payload: S3Payload
        var chunkSigning: ChunkSigning?
    }

    private struct Claim {
        var credential: S3Credential
        var scope: SignatureV4.Scope
        var signedHeaders: [String]
        var signature: String
        var amzDate: String
    }

    typealias Query = [(name: String, value: String)]

    func authenticate(_ head: HTTP.Head, query: Query, now: Timestamp) throws(S3Error) -> Result {
        let authorization = head.headers["authorization"]
        let isPresigned = query.contains { $0.name == "X-Amz-Algorithm" || $0.name == "X-Amz-Signature" }
        if query.contains(where: { $0.name == "AWSAccessKeyId" || $0.name == "Signature" }) {
            // Signature Version 2 in the query: whoever signs a request is not nobody.
            throw unsupportedMechanism
        }
        switch (authorization, isPresigned) {
        case (nil, false):
            let payload = try S3Payload(header: head.headers["x-amz-content-sha256"])
            if case .signedChunks = payload { throw .invalidRequest("Signed chunks need a signed request.") }
            return Result(caller: .anonymous, payload: payload)
        case (.some, true):
            throw .invalidArgument(
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, "
                    + "Signature query string parameter or the Authorization header should be specified")
        case (.some(let authorization), false):
            return try fromHeader(authorization, head, query: query, now: now)
        case (nil, true):
            return try fromQuery(head, query: query, now: now)
        }
    }

    private func fromHeader(
        _ authorization: String, _ head: HTTP.Head, query: Query, now: Timestamp
    ) throws(S3Error) -> Result {
        guard authorization.hasPrefix(SignatureV4.algorithm + " ") else {
            throw unsupportedMechanism
        }
        var fields: [String: String] = [:]
        for part in authorization.dropFirst(SignatureV4.algorithm.count + 1).split(separator: ",") {
            let pair = part.trimmingSpaces().split(separator: "=", maxSplits: 1)
            guard pair.count == 2, fields.updateValue(String(pair[1]), forKey: String(pair[0])) == nil else {
                throw malformedHeader("it is not a list of name=value pairs")
            }
        }
        guard let credentialText = fields["Credential"], let signed = fields["SignedHeaders"],
            let signature = fields["Signature"]
        else { throw malformedHeader("Credential, SignedHeaders and Signature are required") }
        let date = head.headers["x-amz-date"] ?? head.headers["date"].flatMap { Timestamp(httpDate: $0)?.amzDate }
        guard let date, let time = Timestamp(amzDate: date) else {
            throw .accessDeniedBecause("AWS authentication requires a valid Date or x-amz-date header")
        }
        let (credential, scope) = try self.credential(credentialText, date: date) { (why) in malformedHeader(why) }
        guard Duration.magnitude(time.since(now)) <= Self.allowedSkew else { throw .requestTimeTooSkewed }
        guard let hash = head.headers["x-amz-content-sha256"] else {
            throw .invalidRequest("Missing required header for this request: x-amz-content-sha256")
        }
        let claim = Claim(
            credential: credential, scope: scope, signedHeaders: signed.split(separator: ";").map(String.init),
            signature: signature, amzDate: date)
        let payload = try S3Payload(header: hash)
        let key = try verify(claim, head, query: query, payloadHash: hash)
        let signing = ChunkSigning(key: key, amzDate: date, scope: scope, previous: signature)
        return Result(caller: caller(credential), payload: payload, chunkSigning: signing)
    }

    private func fromQuery(_ head: HTTP.Head, query: Query, now: Timestamp) throws(S3Error) -> Result {
        func value(_ name: String) throws(S3Error) -> String {
            let values = query.filter { $0.name == name }
            guard values.count == 1 else {
                throw .authorizationQueryParametersError("Query-string authentication needs \(name) exactly once.")
            }
            return values[0].value
        }
        guard try value("X-Amz-Algorithm") == SignatureV4.algorithm else {
            throw .authorizationQueryParametersError("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"")
        }
        let date = try value("X-Amz-Date")
        guard let time = Timestamp(amzDate: date) else {
            throw .authorizationQueryParametersError(
                "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
        }
        guard let seconds = Int(try value("X-Amz-Expires")), (1...Self.longestPresign).contains(seconds) else {
            throw .authorizationQueryParametersError("X-Amz-Expires must be from 1 to \(Self.longestPresign) seconds")
        }
        let (credential, scope) = try self.credential(try value("X-Amz-Credential"), date: date) { why in
            .authorizationQueryParametersError("Error parsing the X-Amz-Credential parameter; \(why).")
        }
        guard time.since(now) <= Self.allowedSkew else { throw .accessDeniedBecause("Request is not yet valid") }
        guard now.since(time) <= .seconds(seconds) else { throw .accessDeniedBecause("Request has expired") }
        let claim = Claim(
            credential: credential, scope: scope,
            signedHeaders: try value("X-Amz-SignedHeaders").split(separator: ";").map(String.init),
            signature: try value("X-Amz-Signature"), amzDate: date)
        let hash = head.headers["x-amz-content-sha256"] ?? "UNSIGNED-PAYLOAD"
        let payload = try S3Payload(header: hash)
        if case .signedChunks = payload { throw .notImplemented("signed chunks with presigned URLs") }
        _ = try verify(claim, head, query: query.filter { $0.name != "X-Amz-Signature" }, payloadHash: hash)
        return Result(caller: caller(credential), payload: payload)
    }

    private func credential(
        _ text: String, date: String, malformed: (String) -> S3Error
    ) throws(S3Error) -> (S3Credential, SignatureV4.Scope) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[4] == "aws4_request" else {
            throw malformed("the Credential must be ACCESS-KEY/YYYYMMDD/REGION/SERVICE/aws4_request")
        }
        guard let credential = credentials[parts[0]] else { throw .invalidAccessKeyId }
        guard date.hasPrefix(parts[1]), parts[1].utf8.count == 8 else {
            throw malformed("the date in the Credential is not the date of the request")
        }
        guard parts[2] == region else { throw malformed("the region '\(parts[2])' is wrong; expecting '\(region)'") }
        guard parts[3] == "s3" else {
            throw malformed("incorrect service \"\(parts[3])\"; this endpoint belongs to \"s3\"")
        }
        return (credential, .init(date: parts[1], region: parts[2], service: parts[3]))
    }

    /// Compares the signature and returns the key that made it.
    private func verify(
        _ claim: Claim, _ head: HTTP.Head, query: Query, payloadHash: String
    ) throws(S3Error) -> SymmetricKey {
        let signed = Set(claim.signedHeaders)
        let mustBeSigned = head.headers.fields.map(\.name).filter { $0 == "host" || $0.hasPrefix("x-amz-") }
        guard signed.contains("host"), mustBeSigned.allSatisfy(signed.contains) else {
            throw .accessDeniedBecause("There were headers present in the request which were not signed")
        }
        let canonical = SignatureV4.canonicalRequest(
            method: head.method, path: head.path, query: query, headers: head.headers,
            signedHeaders: claim.signedHeaders, payloadHash: payloadHash)
        let text = SignatureV4.stringToSign(amzDate: claim.amzDate, scope: claim.scope, canonicalRequest: canonical)
        let key = SignatureV4.signingKey(secret: claim.credential.secretKey, scope: claim.scope)
        guard SignatureV4.matches(SignatureV4.signature(of: text, key: key), claim.signature) else {
            throw .signatureDoesNotMatch(
                .init(accessKey: claim.credential.accessKey, stringToSign: text, canonicalRequest: canonical))
        }
        return key
    }

    private func caller(_ credential: S3Credential) -> Caller {
        .user(name: credential.name, accessKey: credential.accessKey, isOwner: credential.isOwner)
    }

    private var unsupportedMechanism: S3Error {
        .invalidRequest("The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")
    }

    private func malformedHeader(_ why: String) -> S3Error {
        .authorizationHeaderMalformed("The authorization header is malformed; \(why).")
    }
}

extension Duration {
    /// Without its sign.
    static func magnitude(_ duration: Duration) -> Duration { duration < .zero ? .zero - duration : duration }
}
