import Glibc

/// Makes the TCP socket of a connection: non-blocking, with the options SSH wants.
enum Dialer {
    struct Failure: Error {
        let reason: String
        /// The address itself is wrong, rather than the network.
        let invalid: Bool
    }

    /// Starts to connect; the socket becomes writable when the attempt is over (`outcome` tells how it went).
    static func dial(address: String, port: UInt16, source: String?) -> Result<Int32, Failure> {
        guard port > 0 else { return invalid("port 0 cannot be connected to") }
        guard let peer = SocketAddress(address, port: port) else {
            return invalid("'\(address)' is not a numeric IPv4 or IPv6 address")
        }
        let type = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let socket = Glibc.socket(peer.family, Int32(type), 0)
        guard socket >= 0 else { return unreachable(errno) }
        if let source {
            guard let local = SocketAddress(source, port: 0), local.family == peer.family else {
                close(socket)
                return invalid("the source address '\(source)' is not a numeric address of the same kind")
            }
            if local.use({ bind(socket, $0, $1) }) != 0 {
                let problem = "cannot bind to \(source): \(Bytes.errorText(errno))"
                close(socket)
                return invalid(problem)
            }
        }
        set(socket, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        let patience = Int32(SSHLimits.unacknowledged.saturatedNanoseconds / 1_000_000)
        set(socket, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, patience)
        if peer.use({ connect(socket, $0, $1) }) != 0 && errno != EINPROGRESS {
            defer { close(socket) }
            return unreachable(errno)
        }
        return .success(socket)
    }

    /// How a connection attempt ended: 0, or an errno value.
    static func outcome(of socket: Int32) -> Int32 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno
    }

    private static func set(_ socket: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func invalid(_ reason: String) -> Result<Int32, Failure> {
        .failure(Failure(reason: reason, invalid: true))
    }

    private static func unreachable(_ code: Int32) -> Result<Int32, Failure> {
        .failure(Failure(reason: Bytes.errorText(code), invalid: false))
    }
}

/// A numeric address in the form the socket calls take.
private struct SocketAddress {
    private var storage = sockaddr_storage()
    private let size: socklen_t
    let family: Int32

    init?(_ text: String, port: UInt16) {
        var four = sockaddr_in()
        var six = sockaddr_in6()
        if inet_pton(AF_INET, text, &four.sin_addr) == 1 {
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            family = AF_INET
            size = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutableBytes(of: &storage) { storage in
                withUnsafeBytes(of: &four) { storage.copyMemory(from: $0) }
            }
        } else if inet_pton(AF_INET6, text, &six.sin6_addr) == 1 {
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            family = AF_INET6
            size = socklen_t(MemoryLayout<sockaddr_in6>.size)
            withUnsafeMutableBytes(of: &storage) { storage in
                withUnsafeBytes(of: &six) { storage.copyMemory(from: $0) }
            }
        } else {
            return nil
        }
    }

    func use(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
        }
    }
}
