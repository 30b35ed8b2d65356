import Foundation
import Glibc
import Subprocess

/// Finds out, by trying, whether this machine can run Firedrill, and names the command that mends what is missing.
public struct Doctor: Sendable {
    /// One thing that was tried.
    public struct Finding: Sendable, Hashable {
        /// What was tried.
        public var subject: String
        /// What was seen.
        public var detail: String
        /// What to run or change; nil when all is well.
        public var remedy: String?
        /// Whether nothing needs mending.
        public var isWell: Bool { remedy == nil }
    }

    /// Programs that Firedrill runs itself, found by PATH, and the Debian package each comes from.
    static let ownPrograms: [(name: String, package: String)] = [
        ("unshare", "util-linux"), ("setpriv", "util-linux"), ("nsenter", "util-linux"), ("bwrap", "bubblewrap"),
        ("ip", "iproute2"), ("nft", "nftables"), ("ssh", "openssh-client"), ("ssh-keygen", "openssh-client"),
        ("socat", "socat"),
    ]
    /// Programs that hosts run, found where hosts look for them.
    static let hostPrograms: [(name: String, package: String)] = [
        ("sshd", "openssh-server"), ("runsvdir", "runit"), ("sv", "runit"), ("chpst", "runit"), ("flock", "util-linux"),
        ("haproxy", "haproxy"), ("rclone", "rclone"), ("curl", "curl"), ("sha256sum", "coreutils"), ("pgrep", "procps"),
        ("openssl", "openssl"), ("faketime", "faketime"),
    ]
    private static let hostFolders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    /// Room that a run of the largest built-in testnet needs in the run folder.
    private static let roomNeeded = 1 << 30  // bytes
    /// statvfs' ST_NOEXEC, which glibc's headers show only to GNU C.
    private static let noExec: UInt = 8
    /// What `unshare` is given when namespaces are tried; ends at once.
    private static let trial =
        "PATH=$PATH:/usr/sbin:/sbin; ip link set lo up && echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start"
    private static let hostTrial =
        "setpriv --ambient-caps=-all --inh-caps=-all bwrap --unshare-user --disable-userns --unshare-pid --unshare-uts "
        + "--unshare-ipc --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64 "
        + "--proc /proc --dev /dev -- true"

    let root: String
    let testnode: String

    /// - Parameters:
    ///   - root: the folder that receives `.firedrill/`.
    ///   - testnode: path of the program that hosts run, beside the CLI.
    public init(root: String, testnode: String) {
        self.root = root
        self.testnode = testnode
    }

    /// Tries everything; leaves nothing behind.
    public func examine() async -> [Finding] {
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        var findings = Self.ownPrograms.map { program($0.name, package: $0.package, in: path) }
        findings += Self.hostPrograms.map { program($0.name, package: $0.package, in: Self.hostFolders) }
        findings.append(ownProgram())
        findings.append(identity())
        findings.append(await namespace("user and network namespaces", script: Self.trial))
        findings.append(
            await namespace("packet filter inside them", script: "\(Self.trial) && nft add table ip firedrill"))
        findings.append(await namespace("sandboxed hosts", script: "\(Self.trial) && \(Self.hostTrial)"))
        findings.append(room())
        return findings
    }

    private func program(_ name: String, package: String, in folders: [String]) -> Finding {
        let candidates: [String] = folders.map { "\($0)/\(name)" }
        if let found = candidates.first(where: { (path: String) -> Bool in access(path, X_OK) == 0 }) {
            return Finding(subject: name, detail: found)
        }
        return Finding(
            subject: name, detail: "not found",
            remedy: "run 'make setup', or: sudo apt-get install --no-install-recommends \(package)")
    }

    private func ownProgram() -> Finding {
        access(testnode, X_OK) == 0
            ? Finding(subject: "testnode", detail: testnode)
            : Finding(subject: "testnode", detail: "not beside the firedrill program", remedy: "run 'make build'")
    }

    private func identity() -> Finding {
        do {
            let identity = try Identity.forContained(environment: ProcessInfo.processInfo.environment)
            return Finding(subject: "ordinary user", detail: "\(identity.name) (\(identity.uid))")
        } catch {
            return Finding(subject: "ordinary user", detail: "root has nobody to drop to", remedy: "\(error)")
        }
    }

    /// Tries `script` where hosts would live, as the user that they would have.
    private func namespace(_ subject: String, script: String) async -> Finding {
        do {
            var command = Containment.namespaces + ["sh", "-ec", script]
            if geteuid() == 0 {
                let user = try Identity.forContained(environment: ProcessInfo.processInfo.environment)
                command =
                    ["setpriv", "--reuid=\(user.uid)", "--regid=\(user.gid)", "--clear-groups", "--inh-caps=-all"]
                    + command
            }
            try await Tool.run(command, purpose: "try \(subject)", workingDirectory: "/")
            return Finding(subject: subject, detail: "work")
        } catch BootError.toolFailed(_, _, _, let message) {
            return Finding(subject: subject, detail: message, remedy: Self.remedy())
        } catch {
            return Finding(subject: subject, detail: "\(error)", remedy: "mend what is named above first")
        }
    }

    /// What mends the setting of this machine that most likely forbids namespaces.
    /// - Parameter setting: reads a file below `/proc/sys`; nil where this kernel has none.
    static func remedy(_ setting: (String) -> String? = Self.setting) -> String {
        if setting("kernel/apparmor_restrict_unprivileged_userns") == "1" {
            return
                "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu 24.04 and later restrict namespaces)"
        }
        if setting("kernel/unprivileged_userns_clone") == "0" {
            return "sudo sysctl kernel.unprivileged_userns_clone=1"
        }
        if setting("user/max_user_namespaces") == "0" {
            return "sudo sysctl user.max_user_namespaces=15000"
        }
        return "in a container start it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
            + "--security-opt systempaths=unconfined; elsewhere see the message"
    }

    private static func setting(_ name: String) -> String? {
        (try? String(contentsOfFile: "/proc/sys/\(name)", encoding: .utf8))?.trimmingWhitespace()
    }

    private func room() -> Finding {
        var status = statvfs()
        guard statvfs(root, &status) == 0 else {
            return Finding(
                subject: "free space", detail: "\(root): \(String(cString: strerror(errno)))",
                remedy: "choose another --root")
        }
        if status.f_flag & Self.noExec != 0 {
            return Finding(
                subject: "run folder",
                detail: "\(root) is on a file system that is mounted noexec, so hosts cannot run programs",
                remedy: "choose another --root, or remount it with exec")
        }
        let free = Int(status.f_bavail) * Int(status.f_frsize)
        let text = "\(free / (1 << 20)) MiB at \(root)"
        return free >= Self.roomNeeded
            ? Finding(subject: "free space", detail: text)
            : Finding(
                subject: "free space", detail: text, remedy: "free at least 1 GiB there, or choose another --root")
    }
}
