import Definitions
import Foundation
import Timeline

/// Puts a host's files, services and programs in place, over SSH only, so that the same code can be pointed at hosts
/// that exist already.
struct Deployment {
    let folder: RunFolder
    let plan: TestnetPlan

    /// Wall time for one host's files to be written; programs have `programTimeout`.
    private static let filesTimeout = DurationText(.seconds(30))
    /// Content sent in one command; a larger file travels by `RemoteHost.upload`.
    private static let inlineLimit = 256 * 1024

    /// Reads contents from standard input, one after the other, and the list of what is coming from the environment:
    /// `size mode path` a line. Each file is written beside its place and moved there; then all checksums are checked.
    private static let filesScript = """
        set -eu
        exec 3<&0
        printf '%s\\n' "$FILES" | while IFS=' ' read -r size mode path; do
            mkdir -p "$(dirname "$path")"
            head -c "$size" <&3 >"$path.new"
            chmod "$mode" "$path.new"
            mv -f "$path.new" "$path"
        done
        printf '%s\\n' "$SUMS" | sha256sum --quiet -c - >&2
        printf '%s\\n' "$FOLDERS" | while IFS= read -r folder; do
            [ -z "$folder" ] || mkdir -p "$folder"
        done
        for name in $SERVICES; do
            ln -sfn "/etc/sv/$name" "/etc/service/$name"
        done
        # runsvdir waits a second when its folder was changed in the present one.
        touch -d '2000-01-01' /etc/service
        """

    /// Tells a sandboxed host that its services are all there; a host that runs runit already has no such FIFO.
    private static let startScript = """
        if [ -p /run/start-services ]; then echo go >/run/start-services; fi
        """

    /// - Throws: `BootError.deployFailed` naming the host.
    func deploy(to host: any RemoteHost, as hostPlan: HostPlan) async throws {
        var small: [(path: String, mode: String, sha256: String, bytes: [UInt8])] = []
        for file in hostPlan.files where file.size <= Self.inlineLimit {
            small.append((file.path, file.mode, file.sha256, try contents(file.sha256, for: hostPlan.name)))
        }
        let large = hostPlan.files.filter { $0.size > Self.inlineLimit }
        // What the guard and the lease need on every host.
        for (path, file) in AgentFiles.all.sorted(by: { $0.key < $1.key }) {
            let bytes = Array(file.content.utf8)
            small.append((path, String(file.mode, radix: 8), Digest.sha256(bytes), bytes))
        }
        if hostPlan.controlsNetwork {
            let bytes = Array(NetworkSwitch.command.utf8)
            small.append((NetworkSwitch.commandOnHost, "755", Digest.sha256(bytes), bytes))
        }
        let services = hostPlan.services + [AgentFiles.service]
        let command = ScriptPlan(
            script: Self.filesScript,
            environment: [
                "FILES": small.map { "\($0.bytes.count) \($0.mode) \($0.path)" }.joined(separator: "\n"),
                "SUMS": small.map { "\($0.sha256)  \($0.path)" }.joined(separator: "\n"),
                "SERVICES": services.joined(separator: " "),
                "FOLDERS": large.map { Self.folder(of: $0.path) }.joined(separator: "\n"),
            ], secrets: [], timeout: Self.filesTimeout)
        try await run(command, stdin: small.flatMap(\.bytes), on: host)
        for file in large {
            try await upload(try contents(file.sha256, for: hostPlan.name), to: file.path, mode: file.mode, on: host)
        }
        try await run(
            ScriptPlan(script: Self.startScript, environment: [:], secrets: [], timeout: Self.filesTimeout), stdin: [],
            on: host)
    }

    private static func folder(of path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }

    private func contents(_ sha256: String, for host: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: folder.staged(sha256)) else {
            throw BootError.deployFailed(
                host: host, reason: "the staged content \(sha256.prefix(12)) is missing from the run folder")
        }
        return Array(data)
    }

    private func upload(_ bytes: [UInt8], to path: String, mode: String, on host: any RemoteHost) async throws {
        do {
            try await host.upload(bytes, to: path, mode: UInt16(mode, radix: 8) ?? 0o644)
        } catch {
            throw BootError.deployFailed(host: host.name, reason: "uploading \(path): \(error)")
        }
    }

    private func run(_ command: ScriptPlan, stdin: [UInt8], on host: any RemoteHost) async throws {
        let result = await host.run(command, stdin: stdin)
        guard result.outcome == .exited(code: 0) else {
            let message = String(decoding: result.stderr.suffix(400), as: UTF8.self).trimmingWhitespace()
            throw BootError.deployFailed(
                host: host.name, reason: "\(result.outcome.summary)\(message.isEmpty ? "" : ": \(message)")")
        }
    }
}

extension CommandOutcome {
    /// A few words for messages.
    var summary: String {
        switch self {
        case .exited(let code): "exit \(code)"
        case .signaled(let name): "killed by \(name)"
        case .unknown(let reason): "result unknown (\(reason))"
        }
    }
}
