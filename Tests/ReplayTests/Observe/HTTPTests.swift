import Foundation
import Testing
import Timeline

@testable import Replay

struct HTTPResponseParserTests {
    private func parse(_ text: String, pieces: Int, limit: Int = 1_000, closes: Bool = false)
        -> HTTPResponseParser.Progress
    {
        var parser = HTTPResponseParser(bodyLimit: limit)
        var progress = HTTPResponseParser.Progress.needsMore
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count, progress == .needsMore {
            let end = min(bytes.count, index + pieces)
            progress = parser.consume(bytes[index..<end])
            index = end
        }
        if closes, progress == .needsMore { progress = parser.finish() }
        return progress
    }

    @Test(arguments: [1, 2, 7, 10_000])
    func readsTheSameHoweverItArrives(_ pieces: Int) {
        let counted = HTTPResponse(
            status: 200, headers: ["content-length": "5", "x": "a, b"], body: Array("hello".utf8), isCut: false)
        #expect(
            parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: a\r\nx:\t b\r\n\r\nhello", pieces: pieces)
                == .done(counted))
        let chunked = parse(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nT: t\r\n\r\n",
            pieces: pieces)
        guard case .done(let response) = chunked else {
            Issue.record("\(chunked)")
            return
        }
        #expect(response.body == Array("hello".utf8))
        guard case .done(let closed) = parse("HTTP/1.0 404 Not Found\r\n\r\nhello", pieces: pieces, closes: true) else {
            Issue.record("not read to the close")
            return
        }
        #expect(closed.status == 404)
        #expect(closed.body == Array("hello".utf8))
        guard
            case .done(let cut) = parse(
                "HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n0123456789ab", pieces: pieces, limit: 10)
        else {
            Issue.record("not cut")
            return
        }
        #expect(cut.isCut)
        #expect(cut.body == Array("0123456789".utf8))
    }

    @Test(arguments: [
        "SSH-2.0-x\r\n\r\n", "HTTP/1.1 9x9 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nbroken\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", "",
    ])
    func refusesWhatIsNoAnswer(_ text: String) {
        guard case .failed = parse(text, pieces: 3, closes: true) else {
            Issue.record("taken: \(text)")
            return
        }
    }

    @Test func anEndlessHeadIsRefused() {
        guard case .failed = parse("HTTP/1.1 200 OK\r\nX: " + String(repeating: "y", count: 40_000), pieces: 1_000)
        else {
            Issue.record("taken")
            return
        }
    }

    @Test func mutatedAnswersNeitherCrashNorHang() {
        var generator = SplitMix(seed: 7)
        let base = Array(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n".utf8)
        for _ in 0..<3_000 {
            var bytes = base
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            var parser = HTTPResponseParser(bodyLimit: 100)
            var progress = HTTPResponseParser.Progress.needsMore
            for byte in bytes where progress == .needsMore { progress = parser.consume([byte]) }
            if progress == .needsMore { progress = parser.finish() }
            #expect(progress != .needsMore)
        }
    }
}

/// A small generator with a seed, for repeatable tests.
struct SplitMix: RandomNumberGenerator {
    var seed: UInt64
    mutating func next() -> UInt64 {
        seed &+= 0x9E37_79B9_7F4A_7C15
        var value = seed
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

struct HTTPClientTests {
    private func get(_ client: HTTPClient, _ port: UInt16, timeout: Duration = .seconds(5), limit: Int = 1_000)
        async -> Result<HTTPResponse, ProbeFailure>
    {
        await client.send(
            HTTPRequest(
                method: "GET", address: "127.0.0.1", port: port, target: "/x?y=z", headers: ["X-Test": "1"],
                bodyLimit: limit),
            timeout: timeout)
    }

    @Test func sendsAndReads() async throws {
        let server = try TestServer { request in
            TestServer.ok(
                request.hasPrefix("GET /x?y=z HTTP/1.1\r\n") && request.contains("X-Test: 1\r\n") ? "yes" : "no")
        }
        defer { server.stop() }
        let client = HTTPClient()
        defer { client.stop() }
        #expect(try await get(client, server.port).get().body == Array("yes".utf8))
        let many = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<200 { group.addTask { (try? await get(client, server.port).get().status) == 200 } }
            return await group.reduce(into: 0) { if $1 { $0 += 1 } }
        }
        #expect(many == 200)
    }

    @Test func saysWhyThereIsNoAnswer() async throws {
        let client = HTTPClient()
        defer { client.stop() }
        let silent = try TestServer { _ in .silence }
        defer { silent.stop() }
        #expect(
            await get(client, silent.port, timeout: .milliseconds(200))
                == .failure(ProbeFailure("no answer in time (waiting for the answer)")))
        let halting = try TestServer { _ in
            .bytes([Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal".utf8), Array("f".utf8)])
        }
        defer { halting.stop() }
        #expect(
            await get(client, halting.port)
                == .failure(ProbeFailure("the server closed the connection in the middle of its answer")))
        guard case .failure(let refused) = await get(client, 1) else {
            Issue.record("port 1 answers")
            return
        }
        #expect(refused.description.contains("cannot connect"))
        let endless = try TestServer { _ in
            .bytes(
                [Array("HTTP/1.1 200 OK\r\n\r\n".utf8)] + Array(repeating: Array(repeating: 65, count: 500), count: 50))
        }
        defer { endless.stop() }
        #expect(try await get(client, endless.port, limit: 2_000).get().isCut)
    }

    @Test func cancelledAndStoppedRequestsEnd() async throws {
        let silent = try TestServer { _ in .silence }
        defer { silent.stop() }
        let client = HTTPClient()
        let task = Task { await get(client, silent.port, timeout: .seconds(60)) }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        #expect(await task.value == .failure(ProbeFailure("cancelled")))
        let other = Task { await get(client, silent.port, timeout: .seconds(60)) }
        try await Task.sleep(for: .milliseconds(50))
        client.stop()
        #expect(await other.value == .failure(ProbeFailure("the client has stopped")))
        #expect(await get(client, silent.port) == .failure(ProbeFailure("the client has stopped")))
    }

    @Test func requestsCannotBreakOutOfTheirLines() {
        #expect(
            HTTPRequest(method: "GET", address: "127.0.0.1", port: 80, target: "/", headers: ["A": "b\r\nC: d"]).bytes
                == nil)
        #expect(HTTPRequest(get: "http://127.0.0.1/a b") == nil)
        #expect(HTTPRequest(get: "http://localhost/") == nil)
        #expect(HTTPRequest(get: "http://127.0.0.1.evil/") == nil)
        #expect(HTTPRequest(get: "https://127.0.0.1/") == nil)
        #expect(HTTPRequest(get: "http://127.0.0.1:0/") == nil)
        let plain = HTTPRequest(get: "http://127.31.0.5:9000?x=1#f")
        #expect(plain?.target == "/?x=1")
        #expect(plain?.port == 9_000)
    }
}
