import Foundation
import Testing

@testable import testnode

/// The server in this process, under peers that misbehave; socat plays the peers.
@Suite("HTTP server", .serialized)
struct HTTPServerTests {
    static func with(_ limits: HTTP.Limits, _ body: @Sendable (Int) async throws -> Void) async throws {
        let server = try HTTP.Server(address: "127.0.0.1", port: 0, limits: limits) { request in
            let bytes = (try? await request.body.collect(limit: 1000)) ?? Array("refused".utf8)
            return HTTP.Response(200, type: "text/plain", text: "\(request.head.path) \(bytes.count)")
        }
        let running = Task { try await server.run() }
        do {
            try await body(Int(server.port))
        } catch {
            running.cancel()
            throw error
        }
        running.cancel()
        _ = await running.result
    }

    /// Sends bytes and keeps the connection open until the server ends it.
    static func send(_ text: String, to port: Int) async throws -> (answer: String, took: Duration) {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try text.write(to: folder.url("request"), atomically: true, encoding: .utf8)
        let started = ContinuousClock.now
        // "ignoreeof" keeps the sending side open after the file's end, as a silent peer does.
        let result = try await Command.run(
            "socat", ["-T300", "OPEN:\(folder.path)/request,ignoreeof!!STDOUT", "TCP:127.0.0.1:\(port)"])
        return (result.text, ContinuousClock.now - started)
    }

    @Test func endsAConnectionThatSaysNothing() async throws {
        try await Self.with(HTTP.Limits(idle: .milliseconds(200))) { port in
            for text in ["", "GET / HT", "GET / HTTP/1.1\r\nHost: h\r\n\r\n"] {
                let (answer, took) = try await Self.send(text, to: port)
                #expect(answer.isEmpty == !text.hasSuffix("\r\n\r\n"))
                #expect(took < .seconds(200), "only the server's limit ends it before socat's 300 s")
            }
        }
    }

    @Test func endsABodyThatStops() async throws {
        try await Self.with(HTTP.Limits(stall: .milliseconds(200))) { port in
            let text = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nfew"
            let (_, took) = try await Self.send(text, to: port)
            #expect(took < .seconds(200))
        }
    }

    @Test func refusesConnectionsBeyondItsLimit() async throws {
        try await Self.with(HTTP.Limits(connections: 0)) { port in
            let (answer, _) = try await Self.send("", to: port)
            #expect(answer.hasPrefix("HTTP/1.1 503 "))
        }
    }

    @Test func readsChunkedBodiesAndAnswersInOrder() async throws {
        try await Self.with(HTTP.Limits()) { port in
            let text =
                "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nT: v\r\n\r\n"
                + "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"
                + "HEAD /c HTTP/1.1\r\nHost: h\r\n\r\n"
                + "GET /d HTTP/1.0\r\n\r\n"
            let bodies = try await Self.send(text, to: port).answer.matches(of: /\/[abd] \d+/).map { String($0.0) }
            #expect(bodies == ["/a 7", "/b 2", "/d 0"])
        }
    }

    @Test(arguments: ["+3\r\nabc\r\n0\r\n\r\n", "3\r\nabcd\r\n0\r\n\r\n", "\r\n", "fffffffffffffffff\r\n"])
    func endsAConnectionWithMalformedChunks(body: String) async throws {
        try await Self.with(HTTP.Limits()) { port in
            let text = "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + body
            let (answer, took) = try await Self.send(text + "GET /next HTTP/1.1\r\nHost: h\r\n\r\n", to: port)
            #expect(!answer.contains("/next") && took < .seconds(200))
        }
    }

    @Test func refusesAnAddressThatIsTaken() async throws {
        try await Self.with(HTTP.Limits()) { port in
            #expect(throws: HTTP.ListenFailure.self) {
                try HTTP.Server(address: "127.0.0.1", port: UInt16(port)) { _ in HTTP.Response(200) }
            }
        }
        #expect(throws: HTTP.ListenFailure.self) {
            try HTTP.Server(address: "localhost", port: 0) { _ in HTTP.Response(200) }
        }
    }
}

@Suite("Parsers under mutated input")
struct MutationTests {
    struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    static let seeds = [
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*"}]}"#,
        "<Delete xmlns=\"x\"><Object><Key>a&amp;b&#x41;</Key></Object><!-- c --><Quiet>true</Quiet></Delete>",
        "GET /b/k%20?x=1&y HTTP/1.1\r\nHost: h\r\nRange: bytes=1-2\r\nContent-Length: 5\r\n\r\n",
        "5;chunk-signature=0\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", "bytes=10-20",
        "%2F%c3%a9?a=%41&b", "Sat, 31 Aug 2019 05:31:24 GMT", "20190831T053124Z",
    ].map { Array($0.utf8) }

    /// Whatever comes in, a parser answers or refuses; a trap would end the test process.
    @Test(arguments: 0..<8)
    func nothingTraps(seed: Int) {
        var random = Generator(state: UInt64(seed))
        for _ in 0..<1500 {
            var bytes = Self.seeds[seed]
            for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(contentsOf: bytes[place...].prefix(20), at: place)
                default: bytes.insert(contentsOf: "99999999999999999999".utf8, at: place)
                }
            }
            feed(bytes)
        }
    }

    private func feed(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        _ = try? BucketPolicy(bytes, bucket: "b")
        _ = try? XMLElement.parse(bytes)
        if let head = try? HTTP.HeadParser.parse(bytes[...], limits: HTTP.Limits()) {
            _ = try? S3Target(head, host: "s3.testnet")
        }
        var decoder = AWSChunkedDecoder(signing: nil, expectsTrailer: true)
        _ = try? decoder.feed(bytes)
        _ = try? ByteRange(text, size: 15)
        _ = PercentEncoding.query(text)
        _ = Timestamp(httpDate: text)
        _ = Timestamp(amzDate: text)
        _ = HTTP.HeadParser.end(in: bytes, from: 0)
        if let json = try? JSON.parse(bytes) { _ = try? PagerEvent(json) }
    }
}
