/// A POSIX shell script to run on a host, and what it gets.
public struct RemoteCommand: Sendable, Hashable {
    /// The script's text, possibly many lines. It travels on stdin and is never part of a command line.
    public var script: [UInt8]
    /// Variables for the script's environment. Names match `[A-Z_][A-Z0-9_]*`; values are any bytes without NUL.
    public var environment: [String: [UInt8]]
    /// The names of variables whose values must not appear in messages.
    public var secrets: Set<String>
    /// What the script reads on its stdin, or nil for an empty stdin (`/dev/null`).
    public var stdin: Payload?
    /// Bytes kept per output stream; the rest is read, dropped and marked `truncated`.
    public var outputLimit: Int

    /// Describes a command; it is checked when it is sent.
    public init(
        _ script: String, environment: [String: String] = [:], secrets: Set<String> = [], stdin: Payload? = nil,
        outputLimit: Int = SSHLimits.defaultOutput
    ) {
        self.init(
            script: Array(script.utf8), environment: environment.mapValues { Array($0.utf8) }, secrets: secrets,
            stdin: stdin, outputLimit: outputLimit)
    }

    /// The same with bytes instead of text, for scripts and values that are not UTF-8.
    public init(
        script: [UInt8], environment: [String: [UInt8]] = [:], secrets: Set<String> = [], stdin: Payload? = nil,
        outputLimit: Int = SSHLimits.defaultOutput
    ) {
        self.script = script
        self.environment = environment
        self.secrets = secrets
        self.stdin = stdin
        self.outputLimit = outputLimit
    }

    /// Replaces every secret value of at least one byte in `text` by its name, for output that is shown or recorded.
    public func redacted(_ text: [UInt8]) -> [UInt8] {
        var text = text
        let values = secrets.compactMap { name in environment[name].map { (name, $0) } }
        // Longest first: a secret that contains another one must not leave its rest behind.
        for (name, value) in values.sorted(by: { $0.1.count > $1.1.count }) where !value.isEmpty {
            text = Bytes.replacing(value, in: text, with: Array("<\(name)>".utf8))
        }
        return text
    }
}

/// How a command ended.
public enum CommandOutcome: Sendable, Hashable {
    /// The script ended by itself with this code, 0 to 255. Proven by the nonce that only the host's bootstrap knew.
    case exited(code: Int32)
    /// The script's own shell was killed by this signal, such as `KILL`. (A shell reports SIGINT and SIGPIPE as
    /// `exited(130)` and `exited(141)`; no shell can tell these apart.)
    case signaled(name: String)
    /// Whether it ran, and how it ended, is not known. Never retry it blindly.
    case unknown(reason: String)
}

/// A command's end and its output.
public struct CommandResult: Sendable, Hashable {
    /// How it ended.
    public var outcome: CommandOutcome
    /// What it wrote to stdout, up to the command's limit.
    public var stdout: [UInt8]
    /// What it wrote to stderr, up to the command's limit.
    public var stderr: [UInt8]
    /// More was written to stdout than was kept.
    public var stdoutTruncated: Bool
    /// More was written to stderr than was kept.
    public var stderrTruncated: Bool
    /// Wall time from the call to the end.
    public var elapsed: Duration

    /// True for `exited(0)` alone.
    public var succeeded: Bool { outcome == .exited(code: 0) }
    /// stdout as text; damaged UTF-8 shows as replacement characters.
    public var stdoutText: String { String(decoding: stdout, as: UTF8.self) }
    /// stderr as text; damaged UTF-8 shows as replacement characters.
    public var stderrText: String { String(decoding: stderr, as: UTF8.self) }
}

extension RemoteCommand {
    /// Names that shells reserve or that change how the bootstrap itself reads.
    private static let reservedNames: Set<String> = [
        "BASHOPTS", "EUID", "IFS", "OPTIND", "PPID", "SHELLOPTS", "UID",
    ]

    /// Checks names, values and sizes.
    func validate() throws(SSHError) {
        guard script.count <= SSHLimits.script else {
            throw .invalidCommand(
                reason: "its script has \(script.count) bytes, the limit is \(SSHLimits.script)")
        }
        guard !script.contains(0) else { throw .invalidCommand(reason: "its script contains a NUL byte") }
        guard outputLimit >= 0 else { throw .invalidCommand(reason: "its output limit is negative") }
        var total = 0
        for (name, value) in environment {
            guard Self.isName(name) else {
                throw .invalidCommand(
                    reason: "the variable name '\(name)' does not match [A-Z_][A-Z0-9_]*")
            }
            guard !Self.reservedNames.contains(name) else {
                throw .invalidCommand(reason: "the variable name '\(name)' is reserved by the shell")
            }
            guard !value.contains(0) else {
                throw .invalidCommand(reason: "the value of \(name) contains a NUL byte")
            }
            total += name.utf8.count + value.count
        }
        guard total <= SSHLimits.environment else {
            throw .invalidCommand(
                reason: "its environment has \(total) bytes, the limit is \(SSHLimits.environment)")
        }
    }

    private static func isName(_ name: String) -> Bool {
        let upper = UInt8(ascii: "A")...UInt8(ascii: "Z")
        let digit = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let first = name.utf8.first, upper.contains(first) || first == UInt8(ascii: "_") else { return false }
        return name.utf8.allSatisfy { upper.contains($0) || digit.contains($0) || $0 == UInt8(ascii: "_") }
    }
}
