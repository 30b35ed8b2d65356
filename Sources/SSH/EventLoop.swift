import CLibssh2
import Glibc
import Synchronization

/// A thread that waits for many sockets and runs the actors that own them. It is their executor, so a session's state
/// is only ever touched on this thread, and the compiler checks it; Swift's cooperative pool never waits for a socket.
final class EventLoop: SerialExecutor {
    /// What the loop calls: each member owns one socket.
    protocol Member: Actor {
        /// The socket became readable or writable, or `wake` has come. Runs on the loop's thread.
        func serve(now: Instant, readable: Bool)
    }

    private struct State {
        var jobs: [UnownedJob] = []
        var calls: [@Sendable () -> Void] = []
        var members: [Int32: Entry] = [:]
        /// No member wants to wake before this. It may be too early: members put theirs off with every command, and looking
        /// at all of them after each event would cost more than one needless turn at the old moment.
        var earliest = Instant.never
        var asleep = false
    }

    private struct Entry {
        let member: any Member
        var wake: Instant
        var writing: Bool
    }

    /// Two threads saturate one core of encryption each; more hosts only share them.
    static let shared: [EventLoop] = [EventLoop(), EventLoop()]
    private static let next = Atomic<Int>(0)
    /// Sockets reported by one system call.
    private static let batch = 64

    private let state = Mutex(State())
    private let thread = Atomic<UInt>(0)
    private let poller: Int32
    private let alarm: Int32

    /// The shared loops in turn.
    static func any() -> EventLoop {
        let turn = next.add(1, ordering: .relaxed).oldValue
        return shared[abs(turn % shared.count)]
    }

    init() {
        poller = epoll_create1(Int32(EPOLL_CLOEXEC))
        alarm = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        precondition(poller >= 0 && alarm >= 0, "no descriptor for SSH: \(Bytes.errorText(errno))")
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: alarm))
        epoll_ctl(poller, EPOLL_CTL_ADD, alarm, &event)
        BlockingThread.start { self.run() }
    }

    // MARK: Executor

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let asleep = state.withLock { state in
            state.jobs.append(job)
            return state.asleep
        }
        if asleep { ring() }
    }

    func checkIsolated() {
        precondition(isCurrent, "SSH state was used off its thread")
    }

    func isIsolatingCurrentContext() -> Bool? { isCurrent }

    private var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// Runs `body` on the loop's thread soon, from any thread.
    func execute(_ body: @escaping @Sendable () -> Void) {
        let asleep = state.withLock { state in
            state.calls.append(body)
            return state.asleep
        }
        if asleep { ring() }
    }

    private func ring() {
        var one: UInt64 = 1
        _ = write(alarm, &one, 8)
    }

    // MARK: Members (called on the loop's thread)

    /// Starts to watch a socket. `writing` also reports when it accepts data.
    func add(_ member: any Member, socket: Int32, writing: Bool, wake: Instant) {
        state.withLock { state in
            state.members[socket] = Entry(member: member, wake: wake, writing: writing)
            state.earliest = min(state.earliest, wake)
        }
        var event = Self.event(socket, writing: writing)
        epoll_ctl(poller, EPOLL_CTL_ADD, socket, &event)
    }

    /// Changes what a member waits for.
    func update(socket: Int32, writing: Bool, wake: Instant) {
        let changed = state.withLock { state in
            defer {
                state.members[socket]?.writing = writing
                state.members[socket]?.wake = wake
                state.earliest = min(state.earliest, wake)
            }
            return state.members[socket].map { $0.writing != writing } ?? false
        }
        guard changed else { return }
        var event = Self.event(socket, writing: writing)
        epoll_ctl(poller, EPOLL_CTL_MOD, socket, &event)
    }

    /// Stops watching; call it before the socket is closed.
    func remove(socket: Int32) {
        state.withLock { _ = $0.members.removeValue(forKey: socket) }
        epoll_ctl(poller, EPOLL_CTL_DEL, socket, nil)
    }

    private static func event(_ socket: Int32, writing: Bool) -> epoll_event {
        let events = EPOLLIN.rawValue | (writing ? EPOLLOUT.rawValue : 0)
        return epoll_event(events: events, data: epoll_data_t(fd: socket))
    }

    // MARK: The thread

    private func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        var events = [epoll_event](repeating: epoll_event(), count: Self.batch)
        while true {
            let now = Instant.now
            let timeout = nextTimeout(now: now)
            let count = epoll_wait(poller, &events, Int32(Self.batch), timeout)
            state.withLock { $0.asleep = false }
            serve(events.prefix(Int(max(count, 0))))
            runQueued()
        }
    }

    /// Milliseconds to sleep, 0 when work is queued, -1 when nothing is due. Marks the loop asleep under the same lock,
    /// so that no work can be queued unnoticed in between.
    private func nextTimeout(now: Instant) -> Int32 {
        state.withLock { state in
            guard state.jobs.isEmpty && state.calls.isEmpty else { return 0 }
            state.asleep = true
            guard state.earliest < .never else { return -1 }
            let left = max(0, (state.earliest.nanoseconds - now.nanoseconds + 999_999) / 1_000_000)
            return Int32(min(left, 60_000))
        }
    }

    private func serve(_ events: ArraySlice<epoll_event>) {
        let now = Instant.now
        for event in events {
            if event.data.fd == alarm {
                var count: UInt64 = 0
                _ = read(alarm, &count, 8)
                continue
            }
            guard let entry = state.withLock({ $0.members[event.data.fd] }) else { continue }
            let readable = event.events & ~EPOLLOUT.rawValue != 0
            serve(entry.member, now: now, readable: readable)
        }
        for member in due(now) { serve(member, now: now, readable: false) }
    }

    private func due(_ now: Instant) -> [any Member] {
        state.withLock { state in
            guard state.earliest <= now else { return [] }
            // Those that are due say anew when they want to wake, at the end of their turn.
            state.earliest = state.members.values.lazy.map(\.wake).filter { $0 > now }.min() ?? .never
            return state.members.values.filter { $0.wake <= now }.map(\.member)
        }
    }

    private func serve(_ member: some Member, now: Instant, readable: Bool) {
        member.assumeIsolated { $0.serve(now: now, readable: readable) }
    }

    private func runQueued() {
        let (jobs, calls) = state.withLock { state in
            defer {
                state.jobs.removeAll(keepingCapacity: true)
                state.calls.removeAll(keepingCapacity: true)
            }
            return (state.jobs, state.calls)
        }
        for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
        for call in calls { call() }
    }
}
