/// Follows one condition through an outage: when it broke, and when it came back for good.
///
/// It came back at the start of the first window, `hold` long, in which it holds, after it last broke. An unknown
/// moment breaks a window. It broke when it was known not to hold, or was unknown for as long as `hold` altogether
/// without a window in between: one lost sample is no outage, and an endpoint that never answers, or only now and then,
/// is one.
public struct WindowTracker: Sendable, Hashable {
    /// Nanoseconds for which the condition must hold.
    let hold: Int64
    /// What is true now, and since when.
    public private(set) var truth = Truth.unknown
    /// Monotonic nanoseconds since which `truth` is so.
    public private(set) var since: Int64 = 0
    /// From here on breaks count: the fault's injection started.
    public private(set) var begin: Int64?
    /// The first time it broke after `begin`.
    public private(set) var downAt: Int64?
    /// Start of the window that ended the last break; nil while it is broken or has not broken.
    public private(set) var returnedAt: Int64?
    /// How often it broke after `begin`, without having returned in between.
    public private(set) var breaks = 0
    /// Set once it was unknown for `hold` or longer.
    public private(set) var wasLongUnknown = false
    /// Set once it was known not to hold after `begin`.
    public private(set) var wasKnownBroken = false

    private var isDown = false
    /// Since when no window was full, counted from the first unknown moment; nil while there is none.
    private var unsureSince: Int64?
    /// Nanoseconds of unknown since then that have ended.
    private var unsureFor: Int64 = 0

    init(hold: Int64) { self.hold = hold }

    /// When time alone changes something: a window is full, or unknown has lasted too long.
    var nextDeadline: Int64? {
        guard begin != nil else { return nil }
        switch truth {
        case .yes: return isDown || unsureSince != nil ? since + hold : nil
        case .no: return nil
        case .unknown: return wasCountedUnknown ? nil : max(since, begin ?? 0) + hold - unsureFor
        }
    }

    /// Set when the present unknown spell was already counted as long.
    private var wasCountedUnknown = false

    /// Starts to count breaks.
    mutating func begin(at now: Int64) {
        guard begin == nil else { return }
        begin = now
        if truth == .no { goDown(at: now) }
    }

    /// Takes in what is true at `now`, which never runs backwards.
    mutating func update(_ next: Truth, at now: Int64) {
        settle(at: now, next: next)
        guard next != truth else { return }
        if truth == .unknown, let begin { unsureFor += max(0, now - max(since, begin)) }
        if next == .unknown { unsureSince = unsureSince ?? now }
        truth = next
        since = now
        wasCountedUnknown = false
        if next == .no, begin != nil { goDown(at: now) }
    }

    private mutating func settle(at now: Int64, next: Truth) {
        guard let deadline = nextDeadline, now >= deadline else { return }
        // A window is full when the condition still holds at its end: one block that counts for as long as `hold` is
        // none.
        if truth == .yes, now == deadline, next != .yes { return }
        if truth == .yes {
            if isDown { returnedAt = since }
            isDown = false
            (unsureSince, unsureFor) = (nil, 0)
        } else {
            wasCountedUnknown = true
            wasLongUnknown = true
            if !isDown { markDown(at: max(unsureSince ?? since, begin ?? 0)) }
        }
    }

    private mutating func goDown(at now: Int64) {
        wasKnownBroken = true
        if !isDown { markDown(at: now) }
    }

    private mutating func markDown(at now: Int64) {
        isDown = true
        breaks += 1
        returnedAt = nil
        downAt = downAt ?? now
    }

    /// Whether the condition has held for `hold` at `now`, whatever came before.
    func hasHeld(at now: Int64) -> Bool { truth == .yes && now >= since + hold }
}
