import Definitions
import Foundation
import Replay
import Timeline

/// A "remote" host that runs scripts with this machine's `/bin/sh`, each in a session of its own, as the real one does.
struct LocalHost: RemoteHost {
    var name = "local"
    let folder: TestFolder

    func run(_ command: ScriptPlan, stdin: [UInt8]) async -> CommandResult {
        await withCheckedContinuation { done in
            // A thread of its own: it blocks, and queues have few threads.
            Thread { done.resume(returning: runNow(command, stdin: stdin)) }.start()
        }
    }

    func ask(_ command: ScriptPlan) async -> CommandResult { await run(command, stdin: []) }

    func upload(_ bytes: [UInt8], to path: String, mode: UInt16) async throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        chmod(path, mode_t(mode))
    }

    func download(_ path: String, limit: Int) async throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path)).prefix(limit))
    }

    func close() async {}

    /// Writes a program by a process of its own: a file that this process has open for writing, if only for a moment,
    /// is inherited by whatever another test starts just then, and cannot be executed while that lives.
    func install(_ text: String, at path: String) async {
        _ = await run(script("cat >\"$F\" && chmod 755 \"$F\"", ["F": path]), stdin: Array(text.utf8))
    }

    private func runNow(_ command: ScriptPlan, stdin: [UInt8]) -> CommandResult {
        let started = ContinuousClock.now
        let work = folder.path("command-\(UUID().uuidString)")
        try? FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: work) }
        try? command.script.write(toFile: work + "/script", atomically: false, encoding: .utf8)
        try? Data(stdin).write(to: URL(fileURLWithPath: work + "/stdin"))
        var environment = command.environment
        environment["PATH"] = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        guard
            let child = Child.spawn(
                ["/bin/sh", work + "/script"], environment: environment, stdin: work + "/stdin",
                stdout: work + "/stdout",
                stderr: work + "/stderr")
        else {
            return CommandResult(
                outcome: .unknown(reason: "it could not be started"), stdout: [], stderr: [], truncated: false,
                took: .zero)
        }
        let status = child.wait(for: command.timeout.duration)
        if status == nil { child.kill() }
        func read(_ name: String) -> [UInt8] {
            Array((try? Data(contentsOf: URL(fileURLWithPath: work + "/" + name))) ?? Data())
        }
        let outcome: CommandOutcome =
            switch status {
            case .some(let code) where code & 0x7f == 0: .exited(code: (code >> 8) & 0xff)
            case .some(let code): .signaled(name: "\(code & 0x7f)")
            case nil: .unknown(reason: "it was killed at its deadline of \(command.timeout)")
            }
        return CommandResult(
            outcome: outcome, stdout: read("stdout"), stderr: read("stderr"), truncated: false,
            took: ContinuousClock.now - started)
    }
}

/// A process that a test started, in a session of its own; ended by its id only.
struct Child {
    let pid: pid_t

    static func spawn(
        _ arguments: [String], environment: [String: String], stdin: String = "/dev/null", stdout: String = "/dev/null",
        stderr: String = "/dev/null"
    ) -> Child? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, stdin, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, stdout, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, stderr, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // POSIX_SPAWN_SETSID of glibc, which Swift does not import. The mask is emptied because a queue's thread blocks
        // signals and sh cannot wait without SIGCHLD.
        posix_spawnattr_setflags(&attributes, Int16(0x80 | POSIX_SPAWN_SETSIGMASK))
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        let argv = arguments.map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var pid: pid_t = 0
        guard posix_spawn(&pid, arguments[0], &actions, &attributes, argv, envp) == 0 else { return nil }
        return Child(pid: pid)
    }

    /// Status as waitpid gives it, or nil when it still runs.
    func wait(for limit: Duration) -> Int32? {
        let end = ContinuousClock.now + limit
        var status: Int32 = 0
        while true {
            let done = waitpid(pid, &status, WNOHANG)
            if done == pid { return status }
            if done < 0, errno != EINTR { return nil }
            if ContinuousClock.now > end { return nil }
            usleep(3_000)
        }
    }

    func kill() {
        Glibc.kill(-pid, SIGKILL)
        Glibc.kill(pid, SIGKILL)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }
}

/// A folder of one test, gone when its last user is.
final class TestFolder: Sendable {
    let root: String

    init() {
        root = NSTemporaryDirectory() + "/firedrill-test-" + UUID().uuidString
        try? FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func path(_ name: String) -> String { root + "/" + name }
    func text(_ name: String) -> String? { try? String(contentsOfFile: path(name), encoding: .utf8) }
    func write(_ text: String, _ name: String) throws {
        try text.write(toFile: path(name), atomically: false, encoding: .utf8)
    }
    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
}

/// Waits until `condition` holds, at most `limit`; false when it never did.
func eventually(within limit: Duration = .seconds(90), _ condition: () async throws -> Bool) async rethrows -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(50))
    }
    return try await condition()
}
