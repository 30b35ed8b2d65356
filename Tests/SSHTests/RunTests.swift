import Testing

@testable import SSH

/// Commands on channels of their own, against a real sshd.
@Suite struct RunTests {
    @Test func keepsStreamsAndCodeApart() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let result = try await connection.run(RemoteCommand("echo out; echo err >&2; exit 3"))
        #expect(result.outcome == .exited(code: 3))
        #expect(result.stdoutText == "out\n")
        #expect(result.stderrText == "err\n")
        #expect(!result.stdoutTruncated && !result.stderrTruncated && !result.succeeded)
        #expect(result.elapsed > .zero)
        for code in [0, 1, 124, 125, 127, 130, 137, 143, 255] {
            let result = try await connection.run(RemoteCommand("exit \(code)"))
            #expect(result.outcome == .exited(code: Int32(code)))
        }
    }

    @Test(arguments: ["HUP", "KILL", "TERM", "SEGV", "ABRT", "USR1"])
    func tellsSignalsFromCodes(signal: String) async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let script = "ulimit -c 0; echo before; echo error >&2; kill -\(signal) $$; echo after"
        let result = try await connection.run(RemoteCommand(script))
        #expect(result.outcome == .signaled(name: signal))
        #expect(result.stdoutText == "before\n")
        let short = try await connection.ask(RemoteCommand(script))
        #expect(short.outcome == .signaled(name: signal))
        #expect(short.stderrText == "error\n")
    }

    @Test func carriesAnyScript() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let cases: [(String, String)] = [
            ("", ""), ("\n\n", ""), ("#!/bin/sh\n# comment\necho 1", "1\n"), ("echo 'a\"b' \"c'd\"", "a\"b c'd\n"),
            ("cat <<'X'\n$HOME \\n `x`\nX\necho done", "$HOME \\n `x`\ndone\n"),
            ("printf '%s' \"$0 $# [$x$s$n$i$k$c$v$l$b]\"", "sh 0 []"),
            ("set -u\nf() { echo \"$1\"; }\nf \\\n  joined", "joined\n"), ("echo Grüße ✓", "Grüße ✓\n"),
            (".()\n{\n:\n}\necho .\n", "") /* a syntax error in dash: nothing runs */,
        ]
        for (script, output) in cases {
            let result = try await connection.run(RemoteCommand(script))
            #expect(result.stdoutText == output, "script: \(script)")
            let short = try await connection.ask(RemoteCommand(script))
            #expect(short.stdoutText == output, "short script: \(script)")
            #expect(short.outcome == result.outcome)
        }
        let long = String(repeating: "# a line that makes the script long\n", count: 2000) + "echo $((6 * 7))"
        #expect(try await connection.run(RemoteCommand(long)).stdoutText == "42\n")
        #expect(try await connection.ask(RemoteCommand(long)).stdoutText == "42\n")
    }

    @Test func runsInASessionOfItsOwn() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let script = "read -r line </proc/$$/stat; set -- ${line##*) }; echo $$; echo $3; echo $4"
        let own = try await numbers(connection.run(RemoteCommand(script)).stdout)
        let other = try await numbers(connection.run(RemoteCommand(script)).stdout)
        let short = try await numbers(connection.ask(RemoteCommand(script)).stdout)
        try #require(own.count == 3 && other.count == 3 && short.count == 3)
        #expect(own[2] != other[2], "two commands share a session")
        #expect(short == [short[0], short[0], short[0]], "a short command leads its session")
    }

    @Test func limitsLargeOutput() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let script = "head -c 67108864 /dev/zero; echo oops >&2; head -c 8388608 /dev/zero >&2; exit 4"
        let result = try await connection.run(RemoteCommand(script, outputLimit: 1000))
        #expect(result.outcome == .exited(code: 4))
        #expect(result.stdout == [UInt8](repeating: 0, count: 1000))
        #expect(result.stdoutTruncated && result.stderrTruncated)
        #expect(result.stderr.count == 1000 && result.stderr.starts(with: Array("oops\n".utf8)))
        let exact = try await connection.run(RemoteCommand("printf 1234", outputLimit: 4))
        #expect(exact.stdoutText == "1234" && !exact.stdoutTruncated)
        let none = try await connection.run(RemoteCommand("printf 1", outputLimit: 0))
        #expect(none.stdout.isEmpty && none.stdoutTruncated && !none.stderrTruncated)
    }

    @Test func keepsBinaryOutput() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let all = (0...255).map { UInt8($0) }
        let octal = all.map { "\\" + String(512 + Int($0), radix: 8).dropFirst() }.joined()
        let command = RemoteCommand("printf '\(octal)'; printf '\(octal)' >&2")
        for result in [try await connection.run(command), try await connection.ask(command)] {
            #expect(result.stdout == all)
            #expect(result.stderr == all)
            #expect(result.succeeded)
        }
    }

    @Test func feedsStdin() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let content = Payload((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        let padding = String(repeating: "#\n", count: 2000)
        for script in ["sha256sum", padding + "sha256sum"] {
            let result = try await connection.run(RemoteCommand(script, stdin: content))
            #expect(result.stdoutText == "\(content.sha256)  -\n")
        }
        let echoed = try await connection.run(RemoteCommand("cat", stdin: content, outputLimit: 2_000_000))
        #expect(echoed.stdout == content.bytes)
        let ignored = try await connection.run(RemoteCommand("exec <&-; exit 5", stdin: content))
        #expect(ignored.outcome == .exited(code: 5))
        let empty = try await connection.run(RemoteCommand("cat; echo end", stdin: Payload("")))
        #expect(empty.stdoutText == "end\n")
        let none = try await connection.run(RemoteCommand("cat; readlink /proc/self/fd/0"))
        #expect(none.stdoutText == "/dev/null\n")
    }

    @Test func runsManyAtOnceOnOneConnection() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let results = try await withThrowingTaskGroup(of: (Int, CommandResult).self) { group in
            for number in 0..<40 {
                group.addTask { (number, try await connection.run(RemoteCommand("echo \(number); sleep 0.05"))) }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(results.count == 40)
        for (number, result) in results {
            #expect(result.stdoutText == "\(number)\n")
            #expect(result.succeeded)
        }
    }

    @Test func liveWithFewSessionsPerConnection() async throws {
        let server = try TestServer(options: ["MaxSessions 1"])
        let connection = try await server.connect()
        for number in 0..<3 {
            #expect(try await connection.run(RemoteCommand("echo \(number)")).stdoutText == "\(number)\n")
        }
    }

    @Test func outlivesARekey() async throws {
        let server = try TestServer(options: ["RekeyLimit 256K"])
        let connection = try await server.connect()
        let content = Payload([UInt8](repeating: 7, count: 6_000_000))
        let echoed = try await connection.run(RemoteCommand("cat", stdin: content, outputLimit: 7_000_000))
        #expect(echoed.succeeded)
        #expect(echoed.stdout == content.bytes)
        for _ in 0..<20 { #expect(try await connection.ask(RemoteCommand("true")).succeeded) }
    }

    /// Accounts whose shell prints something at every login, and servers that wrap every command.
    @Test func ignoresTheNoiseOfALoginShell() async throws {
        let wrapper = "echo noise; echo noise >&2; sh -c \"$SSH_ORIGINAL_COMMAND\"; echo more; echo more >&2"
        let server = try TestServer(options: ["ForceCommand \(wrapper)"])
        let connection = try await server.connect()
        for _ in 0..<2 {
            let result = try await connection.run(RemoteCommand("echo out; exit 3"))
            #expect(result.stdoutText == "out\n" && result.outcome == .exited(code: 3))
            let short = try await connection.ask(RemoteCommand("echo out; exit 4"))
            #expect(short.stdoutText == "out\n" && short.outcome == .exited(code: 4))
        }
        let late = try await connection.run(RemoteCommand("echo $$; sleep 1000"), timeout: .seconds(1))
        #expect(unknownReason(late)?.contains("were killed") == true)
        #expect(Processes.isGone(try #require(numbers(late.stdout).first)))
    }

    @Test func answersTheServersKeepalives() async throws {
        let server = try TestServer(options: ["ClientAliveInterval 1", "ClientAliveCountMax 2"])
        let connection = try await server.connect()
        try await Task.sleep(for: .seconds(6))
        #expect(try await connection.run(RemoteCommand("echo here")).stdoutText == "here\n")
    }
}
