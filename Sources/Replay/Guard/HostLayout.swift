import Definitions
import Timeline

/// Where a host keeps what Firedrill needs there, and the limits of the guard and the lease.
public enum HostLayout {
    /// Folder of marker, lease and fault records; survives a restart of the host.
    public static let state = "/var/lib/firedrill"
    /// Folder of the agent scripts.
    public static let library = "/usr/local/lib/firedrill"
    /// runit service of the lease.
    public static let leaseService = "/etc/sv/firedrill-lease"
}

/// Named bounds of guard, fault contract and lease. All wall time.
public enum GuardLimits {
    /// How long a marker is valid after onboarding or renewal.
    public static let markerValidity = Duration.seconds(600)
    /// How often valid markers are renewed while a run is on.
    public static let markerRenewal = Duration.seconds(180)
    /// A heartbeat is sent this often while a fault is in (DESIGN section 5).
    public static let heartbeat = Duration.seconds(2)
    /// The lease fires this long after the last heartbeat (DESIGN section 5).
    public static let lease = Duration.seconds(20)
    /// Deadline of one of the agent's own short commands.
    public static let agentCommand = Duration.seconds(15)
    /// The watcher must have been seen alive on the host for this long at most before a fault is injected.
    public static let watcherStart = Duration.seconds(10)
    /// Longest text of one script, in bytes: it travels as one environment string (Linux MAX_ARG_STRLEN is 131072).
    public static let scriptBytes = 100_000
}

/// Whose hosts these are: what a marker says and every guarded command must match.
public struct RunIdentity: Sendable, Hashable, Codable {
    /// Random nonce of the run, lower-case hex.
    public var run: String
    /// Testnet id: letters, digits, `-`, `_` and `.`.
    public var testnet: String

    /// The identity of one run on one testnet.
    public init(run: String, testnet: String) {
        self.run = run
        self.testnet = testnet
    }

    /// A new nonce of 128 random bits.
    public static func makeRun() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let text = String(generator.next(), radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
    }
}

extension Duration {
    /// Whole seconds, rounded up: what shell arithmetic gets.
    var wholeSecondsUp: Int64 { (milliseconds + 999) / 1_000 }
}
