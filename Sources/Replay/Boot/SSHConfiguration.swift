import Definitions

/// An `ssh_config` with which plain `ssh -F FILE HOST` works from an ordinary terminal, although hosts have no route to it.
public enum SSHConfiguration {
    /// - Parameter pid: a process inside the contained namespaces; each connection enters them beside it.
    public static func text(hosts: [HostPlan], folder: RunFolder, pid: Int32) -> String {
        // A percent sign would begin one of ssh's tokens.
        func quoted(_ path: String) -> String { "\"\(path.replacing("%", with: "%%"))\"" }
        var text = """
            # Made by firedrill for one running testnet; valid until it is taken down.
            Host *
                User \(Sandbox.user)
                IdentityFile \(quoted(folder.privateKey))
                IdentitiesOnly yes
                UserKnownHostsFile \(quoted(folder.knownHosts))
                GlobalKnownHostsFile /dev/null
                StrictHostKeyChecking yes
                ControlMaster no
                ForwardAgent no
                ProxyCommand nsenter --preserve-credentials --user --net --target \(pid) -- socat - TCP4:%h:%p


            """
        for host in hosts { text += "Host \(host.name)\n    HostName \(host.address)\n" }
        return text
    }
}
