import Foundation
import Glibc
import Subprocess
import SystemPackage
import Timeline

extension KeptNetwork {
    /// The most that a command inside may print.
    private static let outputLimit = 1 << 20  // bytes

    /// Runs one of Firedrill's own hidden commands inside the network, as the user that it runs as, and returns what it
    /// printed, whatever its status.
    /// - Parameters:
    ///   - subcommand: its arguments follow the run folder's path.
    ///   - limit: after that long it is killed.
    /// - Throws: `BootError` when the network is gone or cannot be entered, or the time is up.
    public func run(subcommand: String, within limit: Duration) async throws -> String {
        let command = try entering(subcommand)
        let late = Tool.late("nsenter", "work inside \(testnet)", limit)
        return try await Tool.within(limit, otherwise: late) {
            let result = try await Subprocess.run(
                .name(command[0]), arguments: Arguments(Array(command.dropFirst())),
                output: .string(limit: Self.outputLimit), error: .string(limit: Self.outputLimit))
            guard result.terminationStatus.isSuccess || !result.standardOutput.isEmpty else {
                throw failure("\(result.terminationStatus)", result.standardError.trimmingWhitespace())
            }
            return result.standardOutput
        }
    }

    private func failure(_ status: String, _ message: String) -> BootError {
        .toolFailed(
            tool: "nsenter", purpose: "work inside \(testnet)", status: status,
            message: message.isEmpty ? "it printed nothing" : message)
    }

    /// Into the namespaces of the process on record. Root first becomes the user whose namespaces they are.
    private func entering(_ subcommand: String) throws -> [String] {
        var owner = stat()
        guard isRunning, stat("/proc/\(pid)", &owner) == 0 else { throw failure("not running", "the network is gone") }
        let drop =
            geteuid() == 0
            ? ["setpriv", "--reuid=\(owner.st_uid)", "--regid=\(owner.st_gid)", "--clear-groups", "--inh-caps=-all"]
            : []
        let inside = RunFolder(path: inside ?? folder)
        return drop + [
            "nsenter", "--preserve-credentials", "--user", "--mount", "--net", "--target", "\(pid)",
            // Its own process lies outside; /proc inside knows only processes of this one.
            "--pid=/proc/\(pid)/ns/pid_for_children", "--", inside.program, subcommand, inside.path,
        ]
    }
}
