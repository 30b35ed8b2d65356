import Definitions
import Foundation
import Replay
import Timeline

/// Brings the hosts' logs into the run folder, over SSH, for people to read afterwards.
struct HostLogs: Sendable {
    let folder: RunFolder

    /// A larger log stays on its host; hosts are not trusted to be modest.
    private static let largestLog = 8 << 20  // bytes
    private static let mostLogs = 20
    private static let listTimeout = DurationText(.seconds(5))

    /// A host whose logs cannot be read is skipped: it may be the one that is down.
    func collect(from hosts: [String: any RemoteHost]) async {
        await withTaskGroup(of: Void.self) { group in
            for host in hosts.values { group.addTask { await collect(from: host) } }
        }
    }

    private func collect(from host: any RemoteHost) async {
        let list = ScriptPlan(
            script: "cd /var/log && ls", environment: [:], secrets: [], timeout: Self.listTimeout)
        let result = await host.ask(list)
        guard result.outcome == .exited(code: 0) else { return }
        let names = String(decoding: result.stdout, as: UTF8.self).split(separator: "\n").filter(Self.isPlainName)
        let target = folder.hostLogs(host.name)
        try? FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        for name in names.prefix(Self.mostLogs) {
            guard let bytes = try? await host.download("/var/log/\(name)", limit: Self.largestLog) else { continue }
            _ = FileManager.default.createFile(atPath: "\(target)/\(name)", contents: Data(bytes))
        }
    }

    /// What a host calls its files must not name a place elsewhere.
    private static func isPlainName(_ name: Substring) -> Bool {
        name.count <= 64 && name.first != "."
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
    }
}
