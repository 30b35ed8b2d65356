import Definitions
import Timeline

/// A host as the replay sees it: a place where scripts run and files lie, reached over SSH.
///
/// Results come back as values; nothing here throws for what a remote command does. An uncertain end is
/// `CommandOutcome.unknown` and is never retried by an implementation.
public protocol RemoteHost: Sendable {
    var name: String { get }
    /// Runs a script on a channel of its own. `timeout` in the plan is the deadline; the process group is killed at it.
    func run(_ command: ScriptPlan, stdin: [UInt8]) async -> CommandResult
    /// Runs a short script (at most 10 s, 64 KiB of output) over the host's persistent channel.
    func ask(_ command: ScriptPlan) async -> CommandResult
    /// Writes `bytes` to `path` with `mode`, atomically, and checks the checksum on the host.
    func upload(_ bytes: [UInt8], to path: String, mode: UInt16) async throws
    /// Reads a file, at most `limit` bytes from its start.
    func download(_ path: String, limit: Int) async throws -> [UInt8]
    func close() async
}

/// How a remote command ended and what it printed.
public struct CommandResult: Sendable, Hashable {
    /// How it ended.
    public var outcome: CommandOutcome
    /// What it printed, up to the limit of the call.
    public var stdout: [UInt8]
    /// What it printed to standard error, up to the limit of the call.
    public var stderr: [UInt8]
    /// Whether either stream was cut at its limit.
    public var truncated: Bool
    /// From sending it to its end.
    public var took: Duration

    /// A result as it was seen.
    public init(outcome: CommandOutcome, stdout: [UInt8], stderr: [UInt8], truncated: Bool, took: Duration) {
        self.outcome = outcome
        self.stdout = stdout
        self.stderr = stderr
        self.truncated = truncated
        self.took = took
    }
}

/// Opens connections to hosts. The executable wires this to the SSH module.
public protocol HostConnector: Sendable {
    /// Connects within `timeout`; throws with host, address and remedy in the message.
    func connect(to host: HostAddress, timeout: Duration) async throws -> any RemoteHost
}

/// How to reach one host over SSH.
public struct HostAddress: Sendable, Hashable, Codable {
    /// Name of the host in the testnet.
    public var name: String
    /// IPv4 address.
    public var address: String
    /// TCP port, 1 to 65535.
    public var port: Int
    /// Login name.
    public var user: String
    /// Path of the run's own private key.
    public var privateKeyFile: String
    /// The pinned host key, as in `known_hosts`: `ssh-ed25519 AAAA...`.
    public var hostKey: String

    /// An address as it was deployed or onboarded.
    public init(name: String, address: String, port: Int, user: String, privateKeyFile: String, hostKey: String) {
        self.name = name
        self.address = address
        self.port = port
        self.user = user
        self.privateKeyFile = privateKeyFile
        self.hostKey = hostKey
    }
}

/// Looks at one target of one probe, once.
public protocol Probe: Sendable {
    /// Never throws: what cannot be observed is an error in words, and the sample is unknown.
    func look(at target: String) async -> Result<JSON, ProbeFailure>
}

/// Why a look gave no value.
public struct ProbeFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong, in words.
    public var description: String
    /// A failure in words.
    public init(_ description: String) { self.description = description }
}

/// The time that a replay lives in; tests pass their own.
public protocol ReplayClock: Sendable {
    /// Monotonic nanoseconds (CLOCK_MONOTONIC on a real machine).
    func now() -> Int64
    /// RFC 3339 UTC with milliseconds, for labels only.
    func wallLabel() -> String
    /// Waits; returns early by throwing `CancellationError`.
    func sleep(for duration: Duration) async throws
}

/// Where a replay writes what happens. The order of calls of one task is the order of events.
public protocol EventSink: Sendable {
    /// Stamps and appends one event. Never throws: a log that cannot be written stops the run by its own means.
    func record(_ body: Event.Body) async
}

/// Asks a person whether a hazardous step may run. The executable wires this to a prompt at a terminal.
public protocol Approver: Sendable {
    /// `.denied` with a reason stops the run; without a terminal that is the answer.
    func approve(_ step: StepPlan) async -> ApprovalAnswer
}

/// What a person said to a hazardous step.
public enum ApprovalAnswer: Sendable, Hashable {
    case approved
    case denied(reason: String)
}
