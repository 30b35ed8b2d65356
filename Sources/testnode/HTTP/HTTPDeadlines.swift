import Glibc
import Synchronization

extension HTTP {
    /// Ends connections whose deadline has passed by shutting their socket down, which wakes whoever waits for it.
    /// One sweep a second serves all connections, so that a deadline costs no task and no timer of its own.
    final class Deadlines: Sendable {
        private static let sweepInterval: Duration = .seconds(1)
        private let deadlines = Mutex<[Int32: ContinuousClock.Instant]>([:])

        /// Connections that are open now.
        var count: Int { deadlines.withLock(\.count) }

        /// Sets when `descriptor` is shut down unless this is called again before.
        func set(_ time: Duration, for descriptor: Int32) {
            deadlines.withLock { $0[descriptor] = .now + time }
        }

        /// Forgets `descriptor` and closes it, as one step, so that a sweep never touches a number given out again.
        func close(_ descriptor: Int32) {
            deadlines.withLock {
                $0[descriptor] = nil
                _ = Glibc.close(descriptor)
            }
        }

        /// Sweeps until the task is cancelled.
        func sweep() async throws {
            while true {
                try await Task.sleep(for: Self.sweepInterval)
                deadlines.withLock { all in
                    let now = ContinuousClock.now
                    for (descriptor, deadline) in all where deadline < now {
                        _ = shutdown(descriptor, Int32(SHUT_RDWR))
                    }
                }
            }
        }
    }
}
