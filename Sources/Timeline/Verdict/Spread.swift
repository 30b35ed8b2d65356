/// Smallest, middle and largest of several measurements of the same thing.
public struct Spread: Sendable, Hashable {
    /// In the unit of the values.
    public var least, median, greatest: Double
    /// How many values there were, at least one.
    public var count: Int

    /// Nil without a value. The median of an even number of values is the mean of the two in the middle.
    public init?(_ values: [Double]) {
        guard let least = values.min(), let greatest = values.max() else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        self.least = least
        self.greatest = greatest
        median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        count = sorted.count
    }
}
