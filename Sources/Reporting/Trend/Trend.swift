/// What the history says about each series: the time to recover, and every step that the response takes time for.
public struct Trend: Sendable {
    /// One series of one measure.
    public struct Row: Sendable {
        /// Runs that compare.
        public var series: HistoryRun.Series
        /// Name of a step; nil for TTR.
        public var step: String?
        /// Oldest first.
        public var points: [Point]
        /// What they say.
        public var finding: RegressionRule.Finding

        /// `recover` or `step restart-nodes`.
        public var measure: String { step.map { "step \($0)" } ?? "recover" }
    }

    /// One run's time.
    public struct Point: Sendable, Hashable {
        /// Name of the run folder.
        public var run: String
        /// RFC 3339 UTC of its first event.
        public var started: String
        /// Commit of the root folder; empty when it is no repository.
        public var commit: String
        /// What was measured.
        public var time: Measured
        /// Wall seconds; nil without one.
        public var budget: Double?
    }

    /// TTR of each series, followed by its steps.
    public let rows: [Row]
    /// The rule that findings about times to recover follow.
    public let rule: RegressionRule
    /// The rule that findings about steps follow.
    public let stepRule: RegressionRule

    /// Looks at `runs`, oldest first.
    /// - Parameters:
    ///   - steps: steps by run.
    ///   - accepted: from when on runs count, by `scenario arm`.
    public init(
        runs: [HistoryRun], steps: [String: [HistoryStep]], accepted: [String: String] = [:],
        rule: RegressionRule = RegressionRule(), stepRule: RegressionRule = .steps
    ) {
        self.rule = rule
        self.stepRule = stepRule
        let counted = runs.filter { run in
            // Inconclusive runs and harness errors say nothing about the network, not even how fast it is.
            guard run.exitCode < 2 else { return false }
            return accepted["\(run.scenario) \(run.arm)"].map { run.started >= $0 } ?? true
        }
        var rows: [Row] = []
        for (series, runs) in Dictionary(grouping: counted, by: \.series).sorted(by: { $0.key < $1.key }) {
            rows.append(Self.recovery(series, runs, rule))
            rows += Self.steps(series, runs, steps, stepRule)
        }
        self.rows = rows.filter { !$0.points.isEmpty }
    }

    /// Rows whose times became longer.
    public var regressions: [Row] { rows.filter { $0.finding.answer == .slower } }

    private static func recovery(
        _ series: HistoryRun.Series, _ runs: [HistoryRun], _ rule: RegressionRule
    ) -> Row {
        let points = runs.compactMap { run in
            run.ttr.map { time in
                Point(
                    run: run.id, started: run.started, commit: run.commit,
                    time: Measured(time, isCensored: run.ttrCensored), budget: run.recoverBudget)
            }
        }
        return Row(series: series, step: nil, points: points, finding: rule.finding(points.map(\.time)))
    }

    /// Steps in the order in which they were first taken. Attempts of one name in one run count together.
    private static func steps(
        _ series: HistoryRun.Series, _ runs: [HistoryRun], _ steps: [String: [HistoryStep]], _ rule: RegressionRule
    ) -> [Row] {
        var order: [String] = []
        var points: [String: [Point]] = [:]
        for run in runs {
            // A step that failed took as long as its limit, or as little as its failure: neither is its time.
            let passed = (steps[run.id] ?? []).filter { $0.passed && !$0.simulated }
            for (name, same) in Dictionary(grouping: passed, by: \.name) {
                points[name, default: []].append(
                    Point(
                        run: run.id, started: run.started, commit: run.commit,
                        time: Measured(same.compactMap(\.took).reduce(0, +)), budget: nil))
            }
            for step in passed where !order.contains(step.name) { order.append(step.name) }
        }
        return order.map { name in
            let own = points[name] ?? []
            return Row(series: series, step: name, points: own, finding: rule.finding(own.map(\.time)))
        }
    }
}

extension Trend.Row {
    /// The first run of the window, which is where a change shows first; nil when the window is not full.
    var firstChanged: Trend.Point? {
        finding.test == nil ? nil : points[points.count - finding.recent]
    }

    /// A sentence about a change: from what to what, how sure, and since which commit.
    public var sentence: String {
        guard let test = finding.test else {
            return "\(series.name): \(measure) has too few runs to compare, \(points.count)"
        }
        func seconds(_ value: Double?) -> String { value.map(TrendText.seconds) ?? "-" }
        let share = finding.relativeShift.map { " (\(TrendText.percent($0)))" } ?? ""
        var text =
            "\(series.name): \(measure) is \(finding.answer.rawValue), \(seconds(finding.earlierMedian)) to "
            + "\(seconds(finding.recentMedian)), shift \(TrendText.shift(test.shift))\(share), last \(finding.recent) runs against "
            + "\(finding.earlier) before, p \(TrendText.probability(test.probability)), Cliff's delta \(Text.fixed(test.delta, decimals: 2))"
        if let first = firstChanged {
            text += "; first changed run at the latest \(first.run)"
            if !first.commit.isEmpty { text += " (commit \(first.commit.prefix(12)))" }
        }
        return text
    }
}
