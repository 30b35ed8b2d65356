import Definitions
import Foundation
import Glibc

/// The files that make a folder a machine before anything is deployed to it: accounts, names, SSH server. Everything
/// else arrives over SSH.
struct HostFiles {
    let folder: RunFolder
    let hosts: [HostPlan]

    /// Makes the folder that all hosts' files lie in. Other users of the machine must not read it: the files hold the
    /// secrets of the network.
    func makeMachines() throws { try makeFolder(folder.machines, mode: 0o700) }

    /// Lays out `host`'s folder. The private host key is generated into it; the public one is returned for pinning.
    /// - Throws: `BootError.fileSystem`.
    func write(_ host: HostPlan, hostKeyFile: String, clientKey: String) throws {
        let root = folder.machine(host.name)
        for path in Sandbox.writable + ["etc/ssh", "etc/service", "etc/sv", "var/log", "var/lib", "usr/local/bin"] {
            try makeFolder("\(root)/\(path)")
        }
        try makeFolder("\(root)\(Sandbox.home)/.ssh", mode: 0o700)
        try write(accounts, to: "\(root)/etc/passwd")
        try write("\(Sandbox.user):x:\(getegid()):\n", to: "\(root)/etc/group")
        try write(host.name + "\n", to: "\(root)/etc/hostname")
        try write(names, to: "\(root)/etc/hosts")
        try write("passwd: files\ngroup: files\nhosts: files\n", to: "\(root)/etc/nsswitch.conf")
        try write(serverConfiguration(host), to: "\(root)/etc/ssh/sshd_config")
        try write(clientKey + "\n", to: "\(root)\(Sandbox.home)/.ssh/authorized_keys", mode: 0o600)
        try copy(hostKeyFile, to: "\(root)/etc/ssh/ssh_host_ed25519_key", mode: 0o600)
        // The kernel would give what is sent from here the address 127.0.0.1, whichever host it is from; with the host's
        // own one, cut paths are cut for its clients too.
        try write("interface = \"\(host.address)\"\n", to: "\(root)\(Sandbox.home)/.curlrc")
        guard host.isSSHClient else { return }
        let home = "\(root)\(Sandbox.home)/.ssh"
        try copy(folder.privateKey, to: "\(home)/id_ed25519", mode: 0o600)
        try copy(folder.knownHosts, to: "\(home)/known_hosts", mode: 0o644)
        try write(
            "Host *\n    BindAddress \(host.address)\n    BatchMode yes\n    StrictHostKeyChecking yes\n    ConnectTimeout 5\n",
            to: "\(home)/config",
            mode: 0o600)
    }

    /// A light login shell: a heavy rc file would make every command cost a hundred times as much.
    private var accounts: String { "\(Sandbox.user):x:\(geteuid()):\(getegid()):operator:\(Sandbox.home):/bin/sh\n" }

    private var names: String {
        "127.0.0.1 localhost\n" + hosts.map { "\($0.address) \($0.name)\n" }.joined()
    }

    private func serverConfiguration(_ host: HostPlan) -> String {
        """
        ListenAddress \(host.address)
        Port 22
        HostKey /etc/ssh/ssh_host_ed25519_key
        PidFile /run/sshd.pid
        AuthorizedKeysFile .ssh/authorized_keys
        UsePAM no
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        PermitUserEnvironment no
        UseDNS no
        PrintMotd no
        MaxSessions 64
        MaxStartups 100
        LoginGraceTime 20
        Subsystem sftp internal-sftp

        """
    }

    private func makeFolder(_ path: String, mode: Int = 0o755) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
        } catch {
            throw BootError.fileSystem(path: path, action: "create", reason: "\(error.localizedDescription)")
        }
    }

    private func write(_ text: String, to path: String, mode: mode_t = 0o644) throws {
        do {
            try text.write(toFile: path, atomically: false, encoding: .utf8)
        } catch {
            throw BootError.fileSystem(path: path, action: "write", reason: "\(error.localizedDescription)")
        }
        chmod(path, mode)
    }

    private func copy(_ source: String, to path: String, mode: mode_t) throws {
        do {
            try FileManager.default.copyItem(atPath: source, toPath: path)
        } catch {
            throw BootError.fileSystem(path: path, action: "write", reason: "\(error.localizedDescription)")
        }
        chmod(path, mode)
    }
}
