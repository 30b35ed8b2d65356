import Testing

@testable import SSH

/// Values reach the script whole, are never evaluated, and are seen by nobody else.
@Suite struct EnvironmentTests {
    static let hostile: [[UInt8]] = [
        Array("".utf8), Array("plain".utf8), Array("two words  and more ".utf8), Array("'\"`\\".utf8),
        Array("$(touch /tmp/firedrill-evaluated) `touch /tmp/firedrill-evaluated`".utf8),
        Array("'; touch /tmp/firedrill-evaluated; '".utf8), Array("-n".utf8), Array("--version".utf8),
        Array("\n".utf8), Array("\n\n a \n\n".utf8), Array("line\\\nnext\\n\r\n\t".utf8), Array(".\n".utf8),
        Array("${HOME} $HOME ~ * ? [a] !!".utf8), Array("Grüße ✓".utf8), (1...255).map { UInt8($0) },
        [0xff, 0xfe, 0x81, 0x82, 0x88, 0x0a, 0x80], [UInt8](repeating: 0x61, count: 40_000),
    ]

    @Test func valuesArriveWhole() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        for value in Self.hostile {
            let environment: [String: [UInt8]] = [
                "VALUE": value, "A": Array("first".utf8), "_Z9": Array("last\n".utf8),
                "PATH": Array("/usr/bin:/bin".utf8),
            ]
            // Seen by a shell, and by another program.
            let script = Array("printf '%s' \"$VALUE\"; printenv _Z9 >&2; exec /usr/bin/printenv A >&2".utf8)
            let command = RemoteCommand(script: script, environment: environment)
            for result in [try await connection.run(command), try await connection.ask(command)] {
                #expect(result.stdout == value)
                #expect(result.stderrText == "last\n\nfirst\n")
                #expect(result.succeeded)
            }
        }
        #expect(try await !connection.run(RemoteCommand("test -e /tmp/firedrill-evaluated")).succeeded)
    }

    @Test func valuesAreInNoProcessList() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let secret = "geheim-\(Bytes.randomHex(bytes: 8))"
        let command = RemoteCommand(
            "cat /proc/[0-9]*/cmdline 2>/dev/null; echo \"$TOKEN\" >&2", environment: ["TOKEN": secret],
            secrets: ["TOKEN"], outputLimit: 16_000_000)
        let result = try await connection.run(command)
        #expect(result.stdout.count > 100)
        #expect(!result.stdoutText.contains(secret))
        #expect(result.stderrText == "\(secret)\n")
        #expect(String(decoding: command.redacted(result.stderr), as: UTF8.self) == "<TOKEN>\n")
    }

    @Test func refusesWhatCannotBeSent() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        for name in ["", "a", "A-B", "1A", "A=B", "Ä", "A B", "A\n", "IFS", "OPTIND", "LD_library"] {
            await #expect(throws: SSHError.self, "name \(name)") {
                try await connection.run(RemoteCommand("true", environment: [name: "x"]))
            }
        }
        await #expect(throws: SSHError.self) {
            try await connection.run(RemoteCommand(script: [0x61, 0]))
        }
        await #expect(throws: SSHError.self) {
            try await connection.run(RemoteCommand(script: [], environment: ["A": [0]]))
        }
        await #expect(throws: SSHError.self) {
            try await connection.ask(RemoteCommand("cat", stdin: Payload("x")))
        }
        let huge = String(repeating: "x", count: SSHLimits.environment)
        await #expect(throws: SSHError.self) {
            try await connection.run(RemoteCommand("true", environment: ["A": huge]))
        }
    }

    @Test func redactsLongestFirst() {
        let command = RemoteCommand("", environment: ["A": "abc", "B": "abcdef", "C": ""], secrets: ["A", "B", "C"])
        let text = command.redacted(Array("abcdef abc ab".utf8))
        #expect(String(decoding: text, as: UTF8.self) == "<B> <A> ab")
    }
}
