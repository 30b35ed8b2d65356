import Timeline

/// What a replay will do, fully resolved: every command, on which host, in which order, with its timeout, and
/// everything the verdict needs besides events.
///
/// Immutable once compiled. Written to `plan.json`; `firedrill plan` prints it. File contents are not in the plan:
/// they are staged under `staged/` of the run folder by their SHA-256, and the plan pins the hashes.
public struct Plan: Sendable, Hashable, Codable {
    /// Version of this format; a reader refuses another one.
    public var format = 1
    /// The network to boot.
    public var testnet: TestnetPlan
    /// Ways to look at it, unique by id.
    public var probes: [ProbePlan]
    /// Faults in the order of the scenario; empty in the arm `no-fault`.
    public var faults: [FaultPlan]
    /// What responders do.
    public var response: ResponsePlan
    /// The judge's input.
    public var criteria: Criteria
    /// Content hashes (SHA-256, hex) of every definition file that the plan was compiled from, by path under the root.
    public var sources: [String: String]
    /// What is watched besides probes.
    public var observation: ObservationPlan

    /// All parts as given.
    public init(
        testnet: TestnetPlan, probes: [ProbePlan], faults: [FaultPlan], response: ResponsePlan, criteria: Criteria,
        sources: [String: String], observation: ObservationPlan = ObservationPlan()
    ) {
        self.testnet = testnet
        self.probes = probes
        self.faults = faults
        self.response = response
        self.criteria = criteria
        self.sources = sources
        self.observation = observation
    }
}

/// A script with everything it needs, ready to be sent to a host.
public struct ScriptPlan: Sendable, Hashable, Codable {
    /// POSIX shell text, read by the host's `sh`; user-given values reach it only as environment.
    public var script: String
    /// `[A-Z_][A-Z0-9_]*` to value; no NUL.
    public var environment: [String: String]
    /// Names of environment variables whose values are secrets: never printed, never in events.
    public var secrets: [String]
    /// Wall time after which the command's process group is killed.
    public var timeout: DurationText

    /// All parts as given.
    public init(script: String, environment: [String: String], secrets: [String], timeout: DurationText) {
        self.script = script
        self.environment = environment
        self.secrets = secrets
        self.timeout = timeout
    }
}

/// Hosts, files and services of a run.
public struct TestnetPlan: Sendable, Hashable, Codable {
    /// The testnet's name.
    public var name: String
    /// In file order; names and addresses are unique.
    public var hosts: [HostPlan]
    /// Programs from beside the CLI that are put on hosts: program name to its SHA-256.
    public var programs: [String: String]
    /// After every host is deployed: services start in this order of stages, each stage at once.
    public var stages: [StagePlan]
    /// Wall time within which every host must be up and deployed.
    public var bootTimeout: DurationText
    /// Wall time within which the steady state must hold for the first time after the last stage.
    public var settleTimeout: DurationText
    /// The size that was chosen, by name; nil when the testnet has no sizes.
    public var size: String?

    /// All parts as given.
    public init(
        name: String, hosts: [HostPlan], programs: [String: String], stages: [StagePlan],
        bootTimeout: DurationText, settleTimeout: DurationText, size: String? = nil
    ) {
        self.name = name
        self.hosts = hosts
        self.programs = programs
        self.stages = stages
        self.bootTimeout = bootTimeout
        self.settleTimeout = settleTimeout
        self.size = size
    }
}

/// One sandboxed host.
public struct HostPlan: Sendable, Hashable, Codable {
    /// Unique in the testnet; also the hostname.
    public var name: String
    /// `127.x.y.z`, unique in the testnet.
    public var address: String
    /// Groups that host expressions name.
    public var groups: [String]
    /// What this host agrees to have done to it; faults name the capability they need.
    public var capabilities: [String]
    /// Files to lay on the host, in order; a later one replaces an earlier one at the same path.
    public var files: [FilePlan]
    /// runit services under `/etc/sv`, linked into `/etc/service` at deploy.
    public var services: [String]
    /// The network's own key lies on this host, so that its scripts reach the other hosts by `ssh`.
    public var isSSHClient: Bool
    /// The command `network` of this host cuts and thins the paths between the testnet's hosts.
    public var controlsNetwork: Bool
    /// Small file systems of the host's own: absolute path to size in bytes.
    public var fileSystems: [String: Int]

    /// All parts as given.
    public init(
        name: String, address: String, groups: [String], capabilities: [String], files: [FilePlan],
        services: [String], isSSHClient: Bool = false, controlsNetwork: Bool = false, fileSystems: [String: Int] = [:]
    ) {
        self.name = name
        self.address = address
        self.groups = groups
        self.capabilities = capabilities
        self.files = files
        self.services = services
        self.isSSHClient = isSSHClient
        self.controlsNetwork = controlsNetwork
        self.fileSystems = fileSystems
    }
}

/// One file on a host.
public struct FilePlan: Sendable, Hashable, Codable {
    /// Absolute path on the host, without `.` or `..`.
    public var path: String
    /// Permission bits, such as `0755` in octal text.
    public var mode: String
    /// SHA-256 (hex) of the content, which lies in `staged/<sha256>` of the run folder.
    public var sha256: String
    /// Bytes of the content.
    public var size: Int

    /// All parts as given.
    public init(path: String, mode: String, sha256: String, size: Int) {
        self.path = path
        self.mode = mode
        self.sha256 = sha256
        self.size = size
    }
}

/// Commands that run after deploy, before the baseline: starting services, publishing the first release.
public struct StagePlan: Sendable, Hashable, Codable {
    /// Unique in the testnet.
    public var name: String
    /// Where the command runs, on all at once.
    public var hosts: [String]
    /// What runs.
    public var command: ScriptPlan

    /// All parts as given.
    public init(name: String, hosts: [String], command: ScriptPlan) {
        self.name = name
        self.hosts = hosts
        self.command = command
    }
}

/// One way to look at the network.
public struct ProbePlan: Sendable, Hashable, Codable {
    /// Unique in the plan.
    public var id: String
    /// Hosts that are looked at.
    public var targets: [String]
    /// Wall time between looks at one target; never scaled.
    public var interval: DurationText
    /// A look that takes longer is an unknown sample.
    public var timeout: DurationText
    /// How a look is made.
    public var kind: Kind
    /// Sample keys and the path (`.result.blockNumber`) that each is read from; empty means the whole value.
    public var values: [String: String]

    /// All parts as given.
    public init(
        id: String, targets: [String], interval: DurationText, timeout: DurationText, kind: Kind,
        values: [String: String]
    ) {
        self.id = id
        self.targets = targets
        self.interval = interval
        self.timeout = timeout
        self.kind = kind
        self.values = values
    }

    /// The ways to look.
    public enum Kind: Sendable, Hashable, Codable {
        /// JSON-RPC 2.0 over POST to each target's own address. The sample is the response object.
        case rpc(port: Int, path: String, method: String, params: JSON)
        /// HTTP GET. `{address}` in the URL is the target's address. Sample: `status`, `sha256`, `body` (first 4 KiB),
        /// `headers`.
        case http(url: String, headers: [String: String])
        /// A short command on the target over SSH. Sample: `exit`, `stdout`, `stderr`, and `json` when stdout is one
        /// JSON value.
        case command(ScriptPlan)
        /// The pager's log of received events, read from the target. Yields `signal` events instead of samples.
        case pager(port: Int, path: String)
        /// A chat channel that users write to, read from the target. Yields `signal` events of source `report`.
        case chat(port: Int, path: String)
    }
}

/// A fault, resolved for the hosts it is injected on.
public struct FaultPlan: Sendable, Hashable, Codable {
    /// The fault's name.
    public var id: String
    /// What it does, in one line.
    public var summary: String
    /// Where inject, prove and undo run.
    public var hosts: [String]
    /// The capability that each host must have been onboarded for.
    public var capability: String
    /// Incident time after the baseline ended at which it is injected.
    public var at: DurationText
    /// What is guaranteed to be as before after undo, in words.
    public var invariants: [String]
    /// Prints the declared invariants' present state, byte for byte comparable; changes nothing.
    public var fingerprint: ScriptPlan
    /// Breaks it.
    public var inject: ScriptPlan
    /// Exits 0 when the fault's effect can be observed.
    public var prove: ScriptPlan
    /// Puts it back; allowed from any state.
    public var undo: ScriptPlan
    /// Exits 0 when the fault's effect is gone.
    public var proveUndone: ScriptPlan

    /// All parts as given.
    public init(
        id: String, summary: String, hosts: [String], capability: String, at: DurationText, invariants: [String],
        fingerprint: ScriptPlan, inject: ScriptPlan, prove: ScriptPlan, undo: ScriptPlan, proveUndone: ScriptPlan
    ) {
        self.id = id
        self.summary = summary
        self.hosts = hosts
        self.capability = capability
        self.at = at
        self.invariants = invariants
        self.fingerprint = fingerprint
        self.inject = inject
        self.prove = prove
        self.undo = undo
        self.proveUndone = proveUndone
    }
}
