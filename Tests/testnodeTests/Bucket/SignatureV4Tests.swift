import Testing

@testable import testnode

/// The worked examples of the S3 API reference: "Signature calculations for the Authorization header", "Authenticating
/// requests: using query parameters" and "Transferring payload in multiple chunks".
@Suite("Signature Version 4 against the published examples")
struct SignatureV4Tests {
    static let accessKey = "AKIAIOSFODNN7EXAMPLE"
    static let authentication = S3Authentication(
        region: "us-east-1",
        credentials: [
            accessKey: S3Credential(
                name: "example", accessKey: accessKey, secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                isOwner: true)
        ])
    static let owner = Caller.user(name: "example", accessKey: accessKey, isOwner: true)

    struct Example: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var method = "GET"
        var path = "/"
        var query = ""
        var headers: [(String, String)] = []
        var payloadHash = SignatureV4.emptyPayloadHash
        var signature: String
    }

    static let examples = [
        Example(
            testDescription: "GET with a range", path: "/test.txt", headers: [("Range", "bytes=0-9")],
            signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        Example(
            testDescription: "PUT with a key that needs encoding", method: "PUT", path: "/test$file.text",
            headers: [("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
            payloadHash: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
            signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
        Example(
            testDescription: "a sub-resource without a value", query: "lifecycle",
            signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        Example(
            testDescription: "a listing", query: "max-keys=2&prefix=J",
            signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ]

    static func head(_ example: Example, signature: String? = nil, date: String = "20130524T000000Z") -> HTTP.Head {
        var headers = HTTP.Headers()
        headers.add("Host", "examplebucket.s3.amazonaws.com")
        for (name, value) in example.headers { headers.add(name, value) }
        headers.add("x-amz-content-sha256", example.payloadHash)
        headers.add("x-amz-date", date)
        let signed = headers.fields.map(\.name).sorted().joined(separator: ";")
        headers.add(
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=\(accessKey)/20130524/us-east-1/s3/aws4_request,"
                + "SignedHeaders=\(signed),Signature=\(signature ?? example.signature)")
        return HTTP.Head(
            method: example.method, path: example.path, query: example.query, minorVersion: 1, headers: headers)
    }

    static func authenticate(
        _ head: HTTP.Head, at time: String = "20130524T000000Z"
    ) throws(S3Error) -> S3Authentication.Result {
        guard let now = Timestamp(amzDate: time), let query = PercentEncoding.query(head.query) else {
            throw .internalError
        }
        return try authentication.authenticate(head, query: query, now: now)
    }

    @Test(arguments: examples)
    func acceptsThePublishedSignature(_ example: Example) throws {
        #expect(try Self.authenticate(Self.head(example)).caller == Self.owner)
    }

    @Test(arguments: examples)
    func refusesAnotherSignature(_ example: Example) {
        let wrong = String(example.signature.dropLast()) + (example.signature.hasSuffix("0") ? "1" : "0")
        #expect { try Self.authenticate(Self.head(example, signature: wrong)) } throws: { error in
            (error as? S3Error)?.answer.code == "SignatureDoesNotMatch"
        }
    }

    @Test func refusesAChangedRequest() {
        var head = Self.head(Self.examples[0])
        head.path = "/other.txt"
        #expect(throws: S3Error.self) { try Self.authenticate(head) }
    }

    @Test func refusesAnUnsignedAmazonHeader() {
        var head = Self.head(Self.examples[0])
        head.headers.add("x-amz-acl", "public-read")
        #expect(
            throws: S3Error.accessDeniedBecause("There were headers present in the request which were not signed")
        ) { try Self.authenticate(head) }
    }

    /// As boto3 makes them for `signature_version="s3"`.
    @Test(arguments: [
        "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D&Expires=1141889120",
        "Signature=x", "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE",
    ])
    func refusesSignatureVersion2InTheQuery(query: String) {
        let head = HTTP.Head(method: "GET", path: "/test.txt", query: query, minorVersion: 1, headers: Self.host)
        let why = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
        #expect(throws: S3Error.invalidRequest(why)) { try Self.authenticate(head) }
    }

    @Test func refusesAnUnknownKey() {
        let none = S3Authentication(region: "us-east-1", credentials: [:])
        #expect(throws: S3Error.invalidAccessKeyId) {
            try none.authenticate(
                Self.head(Self.examples[0]), query: [], now: try #require(Timestamp(amzDate: "20130524T000000Z")))
        }
    }

    @Test(arguments: [
        ("20130524T001500Z", true), ("20130523T234500Z", true), ("20130524T001501Z", false),
        ("20130523T234459Z", false),
    ])
    func allowsAQuarterOfAnHourOfSkew(time: String, isAccepted: Bool) {
        if isAccepted {
            #expect(throws: Never.self) { try Self.authenticate(Self.head(Self.examples[0]), at: time) }
        } else {
            #expect(throws: S3Error.requestTimeTooSkewed) {
                try Self.authenticate(Self.head(Self.examples[0]), at: time)
            }
        }
    }

    static let presigned = HTTP.Head(
        method: "GET", path: "/test.txt",
        query: "X-Amz-Algorithm=AWS4-HMAC-SHA256"
            + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
            + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
            + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
        minorVersion: 1, headers: host)
    static let host = {
        var headers = HTTP.Headers()
        headers.add("Host", "examplebucket.s3.amazonaws.com")
        return headers
    }()

    @Test func acceptsThePublishedPresignedURLUntilItExpires() throws {
        #expect(try Self.authenticate(Self.presigned, at: "20130524T235959Z").caller == Self.owner)
        #expect(throws: S3Error.accessDeniedBecause("Request has expired")) {
            try Self.authenticate(Self.presigned, at: "20130525T000001Z")
        }
        var changed = Self.presigned
        changed.query = changed.query.replacing("86400", with: "96400")
        #expect(throws: S3Error.self) { try Self.authenticate(changed, at: "20130524T235959Z") }
    }

    @Test func aRequestWithoutCredentialsIsAnonymous() throws {
        let head = HTTP.Head(method: "GET", path: "/", query: "", minorVersion: 1, headers: Self.host)
        #expect(try Self.authenticate(head).caller == .anonymous)
    }
}

@Suite("aws-chunked bodies")
struct AWSChunkedDecoderTests {
    /// The reference's example: 66560 times `a` in chunks of 65536 and 1024 bytes.
    static let body =
        "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n"
        + String(repeating: "a", count: 65536) + "\r\n"
        + "400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n"
        + String(repeating: "a", count: 1024) + "\r\n"
        + "0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n"

    static func signing() -> ChunkSigning {
        let scope = SignatureV4.Scope(date: "20130524", region: "us-east-1", service: "s3")
        return ChunkSigning(
            key: SignatureV4.signingKey(secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", scope: scope),
            amzDate: "20130524T000000Z", scope: scope,
            previous: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9")
    }

    static func decode(
        _ text: String, signing: ChunkSigning?, trailer: Bool = false, pieces: Int
    ) throws -> (data: [UInt8], decoder: AWSChunkedDecoder) {
        var decoder = AWSChunkedDecoder(signing: signing, expectsTrailer: trailer)
        let bytes = Array(text.utf8)
        var data: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            data += try decoder.feed(Array(bytes[start..<min(start + pieces, bytes.count)]))
        }
        return (data, decoder)
    }

    @Test(arguments: [7, 1000, 65536, 1_000_000])
    func decodesThePublishedExampleHoweverItArrives(pieces: Int) throws {
        let (data, decoder) = try Self.decode(Self.body, signing: Self.signing(), pieces: pieces)
        #expect(decoder.isDone)
        #expect(data.count == 66560 && data.allSatisfy { $0 == 0x61 })
    }

    @Test func refusesAChangedByte() {
        let changed = Self.body.replacing("\r\na", with: "\r\nb", maxReplacements: 1)
        #expect(throws: S3Error.invalidChunkSignature) {
            try Self.decode(changed, signing: Self.signing(), pieces: 4096)
        }
    }

    @Test func aBodyThatStopsEarlyIsNotDone() throws {
        let (_, decoder) = try Self.decode(String(Self.body.dropLast(90)), signing: Self.signing(), pieces: 4096)
        #expect(!decoder.isDone)
    }

    @Test func readsTrailers() throws {
        let text = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"
        let (data, decoder) = try Self.decode(text, signing: nil, trailer: true, pieces: 3)
        #expect(String(decoding: data, as: UTF8.self) == "hello")
        #expect(decoder.isDone && decoder.trailers == ["x-amz-checksum-crc32": "NhCmhg=="])
    }

    @Test func aSignedTrailerMustCarryItsSignature() {
        // The signature of an empty first chunk is right, so that only the trailer is at fault.
        var signing = Self.signing()
        signing.previous = "seed"
        let text = SignatureV4.chunkStringToSign(
            amzDate: signing.amzDate, scope: signing.scope, previous: "seed", chunkHash: SignatureV4.emptyPayloadHash)
        let signature = SignatureV4.signature(of: text, key: signing.key)
        let body = "0;chunk-signature=\(signature)\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"
        #expect(throws: S3Error.invalidChunkSignature) {
            try Self.decode(body, signing: signing, trailer: true, pieces: 4096)
        }
    }

    @Test(arguments: [
        "zz\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "\r\n", "5\r\nhello\r\n0\r\n\r\nmore",
        String(repeating: "1", count: 2000),
    ])
    func refusesWhatIsNoChunk(_ text: String) {
        #expect(throws: S3Error.self) { try Self.decode(text, signing: nil, trailer: true, pieces: 5) }
    }
}

@Suite("Checksums")
struct ChecksumTests {
    /// Check values over "123456789" from the CRC catalogue, and of the SHA functions.
    @Test(arguments: [
        (ChecksumAlgorithm.crc32, "cbf43926"), (.crc32c, "e3069283"), (.crc64nvme, "ae8b14860a799888"),
        (.sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
        (.sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
    ])
    func givesTheKnownValue(algorithm: ChecksumAlgorithm, hex: String) {
        var checksum = Checksum(algorithm)
        checksum.update(Array("1234".utf8))
        checksum.update(Array("56789".utf8))
        let bytes = PercentEncoding.decode(hex.utf8.pairs.map { "%" + $0 }.joined()) ?? []
        #expect(checksum.base64 == Base64.encode(bytes))
    }

    /// RFC 4648 section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func encodesBase64(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
    }
}
