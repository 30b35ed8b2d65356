/// Everything a verdict needs besides events: the part of a plan that the judge reads.
///
/// Compiled by `Definitions` from a scenario, fully resolved: no names left to look up, no groups left to expand.
public struct Criteria: Sendable, Hashable, Codable {
    /// Id of the scenario.
    public var scenario: String
    /// Incident id, such as `H1`.
    public var incident: String
    /// The way in which the scenario is played.
    public var arm: Arm
    /// Incident seconds per wall second, at least 1.
    public var timeScale: Double
    /// Seeds jitter and choices; it does not promise identical timing.
    public var seed: UInt64
    /// Commit of the root folder, with `+changes` when it differed; empty when it is not a repository.
    public var commit: String
    /// How often continuous probes look: the floor of precision. Wall time, never scaled.
    public var probeInterval: DurationText
    /// How long the steady state must hold to count, before the fault and after. Wall time, never scaled.
    public var hold: DurationText
    /// How long after the completed injection recovery is waited for. Incident time.
    public var horizon: DurationText
    /// What normal looks like; all must hold.
    public var steadyState: [Check]
    /// What users lose, per scope; when all hold again in a scope, user impact in that scope has ended.
    public var impact: [Check]
    /// What the incident's facts say could be observed: symptoms, and latent conditions.
    public var symptoms: [Symptom]
    /// Times that must be met.
    public var budgets: Budgets
    /// Ids of facts that the sources imply but do not state; reports carry the mark.
    public var inferred: [String]
    /// Timing of each probe that a check reads, by probe id; one that is not listed looks every `probeInterval`.
    public var probes: [String: ProbeTiming]
    /// The testnet's size that was chosen, by name; nil when the testnet has no sizes.
    public var size: String?
    /// Hosts whose names make a page a signal: a page that names none of them detects nothing. Empty: any named host.
    public var affected: [String]
    /// Fault id to the hosts on which this arm injects it. A run that left one out is not a replay of the scenario.
    public var faults: [String: [String]]
    /// Wall time between two blocks of the chain; nil when there is none, or none is known.
    public var blockTime: DurationText?
    /// What the arm `as-documented` is compared with; nil in other arms.
    public var documented: Documented?
    /// The fault variant that is injected instead of the scenario's own faults, by id.
    public var variant: String?
    /// What the arm `fix:…` plays and promises; nil in other arms.
    public var fix: Fix?

    /// When a probe's last sample is too old to say anything.
    public struct ProbeTiming: Sendable, Hashable, Codable {
        /// Wall time between looks at one target.
        public var interval: DurationText
        /// A look that takes longer is an unknown sample.
        public var timeout: DurationText

        /// All parts as given.
        public init(interval: DurationText, timeout: DurationText) {
            self.interval = interval
            self.timeout = timeout
        }

        /// Wall time after its end at which a sample is stale: three intervals were missed, and a look that began
        /// in time would have ended.
        public var staleAfter: Duration { max(interval.duration * 3, interval.duration + timeout.duration) }
    }

    /// All parts as given.
    public init(
        scenario: String, incident: String, arm: Arm, timeScale: Double, seed: UInt64, commit: String,
        probeInterval: DurationText, hold: DurationText, horizon: DurationText, steadyState: [Check],
        impact: [Check], symptoms: [Symptom], budgets: Budgets, inferred: [String],
        probes: [String: ProbeTiming] = [:], affected: [String] = [],
        faults: [String: [String]] = [:], size: String? = nil, blockTime: DurationText? = nil,
        documented: Documented? = nil, variant: String? = nil, fix: Fix? = nil
    ) {
        self.scenario = scenario
        self.incident = incident
        self.arm = arm
        self.timeScale = timeScale
        self.seed = seed
        self.commit = commit
        self.probeInterval = probeInterval
        self.hold = hold
        self.horizon = horizon
        self.steadyState = steadyState
        self.impact = impact
        self.symptoms = symptoms
        self.budgets = budgets
        self.inferred = inferred
        self.probes = probes
        self.affected = affected
        self.faults = faults
        self.size = size
        self.blockTime = blockTime
        self.documented = documented
        self.variant = variant
        self.fix = fix
    }

    /// One way to play a scenario (DESIGN section 5).
    public enum Arm: Sendable, Hashable, Codable, CustomStringConvertible {
        case noFault, faultOnly, asDocumented, runbook
        case wrongResponse(String)
        case fix([String])

        /// As written on the command line: `wrong-response:restore-only`.
        public var description: String {
            switch self {
            case .noFault: "no-fault"
            case .faultOnly: "fault-only"
            case .asDocumented: "as-documented"
            case .runbook: "runbook"
            case .wrongResponse(let id): "wrong-response:\(id)"
            case .fix(let ids): "fix:" + ids.joined(separator: "+")
            }
        }
    }

    /// One observable fact, by fact id: a symptom of the incident, or a latent condition.
    public struct Symptom: Sendable, Hashable, Codable {
        /// Fact id, such as `H1-S3`.
        public var fact: String
        /// Which rule it is judged by.
        public var kind: Kind
        /// What the fact says, in our own words, for reports.
        public var summary: String
        /// All must hold together, in every scope they name, for `lasting` and for `Criteria.certainty(of:)`.
        public var checks: [Check]
        /// For `response` symptoms: the wrong responses after which it must show. Empty otherwise.
        public var after: [String]
        /// For how long all checks must hold together without a gap, wall time; nil: until each probe has looked.
        public var lasting: DurationText?

        /// All parts as given.
        public init(
            fact: String, kind: Kind, summary: String, checks: [Check], after: [String], lasting: DurationText? = nil
        ) {
            self.fact = fact
            self.kind = kind
            self.summary = summary
            self.checks = checks
            self.after = after
            self.lasting = lasting
        }

        /// When a fact must show, and when it must not (DESIGN section 1).
        public enum Kind: String, Sendable, Hashable, Codable {
            /// False at baseline, true after the fault.
            case onset
            /// True throughout, or an absence over a stated window.
            case context
            /// True only after a named wrong response.
            case response
            /// A latent condition: wrong already before the fault. True when the first injection starts.
            case latent
        }
    }

    /// Wall time for which a symptom's checks must hold together: what it asks for itself, and at least the longest interval
    /// of its checks' probes, so that each has looked while the others held. Pages and silence need no look.
    func certainty(of symptom: Symptom) -> DurationText {
        let intervals = symptom.checks.compactMap { check -> DurationText? in
            switch check.predicate {
            case .pages, .quiet: nil
            default: probes[check.probe]?.interval ?? probeInterval
            }
        }
        let longest = intervals.map(\.duration).max() ?? .zero
        return DurationText(max(longest, symptom.lasting?.duration ?? .zero))
    }

    /// Times that must be met, in incident time from the completed injection. Nil means no budget.
    public struct Budgets: Sendable, Hashable, Codable {
        /// Limit of TTD.
        public var detect: DurationText?
        /// Limit of TTM.
        public var mitigate: DurationText?
        /// Limit of TTR.
        public var recover: DurationText?

        /// All parts as given.
        public init(detect: DurationText? = nil, mitigate: DurationText? = nil, recover: DurationText? = nil) {
            self.detect = detect
            self.mitigate = mitigate
            self.recover = recover
        }
    }
}

/// One condition over the samples of one probe, judged per scope.
public struct Check: Sendable, Hashable, Codable {
    /// Unique within its list; used in evidence.
    public var id: String
    /// Probe id whose samples are read. Of `pages`, the pager's: its interval says how far apart two looks are. Of `quiet` it
    /// is ignored and empty.
    public var probe: String
    /// Scope name to the targets (hosts) it covers. A check without scopes has one, `all`.
    public var scopes: [String: [String]]
    /// What must be true.
    public var predicate: Predicate

    /// All parts as given.
    public init(id: String, probe: String, scopes: [String: [String]], predicate: Predicate) {
        self.id = id
        self.probe = probe
        self.scopes = scopes
        self.predicate = predicate
    }

    /// What must be true of a scope's samples.
    public enum Predicate: Sendable, Hashable, Codable {
        /// The agreed height (the highest at which at least `quorum` targets reported the same `hash`) rose within the
        /// last `within` of wall time, counted from the first sight of that block. An empty `hash` compares heights
        /// only. A target that was looked at and did not answer is part of no quorum: a scope with no live node is not
        /// advancing.
        case advancing(value: String, hash: String, quorum: Int, within: DurationText)
        /// No answering target's `value` rose for `lasting` of wall time, at least `answering` targets answered
        /// throughout, and it had risen before.
        case stalled(value: String, lasting: DurationText, answering: Int)
        /// Enough of the targets' latest samples satisfy every comparison.
        case match(comparisons: [Comparison], targets: Quantifier)
        /// Among targets that satisfy `matching` (at least `answering` of them), `value` takes at least `atLeast`
        /// different values, for `lasting` of wall time.
        case distinct(value: String, atLeast: Int, matching: [Comparison], answering: Int, lasting: DurationText)
        /// Pages that are not repeats of one that was firing before the fault named at least `atLeast` different
        /// targets of the scope so far; with `firstAlone` the first such page named exactly one of them, and another
        /// was first named at least one interval of the probe later, so that they did not all arrive in one look.
        case pages(atLeast: Int, firstAlone: Bool)
        /// No page and no report was received for `lasting` of wall time, and test pages before and after it were.
        /// In a symptom the window starts when the injection completed; in a steady state it is the last `lasting`.
        case quiet(lasting: DurationText)
    }

    /// How many of a scope's targets must satisfy a `match`. A target with an unknown latest sample makes the result
    /// unknown unless enough others decide it.
    public enum Quantifier: Sendable, Hashable, Codable {
        case all, any, none
        case atLeast(Int)
        case atMost(Int)
    }
}

/// `.path op operand` over one sample, as in `.status == 403` or `.body ~ /<Error>/`.
public struct Comparison: Sendable, Hashable, Codable {
    /// Path into the sample: `.a.b[0]`; `.` is the whole value.
    public var path: String
    /// How the two sides are compared.
    public var operation: Operation
    /// The right side.
    public var operand: Operand

    /// All parts as given.
    public init(path: String, operation: Operation, operand: Operand) {
        self.path = path
        self.operation = operation
        self.operand = operand
    }

    /// The operators as definition files write them.
    public enum Operation: String, Sendable, Hashable, Codable {
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case matches = "~"
        case matchesNot = "!~"
    }

    /// What a value is compared with.
    public enum Operand: Sendable, Hashable, Codable {
        case value(JSON)
        /// A regular expression (Swift `Regex` syntax), for `~` and `!~`.
        case pattern(String)
        /// The same path of the same target in its last sample before the fault: written `$baseline`. Before the fault
        /// a sample is its own baseline.
        case baseline
        /// Unix seconds of a moment of this run: `$injected`, `$response` (the response's first act step began). A
        /// moment that has not come yet lies after everything.
        case moment(Moment)
    }

    /// Moments of a run that values may be compared with.
    public enum Moment: String, Sendable, Hashable, Codable {
        case injected, response
    }
}
