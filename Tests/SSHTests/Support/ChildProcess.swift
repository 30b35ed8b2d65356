import Glibc

/// A process that a test started, ended by its pid.
final class ChildProcess: Sendable {
    let pid: pid_t

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Starts a program found on PATH (or `/usr/sbin`), its output going to `log` (or nowhere).
    init(_ arguments: [String], log: String? = nil) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log ?? "/dev/null", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        argv.append(nil)
        defer { argv.forEach { free($0) } }
        var child = pid_t()
        let code = posix_spawnp(&child, arguments[0], &actions, nil, argv, environ)
        guard code == 0 else { throw Failure(description: "\(arguments[0]) did not start: error \(code)") }
        pid = child
    }

    /// Waits for the end; the exit code, or minus the signal.
    @discardableResult
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        return status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f)
    }

    func end(_ signal: Int32 = SIGTERM) {
        kill(pid, signal)
        wait()
    }

    /// Runs a program to its end; throws unless it exits with 0.
    static func run(_ arguments: [String]) throws {
        let code = try ChildProcess(arguments).wait()
        guard code == 0 else { throw Failure(description: "\(arguments) ended with \(code)") }
    }
}

/// A folder that goes away with its owner.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/firedrill-ssh-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ChildProcess.Failure(description: "no temporary folder") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        try? ChildProcess.run(["rm", "-rf", path])
    }

    func write(_ text: String, to name: String, mode: mode_t = 0o600) throws -> String {
        let file = "\(path)/\(name)"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, mode)
        guard descriptor >= 0 else { throw ChildProcess.Failure(description: "cannot write \(file)") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw ChildProcess.Failure(description: "cannot write \(file)")
        }
        return file
    }

    /// Waits until a file of this name is there, as a command on a host makes one to say how far it is.
    /// - Throws: `Failure` after a minute.
    func appears(_ name: String) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while access("\(path)/\(name)", F_OK) != 0 {
            guard ContinuousClock.now < deadline else {
                throw ChildProcess.Failure(description: "\(path)/\(name) did not appear")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
