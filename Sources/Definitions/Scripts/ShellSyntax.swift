import Foundation
import Glibc

/// Asks the machine's `sh` whether it can read a script, without running any of it (POSIX `sh -n`).
///
/// The script is given on standard input, never as an argument: it is data, and arguments are seen by everybody.
struct ShellSyntax {
    /// Wall time that one script may take to be read; more is not a verdict about the script, and nothing is reported.
    private static let longest = Duration.seconds(5)
    /// Bytes of the shell's message that are read.
    private static let longestMessage = 4 * 1024

    struct Mistake: Hashable {
        /// Line of the script, from 1.
        var line: Int
        var message: String
    }

    /// What `sh` finds wrong; nil when it finds nothing, or when it cannot be asked.
    func mistake(in script: String) -> Mistake? {
        let (input, output) = (Self.namelessFile(), Self.namelessFile())
        defer {
            if input >= 0 { close(input) }
            if output >= 0 { close(output) }
        }
        guard input >= 0, output >= 0, write(script, to: input), let process = start(input, output),
            let status = wait(for: process), status != 0
        else { return nil }
        return Self.mistake(message: read(output))
    }

    /// `sh: 3: Syntax error: …` (dash) and `sh: line 3: …` (bash).
    static func mistake(message: String) -> Mistake? {
        guard let line = message.split(separator: "\n").first else { return nil }
        let parts = line.split(separator: ":", maxSplits: 2).map { $0.trimmingCharacters(in: .whitespaces) }
        guard parts.count == 3 else { return Mistake(line: 1, message: String(line)) }
        let number = Int(parts[1].hasPrefix("line ") ? String(parts[1].dropFirst(5)) : parts[1])
        return Mistake(line: max(1, number ?? 1), message: parts[2])
    }

    /// A file that goes away when it is closed; files, unlike pipes, never make either side wait.
    private static func namelessFile() -> Int32 {
        var name = Array("\(FileManager.default.temporaryDirectory.path)/firedrill-XXXXXX".utf8CString)
        let file = mkstemp(&name)
        guard file >= 0 else { return -1 }
        unlink(name)
        _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        return file
    }

    private func write(_ text: String, to file: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return lseek(file, 0, SEEK_SET) == 0
    }

    private func read(_ file: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: Self.longestMessage)
        let count = pread(file, &buffer, buffer.count, 0)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }

    /// Without an environment: a variable such as `ENV` would make the shell read files.
    private func start(_ input: Int32, _ output: Int32) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        guard posix_spawn_file_actions_init(&actions) == 0 else { return nil }
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
        let arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sh"), strdup("-n"), nil]
        defer { for argument in arguments { free(argument) } }
        let environment: [UnsafeMutablePointer<CChar>?] = [nil]
        var process = pid_t()
        guard posix_spawn(&process, "/bin/sh", &actions, nil, arguments, environment) == 0 else { return nil }
        return process
    }

    /// How often the shell's end is looked for, microseconds; the wait as a whole is bounded by `longest`.
    private static let endPoll: UInt32 = 500

    /// Exit status; nil when the shell was killed, by us after `longest` or by somebody else.
    private func wait(for process: pid_t) -> Int32? {
        let end = ContinuousClock.now + Self.longest
        var status: Int32 = 0
        while true {
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process { return status & 0x7F == 0 ? (status >> 8) & 0xFF : nil }
            if ended < 0, errno != EINTR { return nil }
            if ContinuousClock.now >= end {
                kill(process, SIGKILL)
                while waitpid(process, &status, 0) < 0, errno == EINTR {}
                return nil
            }
            usleep(Self.endPoll)
        }
    }
}
