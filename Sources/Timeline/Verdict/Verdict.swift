/// What a run says about the network: a pure function of a plan's criteria and the run's events.
public struct Verdict: Sendable, Hashable {
    public var run: String
    public var scenario: String
    public var incident: String
    public var arm: Criteria.Arm
    public var outcome: Outcome
    /// The harness itself failed, so the run says nothing about the network; the outcome is then inconclusive.
    public var isHarnessError: Bool
    /// Full sentences, the gravest first; never empty.
    public var reasons: [String]
    /// Full sentences that did not decide anything but that a person should know.
    public var notes: [String]
    /// One per symptom of the plan, in its order.
    public var facts: [Fact]
    /// Over all scopes.
    public var times: Times
    /// Scope name to its own times to mitigate and to recover.
    public var byScope: [String: ScopeTimes]
    public var budgets: [Budget]
    public var crossChecks: [CrossCheck]
    public var stamps: Stamps
    public var harness: HarnessTimes
    public var timeScale: Double
    public var seed: UInt64
    /// Seconds of wall time within which a measured moment is known (see `Judge.precision`).
    public var precision: Double
    public var commit: String

    /// The three words.
    public enum Outcome: String, Sendable, Hashable, Codable {
        case passed, failed, inconclusive
    }

    /// How the process that produced this verdict ends.
    public var exitCode: ExitCode {
        if isHarnessError { return .harnessError }
        switch outcome {
        case .passed: return .passed
        case .failed: return .failed
        case .inconclusive: return .inconclusive
        }
    }

    /// One symptom and whether it was seen.
    public struct Fact: Sendable, Hashable {
        /// Fact id, such as `H1-S3`.
        public var id: String
        public var kind: Criteria.Symptom.Kind
        /// What the fact says.
        public var summary: String
        public var finding: Finding
        /// Seconds of wall time from onset (without a fault: from the start of the baseline); nil when not observed.
        public var at: Double?
        /// The observed values, in words, or why there is nothing to observe.
        public var evidence: String
        /// The source implies it but does not state it.
        public var isInferred: Bool
        /// Without it this arm is inconclusive.
        public var isRequired: Bool

        /// What became of a symptom.
        public enum Finding: String, Sendable, Hashable, Codable {
            /// Seen as its kind asks.
            case observed
            /// Not seen, though it should have been.
            case missing
            /// Seen where it must not be: before the fault, or (response symptoms) before the response.
            case early
            /// Not seen, as it should be without a fault.
            case absent
            /// Not seen, where a fix may be the reason.
            case prevented
            /// Seen without any fault.
            case unprovoked
            /// This arm does not provoke it.
            case notLookedFor
        }

        /// Seen as its kind asks.
        public var isObserved: Bool { finding == .observed }
    }

    /// A time from onset.
    public struct Time: Sendable, Hashable {
        /// Seconds of wall time; when censored, the time for which it was waited in vain. Nil: there was nothing to measure.
        public var wall: Double?
        /// The same in incident time.
        public var incident: Double?
        /// It did not happen while it was looked for: the true time is longer (`> horizon`), and never a term of an average.
        public var isCensored: Bool
        /// What the time was read from, or why there is none.
        public var source: String

        public init(wall: Double?, incident: Double?, isCensored: Bool, source: String) {
            self.wall = wall
            self.incident = incident
            self.isCensored = isCensored
            self.source = source
        }
    }

    /// Times to detect, act, mitigate and recover.
    public struct Times: Sendable, Hashable {
        public var detect: Time
        public var act: Time
        public var mitigate: Time
        public var recover: Time
    }

    /// What one scope has of its own.
    public struct ScopeTimes: Sendable, Hashable {
        public var mitigate: Time
        public var recover: Time
        /// How often its steady state broke after the fault.
        public var breaks: Int
    }

    /// A limit in incident time and what was measured.
    public struct Budget: Sendable, Hashable {
        /// `detect`, `mitigate` or `recover`.
        public var name: String
        /// Incident seconds.
        public var limit: Double
        /// Incident seconds; nil when it never happened.
        public var measured: Double?
        /// Nil when this arm has nothing to measure.
        public var isMet: Bool?
    }

    /// Recovery of one scope by the probes and by the nodes' own block logs, seconds of wall time from onset.
    public struct CrossCheck: Sendable, Hashable {
        public var scope: String
        public var byProbes: Double?
        public var byLogs: Double?
        /// `byProbes - byLogs`; nil when either is missing.
        public var difference: Double?
        /// Whether both say the same within the precision; nil when neither saw a recovery.
        public var agrees: Bool?
        public var source: String
    }

    /// Wall seconds that the harness took, see `Judge.harnessTimes`; nil where the run did not get there.
    public struct HarnessTimes: Sendable, Hashable {
        public var boot: Double?
        public var overhead: Double?
        public var teardown: Double?
        /// What the replay timed itself, by name.
        public var named: [String: Double]
    }
}

/// How `firedrill` ends (DESIGN section 5).
public enum ExitCode: Int32, Sendable, Hashable, CaseIterable {
    case passed = 0
    case failed = 1
    case inconclusive = 2
    case harnessError = 3
    /// Usage or definition error: no run was judged.
    case usage = 64

    /// The code over several runs: a harness error first, then failed, inconclusive, passed. No run at all is inconclusive,
    /// because nothing was shown.
    public static func merged(_ codes: some Sequence<ExitCode>) -> ExitCode {
        let codes = Set(codes)
        return [.usage, .harnessError, .failed, .inconclusive, .passed].first(where: codes.contains) ?? .inconclusive
    }
}
