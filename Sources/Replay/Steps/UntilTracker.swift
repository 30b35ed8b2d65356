import Definitions
import Timeline

/// Repeats a look until it holds, for as long as it must hold, within its time. A value; times are monotonic nanoseconds.
struct UntilTracker: Sendable, Hashable {
    enum Decision: Sendable, Hashable {
        case passed
        /// Try again after this long.
        case again(after: Duration)
        case gaveUp(reason: String)
    }

    private let until: StepPlan.Until?
    private let start: Int64
    private var holdsSince: Int64?
    private(set) var attempts = 0

    init(_ until: StepPlan.Until?, start: Int64) {
        self.until = until
        self.start = start
    }

    /// - Parameters:
    ///   - failure: Why the expectations were not met; nil when they were.
    ///   - began: When the attempt began: it shows the state no earlier than that.
    mutating func attempted(failure: String?, began: Int64, now: Int64) -> Decision {
        attempts += 1
        guard let until else { return failure.map { .gaveUp(reason: $0) } ?? .passed }
        if failure == nil {
            holdsSince = holdsSince ?? began
            let held = now - (holdsSince ?? now)
            if held >= (until.hold?.duration.nanoseconds ?? 0) { return .passed }
        } else {
            holdsSince = nil
        }
        let end = start + until.atMost.duration.nanoseconds
        let next = max(now, began + until.every.duration.nanoseconds)
        guard next <= end else {
            let last = failure ?? "it had not held for \(until.hold ?? DurationText(.zero)) yet"
            return .gaveUp(
                reason: "not within \(until.atMost), in \(attempts) attempt\(attempts == 1 ? "" : "s"): \(last)")
        }
        return .again(after: .nanoseconds(next - now))
    }
}
