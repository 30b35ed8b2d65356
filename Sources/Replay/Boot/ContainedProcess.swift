import Dispatch
import Foundation
import Glibc
import Synchronization

/// The contained part of Firedrill, seen from outside: a process in a session of its own, so that a key press at the
/// terminal reaches only the outer process, which then asks for an orderly end.
public struct ContainedProcess: Sendable {
    /// How the contained part learns that nobody needs it any more.
    public enum Bond: Sendable {
        /// It ends when the outer process ends, however that happens.
        case untilCallerEnds
        /// It goes on until somebody writes a request to the FIFO at this path.
        case untilRequested(fifo: String)
    }

    /// Process id of `unshare`, which lives in the contained user and network namespaces.
    public let pid: pid_t
    private let requests: Int32

    /// glibc's POSIX_SPAWN_SETSID, which its headers show only to GNU C.
    private static let newSession: Int32 = 0x80
    /// How often the end of the process is looked for.
    private static let endPoll = Duration.milliseconds(20)

    /// - Parameters:
    ///   - log: file that receives what the contained part prints.
    ///   - lock: descriptor of the run's lock, which the supervisor then holds too.
    /// - Throws: `BootError`.
    public static func start(
        _ containment: Containment, log: String, bond: Bond, lock: Int32? = nil
    ) throws -> ContainedProcess {
        // One at a time: a child that another thread starts between the making of a pipe and its close-on-exec mark would
        // keep the pipe open, and the contained part would not learn that its caller has ended.
        try starting.withLock { _ in try startAlone(containment, log: log, bond: bond, lock: lock) }
    }

    private static let starting = Mutex(())

    private static func startAlone(
        _ containment: Containment, log: String, bond: Bond, lock: Int32?
    ) throws -> ContainedProcess {
        closeOnExec()
        let (inner, outer) = try channel(bond)
        defer { close(inner) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, inner, STDIN_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        if let lock { posix_spawn_file_actions_adddup2(&actions, lock, SupervisorProcess.lockDescriptor) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The caller ignores these to handle them itself; an ignored signal would stay ignored in the child.
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        // A mask that the calling thread happens to have would be inherited too, and a shell's wait then hangs.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(
            &attributes, Int16(newSession) | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
        let argv = containment.command.map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        let (status, pid) = onLastingThread { [actions, attributes] in
            var (actions, attributes, pid) = (actions, attributes, pid_t(0))
            return (posix_spawnp(&pid, containment.command[0], &actions, &attributes, argv, environ), pid)
        }
        guard status == 0 else {
            close(outer)
            throw status == ENOENT
                ? BootError.missingTool(containment.command[0])
                : BootError.toolFailed(
                    tool: containment.command[0], purpose: "start the contained part", status: "not started",
                    message: String(cString: strerror(status)))
        }
        return ContainedProcess(pid: pid, requests: outer)
    }

    /// Runs `body` on a thread that lives as long as this process: what it starts may be bound to its life
    /// (`Containment.endsWithCaller`), and the threads of Swift's own pools come and go. One idle thread stays for each call.
    private static func onLastingThread<Result>(_ body: @escaping () -> Result) -> Result {
        // Proof for `unsafe`: this thread waits until the other has run `body` and stored its result, once; after
        // that the other touches neither.
        nonisolated(unsafe) let work = body
        nonisolated(unsafe) var result: Result?
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            result = work()
            done.signal()
            while true { pause() }
        }
        thread.start()
        done.wait()
        return result!
    }

    /// What the caller's own parent left open, such as a folder, would be a way out of the sandbox.
    private static func closeOnExec() {
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for descriptor in open.compactMap({ Int32($0) }) where descriptor > STDERR_FILENO {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
    }

    /// The two ends that requests travel through. Both are close-on-exec; the child gets its own by `dup2`.
    private static func channel(_ bond: Bond) throws -> (inner: Int32, outer: Int32) {
        switch bond {
        case .untilCallerEnds:
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else { throw failure("a pipe") }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return (ends[0], ends[1])
        case .untilRequested(let fifo):
            guard mkfifo(fifo, 0o600) == 0 || errno == EEXIST else { throw failure(fifo) }
            // Opened for both, so that it never shows end of file when the last writer leaves.
            let inner = open(fifo, O_RDWR | O_CLOEXEC)
            let outer = open(fifo, O_RDWR | O_CLOEXEC)
            guard inner >= 0, outer >= 0 else {
                let error = failure(fifo)
                for end in [inner, outer] where end >= 0 { close(end) }
                throw error
            }
            return (inner, outer)
        }
    }

    private static func failure(_ what: String) -> BootError {
        .fileSystem(path: what, action: "open", reason: String(cString: strerror(errno)))
    }

    /// Sends one of `SupervisorProcess`'s requests; without effect when the process has ended, provided that the caller
    /// ignores SIGPIPE.
    public func request(_ byte: UInt8) {
        var byte = byte
        while write(requests, &byte, 1) < 0, errno == EINTR {}
    }

    /// Waits for the end; returns the exit status, or 128 + signal.
    public func waitForEnd() async throws -> Int32 {
        while true {
            if let status = ended() { return status }
            try await Task.sleep(for: Self.endPoll)
        }
    }

    /// The exit status when the process has ended. May be asked again only until it has answered once.
    public func ended() -> Int32? {
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }
}
