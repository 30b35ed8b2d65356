import Foundation
import Synchronization

/// A small HTTP/1.1 client: one connection per request, all of them on one thread of its own, so that a hundred looks a
/// second cost little and none of them holds up the cooperative pool.
public final class HTTPClient: Sendable {
    private let inbox = Mutex(Inbox())
    /// A pipe that wakes the thread; its write end is used, and closed, under the inbox's lock only.
    private let signal: (read: Int32, write: Int32)

    private struct Inbox {
        var arrivals: [Arrival] = []
        var cancelled: [UInt64] = []
        var nextID: UInt64 = 0
        var isStopped = false
    }

    fileprivate struct Arrival {
        var id: UInt64
        var request: HTTPRequest
        var deadline: Int64
        var done: CheckedContinuation<Result<HTTPResponse, ProbeFailure>, Never>
    }

    /// Starts the thread.
    public init() {
        var ends: [Int32] = [-1, -1]
        // Without a pipe every request would wait for its deadline: the first one says so.
        if pipe(&ends) != 0 { inbox.withLock { $0.isStopped = true } }
        for end in ends where end >= 0 {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        signal = (ends[0], ends[1])
        let thread = Thread { [self] in loop() }
        thread.name = "firedrill.http"
        thread.start()
    }

    /// Ends the thread; requests under way fail. Must be called, since the thread keeps the client alive.
    public func stop() {
        inbox.withLock { inbox in
            wake(inbox)
            inbox.isStopped = true
        }
    }

    /// Sends one request, once: nothing is ever retried.
    /// - Parameter timeout: Wall time for the whole exchange.
    public func send(_ request: HTTPRequest, timeout: Duration) async -> Result<HTTPResponse, ProbeFailure> {
        let deadline = Self.now() + timeout.nanoseconds
        let id = inbox.withLock { inbox in
            inbox.nextID += 1
            return inbox.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { done in
                let accepted = inbox.withLock { inbox in
                    guard !inbox.isStopped else { return false }
                    inbox.arrivals.append(Arrival(id: id, request: request, deadline: deadline, done: done))
                    wake(inbox)
                    return true
                }
                if !accepted { done.resume(returning: .failure(ProbeFailure("the client has stopped"))) }
            }
        } onCancel: {
            inbox.withLock { inbox in
                inbox.cancelled.append(id)
                wake(inbox)
            }
        }
    }

    private func wake(_ inbox: borrowing Inbox) {
        guard !inbox.isStopped else { return }
        var one: UInt8 = 1
        _ = write(signal.write, &one, 1)
    }

    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    // MARK: On the thread

    private func loop() {
        var exchanges: [HTTPExchange] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            var inboxNow = Inbox()
            inbox.withLock { inbox in
                inboxNow.arrivals = inbox.arrivals
                inboxNow.cancelled = inbox.cancelled
                inboxNow.isStopped = inbox.isStopped
                inbox.arrivals = []
                inbox.cancelled = []
            }
            for arrival in inboxNow.arrivals {
                switch HTTPExchange.start(
                    arrival.request, id: arrival.id, deadline: arrival.deadline, done: arrival.done)
                {
                case .success(let exchange): exchanges.append(exchange)
                case .failure(let failure): arrival.done.resume(returning: .failure(failure))
                }
            }
            let now = Self.now()
            exchanges.removeAll { exchange in
                if inboxNow.isStopped { return exchange.end(.failure(ProbeFailure("the client has stopped"))) }
                if inboxNow.cancelled.contains(exchange.id) { return exchange.end(.failure(ProbeFailure("cancelled"))) }
                if now >= exchange.deadline {
                    return exchange.end(.failure(ProbeFailure("no answer in time (\(exchange.stage))")))
                }
                return false
            }
            if inboxNow.isStopped {
                inbox.withLock { _ in
                    _ = close(signal.write)
                    _ = close(signal.read)
                }
                return
            }
            var polled = exchanges.map { pollfd(fd: $0.descriptor, events: $0.interest, revents: 0) }
            polled.append(pollfd(fd: signal.read, events: Int16(POLLIN), revents: 0))
            let next = exchanges.map(\.deadline).min()
            let wait = next.map { Int32(clamping: max(0, ($0 - now + 999_999) / 1_000_000)) } ?? -1
            guard poll(&polled, nfds_t(polled.count), wait) > 0 else { continue }
            if polled[polled.count - 1].revents != 0 {
                _ = read(signal.read, &buffer, buffer.count)
            }
            var ended: Set<UInt64> = []
            for index in exchanges.indices where polled[index].revents != 0 {
                if let result = exchanges[index].advance(&buffer), exchanges[index].end(result) {
                    ended.insert(exchanges[index].id)
                }
            }
            if !ended.isEmpty { exchanges.removeAll { ended.contains($0.id) } }
        }
    }
}
