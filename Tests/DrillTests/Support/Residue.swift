import Foundation

/// Finds what a run left behind. Processes are recognised by a unique path that is in their command line, is their
/// working folder, or is the source of one of their mounts: every sandboxed host has such mounts, whatever it runs.
enum Residue {
    struct Process: Sendable, CustomStringConvertible {
        let pid: pid_t
        let parent: pid_t
        let arguments: [String]
        var description: String { "\(pid) \(arguments.joined(separator: " ").prefix(200))" }
    }

    /// Every process on this machine, kernel threads left out.
    static func all() -> [Process] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { name in
            guard let pid = pid_t(name), let stat = text("/proc/\(pid)/stat"), let end = stat.lastIndex(of: ")") else {
                return nil
            }
            let fields = stat[stat.index(after: end)...].split(separator: " ")
            // A zombie has ended; it only waits for whoever started it.
            guard fields.count > 2, fields[0] != "Z", let parent = pid_t(fields[1]),
                let line = text("/proc/\(pid)/cmdline")
            else { return nil }
            return Process(pid: pid, parent: parent, arguments: line.split(separator: "\0").map(String.init))
        }
    }

    /// Processes that have to do with the folder `path`, this one excepted.
    static func processes(of path: String) -> [Process] {
        all().filter { process in
            guard process.pid != getpid() else { return false }
            if process.arguments.contains(where: { $0.contains(path) }) { return true }
            if let folder = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process.pid)/cwd"),
                folder.hasPrefix(path)
            {
                return true
            }
            return text("/proc/\(process.pid)/mountinfo")?.contains(path) ?? false
        }
    }

    /// Children of `pid`, their children, and so on.
    static func descendants(of pid: pid_t) -> [Process] {
        let everything = all()
        var found: [Process] = []
        var parents: Set<pid_t> = [pid]
        while true {
            let next = everything.filter { parents.contains($0.parent) }
            guard !next.isEmpty else { return found }
            found += next
            parents = Set(next.map(\.pid))
        }
    }

    /// Mounts under `path` in this process' own view.
    static func mounts(of path: String) -> [String] {
        (text("/proc/self/mountinfo") ?? "").split(separator: "\n").map(String.init).filter { $0.contains(path) }
    }

    /// Files of /proc say that their size is zero; they are read to the end. Nil when the process is gone or not ours to see.
    private static func text(_ path: String) -> String? {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }
        guard let data = try? handle.readToEnd() else { return nil }
        return String(decoding: data, as: UTF8.self)
    }
}
