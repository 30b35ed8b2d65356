/// A time that was measured, or waited for in vain.
public struct Measured: Sendable, Hashable, Codable {
    /// Wall seconds; when censored, for how long it was waited.
    public var seconds: Double
    /// It did not happen while it was looked for. Censored times rank after every measured one and tie with each other:
    /// how long somebody waited says nothing about how long it would have taken.
    public var isCensored: Bool

    /// A time as measured, or (censored) as waited for.
    public init(_ seconds: Double, isCensored: Bool = false) {
        self.seconds = seconds
        self.isCensored = isCensored
    }

    /// What the time is compared by.
    var rank: Double { isCensored ? .infinity : seconds }
}

/// Whether `later` times are longer than `earlier` ones, by ranks only, so that one odd run decides nothing.
///
/// The one-sided Mann-Whitney test with mid-ranks, its probability counted exactly over all ways to deal the same ranks
/// out (a permutation test), and two effect sizes: the Hodges-Lehmann shift and Cliff's delta.
public struct RankTest: Sendable, Hashable {
    /// Most times on each side; the exact count is cubic in them. Of longer lists the last ones are used.
    public static let limit = 60

    private let earlier: [Double]
    private let later: [Double]
    /// Hodges-Lehmann estimate of the shift in seconds: the median difference of a later and an earlier time. Infinite
    /// when most pairs differ by a censored time.
    public let shift: Double
    /// Share of pairs in which the later time is longer, less the share in which it is shorter: -1 ... 1.
    public let delta: Double

    /// Compares two groups of times.
    public init(earlier: some Sequence<Measured>, later: some Sequence<Measured>) {
        let early = Array(earlier).suffix(Self.limit).map(\.rank)
        let late = Array(later).suffix(Self.limit).map(\.rank)
        (self.earlier, self.later) = (early, late)
        let differences = late.flatMap { late in early.map { Self.difference(late, $0) } }.sorted()
        shift = Self.median(sorted: differences) ?? 0
        let up = differences.count { $0 > 0 }
        let down = differences.count { $0 < 0 }
        delta = differences.isEmpty ? 0 : Double(up - down) / Double(differences.count)
    }

    /// Two censored times do not differ.
    private static func difference(_ late: Double, _ early: Double) -> Double { late == early ? 0 : late - early }

    /// Median of a sorted list; nil of an empty one.
    static func median(sorted values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let middle = values.count / 2
        if values.count % 2 == 1 || values[middle - 1] == values[middle] { return values[middle] }
        return (values[middle - 1] + values[middle]) / 2
    }

    /// Probability of ranks at least as unfavourable to `later` when both come from the same distribution; 1 when a side
    /// is empty. Counts, over every choice of `later.count` ranks out of all, those whose sum is at least the observed one.
    public var probability: Double {
        guard !earlier.isEmpty, !later.isEmpty else { return 1 }
        let all = (earlier + later).sorted()
        // Twice the mid-rank is a whole number.
        func doubledRank(_ value: Double) -> Int {
            (all.firstIndex(of: value) ?? 0) + (all.lastIndex(of: value) ?? 0) + 2
        }
        let ranks = all.map(doubledRank)
        let observed = later.map(doubledRank).reduce(0, +)
        let width = ranks.suffix(later.count).reduce(0, +) + 1
        // ways[k * width + s]: in how many ways k of the ranks seen so far sum to s. At most 120 over 60, well within a Double.
        var ways = [Double](repeating: 0, count: (later.count + 1) * width)
        ways[0] = 1
        ways.withUnsafeMutableBufferPointer { ways in
            for rank in ranks {
                var count = later.count
                while count > 0 {
                    var sum = width - 1
                    while sum >= rank {
                        ways[count * width + sum] += ways[(count - 1) * width + sum - rank]
                        sum -= 1
                    }
                    count -= 1
                }
            }
        }
        let sums = ways.suffix(width)
        return sums.suffix(width - observed).reduce(0, +) / sums.reduce(0, +)
    }
}
