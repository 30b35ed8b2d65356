import Foundation
import Glibc
import Subprocess

/// Which commit of the root folder a run was made from.
enum Commit {
    /// Longest time that git may take for one answer.
    private static let gitLimit = Duration.seconds(10)

    /// The commit's id, with `+changes` when files differ from it and `+unknown` when git cannot tell; empty when the
    /// folder is no git checkout.
    static func describe(_ root: String) async -> String {
        guard let id = await git(["rev-parse", "HEAD"], in: root), !id.isEmpty else { return "" }
        guard let changes = await git(["status", "--porcelain", "--", "testnet", "chaos", "runbooks"], in: root) else {
            return id + "+unknown"
        }
        return changes.isEmpty ? id : id + "+changes"
    }

    private static func git(_ arguments: [String], in root: String) async -> String? {
        // Without a lock on the index, which git would write anew and, as root, take over.
        var command = ["git", "--no-optional-locks", "-C", root] + arguments
        // A checkout's own settings can name programs that git starts, so root asks as the checkout's owner.
        var owner = stat()
        if geteuid() == 0, stat(root, &owner) == 0, owner.st_uid != 0 {
            command = ["setpriv", "--reuid=\(owner.st_uid)", "--regid=\(owner.st_gid)", "--clear-groups"] + command
        }
        let started = command
        return await withTaskGroup(of: String?.self) { group in
            group.addTask {
                guard
                    let result = try? await Subprocess.run(
                        .name(started[0]), arguments: Arguments(Array(started.dropFirst())),
                        output: .string(limit: 1 << 20), error: .discarded),
                    result.terminationStatus.isSuccess
                else { return nil }
                return result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
            }
            group.addTask {
                try? await Task.sleep(for: gitLimit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}
