import Foundation
import Glibc

/// Why a test could not do what it set out to do; not a finding about Firedrill.
struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A program that a test started. Its output goes to files, so that it can never wait for a reader.
actor Command {
    /// How a command ended.
    struct End: Sendable {
        /// Exit status, or 128 + signal.
        let status: Int32
        let output: String
        let errors: String
        let took: Duration
        /// Both streams, for messages.
        var text: String { "status \(status)\n\(output)\n\(errors)" }
    }

    private static let pollInterval = Duration.milliseconds(20)

    nonisolated let pid: pid_t
    private let files: (output: String, errors: String)
    private let started = ContinuousClock.now
    private var status: Int32?

    /// Starts `arguments` in a process group of its own, as a terminal would.
    /// - Parameters:
    ///   - environment: changes to the test's own environment; nil removes a variable.
    ///   - folder: receives the output files.
    init(_ arguments: [String], environment: [String: String?] = [:], folder: String) throws {
        let name = "\(folder)/output-\(UUID().uuidString.prefix(8))"
        files = ("\(name).out", "\(name).err")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, files.output, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, files.errors, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGINT, SIGTERM, SIGPIPE, SIGHUP] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
        var variables: [String: String?] = ProcessInfo.processInfo.environment.mapValues { $0 }
        for (name, value) in environment { variables[name] = value }
        let envp = variables.compactMap { name, value in value.map { strdup("\(name)=\($0)") } } + [nil]
        let argv = arguments.map { strdup($0) } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var child: pid_t = 0
        let failure = posix_spawnp(&child, arguments[0], &actions, &attributes, argv, envp)
        guard failure == 0 else {
            throw TestFailure("cannot start \(arguments): \(String(cString: strerror(failure)))")
        }
        pid = child
    }

    var isRunning: Bool {
        collect()
        return status == nil
    }

    private func collect() {
        var raw: Int32 = 0
        guard status == nil, waitpid(pid, &raw, WNOHANG) == pid else { return }
        let signal = raw & 0x7f
        status = signal == 0 ? (raw >> 8) & 0xff : 128 + signal
    }

    func send(_ signal: Int32) {
        if isRunning { kill(pid, signal) }
    }

    /// Waits for the end; a command that takes longer than `limit` is killed, and that is an error.
    func end(within limit: Duration) async throws -> End {
        let deadline = ContinuousClock.now + limit
        while isRunning {
            guard ContinuousClock.now < deadline else {
                kill(pid, SIGKILL)
                throw TestFailure(
                    "the command did not end within \(limit):\n\(text(files.output))\n\(text(files.errors))")
            }
            try await Task.sleep(for: Self.pollInterval)
        }
        return End(
            status: status ?? -1, output: text(files.output), errors: text(files.errors),
            took: ContinuousClock.now - started)
    }

    private func text(_ path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

/// Looks until `condition` gives something, or `limit` is over.
func eventually<Value>(
    within limit: Duration, every interval: Duration = .milliseconds(50), _ condition: () async throws -> Value?
) async throws -> Value? {
    let deadline = ContinuousClock.now + limit
    while true {
        if let value = try await condition() { return value }
        guard ContinuousClock.now < deadline else { return nil }
        try await Task.sleep(for: interval)
    }
}
