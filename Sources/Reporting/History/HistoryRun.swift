import Timeline

/// One finished run as the history keeps it: what trends, tables and the index page need, and nothing else.
public struct HistoryRun: Sendable, Hashable, Codable {
    /// Name of the run folder.
    public var id: String
    /// RFC 3339 UTC of the first event.
    public var started: String
    /// Name of the scenario.
    public var scenario: String
    /// Id of the incident.
    public var incident: String
    /// As on the command line, such as `fix:immediate-restart`.
    public var arm: String
    /// Variant of the fault; empty for the scenario's own faults.
    public var variant: String
    /// The testnet's size; empty when it has none.
    public var size: String
    /// Incident seconds per wall second.
    public var timeScale: Double
    /// Digits of the seed: SQLite has no unsigned 64-bit numbers.
    public var seed: String
    /// Class of the machine (`Machine`), within which times compare.
    public var machine: String
    /// Commit of the root folder; empty when it is no repository.
    public var commit: String
    /// `passed`, `failed` or `inconclusive`.
    public var outcome: String
    /// As `ExitCode`.
    public var exitCode: Int
    /// The gravest reason.
    public var reason: String
    /// Wall seconds from onset; nil when there was nothing to measure.
    public var ttd: Double?
    /// Whether TTD is censored: nobody was told for so long.
    public var ttdCensored: Bool
    /// TTA, likewise.
    public var tta: Double?
    /// Whether TTA is censored.
    public var ttaCensored: Bool
    /// TTM, likewise.
    public var ttm: Double?
    /// Whether TTM is censored.
    public var ttmCensored: Bool
    /// TTR, likewise.
    public var ttr: Double?
    /// Whether TTR is censored.
    public var ttrCensored: Bool
    /// Budget of TTR in wall seconds; nil without one.
    public var recoverBudget: Double?
    /// Wall seconds within which a moment is known.
    public var precision: Double
    /// Wall seconds of the whole run.
    public var length: Double

    /// Runs whose times compare: same scenario, arm, variant, size, scale and machine class.
    public struct Series: Sendable, Hashable, Comparable {
        /// Name of the scenario.
        public var scenario: String
        /// As on the command line, such as `fix:immediate-restart`.
        public var arm: String
        /// Variant of the fault; empty for the scenario's own faults.
        public var variant: String
        /// The testnet's size; empty when it has none.
        public var size: String
        /// Incident seconds per wall second.
        public var timeScale: Double
        /// Class of the machine.
        public var machine: String

        private var order: [String] { [scenario, arm, variant, size, machine] }
        /// By scenario, arm, variant, size and machine class, then by time scale.
        public static func < (left: Self, right: Self) -> Bool {
            left.order == right.order
                ? left.timeScale < right.timeScale : left.order.lexicographicallyPrecedes(right.order)
        }

        /// `harmony-release-bucket, runbook`, with variant and size where there are any.
        public var name: String {
            [scenario, arm, variant, size].filter { !$0.isEmpty }.joined(separator: ", ")
        }
    }

    /// The series that the run belongs to.
    public var series: Series {
        Series(
            scenario: scenario, arm: arm, variant: variant, size: size, timeScale: timeScale, machine: machine)
    }
}

/// One step of a run's response.
public struct HistoryStep: Sendable, Hashable, Codable {
    /// Run that it belongs to.
    public var run: String
    /// Place among the run's steps, from 0.
    public var position: Int
    /// Name of the step.
    public var name: String
    /// Its role, such as `act`.
    public var role: String
    /// Wall seconds; nil when it did not end.
    public var took: Double?
    /// Whether what it expects held.
    public var passed: Bool
    /// A manual step that only waited its stated delay: its length is the scenario's, not the network's.
    public var simulated: Bool
}

/// What became of one fact in a run.
public struct HistoryFact: Sendable, Hashable, Codable {
    /// Run that it belongs to.
    public var run: String
    /// Id of the fact.
    public var fact: String
    /// What became of it, as in `verdict.json`.
    public var finding: String
}

/// A run with what hangs on it, as it is imported.
public struct HistoryRecord: Sendable, Hashable {
    /// The run itself.
    public var run: HistoryRun
    /// Steps of its response, in order.
    public var steps: [HistoryStep]
    /// What became of each fact.
    public var facts: [HistoryFact]

    /// Takes what the history keeps from a judged run.
    /// - Parameters:
    ///   - id: name of the run folder.
    ///   - machine: class of the machine, `Machine.unknown` when it was not recorded.
    public init(id: String, verdict: Verdict, criteria: Criteria, events: [Event], machine: String) {
        let times = verdict.times
        let first = events.first?.monotonic ?? 0
        run = HistoryRun(
            id: id, started: events.first?.wall ?? "", scenario: verdict.scenario, incident: verdict.incident,
            arm: verdict.arm.description, variant: verdict.variant ?? "", size: verdict.size ?? "",
            timeScale: verdict.timeScale,
            seed: String(verdict.seed), machine: machine, commit: verdict.commit, outcome: verdict.outcome.rawValue,
            exitCode: Int(verdict.exitCode.rawValue), reason: Text.cut(verdict.reasons.first ?? "", to: 1_000),
            ttd: times.detect.wall, ttdCensored: times.detect.isCensored, tta: times.act.wall,
            ttaCensored: times.act.isCensored, ttm: times.mitigate.wall, ttmCensored: times.mitigate.isCensored,
            ttr: times.recover.wall, ttrCensored: times.recover.isCensored,
            recoverBudget: criteria.budgets.recover.map { $0.duration.inSeconds / max(criteria.timeScale, 0.01) },
            precision: verdict.precision, length: Double((events.last?.monotonic ?? first) - first) / 1e9)
        steps = Self.steps(of: id, events)
        facts = verdict.facts.map { HistoryFact(run: id, fact: $0.id, finding: $0.finding.rawValue) }
    }

    private static func steps(of run: String, _ events: [Event]) -> [HistoryStep] {
        var steps: [HistoryStep] = []
        var started: [Int64] = []
        for event in events {
            switch event.body {
            case .stepStarted(let name, let role, _):
                steps.append(
                    HistoryStep(
                        run: run, position: steps.count, name: name, role: role, took: nil, passed: false,
                        simulated: false))
                started.append(event.monotonic)
            case .stepEnded(let name, _, let passed, let simulated, _):
                guard let index = steps.lastIndex(where: { $0.name == name && $0.took == nil }) else { continue }
                steps[index].took = Double(event.monotonic - started[index]) / 1e9
                steps[index].passed = passed
                steps[index].simulated = simulated
            default: break
            }
        }
        return steps
    }
}
