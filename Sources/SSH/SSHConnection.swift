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

    /// Closes the connection. Commands still running become `unknown`; the host ends them at their time limit.
    public func close() async {
        await session.close()
    }
}

/// Carries a cancellation to the command it belongs to, in whichever order the two reach the event loop.
final class Ticket: Sendable {
    let session: Session

    init(_ session: Session) { self.session = session }

    func cancel() {
        let session = session
        session.loop.execute { session.assumeIsolated { $0.cancel(self) } }
    }
}

extension Session {
    func run(_ command: RemoteCommand, timeout: Duration, ticket: Ticket) async -> Result<CommandResult, SSHError> {
        if Task.isCancelled { return .failure(.cancelled(host: target.label)) }
        return await withCheckedContinuation { continuation in
            let key = ObjectIdentifier(ticket)
            let user = SingleCommand(command, timeout: timeout, sink: Collector(limit: command.outputLimit)) {
                self.cancellable[key] = nil
                continuation.resume(returning: $0)
            }
            cancellable[key] = user.cancel(on:)
            submit(user)
        }
    }

    func cancel(_ ticket: Ticket) {
        cancellable[ObjectIdentifier(ticket)]?(self)
        turn()
    }
}
