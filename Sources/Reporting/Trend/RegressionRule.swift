/// When a series of times counts as slower than it was.
///
/// The last runs, as many as one of `windows`, are compared with the up to `baseline` runs before them. Three things must come
/// together, so that noise fails no night: the rank test is unlikely by chance (`probability`), the shift is worth speaking of
/// (`relativeShift` of the baseline's median) and larger than what measuring itself blurs (`leastShift`). A change that is
/// there from some run on is reported once it fills most of a window: a large one soon, one near the jitter later.
public struct RegressionRule: Sendable, Hashable {
    /// How many of the latest runs are compared, the smallest window first.
    public var windows = [5, 10]
    /// Most runs before the window that they are compared with.
    public var baseline = 30
    /// Fewest runs before the window for any answer: with 10 against 5, ranks alone can fall below `probability`.
    public var leastBaseline = 10
    /// Highest probability of the rank test, in each window.
    public var probability = 0.0004
    /// Smallest Hodges-Lehmann shift as a share of the baseline's median.
    public var relativeShift = 0.06
    /// Smallest Hodges-Lehmann shift, wall seconds.
    public var leastShift = 0.25

    /// The rule for times to recover.
    public init() {}

    /// The rule for single steps. There are ten times as many of them as of times to recover, and a short one jitters by
    /// as much as it takes: chance must be rarer and a shift larger to fail a night.
    public static var steps: RegressionRule {
        var rule = RegressionRule()
        rule.probability = 0.00005
        rule.relativeShift = 0.15
        return rule
    }

    /// What a series says.
    public enum Answer: String, Sendable, Hashable, Codable {
        case slower, faster, steady
        case tooFew = "too few runs"
    }

    /// The answer with what it rests on.
    public struct Finding: Sendable, Hashable {
        /// What the series says.
        public var answer: Answer
        /// Runs in the window and before it.
        public var recent: Int
        /// Runs before the window.
        public var earlier: Int
        /// Median wall seconds of the window; infinite when censored, nil without runs.
        public var recentMedian: Double?
        /// Median wall seconds of the baseline.
        public var earlierMedian: Double?
        /// The comparison; nil when there are too few runs.
        public var test: RankTest?

        /// Hodges-Lehmann shift as a share of the baseline's median; nil without a comparison.
        public var relativeShift: Double? {
            guard let test, let earlierMedian, earlierMedian > 0, earlierMedian.isFinite else { return nil }
            return test.shift / earlierMedian
        }
    }

    /// Looks at the times of one series, oldest first. Of several windows the first that says something else than steady decides.
    public func finding(_ times: [Measured]) -> Finding {
        let findings = windows.map { finding(times, window: $0) }
        return findings.first { $0.answer == .slower || $0.answer == .faster } ?? findings[0]
    }

    private func finding(_ times: [Measured], window: Int) -> Finding {
        let recent = times.suffix(window)
        let earlier = times.dropLast(window).suffix(baseline)
        func median(_ times: some Sequence<Measured>) -> Double? {
            RankTest.median(sorted: times.map(\.rank).sorted())
        }
        var finding = Finding(
            answer: .tooFew, recent: recent.count, earlier: earlier.count, recentMedian: median(recent),
            earlierMedian: median(earlier), test: nil)
        guard recent.count == window, earlier.count >= leastBaseline else { return finding }
        let up = RankTest(earlier: earlier, later: recent)
        finding.test = up
        finding.answer = .steady
        if isWorthSpeakingOf(up, baseline: finding.earlierMedian) {
            finding.answer = .slower
        } else {
            let down = RankTest(earlier: recent, later: earlier)
            if isWorthSpeakingOf(down, baseline: finding.earlierMedian) { finding.answer = .faster }
        }
        return finding
    }

    private func isWorthSpeakingOf(_ test: RankTest, baseline median: Double?) -> Bool {
        // A baseline that mostly never recovered has no median to be a share of; ranks alone decide there.
        let share = median.map { $0.isFinite ? relativeShift * $0 : 0 } ?? 0
        return test.shift >= max(leastShift, share) && test.probability <= probability
    }
}
