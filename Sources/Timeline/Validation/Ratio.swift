/// What is known of a time: it lies between `low` and `high`, in seconds of incident time.
public struct TimeSpan: Sendable, Hashable {
    /// The measured time; nil when it is censored.
    public var value: Double?
    /// Never negative.
    public var low: Double
    /// Nil: it was waited for in vain, so there is no upper bound.
    public var high: Double?

    /// All parts as given.
    public init(value: Double?, low: Double, high: Double?) {
        self.value = value
        self.low = low
        self.high = high
    }
}

extension Verdict {
    /// What the run shows of a time, give or take its precision; nil when nothing is known of it.
    ///
    /// Where nothing broke, the times to mitigate and to recover are zero, and nothing is known of the other two.
    /// - Parameter scope: of `ttm` and `ttr`, one scope instead of the network.
    public func span(of measure: Promise.Measure, scope: String? = nil) -> TimeSpan? {
        var time = times[measure]
        if let scope {
            guard let own = byScope[scope], measure == .ttm || measure == .ttr else { return nil }
            time = measure == .ttm ? own.mitigate : own.recover
        }
        guard outage != nil else { return nil }
        let precision = self.precision * timeScale
        guard let incident = time.incident else {
            return measure == .ttm || measure == .ttr ? TimeSpan(value: 0, low: 0, high: 0) : nil
        }
        if time.isCensored {
            return outage == true ? TimeSpan(value: nil, low: max(0, incident - precision), high: nil) : nil
        }
        return TimeSpan(value: incident, low: max(0, incident - precision), high: incident + precision)
    }

    /// Whether there was an outage of the network, or of one scope of it; nil when that is not known.
    public func outage(of scope: String?) -> Bool? {
        guard let scope else { return outage }
        guard outage != nil else { return nil }
        return byScope[scope].map { $0.breaks > 0 || $0.mitigate.wall != nil }
    }
}

/// How many times as long a treatment took as its control, as far as the runs tell.
///
/// `low` and `high` come from the extreme order statistics: the shortest treatment over the longest control, and the longest
/// over the shortest, each at the edge of its precision. Of one run each that is the precision of measurement alone; of n runs
/// each it holds the ratio of the medians with a probability of at least (1 - 2^(1-n))², whatever the distributions. A
/// censored time has no upper bound, so a censored control makes the ratio a bound from above, and a censored treatment one
/// from below.
public struct Ratio: Sendable, Hashable {
    /// Median over median; nil when one of them is censored, or the control's is zero.
    public var value: Double?
    /// At least this; 0 when there is no bound.
    public var low: Double
    /// At most this; nil when there is no bound.
    public var high: Double?

    /// Nil without a run on one of the sides.
    public init?(treatment: [TimeSpan], control: [TimeSpan]) {
        guard let shortest = treatment.map(\.low).min(), let shortestControl = control.map(\.low).min() else {
            return nil
        }
        let longest = Self.longest(treatment)
        low = Self.longest(control).map { $0 > 0 ? shortest / $0 : 0 } ?? 0
        high = longest == 0 ? 0 : shortestControl > 0 ? longest.map { $0 / shortestControl } : nil
        if let median = Self.median(treatment), let controls = Self.median(control), controls > 0 {
            value = median / controls
        }
    }

    /// Nil when one of them has no upper bound.
    private static func longest(_ spans: [TimeSpan]) -> Double? {
        let bounds = spans.compactMap(\.high)
        return bounds.count == spans.count ? bounds.max() : nil
    }

    /// Nil when the middle value, or one of the two, is censored: a censored time is longer than any that was measured.
    private static func median(_ spans: [TimeSpan]) -> Double? {
        let sorted = spans.map { $0.value ?? .infinity }.sorted()
        guard !sorted.isEmpty else { return nil }
        let middle = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        return middle.isFinite ? middle : nil
    }

    /// Whether it is at most `limit`; nil when the runs do not tell.
    public func isAtMost(_ limit: Double) -> Bool? {
        if let high, high <= limit { return true }
        return low > limit ? false : nil
    }

    /// Whether it is at least `limit`; nil when the runs do not tell.
    public func isAtLeast(_ limit: Double) -> Bool? {
        if low >= limit { return true }
        return high.map { $0 < limit } ?? false ? false : nil
    }
}
