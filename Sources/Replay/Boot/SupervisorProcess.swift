import Glibc

/// The first process of the contained process namespace. It does three things only: start the replay, pass on requests
/// from the outer process, and end. When it ends the kernel kills all that is left, so no host outlives its run.
///
/// Requests are single bytes on standard input. End of file means that the outer process is gone, and with it the
/// reason to go on: a network whose orchestrator dies goes away whole.
public enum SupervisorProcess {
    /// Ask the replay to finish its undo and stop.
    public static let stopRequest = UInt8(ascii: "s")
    /// End everything now.
    public static let killRequest = UInt8(ascii: "k")
    /// Exit status when the contained process ended by itself, without a failure of its own.
    public static let endedInOrder: Int32 = 0
    /// Exit status when the outer process was lost or asked for an immediate end.
    public static let endedFromOutside: Int32 = 137

    /// The run's lock, held for as long as this process lives and passed to nobody else.
    static let lockDescriptor: Int32 = 3

    /// How often ended children are looked for when no request arrives.
    private static let reapInterval: Int32 = 20  // milliseconds

    /// Starts `arguments` and waits for its end. Returns the exit status to end with: the child's own, 128 + signal, or
    /// `endedFromOutside`.
    public static func run(_ arguments: [String]) -> Int32 {
        _ = fcntl(lockDescriptor, F_SETFD, FD_CLOEXEC)
        guard let child = spawn(arguments) else { return 127 }
        var request = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while true {
            request.revents = 0
            if poll(&request, 1, reapInterval) > 0 {
                var byte: UInt8 = 0
                let count = read(STDIN_FILENO, &byte, 1)
                if count == 0 || (count == 1 && byte == killRequest) { return endedFromOutside }
                if count == 1 && byte == stopRequest { kill(child, SIGTERM) }
            }
            if let status = reap(child) { return status }
        }
    }

    /// Collects every ended process (orphans of hosts included); returns the exit status once `child` is among them.
    private static func reap(_ child: pid_t) -> Int32? {
        var status: Int32 = 0
        while true {
            let ended = waitpid(-1, &status, WNOHANG)
            if ended <= 0 { return nil }
            if ended == child {
                let signal = status & 0x7f
                return signal == 0 ? (status >> 8) & 0xff : 128 + signal
            }
        }
    }

    /// The child reads nothing: standard input stays with the supervisor.
    private static func spawn(_ arguments: [String]) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var pid: pid_t = 0
        let argv = arguments.map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        return posix_spawn(&pid, arguments[0], &actions, &attributes, argv, environ) == 0 ? pid : nil
    }
}
