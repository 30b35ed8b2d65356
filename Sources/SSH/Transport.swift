import CLibssh2
import Glibc

/// The socket under one libssh2 session. libssh2 sends and receives through it and so never sees a full socket: every
/// packet it makes is taken whole and leaves in one system call with its neighbours. That removes its traps with
/// partial sends (a second sender gets BAD_USE, a rekey deadlocks), and lets this module bound what a peer may send.
///
/// Touched only on the thread of the session's event loop.
final class Transport {
    enum Loss: Equatable {
        case closedByPeer
        case tooMuchBeforeLogin
        case socket(Int32)

        var reason: String {
            switch self {
            case .closedByPeer: "the server closed the connection"
            case .tooMuchBeforeLogin:
                "it sent more than \(SSHLimits.handshakeBytes) bytes before the login was complete"
            case .socket(let code): Bytes.errorText(code)
            }
        }
    }

    let socket: Int32
    /// Set once the peer or the network ended the connection. libssh2 is told that nothing more arrives for now, so
    /// that it still hands out what came before; the session looks here when it has taken all of that.
    private(set) var loss: Loss?
    /// Bytes taken from the socket so far.
    private(set) var received = 0
    /// False until the login is complete: then the peer may send without limit.
    var trusted = false

    /// Where libssh2 puts channel data before it is handed on: as large as two packets.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)

    private static let inboxSize = 64 * 1024
    private let inbox = UnsafeMutableRawPointer.allocate(byteCount: inboxSize, alignment: 16)
    private var inboxStart = 0
    private var inboxEnd = 0
    private var outbox: [UInt8] = []
    private var outboxStart = 0
    /// The socket had nothing more at the last attempt.
    private var drained = true
    private var budget = 0
    private var isShutDown = false

    init(socket: Int32) {
        self.socket = socket
    }

    deinit {
        inbox.deallocate()
        scratch.deallocate()
    }

    /// Bytes that wait for the socket.
    var pendingOutput: Int { outbox.count - outboxStart }

    /// Begins a turn: the socket may have news, and up to `SSHLimits.turn` bytes may be taken from it.
    func beginTurn(readable: Bool) {
        if readable { drained = false }
        budget = SSHLimits.turn
    }

    /// Hands the waiting bytes to the socket, as far as it takes them.
    func flush() {
        while outboxStart < outbox.count && loss == nil {
            let sent = outbox.withUnsafeBytes { bytes in
                send(socket, bytes.baseAddress! + outboxStart, bytes.count - outboxStart, Int32(MSG_NOSIGNAL))
            }
            if sent < 0 {
                if errno == EINTR { continue }
                if errno != EAGAIN { loss = .socket(errno) }
                break
            }
            outboxStart += sent
        }
        if outboxStart == outbox.count {
            outbox.removeAll(keepingCapacity: outbox.count <= 64 * 1024)
            outboxStart = 0
        }
    }

    /// From now on libssh2 gets an error whenever it wants to wait, so that freeing its memory ends.
    func shutDown() { isShutDown = true }

    /// libssh2's receive: the count, or a negative errno value.
    private func take(_ buffer: UnsafeMutableRawPointer, _ length: Int) -> Int {
        if inboxStart == inboxEnd {
            let problem = refill()
            if problem != 0 { return problem }
        }
        let count = min(length, inboxEnd - inboxStart)
        buffer.copyMemory(from: inbox + inboxStart, byteCount: count)
        inboxStart += count
        return count
    }

    private func refill() -> Int {
        if isShutDown { return -Int(ECONNRESET) }
        guard loss == nil && !drained && budget > 0 else { return -Int(EAGAIN) }
        while true {
            let count = recv(socket, inbox, Self.inboxSize, 0)
            if count < 0 && errno == EINTR { continue }
            if count < 0 {
                drained = true
                if errno != EAGAIN { loss = .socket(errno) }
                return -Int(EAGAIN)
            }
            if count == 0 {
                loss = .closedByPeer
                return -Int(EAGAIN)
            }
            received += count
            if !trusted && received > SSHLimits.handshakeBytes {
                loss = .tooMuchBeforeLogin
                return -Int(EAGAIN)
            }
            // A short read means the socket is empty; if it is not, the event loop reports it again.
            drained = count < Self.inboxSize
            budget -= count
            inboxStart = 0
            inboxEnd = count
            return 0
        }
    }

    private func put(_ buffer: UnsafeRawPointer, _ length: Int) -> Int {
        if isShutDown { return -Int(ECONNRESET) }
        outbox.append(contentsOf: UnsafeRawBufferPointer(start: buffer, count: length))
        return length
    }

    // MARK: libssh2

    /// Makes `session` send and receive through this object, which must outlive it.
    func attach(to session: OpaquePointer) {
        typealias Receive =
            @convention(c) (
                Int32, UnsafeMutableRawPointer?, Int, Int32, UnsafeMutablePointer<UnsafeMutableRawPointer?>?
            ) -> Int
        typealias Send =
            @convention(c) (
                Int32, UnsafeRawPointer?, Int, Int32, UnsafeMutablePointer<UnsafeMutableRawPointer?>?
            ) -> Int
        let receive: Receive = { _, buffer, length, _, abstract in
            guard let buffer, let transport = Transport.from(abstract) else { return -Int(EINVAL) }
            return transport.take(buffer, length)
        }
        let send: Send = { _, buffer, length, _, abstract in
            guard let buffer, let transport = Transport.from(abstract) else { return -Int(EINVAL) }
            return transport.put(buffer, length)
        }
        libssh2_session_abstract(session).pointee = Unmanaged.passUnretained(self).toOpaque()
        libssh2_session_callback_set(
            session, LIBSSH2_CALLBACK_RECV, unsafeBitCast(receive, to: UnsafeMutableRawPointer.self))
        libssh2_session_callback_set(
            session, LIBSSH2_CALLBACK_SEND, unsafeBitCast(send, to: UnsafeMutableRawPointer.self))
    }

    private static func from(_ abstract: UnsafeMutablePointer<UnsafeMutableRawPointer?>?) -> Transport? {
        guard let object = abstract?.pointee else { return nil }
        return Unmanaged<Transport>.fromOpaque(object).takeUnretainedValue()
    }
}
