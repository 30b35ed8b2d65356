/// What a run says about the network: a pure function of a plan's criteria and the run's events.
public struct Verdict: Sendable, Hashable {
    /// Id of the run; empty when the record has no start.
    public var run: String
    /// Id of the scenario.
    public var scenario: String
    /// Id of the incident, such as `H1`.
    public var incident: String
    /// The way in which the scenario was played.
    public var arm: Criteria.Arm
    /// The fault variant that was injected instead of the scenario's own faults.
    public var variant: String?
    /// Whether user impact or a break of the steady state was seen after the fault (without one: after the baseline);
    /// nil when the run did not get that far.
    public var outage: Bool?
    /// Seconds of wall time from onset until user impact or a break of the steady state was first seen; nil when neither was.
    public var brokeAfter: Double?
    /// The verdict itself.
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
    /// Those that the plan sets.
    public var budgets: [Budget]
    /// Phases of the write-up beside this run's: compared in the arm `as-documented`, only shown in others; empty without a
    /// fault and with a fix.
    public var phases: [Phase]
    /// One per scope that has a block log.
    public var crossChecks: [CrossCheck]
    /// The raw moments that the times are derived from.
    public var stamps: Stamps
    /// What the harness itself took.
    public var harness: HarnessTimes
    /// Incident seconds per wall second.
    public var timeScale: Double
    /// Seed of the run.
    public var seed: UInt64
    /// Seconds of wall time within which a measured moment is known (see `Judge.precision`).
    public var precision: Double
    /// The testnet's size, by name; nil when it has none.
    public var size: String?
    /// Commit of the root folder; empty when it is no repository.
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

    /// One symptom or latent condition, and whether it was seen.
    public struct Fact: Sendable, Hashable {
        /// Fact id, such as `H1-S3`.
        public var id: String
        /// Which rule it is judged by.
        public var kind: Criteria.Symptom.Kind
        /// What the fact says.
        public var summary: String
        /// What became of it.
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
        /// Seconds of wall time; when censored, the time for which it was waited in vain. Nil: there was nothing to
        /// measure.
        public var wall: Double?
        /// The same in incident time.
        public var incident: Double?
        /// It did not happen while it was looked for: the true time is longer (`> horizon`), and never a term of an
        /// average.
        public var isCensored: Bool
        /// What the time was read from, or why there is none.
        public var source: String

        /// A time as measured.
        public init(wall: Double?, incident: Double?, isCensored: Bool, source: String) {
            self.wall = wall
            self.incident = incident
            self.isCensored = isCensored
            self.source = source
        }
    }

    /// Times to detect, act, mitigate and recover.
    public struct Times: Sendable, Hashable {
        /// TTD: to the first signal; `source` is `alert` or `report`.
        public var detect: Time
        /// TTA: to the responders' first act.
        public var act: Time
        /// TTM: to the end of user impact.
        public var mitigate: Time
        /// TTR: to the confirmed steady state.
        public var recover: Time
    }

    /// What one scope has of its own.
    public struct ScopeTimes: Sendable, Hashable {
        /// TTM: to the end of user impact.
        public var mitigate: Time
        /// TTR: to the confirmed steady state.
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
        /// Such as a shard.
        public var scope: String
        /// Nil: the probes saw no recovery.
        public var byProbes: Double?
        /// Nil: the logs show no block after the outage.
        public var byLogs: Double?
        /// `byProbes - byLogs`; nil when either is missing.
        public var difference: Double?
        /// Whether both say the same within the precision; nil when neither saw a recovery.
        public var agrees: Bool?
        /// Where the logs were read.
        public var source: String
    }

    /// Wall seconds that the harness took, see `Judge.harnessTimes`; nil where the run did not get there.
    public struct HarnessTimes: Sendable, Hashable {
        /// Until the first moment of steady state.
        public var boot: Double?
        /// What belongs to none of the phases that a person asked for.
        public var overhead: Double?
        /// From the teardown phase to the end.
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

    /// The code over several runs: a harness error first, then failed, inconclusive, passed. No run at all is
    /// inconclusive, because nothing was shown.
    public static func merged(_ codes: some Sequence<ExitCode>) -> ExitCode {
        let codes = Set(codes)
        return [.usage, .harnessError, .failed, .inconclusive, .passed].first(where: codes.contains) ?? .inconclusive
    }
}
