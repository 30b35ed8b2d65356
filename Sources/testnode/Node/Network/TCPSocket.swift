import Glibc

/// Non-blocking TCP sockets over IPv4. Descriptors are plain numbers; whoever opens one closes it.
enum TCPSocket {
    /// A call of the socket API failed.
    struct Failure: Error, CustomStringConvertible {
        var call: String
        var address: HostPort
        var code: Int32
        var description: String { "\(call) on \(address) failed: \(String(cString: strerror(code)))" }
    }

    private static let backlog: Int32 = 128

    /// Listens on `address`; restarts rebind at once.
    static func listen(on address: HostPort) throws(Failure) -> Int32 {
        let descriptor = try open(address)
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard withSocketAddress(address, { bind(descriptor, $0, $1) }) == 0 else {
            throw close(descriptor, failing: "bind", address)
        }
        guard Glibc.listen(descriptor, backlog) == 0 else { throw close(descriptor, failing: "listen", address) }
        return descriptor
    }

    /// Starts connecting to `peer` from the node's own address, so that packet filters between hosts see both ends.
    /// The descriptor becomes writable when the attempt has ended; ask `connectResult` how.
    static func connect(to peer: HostPort, from own: HostPort) throws(Failure) -> Int32 {
        let descriptor = try open(peer)
        let source = HostPort(address: own.address, port: 0)
        guard withSocketAddress(source, { bind(descriptor, $0, $1) }) == 0 else {
            throw close(descriptor, failing: "bind", own)
        }
        guard withSocketAddress(peer, { Glibc.connect(descriptor, $0, $1) }) == 0 || errno == EINPROGRESS else {
            throw close(descriptor, failing: "connect", peer)
        }
        return descriptor
    }

    /// Whether a pending connect has succeeded.
    static func connectSucceeded(_ descriptor: Int32) -> Bool {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 && code == 0
    }

    /// Takes one waiting connection; nil when there is none.
    static func accept(_ listener: Int32) -> Int32? {
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        setNoDelay(descriptor)
        return descriptor
    }

    private static func open(_ address: HostPort) throws(Failure) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { throw Failure(call: "socket", address: address, code: errno) }
        setNoDelay(descriptor)
        return descriptor
    }

    /// Consensus messages are small and wait for each other; never hold one back to fill a segment.
    private static func setNoDelay(_ descriptor: Int32) {
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func close(_ descriptor: Int32, failing call: String, _ address: HostPort) -> Failure {
        let failure = Failure(call: call, address: address, code: errno)
        Glibc.close(descriptor)
        return failure
    }

    private static func withSocketAddress(
        _ address: HostPort, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var raw = sockaddr_in()
        raw.sin_family = sa_family_t(AF_INET)
        raw.sin_port = address.port.bigEndian
        raw.sin_addr.s_addr = address.address.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
        return withUnsafePointer(to: &raw) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
