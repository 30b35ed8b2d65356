import Crypto

/// AWS Signature Version 4 as pure functions (S3 API reference, "Signature calculations").
enum SignatureV4 {
    static let algorithm = "AWS4-HMAC-SHA256"
    static let emptyPayloadHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    /// Date, region and service that a signature is good for.
    struct Scope: Sendable, Equatable {
        /// `YYYYMMDD`.
        var date: String
        var region: String
        var service: String

        var text: String { "\(date)/\(region)/\(service)/aws4_request" }
    }

    /// The request in the one form that both sides sign.
    /// - Parameters:
    ///   - path: the request's path as sent; it is decoded and encoded once, so equivalent spellings agree.
    ///   - query: decoded pairs without `X-Amz-Signature`.
    ///   - signedHeaders: names in lower case, in the order to sign.
    ///   - payloadHash: hexadecimal SHA-256 of the body or one of S3's markers such as `UNSIGNED-PAYLOAD`.
    static func canonicalRequest(
        method: String, path: String, query: [(name: String, value: String)], headers: HTTP.Headers,
        signedHeaders: [String], payloadHash: String
    ) -> String {
        let canonicalPath = PercentEncoding.decode(path).map { PercentEncoding.encode($0, keepingSlash: true) } ?? path
        let pairs = query.map { (PercentEncoding.encode($0.name.utf8), PercentEncoding.encode($0.value.utf8)) }
        let canonicalQuery = pairs.sorted { left, right in
            left.0 == right.0 ? left.1.utf8.precedes(right.1) : left.0.utf8.precedes(right.0)
        }.map { "\($0)=\($1)" }.joined(separator: "&")
        let canonicalHeaders = signedHeaders.map { name in
            "\(name):" + headers.all(name).map(collapsingSpaces).joined(separator: ",") + "\n"
        }.joined()
        return [
            method, canonicalPath, canonicalQuery, canonicalHeaders, signedHeaders.joined(separator: ";"), payloadHash,
        ].joined(separator: "\n")
    }

    static func stringToSign(amzDate: String, scope: Scope, canonicalRequest: String) -> String {
        [algorithm, amzDate, scope.text, SHA256.hash(data: Array(canonicalRequest.utf8)).hex].joined(separator: "\n")
    }

    /// String to sign of one `aws-chunked` chunk.
    /// - Parameter previous: signature of the chunk before, or of the request for the first.
    static func chunkStringToSign(amzDate: String, scope: Scope, previous: String, chunkHash: String) -> String {
        ["AWS4-HMAC-SHA256-PAYLOAD", amzDate, scope.text, previous, emptyPayloadHash, chunkHash].joined(separator: "\n")
    }

    /// String to sign of the trailing header fields of an `aws-chunked` body.
    static func trailerStringToSign(amzDate: String, scope: Scope, previous: String, trailerHash: String) -> String {
        ["AWS4-HMAC-SHA256-TRAILER", amzDate, scope.text, previous, trailerHash].joined(separator: "\n")
    }

    static func signingKey(secret: String, scope: Scope) -> SymmetricKey {
        var key = SymmetricKey(data: Array(("AWS4" + secret).utf8))
        for part in [scope.date, scope.region, scope.service, "aws4_request"] {
            key = SymmetricKey(data: Array(HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key)))
        }
        return key
    }

    static func signature(of stringToSign: String, key: SymmetricKey) -> String {
        HMAC<SHA256>.authenticationCode(for: Array(stringToSign.utf8), using: key).hex
    }

    /// Compares signatures without telling by time how much of a guess was right.
    static func matches(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        return zip(left.utf8, right.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// Trimmed, with runs of spaces made one.
    private static func collapsingSpaces(_ value: String) -> String {
        value.utf8.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    }
}

extension String.UTF8View {
    /// Byte order, which is the order of S3 listings and of canonical queries.
    func precedes(_ other: String) -> Bool { lexicographicallyPrecedes(other.utf8) }
}
