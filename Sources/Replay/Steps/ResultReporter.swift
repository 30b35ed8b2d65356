import Definitions
import Timeline

/// Records the results of one step on one host; the same result twice in a row is recorded once.
struct ResultReporter {
    /// Bytes of each stream that an event keeps.
    static let outputLimit = 4 << 10

    let step: String
    let host: String
    let sink: any EventSink
    private let redaction: Redaction
    private var last: (outcome: CommandOutcome, stdout: [UInt8], stderr: [UInt8])?

    init(step: String, host: String, command: ScriptPlan, sink: any EventSink) {
        self.step = step
        self.host = host
        self.sink = sink
        redaction = Redaction(of: [command])
    }

    mutating func report(_ result: CommandResult, attempt: Int) async {
        if let last, last.outcome == result.outcome, last.stdout == result.stdout, last.stderr == result.stderr {
            return
        }
        last = (result.outcome, result.stdout, result.stderr)
        let isCut = result.stdout.count > Self.outputLimit || result.stderr.count > Self.outputLimit
        await sink.record(
            .stepResult(
                step: step, host: host, attempt: attempt, outcome: result.outcome, stdout: text(result.stdout),
                stderr: text(result.stderr), truncated: result.truncated || isCut, took: DurationText(result.took)))
    }

    private func text(_ bytes: [UInt8]) -> String {
        // Redacted before it is cut, so that half a secret is not left at the end.
        let whole = redaction.apply(to: String(decoding: bytes.prefix(1 << 20), as: UTF8.self))
        return String(decoding: whole.utf8.prefix(Self.outputLimit), as: UTF8.self)
    }
}
