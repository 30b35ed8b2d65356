/// Measured values of one kind, in seconds unless their name says otherwise, and what is said about them.
public struct Distribution: Sendable, Hashable {
    private let sorted: [Double]

    /// - Parameter values: in any order; none at all is allowed and has no median.
    public init(_ values: some Sequence<Double>) {
        sorted = values.sorted()
    }

    /// How many values there are.
    public var count: Int { sorted.count }
    /// The smallest value.
    public var low: Double? { sorted.first }
    /// The largest value.
    public var high: Double? { sorted.last }
    /// Largest minus smallest value.
    public var range: Double? { count == 0 ? nil : sorted[count - 1] - sorted[0] }

    /// The middle value; of an even number of values the mean of the middle two.
    public var median: Double? {
        guard let last = sorted.last else { return nil }
        let middle = count / 2
        if count == 1 { return last }
        return count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// The smallest measured value that at least this share of all values does not exceed (nearest rank; nothing is
    /// interpolated, so a tail is never made to look better than a value that was seen).
    /// - Parameter share: 0 to 1.
    public func quantile(_ share: Double) -> Double? {
        precondition((0...1).contains(share), "a quantile's share is between 0 and 1")
        guard count > 0 else { return nil }
        let rank = (share * Double(count)).rounded(.up)
        return sorted[min(count, max(1, Int(rank))) - 1]
    }
}
