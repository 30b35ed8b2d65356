/// Where a command's output goes.
protocol OutputSink: AnyObject {
    /// False while more output must stay on the host.
    var hasRoom: Bool { get }
    func take(_ bytes: UnsafeRawBufferPointer, _ stream: OutputStream)
    /// The command is over.
    func result(_ outcome: CommandOutcome, elapsed: Duration) -> CommandResult
}

/// Keeps each stream up to a limit, and drops and marks the rest.
final class Collector: OutputSink {
    private let limit: Int
    private(set) var stdout: [UInt8] = []
    private(set) var stderr: [UInt8] = []
    private(set) var stdoutTruncated = false
    private(set) var stderrTruncated = false

    init(limit: Int) {
        self.limit = limit
    }

    let hasRoom = true

    func take(_ bytes: UnsafeRawBufferPointer, _ stream: OutputStream) {
        switch stream {
        case .stdout: Self.append(bytes, to: &stdout, limit, &stdoutTruncated)
        case .stderr: Self.append(bytes, to: &stderr, limit, &stderrTruncated)
        }
    }

    private static func append(
        _ bytes: UnsafeRawBufferPointer, to output: inout [UInt8], _ limit: Int, _ truncated: inout Bool
    ) {
        let room = limit - output.count
        output.append(contentsOf: bytes.prefix(room))
        if bytes.count > room { truncated = true }
    }

    func result(_ outcome: CommandOutcome, elapsed: Duration) -> CommandResult {
        CommandResult(
            outcome: outcome, stdout: stdout, stderr: stderr, stdoutTruncated: stdoutTruncated,
            stderrTruncated: stderrTruncated, elapsed: elapsed)
    }
}
