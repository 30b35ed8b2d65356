/// The persistent channel of a connection: a loop on the host that runs short commands one after the other, each in a
/// session of its own that was started before the command arrived (see `Bootstrap`).
///
/// Anything unexpected discards the channel: a flood, a missed deadline, bytes between commands, a wrong record. The
/// command in hand becomes `unknown` after its session was killed through another channel; the next one gets a new loop.
final class PersistentShell: ChannelUser {
    private enum State {
        /// The loop was not started yet, or its first worker has not reported.
        case starting(Channel?)
        /// A worker waits; `number` is its session.
        case idle(Channel, number: Int)
        case running(Channel, number: Int, ShortCommand)
        /// A command ended. The next worker is asked for when a command needs it, at the latest then: when one command
        /// goes to many hosts, starting the workers for the next one would take the CPU from those that still run this.
        case resting(Channel, until: Instant)
        /// The next worker was asked for and has not reported.
        case between(Channel)
        case discarded
    }

    let execString = Bootstrap.loopExec
    let isUrgent = false
    private var state = State.starting(nil)
    private var queue: [ShortCommand] = []
    private var preamble: [UInt8] = []

    /// `ready ` and ten digits and a newline.
    private static let readyPrefix = Array("ready ".utf8)
    private static let readyLength = 17
    /// The line that asks for the next worker.
    private static let next = Payload("next\n")
    /// What a login shell may print before the loop starts, in bytes.
    private static let noiseLimit = 16 * 1024

    var deadline: Instant {
        var first = Instant.never
        if case .running(_, _, let command) = state { first = command.deadline }
        if case .resting(_, let until) = state { first = until }
        for command in queue { first = min(first, command.deadline) }
        return first
    }

    /// A discarded channel is not read any more, so a flood stops at its window and cannot delay the kill.
    var wantsOutput: Bool {
        if case .discarded = state { false } else { true }
    }

    func submit(_ command: ShortCommand, on session: isolated Session) {
        queue.append(command)
        startNext()
    }

    private func startNext() {
        guard !queue.isEmpty else { return }
        switch state {
        case .resting(let channel, _):
            askForWorker(channel)
        case .idle(let channel, let number):
            let command = queue.removeFirst()
            state = .running(channel, number: number, command)
            channel.send(Payload(Bootstrap.encodeShort(command.command, nonce: command.nonce, session: number)))
        case .starting, .running, .between, .discarded: break
        }
    }

    private func askForWorker(_ channel: Channel) {
        state = .between(channel)
        channel.send(Self.next)
    }

    // MARK: Channel

    func begin(_ channel: Channel, on session: isolated Session) {
        state = .starting(channel)
    }

    func receive(_ bytes: UnsafeRawBufferPointer, _ stream: OutputStream, on session: isolated Session) {
        switch state {
        case .starting(let channel):
            guard stream == .stdout, let channel else { return }
            preamble += bytes
            findFirstReady(channel, on: session)
        case .between(let channel):
            guard stream == .stdout else { return discard("something wrote to it between two commands", on: session) }
            preamble += bytes
            takeReady(channel, on: session)
        case .idle, .resting:
            discard("something wrote to it between two commands", on: session)
        case .running(let channel, _, let command):
            command.receive(bytes, stream)
            if command.overflowed {
                discard("it wrote more than \(SSHLimits.shortOutput) bytes", on: session)
            } else if let end = command.trailer {
                finish(command, end, channel, on: session)
            }
        case .discarded: break
        }
    }

    /// Before the first worker there may be noise of the login shell, so its line is looked for.
    private func findFirstReady(_ channel: Channel, on session: isolated Session) {
        let hit = preamble.withUnsafeBytes { Bytes.find(Self.readyPrefix, in: $0) }
        if let hit, preamble.count - hit >= Self.readyLength {
            preamble.removeFirst(hit)
            takeReady(channel, on: session)
        } else if preamble.count > Self.noiseLimit {
            discard("its host's login shell prints too much", on: session)
        }
    }

    /// The next worker's line must follow the last record at once; anything else is a leftover of an earlier command.
    private func takeReady(_ channel: Channel, on session: isolated Session) {
        let count = min(preamble.count, Self.readyPrefix.count)
        guard preamble[..<count].elementsEqual(Self.readyPrefix[..<count]), preamble.count <= Self.readyLength else {
            return discard("something wrote to it between two commands", on: session)
        }
        guard preamble.count == Self.readyLength else { return }
        guard let number = Int(String(decoding: preamble[6..<16], as: UTF8.self)), preamble[16] == Bytes.newline else {
            return discard("its worker reported nonsense", on: session)
        }
        preamble = []
        state = .idle(channel, number: number)
        startNext()
    }

    private func finish(
        _ command: ShortCommand, _ end: ShortCommand.Trailer, _ channel: Channel, on session: isolated Session
    ) {
        state = .resting(channel, until: .now + SSHLimits.rest)
        preamble = []
        if end.leftovers {
            discard("a command left processes behind", on: session)
        } else if command.wroteAfterRecord {
            discard("something wrote to it between two commands", on: session)
        }
        command.complete(end.outcome)
        startNext()
    }

    func expire(on session: isolated Session) {
        let now = Instant.now
        let late = queue.filter { $0.deadline <= now }
        queue.removeAll { $0.deadline <= now }
        for command in late { command.refuse(.notSent(host: session.target.label, after: command.timeout)) }
        if case .running(_, _, let command) = state, command.deadline <= now {
            discard("it was still running after \(command.timeout)", on: session)
        }
        switch state {
        case .starting(.some), .between: if !late.isEmpty { discard("its worker did not start", on: session) }
        case .resting(let channel, let until) where until <= now: askForWorker(channel)
        case .starting(nil), .idle, .resting, .running, .discarded: break
        }
    }

    func cancel(_ command: ShortCommand, on session: isolated Session) {
        if let index = queue.firstIndex(where: { $0 === command }) {
            queue.remove(at: index)
            command.refuse(.cancelled(host: session.target.label))
        } else if case .running(_, _, let current) = state, current === command {
            discard("its task was cancelled", on: session)
        }
    }

    // MARK: The end

    /// Gives the channel up. Commands that were not sent move on to a new one; the one in hand ends `unknown`, after
    /// its processes are killed.
    private func discard(_ reason: String, on session: isolated Session) {
        let old = state
        state = .discarded
        session.drop(self)
        let rest = queue
        queue = []
        switch old {
        case .discarded: return
        case .starting(let channel):
            channel?.close()
        case .between(let channel), .idle(let channel, _), .resting(let channel, _):
            channel.close()
        case .running(let channel, let number, let command):
            session.kill(session: number) { result in
                channel.close()
                command.complete(.unknown(reason: "\(reason); \(result)"))
            }
        }
        for command in rest { session.ask(command) }
    }

    func end(_ end: ChannelEnd, on session: isolated Session) {
        let old = state
        state = .discarded
        session.drop(self)
        let rest = queue
        queue = []
        if case .running(_, let number, let command) = old {
            lost(command, number, end, on: session)
        }
        for command in rest {
            switch (end, old) {
            case (.refused(let error), _), (.lost(let error), _): command.refuse(error)
            // A loop that ends before its first worker would only do so again.
            case (.closed, .starting):
                let reason = "its shell ended before it was ready; it needs /bin/sh, setsid and /proc"
                command.refuse(.channelRefused(host: session.target.label, reason: reason))
            case (.closed, _): session.ask(command)
            }
        }
    }

    private func lost(_ command: ShortCommand, _ number: Int, _ end: ChannelEnd, on session: isolated Session) {
        switch end {
        case .lost(let error): command.complete(.unknown(reason: "\(error)"))
        case .refused(let error): command.refuse(error)
        case .closed:
            session.kill(session: number) { result in
                command.complete(.unknown(reason: "the persistent channel ended during the command; \(result)"))
            }
        }
    }
}

/// One short command on the persistent channel.
final class ShortCommand {
    struct Trailer {
        let outcome: CommandOutcome
        /// Children of the command were still running and were killed.
        let leftovers: Bool
    }

    let command: RemoteCommand
    let timeout: Duration
    let nonce = Bytes.randomHex(bytes: RecordScanner.nonceLength / 2)
    let deadline: Instant
    private let started = Instant.now
    private let sink = Collector(limit: SSHLimits.shortOutput)
    private var scanners: [OutputStream: RecordScanner]
    private var rest: [OutputStream: [UInt8]] = [:]
    private var records: [OutputStream: RecordScanner.Record] = [:]
    private var completion: ((Result<CommandResult, SSHError>) -> Void)?

    init(
        _ command: RemoteCommand, timeout: Duration, completion: @escaping (Result<CommandResult, SSHError>) -> Void
    ) {
        self.command = command
        self.timeout = min(timeout, SSHLimits.shortCommand)
        self.deadline = .now + self.timeout
        self.completion = completion
        let scanner = RecordScanner(nonce: nonce)
        scanners = [.stdout: scanner, .stderr: scanner]
    }

    var overflowed: Bool { sink.stdoutTruncated || sink.stderrTruncated }

    /// The end, once both streams have shown the record: stdout's comes last.
    var trailer: Trailer? {
        guard let record = records[.stdout], records[.stderr] == record else { return nil }
        let capital = record.kind == UInt8(ascii: "E") || record.kind == UInt8(ascii: "S")
        return Trailer(outcome: SingleCommand.outcome(of: record), leftovers: capital)
    }

    /// Takes output.
    func receive(_ bytes: UnsafeRawBufferPointer, _ stream: OutputStream) {
        scanners[stream]?.feed(bytes) { output in
            if records[stream] == nil { sink.take(output, stream) } else { rest[stream, default: []] += output }
        } record: {
            records[stream] = $0
        }
    }

    /// Something followed the records, although nobody was asked to write.
    var wroteAfterRecord: Bool {
        for stream in [OutputStream.stdout, .stderr] {
            scanners[stream]?.finish { rest[stream, default: []] += $0 }
        }
        return rest.values.contains { !$0.isEmpty }
    }

    func complete(_ outcome: CommandOutcome) {
        let result = sink.result(outcome, elapsed: .now - started)
        completion?(.success(result))
        completion = nil
    }

    func refuse(_ error: SSHError) {
        completion?(.failure(error))
        completion = nil
    }
}
