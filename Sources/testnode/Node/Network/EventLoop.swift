import Glibc

/// One thread's loop over sockets and timers (poll(2)): everything that touches consensus runs here, one thing at a
/// time, and nothing here waits. The thread that calls `run` owns the value; nobody else may touch it.
final class EventLoop {
    /// Names a timer until it has fired or is cancelled.
    struct TimerID: Hashable {
        fileprivate let number: UInt64
    }

    private struct Timer {
        var deadline: UInt64
        var action: () -> Void
    }

    private struct Watch {
        var events: Int16
        var handler: (Int16) -> Void
    }

    private var timers: [TimerID: Timer] = [:]
    private var watches: [Int32: Watch] = [:]
    private var lastTimer: UInt64 = 0
    private var isStopped = false

    /// Nanoseconds of CLOCK_MONOTONIC.
    static func monotonicNanoseconds() -> UInt64 {
        nanoseconds(of: CLOCK_MONOTONIC)
    }

    /// Nanoseconds since 1970 of the wall clock.
    static func wallNanoseconds() -> UInt64 {
        nanoseconds(of: CLOCK_REALTIME)
    }

    private static func nanoseconds(of clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Runs `action` once, `delay` from now.
    @discardableResult
    func schedule(after delay: Duration, _ action: @escaping () -> Void) -> TimerID {
        lastTimer += 1
        let id = TimerID(number: lastTimer)
        timers[id] = Timer(deadline: Self.monotonicNanoseconds() + delay.wholeNanoseconds, action: action)
        return id
    }

    /// Forgets a timer; one that has fired is forgotten already.
    func cancel(_ id: TimerID) {
        timers[id] = nil
    }

    /// Calls `handler` with poll's result whenever one of `events` (POLLIN, POLLOUT), an error or a hang-up is seen.
    func watch(_ descriptor: Int32, for events: Int16, handler: @escaping (Int16) -> Void) {
        watches[descriptor] = Watch(events: events, handler: handler)
    }

    /// Changes what a watched descriptor waits for.
    func setEvents(_ events: Int16, on descriptor: Int32) {
        watches[descriptor]?.events = events
    }

    /// Stops watching; call before closing the descriptor.
    func unwatch(_ descriptor: Int32) {
        watches[descriptor] = nil
    }

    /// Makes `run` return after the current action.
    func stop() {
        isStopped = true
    }

    /// Runs until `stop`. Each wait ends with the next timer, at latest after `longestWait`.
    func run() {
        while !isStopped {
            var descriptors = watches.map { pollfd(fd: $0.key, events: $0.value.events, revents: 0) }
            let ready = poll(&descriptors, nfds_t(descriptors.count), millisecondsToNextTimer())
            // What is due comes before what arrived: a process that was held finds its time-outs over first, whatever
            // waits in its sockets. A timer may have closed one of them, so look at them anew.
            if fireTimers() { continue }
            if ready > 0 {
                for entry in descriptors where entry.revents != 0 {
                    // An earlier handler of this round may have closed it.
                    watches[entry.fd]?.handler(entry.revents)
                    if isStopped { return }
                }
            }
        }
    }

    private static let longestWait: Int32 = 60_000

    private func millisecondsToNextTimer() -> Int32 {
        guard let next = timers.values.map(\.deadline).min() else { return Self.longestWait }
        let now = Self.monotonicNanoseconds()
        guard next > now else { return 0 }
        return Int32(min((next - now + 999_999) / 1_000_000, UInt64(Self.longestWait)))
    }

    /// Returns whether one fired.
    private func fireTimers() -> Bool {
        let now = Self.monotonicNanoseconds()
        let due = timers.filter { $0.value.deadline <= now }.sorted { $0.value.deadline < $1.value.deadline }
        for (id, _) in due {
            // An earlier timer of this round may have cancelled it.
            guard let timer = timers.removeValue(forKey: id) else { continue }
            timer.action()
            if isStopped { return true }
        }
        return !due.isEmpty
    }
}

extension Duration {
    /// Nanoseconds, not below zero; 584 years are the most.
    var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        return seconds < 0 ? 0 : UInt64(seconds) * 1_000_000_000 + UInt64(max(attoseconds, 0)) / 1_000_000_000
    }
}
