import Foundation
import Testing

@testable import testnode

@Suite("The bucket under rclone, curl and hostile peers", .serialized)
struct BucketProtocolTests {
    @Test func rcloneSynchronises() async throws {
        try await BucketClientTests.withBucket { s3, folder in
            try FileManager.default.createDirectory(at: folder.url("tree/sub"), withIntermediateDirectories: true)
            _ = try folder.makeFile("tree/small", size: 1000)
            _ = try folder.makeFile("tree/sub/large", size: 11 << 20, seed: 2)
            let up = try await s3.rclone("sync", "--s3-upload-cutoff", "8M", folder.path + "/tree", "T:release/chain")
            #expect(up.status == 0, "\(up.errors)")
            let names = try await s3.rclone("lsf", "-R", "T:release").text.split(separator: "\n").sorted()
            #expect(names == ["chain/", "chain/small", "chain/sub/", "chain/sub/large"])
            let check = try await s3.rclone("check", "--download", folder.path + "/tree", "T:release/chain")
            #expect(check.status == 0, "\(check.errors)")
            let down = try await s3.rclone("sync", "T:release/chain", folder.path + "/back")
            #expect(down.status == 0, "\(down.errors)")
            #expect(FileManager.default.contentsEqual(atPath: folder.path + "/tree", andPath: folder.path + "/back"))
            #expect(try await s3.rclone("purge", "T:release").status == 0)
            #expect(try await s3.rclone("lsd", "T:").text == "")
        }
    }

    @Test func curlReadsInBothStyles() async throws {
        try await BucketClientTests.withBucket { s3, folder in
            let file = try folder.makeFile("f", size: 2_000_000)
            let url = s3.program.url
            let named = "http://release.s3.testnet:\(s3.program.port)"
            let resolve = "release.s3.testnet:\(s3.program.port):127.0.0.1"
            #expect(try await s3.signedCurl("-X", "PUT", "-w", "%{http_code}", url + "/release").text == "200")
            // curl asks with Expect: 100-continue before it sends this much.
            let put = try await s3.signedCurl("-T", file, "-w", "%{http_code} %{time_total}", url + "/release/f")
            #expect(put.text.hasPrefix("200 "))
            let seconds = put.text.split(separator: " ").last.flatMap { Double($0) } ?? .infinity
            #expect(seconds < 0.9, "curl waits a second for 100 Continue if it does not come")
            let acl = try await s3.signedCurl(
                "-X", "PUT", "-H", "x-amz-acl: public-read", "-w", "%{http_code}", url + "/release/f?acl=")
            #expect(acl.text == "200")
            let bytes = try folder.read("f")
            #expect(try await s3.curl(url + "/release/f").output == bytes)
            #expect(try await s3.curl("--resolve", resolve, named + "/f").output == bytes)
            #expect(try await s3.signedCurl("--resolve", resolve, named + "/f").output == bytes)
            #expect(try await s3.curl("-r", "100-199", url + "/release/f").output == bytes[100..<200])
            let head = try await s3.curl("-I", url + "/release/f").text
            #expect(head.hasPrefix("HTTP/1.1 200 ") && head.contains("Content-Length: 2000000"))
            #expect(head.contains("x-amz-request-id: "))
            #expect(try await s3.signedCurl("-X", "DELETE", "-w", "%{http_code}", url + "/release/f").text == "204")
            #expect(try await s3.signedCurl("-w", "%{http_code}", "-o", "/dev/null", url + "/release/f").text == "404")
        }
    }

    @Test func aRefusedUploadLeavesTheConnectionInStep() async throws {
        try await BucketClientTests.withBucket { s3, folder in
            // Without a pause between them: the refusal comes while the body is still being sent.
            let body = String(repeating: "GET /wrong HTTP/1.1\r\nHost: h\r\n\r\n", count: 10_000)
            let requests =
                "PUT /release/k HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                + "GET /release/last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
            try requests.write(to: folder.url("request"), atomically: true, encoding: .utf8)
            _ = try await s3.signedCurl("-X", "PUT", s3.program.url + "/release")
            let answer = try await Command.run(
                "socat", ["-t10", "OPEN:\(folder.path)/request!!STDOUT", "TCP:127.0.0.1:\(s3.program.port)"])
            #expect(answer.text.components(separatedBy: "HTTP/1.1 403 ").count == 3, "\(answer.text.prefix(2000))")
            #expect(!s3.program.log.contains("/wrong"))
        }
    }

    @Test func thirtyClientsGetALargeObjectInLittleMemory() async throws {
        try await BucketClientTests.withBucket { s3, folder in
            let file = try folder.makeFile("f", size: 8 << 20)
            let bytes = try folder.read("f")
            _ = try await s3.signedCurl("-X", "PUT", s3.program.url + "/release")
            let put = try await s3.signedCurl(
                "-T", file, "-H", "x-amz-acl: public-read", "-w", "%{http_code}", s3.program.url + "/release/f")
            #expect(put.text == "200")
            let before = try Self.privateDirty(s3.program.processIdentifier)
            let started = ContinuousClock.now
            try await withThrowingTaskGroup(of: Data.self) { group in
                for _ in 0..<30 { group.addTask { try await s3.curl(s3.program.url + "/release/f").output } }
                for try await data in group { #expect(data == bytes) }
            }
            let after = try Self.privateDirty(s3.program.processIdentifier)
            let growth = "grew from \(before) to \(after) kB in \(ContinuousClock.now - started)"
            #expect(after - before < 8 << 10, "\(growth)")
            #expect(after < 15 << 10, "\(growth)")
        }
    }

    /// Private memory that is not file-backed, in kB.
    static func privateDirty(_ process: Int32) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process)/smaps_rollup", encoding: .utf8)
        return text.split(separator: "\n").first { $0.hasPrefix("Private_Dirty") }?
            .split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? .max
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", "400"), ("garbage\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: h\r\nX: " + String(repeating: "x", count: 70_000), "431"),
        ("GET / HTTP/1.1\r\nHost: h\r\n" + String(repeating: "X: y\r\n", count: 200) + "\r\n", "431"),
        ("PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400"),
        ("PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999999999999999999\r\n\r\n", "400"),
        ("GET /%ff HTTP/1.1\r\nHost: h\r\n\r\n", "400"), ("GET /b/%zz HTTP/1.1\r\nHost: h\r\n\r\n", "400"),
        ("GET /../../etc/passwd HTTP/1.1\r\nHost: h\r\n\r\n", "404"),
    ])
    func answersHostileRequests(text: String, status: String) async throws {
        try await BucketClientTests.withBucket { s3, folder in
            try text.write(to: folder.url("request"), atomically: true, encoding: .utf8)
            let answer = try await Command.run(
                "socat", ["-t2", "OPEN:\(folder.path)/request!!STDOUT", "TCP:127.0.0.1:\(s3.program.port)"])
            #expect(answer.text.hasPrefix("HTTP/1.1 \(status) "), "\(answer.text.prefix(300)) \(answer.errors)")
            #expect(try await s3.curl("-w", "%{http_code}", "-o", "/dev/null", s3.program.url).text == "403")
        }
    }

    @Test func aWrongConfigurationIsRefused() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let binary = try RunningProgram.binary()
        for (text, message) in [
            ("listen = 127.0.0.1:0\ndate = x\n", "\(folder.path)/c:2: unknown key 'date'; did you mean 'data'?"),
            (
                "listen = 127.0.0.1:0\nlisten = 127.0.0.1:0\n",
                "\(folder.path)/c:2: key 'listen' was already set on line 1"
            ),
            ("listen = somewhere\n", "\(folder.path)/c:1: 'listen' must be an IPv4 address and a port"),
        ] {
            try text.write(to: folder.url("c"), atomically: true, encoding: .utf8)
            let result = try await Command.run(binary, ["bucket", "--config", folder.path + "/c"])
            #expect(result.status == 64 && result.errors.hasPrefix(message), "\(result.errors)")
        }
        let usage = try await Command.run(binary, ["pager", "--confg", "x"])
        #expect(usage.status == 64 && usage.errors.contains("usage: testnode pager --config FILE"))
    }
}
