import Foundation
import Glibc

/// Shows that somebody still works with a run folder: a lock on a file in it, which the kernel takes back when its holder
/// dies. What a dead run left can so be told from what a live one needs.
public struct RunLock: ~Copyable {
    private let descriptor: Int32

    /// Takes the lock; nil when somebody holds it, or the folder cannot be written.
    public init?(_ folder: RunFolder) {
        let descriptor = open(folder.lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Removes the hosts' files and keys that runs under `root` left because they were killed. Verdicts, events and logs stay.
    /// Folders of runs that go on, and of networks that are kept, are left alone.
    public static func sweep(root: String) {
        let runs = "\(root)/.firedrill/runs"
        let kept = Set(((try? KeptNetwork.all(root: root)) ?? []).filter(\.isRunning).map(\.folder))
        for name in (try? FileManager.default.contentsOfDirectory(atPath: runs)) ?? [] {
            let folder = RunFolder(path: "\(runs)/\(name)")
            guard folder.hasMachines, !kept.contains(folder.path), let lock = RunLock(folder) else { continue }
            folder.salvageLogs()
            try? folder.removeMachines()
            _ = consume lock
        }
    }
}
