import Foundation
import Glibc

/// A testnet that was left running (`firedrill up`, `run --keep-up`), as recorded under `.firedrill/networks/`.
public struct KeptNetwork: Sendable, Hashable, Codable {
    /// Name of the testnet; the record is named after it.
    public var testnet: String
    /// Absolute path of its run folder.
    public var folder: String
    /// Process id of the contained part. Ids are reused, so it counts only together with `processStart`.
    public var pid: Int32
    /// When that process started, clock ticks after boot.
    public var processStart: UInt64
    /// RFC 3339.
    public var since: String
    /// Absolute path of its run folder as its own processes see it; nil when that is the same.
    public var inside: String?

    /// A network that runs now; when `pid` has ended already, it counts as gone.
    public init(testnet: String, folder: String, pid: Int32, since: String, inside: String? = nil) {
        self.testnet = testnet
        self.folder = folder
        self.inside = inside
        self.pid = pid
        self.processStart = Self.startTime(of: pid) ?? 0
        self.since = since
    }

    /// Whether that very process still runs.
    public var isRunning: Bool { Self.startTime(of: pid) == processStart }

    /// Whether any process has this id and has not ended.
    public static func isAlive(_ pid: Int32) -> Bool { startTime(of: pid) != nil }

    private static func register(_ root: String) -> String { "\(root)/.firedrill/networks" }

    private static func record(_ testnet: String, _ root: String) -> String { "\(register(root))/\(testnet).json" }

    /// Puts it on record under `root`, whole or not at all.
    /// - Parameter owner: who may take the network down: the user that it runs as.
    public func save(root: String, owner: Identity) throws {
        let file = Self.record(testnet, root)
        try FileManager.default.createDirectory(atPath: Self.register(root), withIntermediateDirectories: true)
        try JSONEncoder().encode(self).write(to: URL(fileURLWithPath: file), options: .atomic)
        guard geteuid() == 0 else { return }
        for path in [Self.register(root), file, RunFolder(path: folder).control] { lchown(path, owner.uid, owner.gid) }
    }

    /// Held while a network of that name is being made, so that two commands cannot both find it missing. The kernel
    /// takes it back when its holder dies.
    public struct Claim: ~Copyable {
        private let descriptor: Int32

        /// Nil when another command holds it.
        /// - Throws: `BootError.fileSystem` when the register cannot be written.
        public init?(_ testnet: String, root: String, owner: Identity) throws {
            let register = KeptNetwork.register(root)
            try FileManager.default.createDirectory(atPath: register, withIntermediateDirectories: true)
            let path = "\(register)/.\(testnet).lock"
            let descriptor = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
            guard descriptor >= 0 else {
                throw BootError.fileSystem(path: path, action: "open", reason: String(cString: strerror(errno)))
            }
            if geteuid() == 0 { for place in [register, path] { lchown(place, owner.uid, owner.gid) } }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                close(descriptor)
                return nil
            }
            self.descriptor = descriptor
        }

        deinit { close(descriptor) }
    }

    /// Takes the network of that name off the record.
    public static func forget(_ testnet: String, root: String) throws {
        try FileManager.default.removeItem(atPath: record(testnet, root))
    }

    /// The network of that name that runs already.
    public static func running(_ testnet: String, root: String) throws -> KeptNetwork? {
        try all(root: root).first { $0.testnet == testnet && $0.isRunning }
    }

    /// Every network recorded under `root`, running or not, by name.
    /// - Throws: `BootError.fileSystem` naming a record that cannot be read.
    public static func all(root: String) throws -> [KeptNetwork] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: register(root))) ?? []
        return try files.filter { $0.hasSuffix(".json") }.sorted().map { name in
            let path = "\(register(root))/\(name)"
            do {
                return try JSONDecoder().decode(KeptNetwork.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
            } catch {
                throw BootError.fileSystem(path: path, action: "read", reason: "\(error)")
            }
        }
    }

    /// How long an orderly end may take before everything is ended at once, how long that may take before the process is
    /// killed, how long that may take, and how often its end is looked for.
    private static let orderlyEnd = Duration.seconds(30)
    private static let immediateEnd = Duration.seconds(5)
    private static let killedEnd = Duration.seconds(5)
    private static let endPoll = Duration.milliseconds(50)

    /// Asks the network to end, waits, keeps its logs and removes what only a running network needs.
    /// - Throws: `BootError` when it cannot be asked, does not end, or cannot be removed.
    public func end() async throws {
        let folder = RunFolder(path: folder)
        try send(SupervisorProcess.stopRequest, to: folder)
        if try await !hasEnded(within: Self.orderlyEnd) {
            try send(SupervisorProcess.killRequest, to: folder)
            if try await !hasEnded(within: Self.immediateEnd) {
                // Its supervisor does not listen, for example because it was stopped. All that it started dies with it.
                if isRunning { kill(pid, SIGKILL) }
                guard try await hasEnded(within: Self.killedEnd) else {
                    throw BootError.toolFailed(
                        tool: "kill", purpose: "end process \(pid), which holds \(testnet)", status: "it still runs",
                        message: "end it by hand, then run this again")
                }
            }
        }
        folder.salvageLogs()
        try folder.removeMachines()
    }

    private func hasEnded(within limit: Duration) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while isRunning {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: Self.endPoll)
        }
        return true
    }

    private func send(_ request: UInt8, to folder: RunFolder) throws {
        guard isRunning else { return }
        let fifo = open(folder.control, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
        guard fifo >= 0 else {
            // It may have ended in between, and its reading end with it.
            guard isRunning else { return }
            throw BootError.fileSystem(path: folder.control, action: "open", reason: String(cString: strerror(errno)))
        }
        defer { close(fifo) }
        var byte = request
        _ = write(fifo, &byte, 1)
    }

    /// Field 22 of `/proc/PID/stat`; nil when there is no such process, or it has ended and waits to be collected.
    private static func startTime(of pid: Int32) -> UInt64? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z" else { return nil }
        return UInt64(fields[19])
    }
}
