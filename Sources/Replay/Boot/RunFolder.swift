import Foundation

/// Where everything of one run lies. The outer process reads it; the contained one writes it.
///
/// The same folder has two paths when Firedrill was started as root: the user's own outside, and a fixed one inside
/// (`Containment`). Nothing in the folder holds an absolute path that is read back.
public struct RunFolder: Sendable, Hashable {
    /// Absolute path, without a trailing slash.
    public let path: String

    public init(path: String) { self.path = path }

    public var plan: String { "\(path)/plan.json" }
    public var events: String { "\(path)/events.jsonl" }
    public var verdict: String { "\(path)/verdict.json" }
    public var junit: String { "\(path)/junit.xml" }
    public var html: String { "\(path)/report.html" }
    /// The harness' own fault records (DESIGN section 5, journal).
    public var journal: String { "\(path)/journal.jsonl" }
    /// What the contained process prints to standard error.
    public var log: String { "\(path)/firedrill.log" }
    /// Contents to deploy, by SHA-256.
    public var staged: String { "\(path)/staged" }
    public func staged(_ sha256: String) -> String { "\(staged)/\(sha256)" }
    /// The contained process' own program, a link to the one that the user started.
    public var program: String { "\(staged)/firedrill" }
    /// Key pair and pinned host keys of this network, and an `ssh_config` for people.
    public var keys: String { "\(path)/keys" }
    public var privateKey: String { "\(keys)/id_ed25519" }
    public var knownHosts: String { "\(keys)/known_hosts" }
    public var sshConfig: String { "\(path)/ssh_config" }
    /// Writable folders of the sandboxed hosts; removed at tear-down.
    public var machines: String { "\(path)/machines" }
    public func machine(_ host: String) -> String { "\(machines)/\(host)" }
    /// Logs collected from a host.
    public func hostLogs(_ host: String) -> String { "\(path)/hosts/\(host)" }
    /// Exists once every host is up and onboarded.
    public var ready: String { "\(path)/ready" }
    /// Held by the process that works with this folder (`RunLock`).
    public var lock: String { "\(path)/lock" }
    /// Requests to a network that is kept running arrive on this FIFO.
    public var control: String { "\(path)/control" }

    /// Whether files are there that only a running network needs.
    var hasMachines: Bool { [machines, staged, keys].contains { FileManager.default.fileExists(atPath: $0) } }

    /// Keeps the logs of hosts from which none were collected over SSH, because the run ended before or they did not answer.
    public func salvageLogs() {
        let files = FileManager.default
        for host in (try? files.contentsOfDirectory(atPath: machines)) ?? [] where !files.fileExists(atPath: hostLogs(host)) {
            let source = "\(machine(host))/var/log"
            let logs = (try? files.contentsOfDirectory(atPath: source)) ?? []
            try? files.createDirectory(atPath: hostLogs(host), withIntermediateDirectories: true)
            for log in logs where (try? files.attributesOfItem(atPath: "\(source)/\(log)"))?[.type] as? FileAttributeType == .typeRegular {
                try? files.moveItem(atPath: "\(source)/\(log)", toPath: "\(hostLogs(host))/\(log)")
            }
        }
    }

    /// Removes what only a running network needs. Called when nothing of it runs any more.
    public func removeMachines() throws {
        for folder in [machines, staged, keys] where FileManager.default.fileExists(atPath: folder) {
            try FileManager.default.removeItem(atPath: folder)
        }
        for file in [control, ready, sshConfig, lock] where FileManager.default.fileExists(atPath: file) {
            try FileManager.default.removeItem(atPath: file)
        }
    }
}
