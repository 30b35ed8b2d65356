import Synchronization

/// A person's wishes to stop, for several replays at once: each gets all of them, also one that begins later.
final class SignalHub: Sendable {
    private struct State {
        var received: [Int32] = []
        var subscribers: [AsyncStream<Int32>.Continuation] = []
    }

    private let state = Mutex(State())

    /// Somebody asked to stop: nothing new is begun.
    var isStopping: Bool { state.withLock { !$0.received.isEmpty } }

    /// Passes on to every subscriber.
    func send(_ signal: Int32) {
        let subscribers = state.withLock { state in
            state.received.append(signal)
            return state.subscribers
        }
        for subscriber in subscribers { subscriber.yield(signal) }
    }

    /// What was received so far and what comes.
    func subscribe() -> AsyncStream<Int32> {
        AsyncStream { continuation in
            let received = state.withLock { state in
                state.subscribers.append(continuation)
                return state.received
            }
            for signal in received { continuation.yield(signal) }
        }
    }
}
