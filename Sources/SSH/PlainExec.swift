/// A constant command line given to the account's login shell as it is, without the bootstrap and so without what that
/// gives: no proof of the end (exit status 0 may also mean that none arrived), no script, no environment, no kill.
///
/// Only for measuring what this module costs beside clients that do no more than this; nothing else may use it.
final class PlainExec: ChannelUser {
    let execString: String
    let isUrgent = false
    let deadline: Instant
    private let timeout: Duration
    private let started = Instant.now
    private let sink: Collector
    private var completion: ((Result<CommandResult, SSHError>) -> Void)?
    private var channel: Channel?

    init(
        _ line: StaticString, timeout: Duration, outputLimit: Int,
        completion: @escaping (Result<CommandResult, SSHError>) -> Void
    ) {
        self.execString = line.description
        self.timeout = timeout
        self.deadline = .now + timeout
        self.sink = Collector(limit: outputLimit)
        self.completion = completion
    }

    let wantsOutput = true

    func begin(_ channel: Channel, on session: isolated Session) {
        self.channel = channel
        channel.endInput()
    }

    func receive(_ bytes: UnsafeRawBufferPointer, _ stream: OutputStream, on session: isolated Session) {
        sink.take(bytes, stream)
    }

    func expire(on session: isolated Session) {
        if channel == nil {
            _ = session.withdraw(self)
            finish(.failure(.notSent(host: session.target.label, after: timeout)))
        } else {
            channel?.close()
            finish(.success(sink.result(.unknown(reason: "no end after \(timeout)"), elapsed: .now - started)))
        }
    }

    func end(_ end: ChannelEnd, on session: isolated Session) {
        switch end {
        case .refused(let error), .lost(let error): finish(.failure(error))
        case .closed(let signal?):
            finish(.success(sink.result(.signaled(name: signal), elapsed: .now - started)))
        case .closed(nil):
            let code = channel?.exitStatus ?? -1
            finish(.success(sink.result(.exited(code: code), elapsed: .now - started)))
        }
    }

    private func finish(_ result: Result<CommandResult, SSHError>) {
        completion?(result)
        completion = nil
    }
}

extension SSHConnection {
    /// Executes a constant command line as other clients would: see `PlainExec`. For measuring only.
    /// - Throws: `notSent`, `channelRefused`, `disconnected` or `closed`.
    package func plainExec(
        _ line: StaticString, timeout: Duration = SSHLimits.command, outputLimit: Int = SSHLimits.defaultOutput
    ) async throws(SSHError) -> CommandResult {
        try await session.plainExec(line, timeout: timeout, outputLimit: outputLimit).get()
    }
}

extension Session {
    fileprivate func plainExec(
        _ line: StaticString, timeout: Duration, outputLimit: Int
    ) async -> Result<CommandResult, SSHError> {
        await withCheckedContinuation { continuation in
            submit(
                PlainExec(line, timeout: timeout, outputLimit: outputLimit) { continuation.resume(returning: $0) })
        }
    }
}
