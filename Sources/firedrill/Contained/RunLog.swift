import Foundation
import Glibc
import Replay
import Timeline

/// The run's event log as the replay's parts see it: one writer, in order, each event on disk before the next is taken.
actor RunLog: EventSink {
    private var writer: EventLogWriter
    private let clock: SystemClock
    /// Called once when an event cannot be written: without a record the run has no point.
    private let onFailure: @Sendable (any Error) -> Void
    private(set) var failure: (any Error)?

    init(path: String, clock: SystemClock, onFailure: @escaping @Sendable (any Error) -> Void) throws {
        writer = try EventLogWriter(path: path)
        self.clock = clock
        self.onFailure = onFailure
    }

    func record(_ body: Event.Body) async {
        guard failure == nil else { return }
        do {
            try writer.append(body, monotonic: clock.now(), wall: clock.wallLabel())
        } catch {
            failure = error
            onFailure(error)
        }
    }
}

/// The machine's own clocks.
struct SystemClock: ReplayClock {
    func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    func wallLabel() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var parts = tm()
        gmtime_r(&time.tv_sec, &parts)
        return String(
            format: "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
            parts.tm_hour, parts.tm_min, parts.tm_sec, time.tv_nsec / 1_000_000)
    }

    func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}
