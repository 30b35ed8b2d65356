import Foundation
import Glibc

/// Where everything of one run lies. The outer process reads it; the contained one writes it.
///
/// The same folder has two paths when Firedrill was started as root: the user's own outside, and a fixed one inside
/// (`Containment`). Nothing in the folder holds an absolute path that is read back.
public struct RunFolder: Sendable, Hashable {
    /// Absolute path, without a trailing slash.
    public let path: String

    /// - Parameter path: absolute, without a trailing slash.
    public init(path: String) { self.path = path }

    /// The folder's own name, by which people and reports speak of the run.
    public var name: String { URL(fileURLWithPath: path).lastPathComponent }

    /// The plan as people and reports may read it: without the values of secrets.
    public var plan: String { "\(path)/plan.json" }
    /// The record of the run.
    public var events: String { "\(path)/events.jsonl" }
    /// The harness' own fault records (DESIGN section 5, journal).
    public var journal: String { "\(path)/journal.jsonl" }
    /// What the contained process prints to standard error.
    public var log: String { "\(path)/firedrill.log" }
    /// Contents to deploy, by SHA-256.
    public var staged: String { "\(path)/staged" }
    /// The plan as the contained process reads it: with secrets, mode 0600, removed at tear-down.
    public var stagedPlan: String { "\(staged)/plan.json" }
    /// The staged content with this SHA-256.
    public func staged(_ sha256: String) -> String { "\(staged)/\(sha256)" }
    /// The contained process' own program, a link to the one that the user started.
    public var program: String { "\(staged)/firedrill" }
    /// Key pair and pinned host keys of this network, and an `ssh_config` for people.
    public var keys: String { "\(path)/keys" }
    /// The operator's private key.
    public var privateKey: String { "\(keys)/id_ed25519" }
    /// The pinned keys of all hosts.
    public var knownHosts: String { "\(keys)/known_hosts" }
    /// For plain `ssh -F`, while the network is kept running.
    public var sshConfig: String { "\(path)/ssh_config" }
    /// Writable folders of the sandboxed hosts; removed at tear-down.
    public var machines: String { "\(path)/machines" }
    /// The writable folders of one host.
    public func machine(_ host: String) -> String { "\(machines)/\(host)" }
    /// What the network's switch is asked through; the one thing that a host with `controlsNetwork` sees of it is `switch`.
    var network: String { "\(path)/network" }
    /// Bound into hosts with `controlsNetwork`, and into no other.
    var networkSwitch: String { "\(network)/switch" }
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

    /// Keeps the logs of hosts from which none were collected over SSH, because the run ended before or they did not
    /// answer. Called when nothing of the network runs any more.
    ///
    /// A host could make its log folder a link to anywhere; only real folders and files are taken.
    public func salvageLogs() {
        let files = FileManager.default
        for host in (try? files.contentsOfDirectory(atPath: machines)) ?? []
        where !files.fileExists(atPath: hostLogs(host)) {
            let source = "\(machine(host))/var/log"
            guard Self.isFolder(machine(host)), Self.isFolder("\(machine(host))/var"), Self.isFolder(source) else {
                continue
            }
            let logs = (try? files.contentsOfDirectory(atPath: source)) ?? []
            try? files.createDirectory(atPath: hostLogs(host), withIntermediateDirectories: true)
            for log in logs where Self.type(of: "\(source)/\(log)") == S_IFREG {
                try? files.moveItem(atPath: "\(source)/\(log)", toPath: "\(hostLogs(host))/\(log)")
            }
        }
    }

    /// How often a folder is tried to be removed.
    private static let removals = 5

    /// Removes a file or folder. Removing a folder fails when something in it goes away meanwhile (`down` met one of which
    /// the rest was being removed, too), so it is tried again; whatever is still there at the end is an error.
    private static func remove(_ path: String) throws(BootError) {
        for attempt in 1...removals {
            do {
                try FileManager.default.removeItem(atPath: path)
                return
            } catch {
                guard type(of: path) != nil else { return }
                if attempt == removals {
                    throw .fileSystem(path: path, action: "remove", reason: error.localizedDescription)
                }
            }
        }
    }

    /// Removes what only a running network needs, the secrets in its journal among it. Called when nothing of it runs
    /// any more.
    /// - Throws: `BootError.fileSystem` naming what could not be removed.
    public func removeMachines() throws {
        Self.makeRemovable(machines)
        for path in [machines, network, staged, keys, control, ready, sshConfig, lock] where Self.type(of: path) != nil
        {
            try Self.remove(path)
        }
        guard Self.type(of: journal) == S_IFREG else { return }
        do throws(JournalError) {
            try Journal.hideSecrets(path: journal)
        } catch {
            throw BootError.fileSystem(path: journal, action: "take the secrets out of", reason: error.description)
        }
    }

    /// Gives the owner every right on `path` and the folders below it: a host may have taken them away, and a folder
    /// that nobody may write cannot be emptied. What cannot be changed shows when it is removed.
    private static func makeRemovable(_ path: String) {
        guard isFolder(path) else { return }
        chmod(path, 0o700)
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
            makeRemovable("\(path)/\(name)")
        }
    }

    private static func isFolder(_ path: String) -> Bool { type(of: path) == S_IFDIR }

    /// The file type bits of `path` itself, links not followed; nil when there is nothing.
    private static func type(of path: String) -> mode_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    /// Hands the folder to the user that root drops to, innermost first: once a folder is that user's, the names in it may
    /// become links to anything. A linked program keeps its owner: it is not ours to change.
    /// - Throws: `BootError.fileSystem`.
    public func give(to identity: Identity) throws {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
        let files = names.sorted(by: >).map { "\(path)/\($0)" }.filter { $0 != program } + [path]
        for file in files where lchown(file, identity.uid, identity.gid) != 0 && errno != ENOENT {
            throw BootError.fileSystem(path: file, action: "hand over", reason: String(cString: strerror(errno)))
        }
    }
}
