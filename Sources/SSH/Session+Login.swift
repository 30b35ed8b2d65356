import CLibssh2
import Glibc

/// A login on its way.
final class Login {
    let deadline: Instant
    let timeout: Duration
    private var continuation: CheckedContinuation<SSHError?, Never>?

    init(timeout: Duration, continuation: CheckedContinuation<SSHError?, Never>) {
        self.deadline = .now + timeout
        self.timeout = timeout
        self.continuation = continuation
    }

    func finish(_ error: SSHError?) {
        continuation?.resume(returning: error)
        continuation = nil
    }
}

extension Session {
    /// libssh2's own state must be set up once, before any session, by one thread.
    private static let libraryCode = libssh2_init(0)

    /// Connects, checks the host key and logs in. Returns what went wrong, or nil.
    func open(timeout: Duration) async -> SSHError? {
        guard case .idle = phase else { return .closed(host: target.label) }
        if Task.isCancelled { return .cancelled(host: target.label) }
        guard !target.hostKeys.isEmpty else {
            return .invalidTarget(host: target.label, reason: "it has no pinned host key")
        }
        switch Dialer.dial(address: target.address, port: target.port, source: target.sourceAddress) {
        case .failure(let failure) where failure.invalid:
            return .invalidTarget(host: target.label, reason: failure.reason)
        case .failure(let failure):
            return .unreachable(host: target.label, reason: failure.reason)
        case .success(let socket):
            transport = Transport(socket: socket)
            phase = .connecting
            return await withCheckedContinuation { continuation in
                let login = Login(timeout: timeout, continuation: continuation)
                self.login = login
                loop.add(self, socket: socket, writing: true, wake: login.deadline)
            }
        }
    }

    /// The login's task was cancelled.
    func cancelLogin() {
        if login != nil { fail(.cancelled(host: target.label)) }
    }

    func advanceLogin(now: Instant) {
        guard let login else { return }
        if now >= login.deadline {
            fail(.connectTimedOut(host: target.label, stage: stage, after: login.timeout))
            return
        }
        if case .connecting = phase { connected() }
        if case .handshaking = phase { handshake() }
        if case .loggingIn = phase { authenticate() }
    }

    func loginLost(_ loss: Transport.Loss) {
        switch phase {
        case .connecting: fail(.unreachable(host: target.label, reason: loss.reason))
        case .loggingIn: fail(refusal(loss.reason))
        default: fail(.handshakeFailed(host: target.label, reason: loss.reason))
        }
    }

    private var stage: String {
        switch phase {
        case .connecting: "the TCP connection"
        case .handshaking: "the SSH handshake"
        default: "the login"
        }
    }

    private func connected() {
        guard let transport else { return }
        var poll = pollfd(fd: transport.socket, events: Int16(POLLOUT), revents: 0)
        guard Glibc.poll(&poll, 1, 0) > 0 else { return }
        let code = Dialer.outcome(of: transport.socket)
        guard code == 0 else {
            fail(.unreachable(host: target.label, reason: Bytes.errorText(code)))
            return
        }
        guard Self.libraryCode == 0, let session = libssh2_session_init_ex(nil, nil, nil, nil) else {
            fail(.handshakeFailed(host: target.label, reason: "libssh2 has no memory for a session"))
            return
        }
        self.session = session
        transport.attach(to: session)
        libssh2_session_set_blocking(session, 0)
        libssh2_keepalive_config(session, 0, 2)
        // libssh2 1.10 has no GCM, no encrypt-then-MAC and no rsa-sha2. The pinned key's type is asked for first, so
        // that a server with several keys presents the one that can be checked.
        let keyTypes = target.hostKeys.map(\.algorithm)
        let preferences = [
            (LIBSSH2_METHOD_KEX, "curve25519-sha256,curve25519-sha256@libssh.org"),
            (LIBSSH2_METHOD_HOSTKEY, keyTypes.joined(separator: ",")),
            (LIBSSH2_METHOD_CRYPT_CS, "aes128-ctr"), (LIBSSH2_METHOD_CRYPT_SC, "aes128-ctr"),
            (LIBSSH2_METHOD_MAC_CS, "hmac-sha2-256"), (LIBSSH2_METHOD_MAC_SC, "hmac-sha2-256"),
            (LIBSSH2_METHOD_COMP_CS, "none"), (LIBSSH2_METHOD_COMP_SC, "none"),
        ]
        for (method, list) in preferences {
            let code = libssh2_session_method_pref(session, method, list)
            guard code == 0 else {
                fail(.handshakeFailed(host: target.label, reason: "this libssh2 lacks \(list): \(lastMessage(code))"))
                return
            }
        }
        phase = .handshaking
        transport.beginTurn(readable: true)
    }

    private func handshake() {
        guard let session, let transport else { return }
        let code = libssh2_session_handshake(session, transport.socket)
        if code == LIBSSH2_ERROR_EAGAIN { return }
        guard code == 0 else {
            let reason = transport.loss?.reason ?? lastMessage(code)
            fail(.handshakeFailed(host: target.label, reason: reason))
            return
        }
        var length = 0
        var type: Int32 = 0
        guard let key = libssh2_session_hostkey(session, &length, &type) else {
            fail(.hostKeyMismatch(host: target.label, presented: "none"))
            return
        }
        let presented = UnsafeRawBufferPointer(start: key, count: length)
        guard target.hostKeys.contains(where: { presented.elementsEqual($0.blob) }) else {
            fail(.hostKeyMismatch(host: target.label, presented: "SHA-256 \(Checksum.sha256(Array(presented)))"))
            return
        }
        phase = .loggingIn
    }

    private func authenticate() {
        guard let session else { return }
        let user = target.user
        let code = target.privateKey.terminated.withUnsafeBufferPointer { key in
            key.withMemoryRebound(to: CChar.self) { key in
                libssh2_userauth_publickey_frommemory(
                    session, user, user.utf8.count, nil, 0, key.baseAddress, key.count - 1, nil)
            }
        }
        if code == LIBSSH2_ERROR_EAGAIN { return }
        guard code == 0 else {
            fail(refusal(transport?.loss?.reason ?? lastMessage(code)))
            return
        }
        transport?.trusted = true
        phase = .ready
        nextKeepalive = .now + SSHLimits.keepalive
        login?.finish(nil)
        login = nil
    }

    private func refusal(_ reason: String) -> SSHError {
        .loginRefused(
            host: target.label, user: target.user, key: target.privateKey.description, reason: reason)
    }
}
