/// One command on a channel of its own, from the queue to its outcome. Output goes to a sink: a collector for `run`, a
/// bounded queue for `stream`.
final class SingleCommand: ChannelUser, Cancellable {
    private enum State {
        /// Nothing was sent.
        case queued
        /// Sent, possibly running.
        case running(Channel)
        /// Its time was over before the host said under which number it runs.
        case doomed(Channel, reason: String)
        /// Its processes are being killed.
        case killing(Channel, reason: String)
        case over
    }

    let execString = Bootstrap.singleExec
    let isUrgent: Bool
    private(set) var deadline: Instant
    private let command: RemoteCommand
    private let timeout: Duration
    private let started = Instant.now
    private let nonce = Bytes.randomHex(bytes: RecordScanner.nonceLength / 2)
    private let sink: any OutputSink
    private let completion: (Result<CommandResult, SSHError>) -> Void
    private var state = State.queued
    private var scanners: [OutputStream: RecordScanner]
    private var session: Int?
    private var trailers: [OutputStream: RecordScanner.Record] = [:]

    init(
        _ command: RemoteCommand, timeout: Duration, sink: any OutputSink, isUrgent: Bool = false,
        completion: @escaping (Result<CommandResult, SSHError>) -> Void
    ) {
        self.command = command
        self.timeout = timeout
        self.deadline = .now + timeout
        self.sink = sink
        self.isUrgent = isUrgent
        self.completion = completion
        let scanner = RecordScanner(nonce: nonce)
        scanners = [.stdout: scanner, .stderr: scanner]
    }

    var wantsOutput: Bool { sink.hasRoom }

    func begin(_ channel: Channel, on session: isolated Session) {
        state = .running(channel)
        let limit = (deadline - .now) + SSHLimits.remoteGrace
        channel.send(Payload(Bootstrap.encodeSingle(command, nonce: nonce, timeLimit: limit)))
        if let stdin = command.stdin { channel.send(stdin) }
        channel.endInput()
    }

    func receive(_ bytes: UnsafeRawBufferPointer, _ stream: OutputStream, on session: isolated Session) {
        var records: [RecordScanner.Record] = []
        let begun = self.session != nil || stream == .stderr
        scanners[stream]?.feed(bytes) { output in
            // What a login shell prints before the bootstrap starts is not the command's output.
            let belongs = begun || !records.isEmpty
            if belongs && trailers[stream] == nil { sink.take(output, stream) }
        } record: {
            records.append($0)
            note($0, stream)
        }
        if !records.isEmpty { settle(on: session) }
    }

    private func note(_ record: RecordScanner.Record, _ stream: OutputStream) {
        switch record.kind {
        case UInt8(ascii: "b"): session = record.number
        case UInt8(ascii: "e"), UInt8(ascii: "s"): trailers[stream] = record
        default: break
        }
    }

    /// After a record: the command is over, or can at last be killed.
    private func settle(on session: isolated Session) {
        switch state {
        case .running(let channel):
            guard let record = trailers[.stdout], trailers[.stderr] != nil else { return }
            channel.close()
            complete(Self.outcome(of: record))
        case .doomed(let channel, let reason):
            if self.session != nil { kill(channel, reason, on: session) }
        case .queued, .killing, .over: break
        }
    }

    static func outcome(of record: RecordScanner.Record) -> CommandOutcome {
        let code = Int32(truncatingIfNeeded: record.number)
        switch record.kind {
        case UInt8(ascii: "s"), UInt8(ascii: "S"): return .signaled(name: SignalName.of(code - 128))
        default: return .exited(code: code)
        }
    }

    // MARK: Deadlines and cancellation

    func expire(on session: isolated Session) {
        let unsent = SSHError.notSent(host: session.target.label, after: timeout)
        stop("it was still running after \(timeout)", unsent: unsent, on: session)
    }

    func cancel(on session: isolated Session) {
        stop("its task was cancelled", unsent: .cancelled(host: session.target.label), on: session)
    }

    private func stop(_ reason: String, unsent: SSHError, on session: isolated Session) {
        switch state {
        case .queued:
            if session.withdraw(self) { finish(.failure(unsent)) }
        case .running(let channel) where isUrgent:
            // What kills is not killed itself: the command it was for is reported, and its own time limit ends it.
            channel.close()
            complete(.unknown(reason: reason))
        case .running(let channel):
            deadline = .now + SSHLimits.kill + SSHLimits.kill
            if self.session == nil {
                state = .doomed(channel, reason: reason)
            } else {
                kill(channel, reason, on: session)
            }
        case .doomed(let channel, let reason):
            channel.close()
            complete(.unknown(reason: "\(reason); the host never said that it had started it"))
        case .killing(let channel, let reason):
            deadline = .never
            channel.close()
            complete(.unknown(reason: "\(reason); its processes could not be confirmed killed"))
        case .over: break
        }
    }

    private func kill(_ channel: Channel, _ reason: String, on session: isolated Session) {
        guard let number = self.session else { return }
        state = .killing(channel, reason: reason)
        session.kill(session: number) { result in
            guard case .killing = self.state else { return }
            channel.close()
            self.complete(.unknown(reason: "\(reason); \(result)"))
        }
    }

    // MARK: The end

    func end(_ end: ChannelEnd, on session: isolated Session) {
        switch (state, end) {
        case (.over, _): return
        case (.queued, .refused(let error)), (.queued, .lost(let error)), (_, .refused(let error)):
            finish(.failure(error))
        case (.queued, .closed): finish(.failure(.closed(host: session.target.label)))
        case (.killing, .closed), (.doomed, .closed): break
        case (_, .lost(let error)):
            complete(.unknown(reason: "\(error) The host ends the command by itself if it runs too long"))
        case (.running, .closed(let signal)):
            if let signal {
                complete(.unknown(reason: "the shell that watches it was killed by signal \(signal)"))
            } else {
                complete(.unknown(reason: "the channel closed without the proof that the command had ended"))
            }
        }
    }

    private func complete(_ outcome: CommandOutcome) {
        for stream in [OutputStream.stdout, .stderr] where trailers[stream] == nil {
            scanners[stream]?.finish { sink.take($0, stream) }
        }
        finish(.success(sink.result(outcome, elapsed: .now - started)))
    }

    private func finish(_ result: Result<CommandResult, SSHError>) {
        state = .over
        deadline = .never
        completion(result)
    }
}

extension Session {
    /// Kills a session of the host through a channel of its own and says in words what came of it.
    func kill(session number: Int, completion: @escaping (String) -> Void) {
        let command = RemoteCommand(Bootstrap.killScript, environment: ["SID": String(number)], outputLimit: 1024)
        let receivedBefore = transport?.received
        let killer = SingleCommand(command, timeout: SSHLimits.kill, sink: Collector(limit: 1024), isUrgent: true) {
            if let transport = self.transport, transport.received == receivedBefore {
                let reason = "it has not answered at all for \(SSHLimits.kill)"
                self.pendingFailure = .disconnected(host: self.target.label, reason: reason)
            }
            switch $0 {
            case .success(let result) where result.succeeded: completion("its processes were killed")
            case .success(let result):
                completion("killing its processes failed (\(result.outcome)) \(result.stdoutText)")
            case .failure(let error): completion("its processes could not be killed: \(error)")
            }
        }
        submit(killer)
    }
}

/// Names of signals by their number on Linux, without `SIG` (signal(7)).
enum SignalName {
    private static let names: [Int32: String] = [
        1: "HUP", 2: "INT", 3: "QUIT", 4: "ILL", 5: "TRAP", 6: "ABRT", 7: "BUS", 8: "FPE", 9: "KILL", 10: "USR1",
        11: "SEGV", 12: "USR2", 13: "PIPE", 14: "ALRM", 15: "TERM", 16: "STKFLT", 24: "XCPU", 25: "XFSZ",
        26: "VTALRM", 27: "PROF", 29: "IO", 30: "PWR", 31: "SYS",
    ]

    static func of(_ number: Int32) -> String { names[number] ?? String(number) }
}
