import CLibssh2
import Glibc

/// One connection to one host: a libssh2 session, its socket and its channels. Its executor is the event loop that owns
/// the socket, so libssh2 is only ever called from one thread, and never blocks it.
actor Session: EventLoop.Member {
    enum Phase {
        case idle
        case connecting
        case handshaking
        case loggingIn
        case ready
        case ended(SSHError)
    }

    nonisolated let target: SSHTarget
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    var phase = Phase.idle
    var session: OpaquePointer?
    var transport: Transport?
    var login: Login?
    /// Users waiting for a channel, in the order they get one.
    var waiting: [any ChannelUser] = []
    var channels: [Channel] = []
    /// An open channel on which nothing was executed yet: the next command needs no round trip to open one, and it is
    /// what takes in packets while nothing else runs (answers to the server's keepalives).
    var spare: OpaquePointer?
    var isOpening = false
    /// The last attempts to open a spare were refused; tried again when a channel ends, and later if somebody waits.
    private var refusal: (error: SSHError, count: Int, retry: Instant)?
    var nextKeepalive = Instant.never
    /// Why the connection must end when this turn is over.
    var pendingFailure: SSHError?
    private var inTurn = false
    /// Output of streamed commands that waits for its readers.
    var streams: [Int: StreamSink] = [:]
    /// What to stop when the task behind a ticket is cancelled.
    var cancellable: [Int: any Cancellable] = [:]
    /// The persistent channel, if one is in use.
    var shell: PersistentShell?

    init(target: SSHTarget, loop: EventLoop) {
        self.target = target
        self.loop = loop
    }

    /// Nil while the connection can be used.
    var ending: SSHError? {
        switch phase {
        case .ended(let error): error
        case .idle: .closed(host: target.label)
        case .connecting, .handshaking, .loggingIn, .ready: nil
        }
    }

    // MARK: Turns

    func serve(now: Instant, readable: Bool) {
        transport?.beginTurn(readable: readable)
        turn(now: now)
    }

    /// Does everything that can be done without waiting, then says what to wait for.
    func turn(now: Instant = .now) {
        // A channel's user may submit another one in the middle of a turn; the turn then does not end yet.
        guard !inTurn else { return }
        inTurn = true
        advance(now: now)
        inTurn = false
        if let failure = pendingFailure { fail(failure) }
    }

    private func advance(now: Instant) {
        guard let transport else { return }
        switch phase {
        case .idle, .ended: return
        case .connecting, .handshaking, .loggingIn: advanceLogin(now: now)
        case .ready: break
        }
        if case .ready = phase {
            expire(now: now)
            advanceChannels()
            keepAlive(now: now)
        }
        transport.flush()
        if let loss = transport.loss, ending == nil { lose(loss) }
        if ending == nil && pendingFailure == nil {
            loop.update(socket: transport.socket, writing: isConnecting || transport.pendingOutput > 0, wake: wake)
        }
    }

    var isConnecting: Bool {
        if case .connecting = phase { true } else { false }
    }

    private var wake: Instant {
        var wake = login?.deadline ?? nextKeepalive
        for user in waiting { wake = min(wake, user.deadline) }
        for channel in channels { wake = min(wake, channel.user.deadline) }
        if let refusal, channels.isEmpty, !waiting.isEmpty { wake = min(wake, refusal.retry) }
        return wake
    }

    private func expire(now: Instant) {
        let late = waiting.filter { $0.deadline <= now } + channels.map(\.user).filter { $0.deadline <= now }
        for user in late { user.expire(on: self) }
    }

    private func keepAlive(now: Instant) {
        guard now >= nextKeepalive, let session else { return }
        var seconds: Int32 = 0
        // The interval was set to its smallest value, so that this timer alone decides when one is sent.
        _ = libssh2_keepalive_send(session, &seconds)
        nextKeepalive = now + SSHLimits.keepalive
        refusal = nil
    }

    // MARK: Channels

    /// Room for more channel data: a full socket must not make libssh2's packets pile up here.
    var acceptsOutput: Bool { (transport?.pendingOutput ?? 0) < SSHLimits.outgoing }

    /// Queues a user for a channel and starts at once if it can.
    func submit(_ user: any ChannelUser) {
        if let ending {
            user.end(.lost(ending), on: self)
            return
        }
        if user.isUrgent { waiting.insert(user, at: 0) } else { waiting.append(user) }
        turn()
    }

    /// Takes a user out of the queue. False if it already has a channel.
    func withdraw(_ user: any ChannelUser) -> Bool {
        guard let index = waiting.firstIndex(where: { $0 === user }) else { return false }
        waiting.remove(at: index)
        return true
    }

    private func advanceChannels() {
        guard let transport else { return }
        var moved = true
        while moved {
            moved = startNext()
            moved = openNext() || moved
            for channel in channels where !channel.isGone {
                moved = channel.advance(transport.scratch, on: self) || moved
                guard pendingFailure == nil else { return }
            }
            let count = channels.count
            channels.removeAll(where: \.isGone)
            if channels.count < count { refusal?.retry = .now }
            transport.flush()
        }
        takeInPackets()
    }

    /// Gives the spare channel to the next user. Only one exec request is on its way at a time.
    private func startNext() -> Bool {
        guard let handle = spare, let user = waiting.first, !channels.contains(where: \.isStarting) else {
            return false
        }
        guard user.isUrgent || channels.count < SSHLimits.channels else { return false }
        waiting.removeFirst()
        spare = nil
        let channel = Channel(handle: handle, user: user)
        channels.append(channel)
        user.begin(channel, on: self)
        return true
    }

    /// Keeps one spare channel open. Opening and executing never overlap (libssh2 may mix up the answers).
    private func openNext() -> Bool {
        guard let session, spare == nil, !channels.contains(where: \.isStarting) else { return false }
        if let refusal, !isOpening {
            if refusal.retry > .now { return false }
            if refusal.count >= SSHLimits.reopen.attempts && channels.isEmpty && !waiting.isEmpty {
                waiting.removeFirst().end(.refused(refusal.error), on: self)
                return true
            }
        }
        let handle = "session".withCString {
            libssh2_channel_open_ex(session, $0, 7, SSHLimits.window, SSHLimits.packet, nil, 0)
        }
        if let handle {
            isOpening = false
            spare = handle
            refusal = nil
            return true
        }
        let code = libssh2_session_last_errno(session)
        isOpening = code == LIBSSH2_ERROR_EAGAIN
        if !isOpening && !noteFailure(code) {
            let count = channels.isEmpty && !waiting.isEmpty ? (refusal?.count ?? 0) + 1 : 0
            let pause = channels.isEmpty ? SSHLimits.reopen.every : SSHLimits.keepalive
            refusal = (channelRefusal(code), count, .now + pause)
        }
        return false
    }

    /// Packets are taken in by whoever reads. When nobody does (idle, or all readers are full), this does, without
    /// consuming any channel's data.
    private func takeInPackets() {
        let handles = (spare.map { [$0] } ?? []) + channels.filter { !$0.isGone }.map(\.handle)
        for handle in handles {
            let code = libssh2_channel_wait_eof(handle)
            if code == LIBSSH2_ERROR_EAGAIN { return }
            if code < 0 && noteFailure(code) { return }
        }
    }

    /// True if a libssh2 error means that the whole connection is unusable; then everything on it ends.
    func noteFailure(_ code: Int32) -> Bool {
        let fatal = [
            LIBSSH2_ERROR_SOCKET_SEND, LIBSSH2_ERROR_SOCKET_RECV, LIBSSH2_ERROR_SOCKET_DISCONNECT,
            LIBSSH2_ERROR_INVALID_MAC, LIBSSH2_ERROR_DECRYPT, LIBSSH2_ERROR_KEX_FAILURE,
            LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE, LIBSSH2_ERROR_PROTO, LIBSSH2_ERROR_BAD_USE,
            LIBSSH2_ERROR_OUT_OF_BOUNDARY,
        ]
        guard fatal.contains(code) else { return false }
        // Not at once: the caller is in the middle of using what ending the connection frees.
        if pendingFailure == nil {
            let reason = transport?.loss?.reason ?? lastMessage(code)
            pendingFailure = .disconnected(host: target.label, reason: reason)
        }
        return true
    }

    func channelRefusal(_ code: Int32) -> SSHError {
        .channelRefused(host: target.label, reason: lastMessage(code))
    }

    /// libssh2's text for its last error; it must be read right after the failure.
    func lastMessage(_ code: Int32) -> String {
        guard let session else { return "libssh2 error \(code)" }
        var text: UnsafeMutablePointer<CChar>?
        var length: Int32 = 0
        libssh2_session_last_error(session, &text, &length, 0)
        guard let text, length > 0 else { return "libssh2 error \(code)" }
        let message = String(decoding: UnsafeRawBufferPointer(start: text, count: Int(length)), as: UTF8.self)
        return "\(message) (libssh2 error \(code))"
    }

    // MARK: The end

    private func lose(_ loss: Transport.Loss) {
        if login != nil {
            loginLost(loss)
        } else {
            fail(.disconnected(host: target.label, reason: loss.reason))
        }
    }

    /// Ends the connection: every user hears why, the socket is closed, memory is freed.
    func fail(_ error: SSHError) {
        guard ending == nil else { return }
        phase = .ended(error)
        transport?.shutDown()
        let open = channels
        let queued = waiting
        channels = []
        waiting = []
        for channel in open { channel.abandon(error, on: self) }
        for user in queued { user.end(.lost(error), on: self) }
        shell = nil
        login?.finish(error)
        login = nil
        release()
    }

    /// Says goodbye and ends the connection. Commands still running become `unknown`.
    func close() {
        guard ending == nil else { return }
        if let session, case .ready = phase {
            _ = "closed".withCString { reason in
                "".withCString { libssh2_session_disconnect_ex(session, 11, reason, $0) }
            }
            transport?.flush()
        }
        fail(.closed(host: target.label))
    }

    private func release() {
        if let transport {
            loop.remove(socket: transport.socket)
            Glibc.close(transport.socket)
        }
        if let session {
            for _ in 0..<SSHLimits.cleanupAttempts where libssh2_session_free(session) != LIBSSH2_ERROR_EAGAIN { break }
        }
        session = nil
        spare = nil
        transport = nil
    }
}
