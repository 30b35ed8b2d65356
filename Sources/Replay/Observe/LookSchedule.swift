/// When to look next, without drift: ticks lie at `start + n × interval`, whatever the looks take. A value.
struct LookSchedule: Sendable, Hashable {
    /// Monotonic nanoseconds of the first tick.
    let start: Int64
    /// Nanoseconds, at least one.
    let interval: Int64
    /// Number of the next tick.
    private(set) var tick: Int64 = 0
    /// Ticks that passed while a look was still under way.
    private(set) var skipped: Int64 = 0
    /// Ticks that were left out on purpose.
    private var passed: Int64 = 0

    init(start: Int64, interval: Int64) {
        self.start = start
        self.interval = max(1, interval)
    }

    var next: Int64 { start + tick * interval }

    /// The tick's look ended at `now`: ticks that are a whole interval in the past are skipped, not caught up with.
    mutating func looked(at now: Int64) {
        tick += 1
        let late = (now - next) / interval
        if now > next, late > 0 {
            skipped += late
            tick += late
        }
    }

    /// Leaves ticks out on purpose: the next one is `ticks` later than it was.
    mutating func pass(_ ticks: Int64) {
        tick += max(0, ticks)
        passed += max(0, ticks)
    }

    /// Ticks at which a look was to be.
    var due: Int64 { tick - passed }
}
