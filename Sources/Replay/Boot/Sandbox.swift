/// The command that turns a folder into something that behaves like one machine: own processes, hostname, files and IPC,
/// no capability, no way to make new namespaces. The network is the run's own, shared by its hosts.
struct Sandbox {
    /// Login name on every host.
    static let user = "op"
    static let home = "/home/op"
    /// Folders of a host that it may write; each is a folder of the run.
    static let writable = ["etc", "home", "opt", "run", "srv", "tmp", "usr/local", "var"]

    /// What runs first on a host: the SSH server, kept alive; then, once deploy says so through a FIFO, runit. Waiting
    /// for deploy saves runsvdir's five-second scan: services are there when it looks for the first time.
    static let bootScript = """
        while :; do /usr/sbin/sshd -D -e -f /etc/ssh/sshd_config 2>>/var/log/sshd.log; sleep 0.2; done &
        [ -p /run/start-services ] || mkfifo /run/start-services
        read -r go </run/start-services
        exec runsvdir -P /etc/service
        """

    /// Program and arguments that boot one host.
    /// - Parameters:
    ///   - machine: the host's folder (`RunFolder.machine`).
    ///   - networkSwitch: the folder of the switch's socket, for a host that controls the network; else nil.
    ///   - fileSystems: small file systems of the host's own, path to bytes.
    ///   - runtime: the folder of the Swift runtime libraries, which the testnet's programs load; nil when they are linked in.
    static func command(
        host: String, machine: String, networkSwitch: String? = nil, fileSystems: [String: Int] = [:], runtime: String?
    ) -> [String] {
        var arguments = [
            "setpriv", "--ambient-caps=-all", "--inh-caps=-all", "bwrap",
            "--unshare-user", "--disable-userns", "--unshare-pid", "--unshare-uts", "--unshare-ipc",
            "--unshare-cgroup-try",
            "--new-session", "--hostname", host,
            "--ro-bind", "/usr", "/usr",
            "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib",
            "--symlink", "usr/lib64", "/lib64", "--symlink", "usr/sbin", "/sbin",
            "--proc", "/proc", "--dev", "/dev",
            // Settings of the host's own IPC and process namespaces would be writable by their owner.
            "--ro-bind", "/proc/sys", "/proc/sys",
        ]
        for folder in writable { arguments += ["--bind", "\(machine)/\(folder)", "/\(folder)"] }
        for (path, size) in fileSystems.sorted(by: { $0.key < $1.key }) {
            arguments += ["--size", "\(size)", "--tmpfs", path]
        }
        if let networkSwitch { arguments += ["--ro-bind", networkSwitch, NetworkSwitch.folderOnHost] }
        // Debian's awk and others are links through here; certificates are for TLS clients.
        for folder in ["/etc/alternatives", "/etc/ssl"] { arguments += ["--ro-bind-try", folder, folder] }
        if let runtime { arguments += ["--ro-bind", runtime, runtime] }
        return arguments + [
            "--remount-ro", "/",
            "--clearenv", "--setenv", "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "--setenv", "HOME", home, "--setenv", "USER", user, "--chdir", "/", "--",
            "sh", "-c", bootScript,
        ]
    }
}
