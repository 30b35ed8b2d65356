import Foundation
import Glibc
import Replay

/// Does several pieces of work, each a replay, a few at once. A wish to stop reaches all of them, and nothing more is begun.
struct ReplayPool: Sendable {
    /// Absolute path of the root folder.
    let root: String
    /// How many run at once.
    let jobs: Int

    /// What was done, by the number of the piece; those that were not begun any more are missing.
    struct Done<Value: Sendable>: Sendable {
        var values: [Int: Value] = [:]
        var wasStopped = false
    }

    /// How one piece ended.
    private struct Ended<Value: Sendable>: Sendable {
        var number: Int
        var result: Result<Value, any Error>
    }

    /// Does pieces 0 to `count` - 1, beginning them in their order.
    /// - Parameters:
    ///   - work: one replay, which takes its signals from the hub.
    ///   - ended: called as each ends, one at a time.
    /// - Throws: what kept the first of them from being played at all; those that run are ended in order before.
    func run<Value: Sendable>(
        _ count: Int, work: @escaping @Sendable (Int, SignalHub) async throws -> Value,
        ended: (Int, Value) -> Void = { _, _ in }
    ) async throws -> Done<Value> {
        RunLock.sweep(root: root)
        let hub = SignalHub()
        let listening = Task { for await signal in Signals.stream(Signals.stopping) { hub.send(signal) } }
        defer { listening.cancel() }
        let (done, failure) = await withTaskGroup(
            of: Ended<Value>.self, returning: (Done<Value>, (any Error)?).self
        ) { group in
            var done = Done<Value>()
            var failure: (any Error)?
            var next = 0
            func begin() {
                guard !hub.isStopping, next < count else { return }
                let number = next
                next += 1
                group.addTask {
                    do {
                        return Ended(number: number, result: .success(try await work(number, hub)))
                    } catch {
                        return Ended(number: number, result: .failure(error))
                    }
                }
            }
            for _ in 0..<max(jobs, 1) { begin() }
            while let end = await group.next() {
                switch end.result {
                case .success(let value):
                    done.values[end.number] = value
                    ended(end.number, value)
                case .failure(let error):
                    failure = failure ?? error
                    // The others end in order.
                    hub.send(SIGTERM)
                }
                begin()
            }
            return (done, failure)
        }
        if let failure { throw failure }
        return Done(values: done.values, wasStopped: hub.isStopping)
    }
}
