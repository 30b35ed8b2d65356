import Glibc
import Synchronization

/// SIGTERM and SIGINT as a readable descriptor, so that the event loop stops between two actions.
enum StopSignal {
    private static let writeEnd = Atomic<Int32>(-1)

    /// Installs the handlers and returns the descriptor that becomes readable.
    static func install() -> Int32 {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return -1 }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        writeEnd.store(ends[1], ordering: .releasing)
        for number in [SIGTERM, SIGINT] {
            signal(number) { _ in
                var byte: UInt8 = 1
                _ = write(StopSignal.writeEnd.load(ordering: .acquiring), &byte, 1)
            }
        }
        signal(SIGPIPE, SIG_IGN)
        return ends[0]
    }
}
