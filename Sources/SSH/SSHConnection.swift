import Synchronization

/// A logged-in connection to one host. Any number of tasks may use it at once; it runs on event-loop threads of this
/// module and never blocks Swift's own.
///
/// A call throws only when nothing was sent. After that, whatever happens is the command's outcome, and what is not
/// certain is `unknown`. The connection never reconnects by itself: see `isUsable`.
public final class SSHConnection: Sendable {
    /// The host this connects to.
    public let target: SSHTarget
    let session: Session

    private init(session: Session) {
        self.session = session
        self.target = session.target
    }

    deinit {
        let session = session
        Task { await session.close() }
    }

    /// Connects, compares the host key with the pinned ones, and logs in.
    /// - Throws: `invalidTarget`, `unreachable`, `connectTimedOut`, `handshakeFailed`, `hostKeyMismatch`,
    ///   `loginRefused` or `cancelled`.
    public static func connect(
        to target: SSHTarget, timeout: Duration = SSHLimits.connect
    ) async throws(SSHError) -> SSHConnection {
        let session = Session(target: target, loop: .any())
        let problem = await withTaskCancellationHandler {
            await session.open(timeout: timeout)
        } onCancel: {
            session.loop.execute { session.assumeIsolated { $0.cancelLogin() } }
        }
        if let problem { throw problem }
        return SSHConnection(session: session)
    }

    /// False once the connection is lost or closed; then every call throws, and a new connection is needed.
    public var isUsable: Bool {
        get async { await session.ending == nil }
    }

    /// Runs a command on a channel of its own and waits for its end. When `timeout` is over or the task is cancelled,
    /// the command's processes are killed, and the outcome is `unknown`.
    /// - Parameter timeout: the time for everything, waiting for a free channel included.
    /// - Throws: `invalidCommand`, `notSent`, `cancelled`, `channelRefused`, `disconnected` or `closed`: nothing ran.
    public func run(
        _ command: RemoteCommand, timeout: Duration = SSHLimits.command
    ) async throws(SSHError) -> CommandResult {
        try command.validate()
        let ticket = Ticket(session)
        return try await withTaskCancellationHandler {
            await session.run(command, timeout: timeout, ticket: ticket)
        } onCancel: {
            ticket.cancel()
        }.get()
    }

    /// Runs a short command on the connection's persistent channel, the cheapest way: no channel and no shell has to be
    /// started for it. One command runs at a time, each in a session of its own, with an empty stdin, no state carried
    /// over, at most `SSHLimits.shortOutput` bytes per stream (the command's own limit is not used) and at most
    /// `SSHLimits.shortCommand`. What it leaves in its process group is killed when it ends. More output, more time or
    /// anything strange ends it as `unknown`.
    /// - Parameter timeout: the time for everything, waiting for its turn included.
    /// - Throws: `invalidCommand`, `notSent`, `cancelled`, `channelRefused`, `disconnected` or `closed`: nothing ran.
    public func ask(
        _ command: RemoteCommand, timeout: Duration = SSHLimits.shortCommand
    ) async throws(SSHError) -> CommandResult {
        try command.validate()
        guard command.stdin == nil else {
            throw .invalidCommand(reason: "a command on the persistent channel has no stdin; use run")
        }
        let ticket = Ticket(session)
        return try await withTaskCancellationHandler {
            await session.ask(command, timeout: timeout, ticket: ticket)
        } onCancel: {
            ticket.cancel()
        }.get()
    }

    /// Closes the connection. Commands still running become `unknown`; the host ends them when their time is over.
    public func close() async {
        await session.close()
    }
}

/// Carries a cancellation to the command it belongs to, in whichever order the two reach the event loop.
struct Ticket: Sendable {
    private static let last = Atomic<Int>(0)

    let session: Session
    let number = Self.last.add(1, ordering: .relaxed).newValue

    init(_ session: Session) { self.session = session }

    func cancel() {
        session.loop.execute { session.assumeIsolated { $0.cancel(number) } }
    }

    /// The reader of a stream is gone.
    func drop() {
        session.loop.execute {
            session.assumeIsolated {
                $0.streams[number]?.abandon()
                $0.streams[number] = nil
                $0.cancel(number)
            }
        }
    }
}

/// What a cancelled task stops. Called on the session's thread.
protocol Cancellable: AnyObject {
    func cancel(on session: isolated Session)
}

extension ShortCommand: Cancellable {
    func cancel(on session: isolated Session) { session.shell?.cancel(self, on: session) }
}

extension Session {
    func run(_ command: RemoteCommand, timeout: Duration, ticket: Ticket) async -> Result<CommandResult, SSHError> {
        if Task.isCancelled { return .failure(.cancelled(host: target.label)) }
        return await withCheckedContinuation { continuation in
            let key = ticket.number
            let user = SingleCommand(command, timeout: timeout, sink: Collector(limit: command.outputLimit)) {
                self.cancellable[key] = nil
                continuation.resume(returning: $0)
            }
            cancellable[key] = user
            submit(user)
        }
    }

    func ask(_ command: RemoteCommand, timeout: Duration, ticket: Ticket) async -> Result<CommandResult, SSHError> {
        if Task.isCancelled { return .failure(.cancelled(host: target.label)) }
        return await withCheckedContinuation { continuation in
            let key = ticket.number
            let short = ShortCommand(command, timeout: timeout) {
                self.cancellable[key] = nil
                continuation.resume(returning: $0)
            }
            cancellable[key] = short
            ask(short)
        }
    }

    /// Hands a command to the persistent channel, and makes one if there is none.
    func ask(_ command: ShortCommand) {
        if let ending {
            command.refuse(ending)
        } else if let shell {
            shell.submit(command, on: self)
            turn()
        } else {
            let shell = PersistentShell()
            self.shell = shell
            shell.submit(command, on: self)
            submit(shell)
        }
    }

    /// The persistent channel is used up.
    func drop(_ shell: PersistentShell) {
        if self.shell === shell { self.shell = nil }
    }

    func cancel(_ key: Int) {
        cancellable[key]?.cancel(on: self)
        turn()
    }
}
