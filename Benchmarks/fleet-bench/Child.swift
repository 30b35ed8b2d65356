import Glibc

/// A process that the benchmark started, ended and collected by its pid. Unlike Foundation's, its end is seen although
/// processes that it left behind go on.
struct Child {
    let pid: pid_t
    /// Its standard input and output when they were asked for.
    let input: Int32
    let output: Int32

    /// Starts a program given by its path.
    /// - Parameters:
    ///   - piped: standard input and output are pipes; else nothing.
    ///   - log: the file that gets standard error, or nil for the caller's own.
    init(_ arguments: [String], piped: Bool = false, log: String? = nil) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var toChild: [Int32] = [-1, -1]
        var fromChild: [Int32] = [-1, -1]
        if piped {
            guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else {
                throw BenchmarkError("no pipe for \(arguments[0])")
            }
            for end in toChild + fromChild { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
            posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
            posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        }
        if let log { posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0o600) }
        let argv = arguments.map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        var child = pid_t()
        let code = posix_spawn(&child, arguments[0], &actions, nil, argv, environ)
        for end in [toChild[0], fromChild[1]] where end >= 0 { close(end) }
        guard code == 0 else {
            for end in [toChild[1], fromChild[0]] where end >= 0 { close(end) }
            throw BenchmarkError("\(arguments[0]) did not start: error \(code)")
        }
        pid = child
        input = toChild[1]
        output = fromChild[0]
    }

    /// Closes its standard input, if that is a pipe, and waits for its end, at most so many seconds; then it is killed.
    func finish(within seconds: Int = 10) {
        if input >= 0 { close(input) }
        var status: Int32 = 0
        for _ in 0..<(seconds * 100) {
            if waitpid(pid, &status, WNOHANG) != 0 {
                if output >= 0 { close(output) }
                return
            }
            usleep(10_000)
        }
        kill(pid, SIGKILL)
        waitpid(pid, &status, 0)
        if output >= 0 { close(output) }
    }

    /// Runs a program to its end; true when it exits with 0.
    static func succeeds(_ arguments: [String]) throws -> Bool {
        let child = try Child(arguments, log: "/dev/null")
        var status: Int32 = 0
        while waitpid(child.pid, &status, 0) < 0 && errno == EINTR {}
        return status == 0
    }
}
