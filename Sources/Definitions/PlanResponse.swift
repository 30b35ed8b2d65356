import Timeline

/// What responders do after the first signal.
public struct ResponsePlan: Sendable, Hashable, Codable {
    /// Who responds, and how.
    public var kind: Kind
    /// Incident time from the first signal to its acknowledgement.
    public var acknowledgeAfter: DurationText
    /// Incident time from the acknowledgement to the first step.
    public var startAfter: DurationText
    /// In order; rollbacks belong to the steps that they undo.
    public var steps: [StepPlan]

    /// All parts as given.
    public init(kind: Kind, acknowledgeAfter: DurationText, startAfter: DurationText, steps: [StepPlan]) {
        self.kind = kind
        self.acknowledgeAfter = acknowledgeAfter
        self.startAfter = startAfter
        self.steps = steps
    }

    /// The kinds of response.
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
    /// The heading that the step stands under.
    public var heading: String
    /// What the step is for.
    public var role: Role
    /// Hosts in the order in which a rolling strategy takes them.
    public var hosts: [String]
    /// How the step goes over its hosts.
    public var strategy: Strategy
    /// Nil for a manual step.
    public var command: ScriptPlan?
    /// What a manual step asks for, in words.
    public var instruction: String?
    /// Incident time that a manual step, or the human before this step, takes; zero for none.
    public var delay: DurationText
    /// Incident time from onset at which the step begins, unless the one before it still runs; nil: after that one.
    public var at: DurationText?
    /// All must hold for a host to pass.
    public var expect: [Expectation]
    /// Repeat until the expectations hold; nil runs once.
    public var until: Until?
    /// Nil: not an `act`, or declared `none` with a reason.
    public var rollback: ScriptPlan?
    /// Why an `act` has nothing to roll back.
    public var rollbackReason: String?
    /// The `[!CAUTION]`/`[!WARNING]` text, when the step is hazardous.
    public var hazard: String?
    /// SHA-256 of the resolved step, which an approval names (DESIGN section 4).
    public var approvalHash: String
    /// True when the scenario file approves this step by its present hash.
    public var approved: Bool
    /// Path under the root of the file that defines the step.
    public var file: String
    /// Line of its fence, from 1.
    public var line: Int

    /// All parts as given.
    public init(
        name: String, heading: String, role: Role, hosts: [String], strategy: Strategy, command: ScriptPlan? = nil,
        instruction: String? = nil, delay: DurationText, at: DurationText? = nil, expect: [Expectation],
        until: Until? = nil,
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
        self.at = at
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

    /// What a step is for (DESIGN section 4).
    public enum Role: String, Sendable, Hashable, Codable, CaseIterable {
        case check, diagnose, act, verify, rollback, manual
    }

    /// Over how many hosts at a time, and how many of them may fail.
    public enum Strategy: Sendable, Hashable, Codable {
        case parallel(limit: Int?, maxFail: Int)
        case rolling(batch: Int, maxFail: Int)
    }

    /// How long a step is repeated.
    public struct Until: Sendable, Hashable, Codable {
        /// Between attempts. This and the next two are wall time, never scaled.
        public var every: DurationText
        /// In all.
        public var atMost: DurationText
        /// For how long the expectations must then hold.
        public var hold: DurationText?

        /// All parts as given.
        public init(every: DurationText, atMost: DurationText, hold: DurationText? = nil) {
            self.every = every
            self.atMost = atMost
            self.hold = hold
        }
    }

    /// What must be true of a command's result.
    public enum Expectation: Sendable, Hashable, Codable {
        case exit(Int32)
        case stdout(pattern: String)
        case json(Comparison)
    }
}
