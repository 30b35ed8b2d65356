import Foundation
import Testing

@testable import SSH

/// Deadlines, cancellation and lost servers: what was started is gone, and what is not certain is `unknown`.
@Suite struct EndingTests {
    /// Prints its own pid and those of a child and a grandchild, which would all sleep for long.
    static let sleepers = "echo $$; sleep 1000 & echo $!; sh -c 'echo $$; exec sleep 1000' & sleep 0.2; sleep 1000"

    @Test func killsTheGroupAtTheDeadline() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        for result in [
            try await connection.run(RemoteCommand(Self.sleepers), timeout: .seconds(1)),
            try await connection.ask(RemoteCommand(Self.sleepers), timeout: .seconds(1)),
            try await connection.run(RemoteCommand("trap '' TERM HUP INT; " + Self.sleepers), timeout: .seconds(1)),
        ] {
            let reason = try #require(unknownReason(result))
            #expect(reason.contains("its processes were killed"))
            let pids = numbers(result.stdout)
            #expect(pids.count == 3)
            for pid in pids { #expect(Processes.isGone(pid), "process \(pid) is left") }
        }
        #expect(try await connection.run(RemoteCommand("echo on")).stdoutText == "on\n")
        #expect(try await connection.ask(RemoteCommand("echo on")).stdoutText == "on\n")
    }

    @Test(arguments: [false, true])
    func killsTheGroupWhenCancelled(short: Bool) async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let folder = try TemporaryFolder()
        let command = RemoteCommand(
            "(\(Self.sleepers)) >\"$OUT\"", environment: ["OUT": "\(folder.path)/pids"])
        let task = Task {
            short
                ? try await connection.ask(command, timeout: .seconds(9))
                : try await connection.run(command, timeout: .seconds(60))
        }
        var pids: [Int] = []
        for _ in 0..<400 where pids.count < 3 {
            try await Task.sleep(for: .milliseconds(20))
            pids = numbers((try? LocalFile.read("\(folder.path)/pids", limit: 1000).get()) ?? [])
        }
        #expect(pids.count == 3)
        #expect(!pids.contains(where: Processes.isGone))
        task.cancel()
        let reason = try #require(unknownReason(try await task.value))
        #expect(reason.contains("cancelled") && reason.contains("were killed"))
        for pid in pids { #expect(Processes.isGone(pid), "process \(pid) is left") }
    }

    @Test func endsByItselfWhenTheClientIsGone() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let stream = try await connection.stream(RemoteCommand("echo $$; exec sleep 1000"), timeout: .seconds(1))
        var iterator = stream.makeAsyncIterator()
        let pid = try await firstNumber(&iterator)
        await connection.close()
        guard case .ended(let result)? = try await iterator.next() else {
            Issue.record("the stream has no end")
            return
        }
        #expect(unknownReason(result) != nil)
        // The remote time limit: the command's own, and the grace.
        #expect(try await Processes.waitUntilGone(pid, seconds: 20))
    }

    @Test(arguments: [false, true])
    func serverKilledMeansUnknown(short: Bool) async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let folder = try TemporaryFolder()
        let command = RemoteCommand(
            "echo $$ >\"$OUT\"; sleep 1000", environment: ["OUT": "\(folder.path)/pid"])
        let task = Task {
            short
                ? try await connection.ask(command, timeout: .seconds(9))
                : try await connection.run(command, timeout: .seconds(9))
        }
        var pid: Int?
        for _ in 0..<400 where pid == nil {
            try await Task.sleep(for: .milliseconds(20))
            pid = numbers((try? LocalFile.read("\(folder.path)/pid", limit: 1000).get()) ?? []).first
        }
        let script = try #require(pid)
        let parent = try #require(Processes.stat(of: script).flatMap { Int($0[1]) })
        // A short command leads its session; its parent is the loop. Else the session's leader watches it.
        let loopParent = Processes.stat(of: parent).flatMap { Int($0[1]) }
        let sshd = try #require(short ? loopParent : Processes.server(of: script))
        #expect(kill(pid_t(sshd), SIGKILL) == 0)
        let result = try await task.value
        let reason = try #require(unknownReason(result))
        #expect(reason.contains(server.address))
        #expect(await !connection.isUsable)
        await #expect(throws: SSHError.self) { try await connection.run(RemoteCommand("true")) }
        if let group = Processes.stat(of: script).flatMap({ pid_t($0[2]) }) { killpg(group, SIGKILL) }
    }

    @Test func watcherKilledMeansUnknown() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let script = "read -r line </proc/$$/stat; set -- ${line##*) }; kill -KILL $4; sleep 0.2; exit 0"
        let result = try await connection.run(RemoteCommand(script))
        #expect(unknownReason(result)?.contains("KILL") == true)
        let short = try await connection.ask(RemoteCommand("kill -KILL $PPID; sleep 0.2; exit 0"))
        #expect(unknownReason(short) != nil)
        #expect(try await connection.ask(RemoteCommand("echo next")).stdoutText == "next\n")
    }

    /// Everything has a deadline of this side's own: a server that stops answering cannot hold a caller.
    @Test func aStoppedServerMeansUnknown() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let stream = try await connection.stream(RemoteCommand("echo $$; sleep 1000"), timeout: .seconds(3))
        var iterator = stream.makeAsyncIterator()
        let pid = try await firstNumber(&iterator)
        let sshd = try #require(Processes.server(of: pid))
        #expect(kill(pid_t(sshd), SIGSTOP) == 0)
        defer { kill(pid_t(sshd), SIGKILL) }
        guard case .ended(let result)? = try await iterator.next() else {
            Issue.record("the stream has no end")
            return
        }
        #expect(unknownReason(result) != nil)
        // The connection is given up once the attempt to kill, too, has had no answer.
        let deadline = ContinuousClock.now + .seconds(30)
        while await connection.isUsable, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(50)) }
        #expect(await !connection.isUsable)
        // The host's own time limit ends what could not be killed from here.
        #expect(try await Processes.waitUntilGone(pid, seconds: 20))
    }

    @Test func unsentCommandsThrow() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Every channel is taken, for certain and until the test says so, however slow the machine is.
            let folder = try TemporaryFolder()
            let occupy = RemoteCommand(
                "touch \"$F/$$\"; while [ ! -e \"$F/end\" ]; do sleep 0.05; done", environment: ["F": folder.path])
            for _ in 0..<SSHLimits.channels {
                group.addTask { _ = try await connection.run(occupy) }
            }
            let files = FileManager.default
            let deadline = ContinuousClock.now + .seconds(60)
            while try files.contentsOfDirectory(atPath: folder.path).count < SSHLimits.channels {
                try #require(ContinuousClock.now < deadline, "the channels did not open")
                try await Task.sleep(for: .milliseconds(20))
            }
            await #expect(throws: SSHError.notSent(host: server.target.label, after: .milliseconds(100))) {
                try await connection.run(RemoteCommand("true"), timeout: .milliseconds(100))
            }
            let late = Task { try await connection.run(RemoteCommand("true")) }
            try await Task.sleep(for: .milliseconds(100))
            late.cancel()
            await #expect(throws: SSHError.cancelled(host: server.target.label)) { try await late.value }
            _ = try folder.write("", to: "end")
            try await group.waitForAll()
        }
    }

    @Test func closeEndsEverything() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let folder = try TemporaryFolder()
        let command = RemoteCommand("touch \"$F/begun\"; sleep 10", environment: ["F": folder.path])
        let task = Task { try await connection.run(command, timeout: .seconds(60)) }
        try await folder.appears("begun")
        await connection.close()
        #expect(unknownReason(try await task.value) != nil)
        await #expect(throws: SSHError.closed(host: server.target.label)) {
            try await connection.run(RemoteCommand("true"))
        }
        await #expect(throws: SSHError.closed(host: server.target.label)) {
            try await connection.ask(RemoteCommand("true"))
        }
        await connection.close()
    }

    @Test func aForgottenConnectionCloses() async throws {
        let server = try TestServer()
        var sshd = 0
        do {
            let connection = try await server.connect()
            let script = """
                read -r l </proc/$$/stat; set -- ${l##*) }
                read -r l </proc/$4/stat; set -- ${l##*) }; echo $2
                """
            sshd = try #require(try await numbers(connection.run(RemoteCommand(script)).stdout).first)
            #expect(!Processes.isGone(sshd))
        }
        #expect(try await Processes.waitUntilGone(sshd))
    }
}
