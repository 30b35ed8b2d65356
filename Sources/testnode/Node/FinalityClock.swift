import Consensus

/// Measures how long the last block took from its proposal to its commit, as this node saw it.
struct FinalityClock {
    private var number: BlockNumber = 0
    private var proposedAt: UInt64 = 0
    /// Of the last block committed by consensus; zero before the first.
    private(set) var last = Duration.zero

    mutating func proposed(_ number: BlockNumber) {
        guard number > self.number else { return }
        self.number = number
        proposedAt = EventLoop.monotonicNanoseconds()
    }

    mutating func committed(_ number: BlockNumber) {
        guard number == self.number else { return }
        last = .nanoseconds(Int64(EventLoop.monotonicNanoseconds() - proposedAt))
    }
}
