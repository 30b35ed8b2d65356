import Foundation
import Subprocess

/// Which commit of the root folder a run was made from.
enum Commit {
    /// The commit's id, with `+changes` when files differ from it; empty when the folder is no git checkout.
    static func describe(_ root: String) async -> String {
        guard let id = await git(["rev-parse", "HEAD"], in: root), !id.isEmpty else { return "" }
        let changes = await git(["status", "--porcelain", "--", "testnet", "chaos", "runbooks"], in: root) ?? ""
        return changes.isEmpty ? id : id + "+changes"
    }

    private static func git(_ arguments: [String], in root: String) async -> String? {
        // A checkout that belongs to another user is still only read.
        let all = ["-c", "safe.directory=*", "-C", root] + arguments
        guard
            let result = try? await Subprocess.run(
                .name("git"), arguments: Arguments(all), output: .string(limit: 1 << 20), error: .discarded),
            result.terminationStatus.isSuccess
        else { return nil }
        return result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
