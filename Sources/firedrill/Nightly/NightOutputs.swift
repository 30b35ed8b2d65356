import Foundation
import Glibc
import Replay
import Reporting
import Timeline

/// Everything that is made from a night: its own files, its place in the history, and the page over all runs.
struct NightOutputs {
    let root: String
    let folder: String

    /// Makes the folder of a new night, `.firedrill/nights/<time>`.
    static func makeFolder(root: String, started: String) throws -> String {
        try make("\(root)/.firedrill/nights")
        let label = started.prefix(19).filter { $0 != "-" && $0 != ":" }
        for attempt in 1...99 {
            let path = "\(root)/.firedrill/nights/\(label)Z\(attempt == 1 ? "" : "-\(attempt)")"
            if !FileManager.default.fileExists(atPath: path) {
                try make(path)
                return path
            }
        }
        throw Stop("\(root)/.firedrill/nights has too many nights of this second", .harnessError)
    }

    /// Makes a folder that outlives the night. Made by root it belongs to the user that runs drop to: the next night may be that
    /// user's own.
    static func make(_ path: String) throws {
        if mkdir(path, 0o755) != 0 {
            if errno == EEXIST { return }
            throw Stop("cannot make \(path): \(String(cString: strerror(errno)))", .harnessError)
        }
        if geteuid() == 0 {
            let identity = try Identity.forContained(environment: ProcessInfo.processInfo.environment)
            lchown(path, identity.uid, identity.gid)
        }
    }

    /// Writes all files anew, and keeps the night in the history.
    func write(_ night: Night) throws {
        try NightFiles.write(night, into: folder, endedAt: Date().timeIntervalSince1970)
        let history = try History.open("\(root)/.firedrill").history
        try history.keep(
            HistoryNight(
                id: night.id, started: night.started, exitCode: Int(night.exitCode.rawValue), commit: night.commit),
            runs: night.plays.compactMap(\.run))
        try IndexPage(history: history, folder: "\(root)/.firedrill").write()
    }

    /// Writes the metrics where a node exporter looks for them.
    static func writeMetrics(_ night: Night, to path: String) throws {
        try ReportFiles.write(NightMetrics(night, endedAt: Date().timeIntervalSince1970).text, to: path)
    }
}
