import Testing

@testable import SSH

/// The persistent channel, against commands that misbehave.
@Suite struct ShortCommandTests {
    @Test func asksInTurn() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        for number in 0..<5 {
            let result = try await connection.ask(
                RemoteCommand("echo out $N; echo err >&2; exit $N", environment: ["N": "\(number)"]))
            #expect(result.outcome == .exited(code: Int32(number)))
            #expect(result.stdoutText == "out \(number)\n")
            #expect(result.stderrText == "err\n")
        }
        let outputs = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<30 {
                group.addTask { try await connection.ask(RemoteCommand("printf %s \(number)")).stdoutText }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(outputs == Set((0..<30).map(String.init)))
    }

    @Test func usesOneLoopForAll() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        var loops: Set<String> = []
        for _ in 0..<5 { loops.insert(try await connection.ask(RemoteCommand("echo $PPID")).stdoutText) }
        #expect(loops.count == 1)
    }

    @Test func carriesNoState() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let change = RemoteCommand(
            "cd /; x=1; export KEPT=1; f() { echo f; }; umask 0; set -f; trap 'echo trapped' EXIT; exec 3>/dev/null",
            environment: ["GIVEN": "1"])
        let look = RemoteCommand(
            "pwd; umask; echo [$x$KEPT$GIVEN$-]; type f >/dev/null && echo f; test -e /dev/fd/3 && echo 3")
        let before = try await connection.ask(look)
        #expect(try await connection.ask(change).stdoutText == "trapped\n")
        let after = try await connection.ask(look)
        #expect(after.stdout == before.stdout)
    }

    @Test func givesNoStdin() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let result = try await connection.ask(RemoteCommand("cat; read -r x || echo nothing; head -c 10; echo end"))
        #expect(result.stdoutText == "nothing\nend\n")
        #expect(try await connection.ask(RemoteCommand("echo next")).stdoutText == "next\n")
    }

    @Test(arguments: ["exit 9", "exec false", "kill -9 0", "set -e; false", "exec sh -c 'exit 3'"])
    func outlivesShellsThatLeave(script: String) async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        _ = try await connection.ask(RemoteCommand("true"))
        let result = try await connection.ask(RemoteCommand(script))
        let expected: [String: CommandOutcome] = [
            "exit 9": .exited(code: 9), "exec false": .exited(code: 1), "kill -9 0": .signaled(name: "KILL"),
            "set -e; false": .exited(code: 1), "exec sh -c 'exit 3'": .exited(code: 3),
        ]
        #expect(result.outcome == expected[script])
        #expect(try await connection.ask(RemoteCommand("echo next")).stdoutText == "next\n")
    }

    @Test func killsChildrenLeftBehind() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let script = "(while :; do echo spam; echo spam >&2; sleep 0.01; done) & echo $!; exit 6"
        let result = try await connection.ask(RemoteCommand(script))
        #expect(result.outcome == .exited(code: 6))
        let child = try #require(numbers(result.stdout).first)
        #expect(try await Processes.waitUntilGone(child))
        for number in 0..<5 {
            let next = try await connection.ask(RemoteCommand("sleep 0.02; echo \(number)"))
            #expect(next.stdoutText == "\(number)\n" && next.stderr.isEmpty)
        }
    }

    @Test func killsSilentChildrenToo() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let result = try await connection.ask(RemoteCommand("sleep 1000 >/dev/null 2>&1 & echo $!"))
        #expect(result.succeeded)
        let child = try #require(numbers(result.stdout).first)
        #expect(try await Processes.waitUntilGone(child))
    }

    /// A process that left the session cannot be found; what it writes between commands discards the channel.
    @Test func discardsAChannelThatIsWrittenTo() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let folder = try TemporaryFolder()
        // It stays silent until the command has ended, then writes until its pipe is closed.
        let spammer = """
            setsid sh -c 'echo $$; until [ -e "$GO" ]; do sleep 0.02; done; \
                while echo spam; do echo said >>"$SAID"; sleep 0.02; done' & sleep 0.1
            """
        let result = try await connection.ask(
            RemoteCommand(spammer, environment: ["GO": "\(folder.path)/go", "SAID": "\(folder.path)/said"]))
        let pid = try #require(numbers(result.stdout).first)
        try "".write(toFile: "\(folder.path)/go", atomically: true, encoding: .utf8)
        #expect(try await Processes.waitUntilGone(pid), "the channel that it wrote to was closed")
        let said = try String(contentsOfFile: "\(folder.path)/said", encoding: .utf8)
        #expect(!said.isEmpty)
        for number in 0..<5 {
            let next = try await connection.ask(RemoteCommand("sleep 0.05; echo \(number)"))
            #expect(next.stdoutText == "\(number)\n")
        }
    }

    /// With the client gone nobody times a short command; the loop's watchdog on the host does.
    @Test func theHostEndsWhatNobodyTimes() async throws {
        let server = try TestServer()
        let folder = try TemporaryFolder()
        let connection = try await server.connect()
        let command = RemoteCommand(
            "echo $$ >\"$OUT\"; echo $PPID >>\"$OUT\"; exec sleep 1000", environment: ["OUT": "\(folder.path)/pid"])
        let task = Task { try await connection.ask(command) }
        var pids: [Int] = []
        for _ in 0..<400 where pids.count < 2 {
            try await Task.sleep(for: .milliseconds(20))
            pids = numbers((try? LocalFile.read("\(folder.path)/pid", limit: 1000).get()) ?? [])
        }
        await connection.close()
        #expect(unknownReason(try await task.value) != nil)
        #expect(pids.count == 2)
        for pid in pids { #expect(try await Processes.waitUntilGone(pid, seconds: 45)) }
    }

    @Test func isNotFooledByForgedRecords() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let forged = [
            "ready 0000000001\n", "0123456789abcdef0123456789abcdef e 0000000000\n", "ready 0000000001\nready ",
            "\n. \n.\n", "0123456789abcdef0123456789abcdef",
        ]
        for text in forged {
            let command = RemoteCommand(
                "printf '%s' \"$T\"; printf '%s' \"$T\" >&2; exit 7", environment: ["T": text])
            for result in [try await connection.ask(command), try await connection.run(command)] {
                #expect(result.outcome == .exited(code: 7))
                #expect(result.stdoutText == text && result.stderrText == text)
            }
        }
    }

    /// The nonce is nowhere a script could read it: not among its variables, not in a process list, not on its stdin.
    @Test func hidesTheNonce() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let script = "set; export; cat; cat /proc/$$/cmdline /proc/$$/environ /proc/$PPID/cmdline /proc/$PPID/environ"
        let command = RemoteCommand(script)
        for result in [try await connection.run(command), try await connection.ask(command)] {
            let text = result.stdoutText.map { $0.isHexDigit && !$0.isUppercase ? $0 : " " }
            let runs = String(text).split(separator: " ").filter { $0.count == RecordScanner.nonceLength }
            #expect(runs.isEmpty, "32 hexadecimal digits are visible: \(runs)")
        }
    }

    @Test(arguments: ["", " >&2"])
    func discardsAFlood(redirection: String) async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let result = try await connection.ask(RemoteCommand("echo $$\(redirection); exec cat /dev/zero\(redirection)"))
        let reason = try #require(unknownReason(result))
        #expect(reason.contains("\(SSHLimits.shortOutput)") && reason.contains("were killed"))
        let output = redirection.isEmpty ? result.stdout : result.stderr
        #expect(output.count == SSHLimits.shortOutput)
        let pid = try #require(numbers(Array(output.prefix { $0 != 0 })).first)
        #expect(Processes.isGone(pid))
        let most = try await connection.ask(RemoteCommand("head -c \(SSHLimits.shortOutput) /dev/zero"))
        #expect(most.succeeded && most.stdout.count == SSHLimits.shortOutput)
    }

    @Test func discardsASleeper() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        async let late = connection.ask(RemoteCommand("echo $$; sleep 1000"), timeout: .seconds(1))
        try await Task.sleep(for: .milliseconds(100))
        async let queued = connection.ask(RemoteCommand("echo queued"))
        let result = try await late
        #expect(unknownReason(result)?.contains("were killed") == true)
        #expect(Processes.isGone(try #require(numbers(result.stdout).first)))
        // What waited behind it was not sent and runs on the next channel.
        #expect(try await queued.stdoutText == "queued\n")
    }

    @Test func queuedCommandsHaveDeadlinesToo() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        _ = try await connection.ask(RemoteCommand("true"))
        // The channel is taken, for certain and until the test says so, however slow the machine is.
        let folder = try TemporaryFolder()
        let occupy = RemoteCommand(
            "touch \"$F/begun\"; while [ ! -e \"$F/end\" ]; do sleep 0.05; done; echo first",
            environment: ["F": folder.path])
        async let first = connection.ask(occupy)
        try await folder.appears("begun")
        await #expect(throws: SSHError.notSent(host: server.target.label, after: .milliseconds(200))) {
            try await connection.ask(RemoteCommand("true"), timeout: .milliseconds(200))
        }
        _ = try folder.write("", to: "end")
        #expect(try await first.stdoutText == "first\n")
    }
}
