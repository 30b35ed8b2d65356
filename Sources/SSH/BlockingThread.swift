import Glibc

/// Runs work that blocks on a thread made for it: never on Swift's cooperative pool, where it would delay every task.
enum BlockingThread {
    /// Runs `body` on a new detached thread and waits for it without blocking. For seldom and slow work (whole files).
    static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            start { continuation.resume(returning: body()) }
        }
    }

    /// Starts a detached thread. Without a thread nothing in this module could ever finish, so failing to get one
    /// (no memory, process limit) ends the process with the system's reason.
    @discardableResult
    static func start(_ body: @escaping @Sendable () -> Void) -> pthread_t {
        let box = Unmanaged.passRetained(Body(body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        defer { pthread_attr_destroy(&attributes) }
        var thread = pthread_t()
        let code = pthread_create(
            &thread, &attributes,
            { argument in
                Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        precondition(code == 0, "no thread for SSH: \(Bytes.errorText(code))")
        return thread
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
