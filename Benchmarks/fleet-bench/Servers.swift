import Foundation

/// One OpenSSH server per host, each on a loopback address of its own, in a mount namespace where `/srv` is that host's
/// own folder; all with the same account, light login shell, key and ciphers.
final class Servers {
    let place: Place
    let addresses: [String]
    private var processes: [Child] = []

    /// What an output case prints: lines of 64 bytes.
    static let reportBytes = 26 * 1024
    static let noiseBytes = 4 << 20
    static let uploadBytes = 10 << 20

    /// How long servers and services may take to come up.
    private static let startTimeout: Duration = .seconds(60)

    init(count: Int, place: Place) throws {
        self.place = place
        addresses = (0..<count).map { "127.7.\($0 / 200).\($0 % 200 + 1)" }
        try? FileManager.default.removeItem(atPath: "\(place.folder)/hosts")
        try layOut()
    }

    /// Begins with one host's folder, puts it at `/srv`, gives every capability back and becomes its server. The service
    /// is started first: runsv takes a second for that.
    private static let hostScript = """
        mount --bind "$1" /srv
        cd /srv
        setpriv --ambient-caps=-all --inh-caps=-all runsv /srv/service </dev/null >/dev/null 2>&1 &
        exec setpriv --ambient-caps=-all --inh-caps=-all /usr/sbin/sshd -D -e -f /srv/sshd_config
        """

    /// The service that is restarted. Its shell is bash because that can tell the time (in microseconds) by itself.
    private static let service = """
        #!/bin/bash
        echo "$EPOCHREALTIME" >>/srv/started
        exec sleep infinity

        """

    func start() throws {
        for address in addresses {
            let command = [
                "/usr/bin/unshare", "--mount", "--propagation", "private", "--", "sh", "-c", Self.hostScript, "sh",
                place.host(address),
            ]
            processes.append(try Child(command, log: "\(place.host(address))/sshd.log"))
        }
        let deadline = ContinuousClock.now + Self.startTimeout
        for address in addresses {
            while try !(Self.listens(address) && !starts(address).isEmpty) {
                guard ContinuousClock.now < deadline else {
                    let log = (try? String(contentsOfFile: "\(place.host(address))/sshd.log", encoding: .utf8)) ?? ""
                    throw BenchmarkError("the server of \(address) did not start in \(Self.startTimeout): \(log)")
                }
                usleep(20_000)
            }
        }
    }

    /// Ends the servers; services end with the namespace.
    func stop() {
        for process in processes { kill(process.pid, SIGTERM) }
        for process in processes { process.finish() }
        for address in addresses { _ = try? Child.succeeds(["/usr/bin/sv", "exit", "\(place.host(address))/service"]) }
        processes = []
    }

    /// The times at which the service's processes started, in seconds since 1970, as they wrote them.
    func starts(_ address: String) throws -> [Double] {
        guard let text = try? String(contentsOfFile: "\(place.host(address))/started", encoding: .utf8) else {
            return []
        }
        return text.split(separator: "\n").compactMap { Double($0) }
    }

    // MARK: Files

    private func layOut() throws {
        let files = FileManager.default
        if !files.fileExists(atPath: place.key) {
            for name in ["id_ed25519", "host_key"] {
                let file = "\(place.folder)/\(name)"
                guard
                    try Child.succeeds(["/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file])
                else { throw BenchmarkError("ssh-keygen could not make \(file)") }
            }
            try files.copyItem(atPath: "\(place.key).pub", toPath: "\(place.folder)/authorized_keys")
        }
        let key = try String(contentsOfFile: "\(place.folder)/host_key.pub", encoding: .utf8)
        try write(addresses.map { "\($0) \(key)" }.joined(), to: place.knownHosts)
        try write(addresses.joined(separator: "\n") + "\n", to: place.addresses)
        let line = String(repeating: "x", count: 63) + "\n"
        let noise = String(repeating: line, count: Self.noiseBytes / 64)
        try write(noise, to: "\(place.folder)/noise")
        try write(String(repeating: line, count: Self.reportBytes / 64), to: "\(place.folder)/report")
        _ = files.createFile(
            atPath: "\(place.folder)/content",
            contents: Data((0..<Self.uploadBytes).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }))
        for address in addresses {
            let root = place.host(address)
            try files.createDirectory(atPath: "\(root)/service", withIntermediateDirectories: true)
            try write(Self.service, to: "\(root)/service/run")
            chmod("\(root)/service/run", 0o755)
            try write(configuration(address), to: "\(root)/sshd_config")
            for name in ["noise", "report"] {
                try files.linkItem(atPath: "\(place.folder)/\(name)", toPath: "\(root)/\(name)")
            }
        }
    }

    /// What libssh2 1.10 has is pinned for everybody (it has no GCM and no encrypt-then-MAC).
    private func configuration(_ address: String) -> String {
        """
        ListenAddress \(address)
        Port 22
        HostKey \(place.folder)/host_key
        AuthorizedKeysFile \(place.folder)/authorized_keys
        KexAlgorithms curve25519-sha256
        Ciphers aes128-ctr
        MACs hmac-sha2-256
        PidFile none
        StrictModes no
        UsePAM no
        UseDNS no
        PrintMotd no
        PrintLastLog no
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        PermitRootLogin prohibit-password
        MaxStartups 100
        LogLevel ERROR
        Subsystem sftp internal-sftp

        """
    }

    private func write(_ text: String, to path: String) throws {
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }

    private static func listens(_ address: String) -> Bool {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var peer = sockaddr_in()
        peer.sin_family = sa_family_t(AF_INET)
        peer.sin_port = UInt16(22).bigEndian
        inet_pton(AF_INET, address, &peer.sin_addr)
        return withUnsafePointer(to: peer) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
