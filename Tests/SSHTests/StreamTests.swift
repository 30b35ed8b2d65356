import Testing

@testable import SSH

@Suite struct StreamTests {
    @Test func deliversAsItComes() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let folder = try TemporaryFolder()
        let script = "echo one; while [ ! -e \"$GO\" ]; do sleep 0.02; done; echo two >&2; exit 5"
        let stream = try await connection.stream(RemoteCommand(script, environment: ["GO": "\(folder.path)/go"]))
        var iterator = stream.makeAsyncIterator()
        #expect(try await iterator.next() == .stdout(Array("one\n".utf8)))
        _ = try folder.write("", to: "go")
        #expect(try await iterator.next() == .stderr(Array("two\n".utf8)))
        guard case .ended(let result)? = try await iterator.next() else {
            Issue.record("the stream has no end")
            return
        }
        #expect(result.outcome == .exited(code: 5))
        #expect(try await iterator.next() == nil)
    }

    @Test func carries64Megabytes() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        var count = 0
        var outcome: CommandOutcome?
        let stream = try await connection.stream(RemoteCommand("head -c 67108864 /dev/zero"), timeout: .seconds(60))
        for try await element in stream {
            switch element {
            case .stdout(let bytes): count += bytes.count
            case .stderr: Issue.record("there was something on stderr")
            case .ended(let result): outcome = result.outcome
            }
        }
        #expect(count == 67_108_864)
        #expect(outcome == .exited(code: 0))
    }

    @Test func holdsBackAFastWriter() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let folder = try TemporaryFolder()
        let script = "echo $$; while :; do head -c 65536 /dev/zero; echo >>\"$COUNT\"; done"
        let command = RemoteCommand(script, environment: ["COUNT": "\(folder.path)/count"])
        func written() -> Int { ((try? LocalFile.read("\(folder.path)/count", limit: 1 << 20).get()) ?? []).count }
        var pid = 0
        do {
            let stream = try await connection.stream(command, timeout: .seconds(60))
            var iterator = stream.makeAsyncIterator()
            pid = try await firstNumber(&iterator)
            var before = -1
            for _ in 0..<50 where written() != before {
                before = written()
                try await Task.sleep(for: .milliseconds(300))
            }
            // The writer stands still, and what is under way is bounded by the windows, not by the writer.
            #expect(written() == before)
            #expect(before * 65_536 < 16_000_000)
            // The connection is usable meanwhile, and reading goes on.
            #expect(try await connection.run(RemoteCommand("echo free")).stdoutText == "free\n")
            for _ in 0..<200 { _ = try await iterator.next() }
            #expect(written() > before)
            #expect(!Processes.isGone(pid))
        }
        // Dropping the stream kills the writer.
        #expect(try await Processes.waitUntilGone(pid))
    }

    @Test func endsWithItsReader() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let stream = try await connection.stream(RemoteCommand("echo $$; sleep 1000"), timeout: .seconds(60))
        var iterator = stream.makeAsyncIterator()
        let pid = try await firstNumber(&iterator)
        let task = Task {
            var last: CommandStream.Element?
            for try await element in stream { last = element }
            return last
        }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()
        guard case .ended(let result)? = try await task.value else {
            Issue.record("the stream has no end")
            return
        }
        #expect(unknownReason(result)?.contains("cancelled") == true)
        #expect(Processes.isGone(pid))
    }
}
