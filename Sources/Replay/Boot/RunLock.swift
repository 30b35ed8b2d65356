import Foundation
import Glibc

/// Shows that somebody still works with a run folder: a lock on a file in it, which the kernel takes back when its holder
/// dies. What a dead run left can so be told from what a live one needs.
///
/// The contained part is given the same lock, so that it is free only when nothing of the run is alive.
public struct RunLock: ~Copyable {
    /// What holds it; for `ContainedProcess` to pass on.
    public let descriptor: Int32

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

    /// Whether anything of the run that `folder` belongs to is alive. Changes nothing.
    public static func isHeld(_ folder: RunFolder) -> Bool {
        let descriptor = open(folder.lock, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        // No file: its run has ended in order, or never began. One that cannot be opened is somebody else's.
        guard descriptor >= 0 else { return errno != ENOENT }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }

    /// Removes the hosts' files and keys that runs under `root` left because they were killed. Verdicts, events and logs stay.
    /// Folders of runs that go on, and of networks that are kept, are left alone.
    public static func sweep(root: String) {
        let runs = "\(root)/.firedrill/runs"
        let kept = Set(((try? KeptNetwork.all(root: root)) ?? []).filter(\.isRunning).map(\.folder))
        for name in (try? FileManager.default.contentsOfDirectory(atPath: runs)) ?? [] {
            let folder = RunFolder(path: "\(runs)/\(name)")
            if !kept.contains(folder.path) { sweep(folder) }
        }
    }

    /// The same for one run, unless somebody still works with it.
    public static func sweep(_ folder: RunFolder) {
        guard folder.hasMachines, let lock = RunLock(folder) else { return }
        folder.salvageLogs()
        try? folder.removeMachines()
        _ = consume lock
    }
}
