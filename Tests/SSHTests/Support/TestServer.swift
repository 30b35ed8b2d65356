import Glibc
import Synchronization

@testable import SSH

/// A real OpenSSH sshd of the current user, on a loopback address and port of its own, with keys made for it.
final class TestServer: Sendable {
    let address: String
    let port: UInt16
    let user: String
    let keys: TestKeys
    let process: ChildProcess
    private let folder: TemporaryFolder

    /// `options` are further lines of sshd_config; `address` 0.0.0.0 listens on every loopback address.
    init(options: [String] = [], address: String? = nil, keys: TestKeys = .shared) throws {
        self.keys = keys
        folder = try TemporaryFolder()
        self.address = address ?? LoopbackPort.address()
        port = try LoopbackPort.free(on: self.address)
        user = String(cString: getpwuid(getuid()).pointee.pw_name)
        let config = """
            ListenAddress \(self.address)
            Port \(port)
            HostKey \(keys.hostKeyFile)
            AuthorizedKeysFile \(keys.userKeyFile).pub
            PidFile none
            UsePAM no
            StrictModes no
            PermitRootLogin yes
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            MaxStartups 1000:30:2000
            LogLevel ERROR
            \(options.joined(separator: "\n"))
            """
        let file = try folder.write(config + "\n", to: "sshd_config")
        process = try ChildProcess(Self.command(config: file, folder: folder), log: "\(folder.path)/sshd.log")
        do {
            try LoopbackPort.waitUntilOpen(self.address, port)
        } catch {
            process.end(SIGKILL)
            throw error
        }
    }

    deinit {
        process.end()
    }

    var target: SSHTarget { target() }

    func target(name: String = "alpha", address: String? = nil, source: String? = nil) -> SSHTarget {
        SSHTarget(
            name: name, address: address ?? self.address, port: port, user: user, privateKey: keys.userKey,
            hostKeys: [keys.hostKey], sourceAddress: source)
    }

    func connect() async throws -> SSHConnection {
        try await SSHConnection.connect(to: target)
    }

    /// sshd started as root wants `/run/sshd` and an unlocked account with a light shell: it gets them in a mount
    /// namespace of its own, so that nothing is left on the machine. Started by anybody else it needs nothing.
    private static func command(config: String, folder: TemporaryFolder) throws -> [String] {
        let sshd = ["/usr/sbin/sshd", "-D", "-e", "-f", config]
        guard getuid() == 0 else { return sshd }
        _ = try folder.write(
            "root:x:0:0:root:/root:/bin/sh\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n", to: "passwd", mode: 0o644)
        _ = try folder.write("root:*:19000:0:99999:7:::\n", to: "shadow")
        let script = """
            mount -t tmpfs tmpfs /run && mkdir -m 755 /run/sshd &&
            mount --bind "$1/passwd" /etc/passwd && mount --bind "$1/shadow" /etc/shadow && shift && exec "$@"
            """
        return ["unshare", "--mount", "/bin/sh", "-c", script, "sh", folder.path] + sshd
    }
}

/// Key pairs made once for the whole test run.
final class TestKeys: Sendable {
    static let shared: TestKeys = {
        do { return try TestKeys() } catch { preconditionFailure("no keys for the tests: \(error)") }
    }()

    let hostKeyFile: String
    let userKeyFile: String
    let hostKey: SSHHostKey
    let userKey: SSHPrivateKey
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        hostKeyFile = "\(folder.path)/host"
        userKeyFile = "\(folder.path)/user"
        for file in [hostKeyFile, userKeyFile] {
            try ChildProcess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", file])
        }
        hostKey = try Self.publicKey(hostKeyFile)
        userKey = try SSHPrivateKey(file: userKeyFile)
        atexit { TestKeys.removeShared() }
    }

    private static func removeShared() {
        try? ChildProcess.run(["rm", "-rf", shared.folder.path])
    }

    static func publicKey(_ file: String) throws -> SSHHostKey {
        let bytes = try LocalFile.read("\(file).pub", limit: 4096).get()
        return try SSHHostKey(openSSH: String(decoding: bytes, as: UTF8.self))
    }
}

/// Addresses and ports for test servers.
enum LoopbackPort {
    private static let counter = Atomic<UInt32>(0)

    /// An address of 127.0.0.0/8 that no other server of this process has, and probably none of another process.
    static func address() -> String {
        let number = counter.add(1, ordering: .relaxed).newValue
        return "127.\(100 + UInt32(getpid()) % 100).\(number >> 8 & 255).\(number & 255)"
    }

    static func free(on address: String) throws -> UInt16 {
        let (socket, port) = try listen(on: address)
        close(socket)
        return port
    }

    /// A listening socket of the test itself, for peers that are no SSH servers.
    static func listen(on address: String) throws -> (socket: Int32, port: UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var name = try ipv4(address, port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let ok = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && Glibc.listen(listener, 16) == 0
                    && getsockname(listener, $0, &size) == 0
            }
        }
        guard ok else { throw ChildProcess.Failure(description: "no port on \(address)") }
        return (listener, UInt16(bigEndian: name.sin_port))
    }

    static func waitUntilOpen(_ address: String, _ port: UInt16) throws {
        for _ in 0..<500 {
            let attempt = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            defer { close(attempt) }
            var name = try ipv4(address, port: port)
            let connected = withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(attempt, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if connected { return }
            usleep(20_000)
        }
        throw ChildProcess.Failure(description: "nothing listens on \(address):\(port)")
    }

    static func ipv4(_ address: String, port: UInt16) throws -> sockaddr_in {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        guard inet_pton(AF_INET, address, &name.sin_addr) == 1 else {
            throw ChildProcess.Failure(description: "\(address) is not an address")
        }
        return name
    }
}
