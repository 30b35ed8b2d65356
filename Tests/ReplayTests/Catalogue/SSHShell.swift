import Definitions
import Foundation
import Replay
import Timeline

/// A host of a testnet that `firedrill up` keeps, reached as a person does: plain `ssh -F FILE HOST`.
struct SSHShell: RemoteHost {
    let name: String
    /// The testnet's `ssh_config`.
    let config: String
    /// Receives this host's input and output files and ssh's control socket.
    let folder: String

    /// Reads the script by its length, so that what follows it is the script's own input.
    private static let remote = #"IFS= read -r n; s=$(head -c "$n"; printf x); eval "${s%x}""#

    func run(_ command: ScriptPlan, stdin: [UInt8]) async -> CommandResult {
        await withCheckedContinuation { done in
            // A thread of its own: it blocks, and queues have few threads.
            Thread { done.resume(returning: runNow(command, stdin: stdin)) }.start()
        }
    }

    func ask(_ command: ScriptPlan) async -> CommandResult { await run(command, stdin: []) }

    func upload(_ bytes: [UInt8], to path: String, mode: UInt16) async throws {
        _ = await run(script("cat >\"$F\"", ["F": path]), stdin: bytes)
    }

    func download(_ path: String, limit: Int) async throws -> [UInt8] {
        await run(script("cat \"$F\"", ["F": path]), stdin: []).stdout
    }

    /// How long the client may take to end, and then its socket to go.
    private static let endLimit = Duration.seconds(5)

    /// Ends the shared connection. Its process takes its socket away only after it has answered; the folder is about to
    /// be removed, which fails where a file goes away meanwhile.
    func close() async {
        _ = client(["-O", "exit"], files: "\(folder)/close-\(name)", limit: Self.endLimit)
        let end = ContinuousClock.now + Self.endLimit
        while FileManager.default.fileExists(atPath: socket), ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    private var socket: String { "\(folder)/ssh-\(name)" }

    private func client(_ arguments: [String], files: String, limit: Duration) -> Int32? {
        let options = [
            "ssh", "-F", config, "-o", "BatchMode=yes", "-o", "ControlMaster=auto", "-o", "ControlPersist=120",
            "-o", "ControlPath=\(socket)",
        ]
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        let input = FileManager.default.fileExists(atPath: "\(files).in") ? "\(files).in" : "/dev/null"
        guard
            let child = Child.spawn(
                ["/usr/bin/env"] + options + arguments, environment: environment, stdin: input, stdout: "\(files).out",
                stderr: "\(files).err")
        else { return nil }
        let status = child.wait(for: limit)
        if status == nil { child.kill() }
        return status
    }

    private func runNow(_ command: ScriptPlan, stdin: [UInt8]) -> CommandResult {
        let started = ContinuousClock.now
        let files = "\(folder)/\(UUID().uuidString)"
        defer {
            for ending in ["in", "out", "err"] { try? FileManager.default.removeItem(atPath: "\(files).\(ending)") }
        }
        let exports = command.environment.map { name, value in
            "export \(name)='\(value.replacing("'", with: "'\\''"))'\n"
        }
        let text = Array((exports.joined() + command.script).utf8)
        let input = Data(Array("\(text.count)\n".utf8) + text + stdin)
        guard FileManager.default.createFile(atPath: "\(files).in", contents: input) else {
            return CommandResult(
                outcome: .unknown(reason: "no room"), stdout: [], stderr: [], truncated: false, took: .zero)
        }
        let status = client([name, Self.remote], files: files, limit: command.timeout.duration)
        func read(_ ending: String) -> [UInt8] {
            Array(FileManager.default.contents(atPath: "\(files).\(ending)") ?? Data())
        }
        let outcome: CommandOutcome =
            switch status {
            case .some(let code) where code & 0x7f == 0: .exited(code: (code >> 8) & 0xff)
            case .some(let code): .signaled(name: "\(code & 0x7f)")
            case nil: .unknown(reason: "it was killed at its deadline of \(command.timeout)")
            }
        return CommandResult(
            outcome: outcome, stdout: read("out"), stderr: read("err"), truncated: false,
            took: ContinuousClock.now - started)
    }
}
