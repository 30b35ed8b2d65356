import Timeline

/// What a replay will do, fully resolved: every command, on which host, in which order, with its timeout, and
/// everything the verdict needs besides events.
///
/// Immutable once compiled. Written to `plan.json`; `firedrill plan` prints it. File contents are not in the plan:
/// they are staged under `staged/` of the run folder by their SHA-256, and the plan pins the hashes.
public struct Plan: Sendable, Hashable, Codable {
    /// Version of this format; a reader refuses another one.
    public var format = 1
    public var testnet: TestnetPlan
    public var probes: [ProbePlan]
    public var faults: [FaultPlan]
    public var response: ResponsePlan
    /// How responders learn of it; nil when the scenario does not say, and then no runbook starts.
    /// The judge's input.
    public var criteria: Criteria
    /// Content hashes (SHA-256, hex) of every definition file that the plan was compiled from, by path under the root.
    public var sources: [String: String]
    /// What is watched besides probes.
    public var observation: ObservationPlan

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

    public init(script: String, environment: [String: String], secrets: [String], timeout: DurationText) {
        self.script = script
        self.environment = environment
        self.secrets = secrets
        self.timeout = timeout
    }
}

/// Hosts, files and services of a run.
public struct TestnetPlan: Sendable, Hashable, Codable {
    public var name: String
    public var hosts: [HostPlan]
    /// Programs from beside the CLI that are put on hosts: program name to its SHA-256.
    public var programs: [String: String]
    /// After every host is deployed: services start in this order of stages, each stage at once.
    public var stages: [StagePlan]
    /// Wall time within which every host must be up and deployed.
    public var bootTimeout: DurationText
    /// Wall time within which the steady state must hold for the first time after the last stage.
    public var settleTimeout: DurationText

    public init(
        name: String, hosts: [HostPlan], programs: [String: String], stages: [StagePlan],
        bootTimeout: DurationText, settleTimeout: DurationText
    ) {
        self.name = name
        self.hosts = hosts
        self.programs = programs
        self.stages = stages
        self.bootTimeout = bootTimeout
        self.settleTimeout = settleTimeout
    }
}

/// One sandboxed host.
public struct HostPlan: Sendable, Hashable, Codable {
    public var name: String
    /// `127.x.y.z`, unique in the testnet.
    public var address: String
    public var groups: [String]
    /// What this host agrees to have done to it; faults name the capability they need.
    public var capabilities: [String]
    /// Files to lay on the host, in order; a later one replaces an earlier one at the same path.
    public var files: [FilePlan]
    /// runit services under `/etc/sv`, linked into `/etc/service` at deploy.
    public var services: [String]
    /// The network's own key lies on this host, so that its scripts reach the other hosts by `ssh`.
    public var isSSHClient: Bool

    public init(
        name: String, address: String, groups: [String], capabilities: [String], files: [FilePlan],
        services: [String], isSSHClient: Bool = false
    ) {
        self.name = name
        self.address = address
        self.groups = groups
        self.capabilities = capabilities
        self.files = files
        self.services = services
        self.isSSHClient = isSSHClient
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
    public var size: Int

    public init(path: String, mode: String, sha256: String, size: Int) {
        self.path = path
        self.mode = mode
        self.sha256 = sha256
        self.size = size
    }
}

/// Commands that run after deploy, before the baseline: starting services, publishing the first release.
public struct StagePlan: Sendable, Hashable, Codable {
    public var name: String
    public var hosts: [String]
    public var command: ScriptPlan

    public init(name: String, hosts: [String], command: ScriptPlan) {
        self.name = name
        self.hosts = hosts
        self.command = command
    }
}

/// One way to look at the network.
public struct ProbePlan: Sendable, Hashable, Codable {
    public var id: String
    public var targets: [String]
    /// Wall time between looks at one target; never scaled.
    public var interval: DurationText
    /// A look that takes longer is an unknown sample.
    public var timeout: DurationText
    public var kind: Kind
    /// Sample keys and the path (`.result.blockNumber`) that each is read from; empty means the whole value.
    public var values: [String: String]

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

    public enum Kind: Sendable, Hashable, Codable {
        /// JSON-RPC 2.0 over POST to each target's own address. The sample is the response object.
        case rpc(port: Int, path: String, method: String, params: JSON)
        /// HTTP GET. `{address}` in the URL is the target's address. Sample: `status`, `sha256`, `body` (first 4 KiB), `headers`.
        case http(url: String, headers: [String: String])
        /// A short command on the target over SSH. Sample: `exit`, `stdout`, `stderr`, and `json` when stdout is one JSON value.
        case command(ScriptPlan)
        /// The pager's log of received events, read from the target. Yields `signal` events instead of samples.
        case pager(port: Int, path: String)
        /// A chat channel that users write to, read from the target. Yields `signal` events of source `report`.
        case chat(port: Int, path: String)
    }
}

/// A fault, resolved for the hosts it is injected on.
public struct FaultPlan: Sendable, Hashable, Codable {
    public var id: String
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
    public var inject: ScriptPlan
    /// Exits 0 when the fault's effect can be observed.
    public var prove: ScriptPlan
    public var undo: ScriptPlan
    /// Exits 0 when the fault's effect is gone.
    public var proveUndone: ScriptPlan

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

/// What responders do after the first signal.
public struct ResponsePlan: Sendable, Hashable, Codable {
    public var kind: Kind
    /// Incident time from the first signal to its acknowledgement, and from there to the first step.
    public var acknowledgeAfter: DurationText
    public var startAfter: DurationText
    public var steps: [StepPlan]

    public init(kind: Kind, acknowledgeAfter: DurationText, startAfter: DurationText, steps: [StepPlan]) {
        self.kind = kind
        self.acknowledgeAfter = acknowledgeAfter
        self.startAfter = startAfter
        self.steps = steps
    }

    public enum Kind: String, Sendable, Hashable, Codable {
        /// Nobody does anything.
        case none
        /// The codified runbook.
        case runbook
        /// A documented or inferred wrong response, or the people's own steps.
        case scripted
    }
}

/// One step of a response.
public struct StepPlan: Sendable, Hashable, Codable {
    /// Unique name: the fence's name in a runbook.
    public var name: String
    public var heading: String
    public var role: Role
    /// Hosts in the order in which a rolling strategy takes them.
    public var hosts: [String]
    public var strategy: Strategy
    /// Nil for a manual step.
    public var command: ScriptPlan?
    /// What a manual step asks for, in words.
    public var instruction: String?
    /// Incident time that a manual step, or the human before this step, takes; zero for none.
    public var delay: DurationText
    public var expect: [Expectation]
    /// Repeat until the expectations hold; nil runs once.
    public var until: Until?
    /// Nil: not an `act`, or declared `none` with a reason.
    public var rollback: ScriptPlan?
    public var rollbackReason: String?
    /// The `[!CAUTION]`/`[!WARNING]` text, when the step is hazardous.
    public var hazard: String?
    /// SHA-256 of the resolved step, which an approval names (DESIGN section 4).
    public var approvalHash: String
    /// True when the scenario file approves this step by its present hash.
    public var approved: Bool
    public var file: String
    public var line: Int

    public init(
        name: String, heading: String, role: Role, hosts: [String], strategy: Strategy, command: ScriptPlan? = nil,
        instruction: String? = nil, delay: DurationText, expect: [Expectation], until: Until? = nil,
        rollback: ScriptPlan? = nil, rollbackReason: String? = nil, hazard: String? = nil, approvalHash: String,
        approved: Bool, file: String, line: Int
    ) {
        self.name = name
        self.heading = heading
        self.role = role
        self.hosts = hosts
        self.strategy = strategy
        self.command = command
        self.instruction = instruction
        self.delay = delay
        self.expect = expect
        self.until = until
        self.rollback = rollback
        self.rollbackReason = rollbackReason
        self.hazard = hazard
        self.approvalHash = approvalHash
        self.approved = approved
        self.file = file
        self.line = line
    }

    public enum Role: String, Sendable, Hashable, Codable, CaseIterable {
        case check, diagnose, act, verify, rollback, manual
    }

    public enum Strategy: Sendable, Hashable, Codable {
        case parallel(limit: Int?, maxFail: Int)
        case rolling(batch: Int, maxFail: Int)
    }

    public struct Until: Sendable, Hashable, Codable {
        /// Wall time between attempts, in all, and for which the expectations must then hold; never scaled.
        public var every: DurationText
        public var atMost: DurationText
        public var hold: DurationText?

        public init(every: DurationText, atMost: DurationText, hold: DurationText? = nil) {
            self.every = every
            self.atMost = atMost
            self.hold = hold
        }
    }

    public enum Expectation: Sendable, Hashable, Codable {
        case exit(Int32)
        case stdout(pattern: String)
        case json(Comparison)
    }
}
