/// The output of a running command, piece by piece, and then its end. At most `SSHLimits.streamBuffer` bytes wait here;
/// a reader that is slower makes the command wait on the host.
///
/// One reader at a time. Ending the iteration early, dropping the stream or cancelling the reading task kills the
/// command's processes.
public final class CommandStream: AsyncSequence, Sendable {
    /// What a command says, in order per stream.
    public enum Element: Sendable, Hashable {
        /// It wrote to stdout.
        case stdout([UInt8])
        /// It wrote to stderr.
        case stderr([UInt8])
        /// It is over; the result holds no output. Always the last element.
        case ended(CommandResult)
    }

    let ticket: Ticket

    init(ticket: Ticket) {
        self.ticket = ticket
    }

    deinit {
        ticket.drop()
    }

    /// Starts to read. Reading throws `SSHError` as `run` does: only when nothing was sent.
    public func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

    /// Reads a stream.
    public struct Iterator: AsyncIteratorProtocol {
        let stream: CommandStream

        /// The next piece, or nil after the end.
        /// - Throws: as `SSHConnection.run`.
        public mutating func next() async throws -> Element? {
            let ticket = stream.ticket
            return try await withTaskCancellationHandler {
                await ticket.session.nextElement(of: ticket)
            } onCancel: {
                ticket.cancel()
            }.get()
        }
    }
}

/// What a streamed command wrote and nobody has read yet.
final class StreamSink: OutputSink {
    typealias Next = Result<CommandStream.Element?, SSHError>

    private var pieces: [CommandStream.Element] = []
    private var size = 0
    private var isAbandoned = false
    private var end: Next?
    private var reader: CheckedContinuation<Next, Never>?

    var hasRoom: Bool { size < SSHLimits.streamBuffer }

    func take(_ bytes: UnsafeRawBufferPointer, _ stream: OutputStream) {
        guard !bytes.isEmpty && !isAbandoned else { return }
        let piece: CommandStream.Element =
            switch stream {
            case .stdout: .stdout(Array(bytes))
            case .stderr: .stderr(Array(bytes))
            }
        if let reader {
            self.reader = nil
            reader.resume(returning: .success(piece))
        } else {
            pieces.append(piece)
            size += bytes.count
        }
    }

    func result(_ outcome: CommandOutcome, elapsed: Duration) -> CommandResult {
        CommandResult(
            outcome: outcome, stdout: [], stderr: [], stdoutTruncated: false, stderrTruncated: false, elapsed: elapsed)
    }

    func finish(_ result: Result<CommandResult, SSHError>) {
        let end = result.map { CommandStream.Element?.some(.ended($0)) }
        if let reader {
            self.reader = nil
            self.end = .success(nil)
            reader.resume(returning: end)
        } else {
            self.end = end
        }
    }

    /// Nobody will read any more: what comes is dropped, so that the channel can end.
    func abandon() {
        isAbandoned = true
        pieces = []
        size = 0
    }

    func read(_ continuation: CheckedContinuation<Next, Never>) {
        if !pieces.isEmpty {
            let piece = pieces.removeFirst()
            if case .stdout(let bytes) = piece { size -= bytes.count }
            if case .stderr(let bytes) = piece { size -= bytes.count }
            continuation.resume(returning: .success(piece))
        } else if let end {
            self.end = .success(nil)
            continuation.resume(returning: end)
        } else if reader != nil {
            continuation.resume(returning: .failure(.invalidCommand(reason: "its output already has a reader")))
        } else {
            reader = continuation
        }
    }
}

extension SSHConnection {
    /// Starts a command on a channel of its own and returns its output as it comes. The command's `outputLimit` is not
    /// used: nothing is dropped.
    /// - Parameter timeout: the time for everything; then the command's processes are killed.
    /// - Throws: `invalidCommand`. Other errors come from reading.
    public func stream(
        _ command: RemoteCommand, timeout: Duration = SSHLimits.command
    ) async throws(SSHError) -> CommandStream {
        try command.validate()
        let ticket = Ticket(session)
        await session.stream(command, timeout: timeout, ticket: ticket)
        return CommandStream(ticket: ticket)
    }
}

extension Session {
    func stream(_ command: RemoteCommand, timeout: Duration, ticket: Ticket) {
        let key = ticket.number
        let sink = StreamSink()
        let user = SingleCommand(command, timeout: timeout, sink: sink) {
            self.cancellable[key] = nil
            self.streams[key]?.finish($0)
        }
        streams[key] = sink
        cancellable[key] = user
        submit(user)
    }

    func nextElement(of ticket: Ticket) async -> StreamSink.Next {
        await withCheckedContinuation { continuation in
            guard let sink = streams[ticket.number] else {
                continuation.resume(returning: .success(nil))
                return
            }
            sink.read(continuation)
            // There may be room again for what the host holds back.
            turn()
        }
    }
}
