import Foundation
import Glibc

/// A testnet that was left running (`firedrill up`, `run --keep-up`), as recorded under `.firedrill/networks/`.
public struct KeptNetwork: Sendable, Hashable, Codable {
    public var testnet: String
    /// Absolute path of its run folder.
    public var folder: String
    /// Process id of the contained part, and when that process started (clock ticks after boot), because ids are reused.
    public var pid: Int32
    public var processStart: UInt64
    /// RFC 3339.
    public var since: String

    public init(testnet: String, folder: String, pid: Int32, since: String) {
        self.testnet = testnet
        self.folder = folder
        self.pid = pid
        self.processStart = Self.startTime(of: pid) ?? 0
        self.since = since
    }

    /// Whether that very process still runs.
    public var isRunning: Bool { Self.startTime(of: pid) == processStart }

    private static func register(_ root: String) -> String { "\(root)/.firedrill/networks" }

    /// - Parameter owner: who may take the network down: the user that it runs as.
    public func save(root: String, owner: Identity) throws {
        let file = "\(Self.register(root))/\(testnet).json"
        try FileManager.default.createDirectory(atPath: Self.register(root), withIntermediateDirectories: true)
        try JSONEncoder().encode(self).write(to: URL(fileURLWithPath: file))
        guard geteuid() == 0 else { return }
        for path in [Self.register(root), file, RunFolder(path: folder).control] { lchown(path, owner.uid, owner.gid) }
    }

    public func forget(root: String) throws {
        try FileManager.default.removeItem(atPath: "\(Self.register(root))/\(testnet).json")
    }

    /// The network of that name that runs already.
    public static func running(_ testnet: String, root: String) throws -> KeptNetwork? {
        try all(root: root).first { $0.testnet == testnet && $0.isRunning }
    }

    /// Every network recorded under `root`, running or not, by name.
    public static func all(root: String) throws -> [KeptNetwork] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: register(root))) ?? []
        return try files.filter { $0.hasSuffix(".json") }.sorted().map {
            try JSONDecoder().decode(KeptNetwork.self, from: Data(contentsOf: URL(fileURLWithPath: "\(register(root))/\($0)")))
        }
    }

    /// How long an orderly end may take before everything is ended at once, and how often its end is looked for.
    private static let orderlyEnd = Duration.seconds(30)
    /// How long it may then take the kernel to end everything.
    private static let killedEnd = Duration.seconds(10)
    private static let endPoll = Duration.milliseconds(50)

    /// Asks the network to end, waits, and removes what only a running network needs.
    public func end() async throws {
        let folder = RunFolder(path: folder)
        try send(SupervisorProcess.stopRequest, to: folder)
        let deadline = ContinuousClock.now + Self.orderlyEnd
        while isRunning {
            if ContinuousClock.now > deadline { try send(SupervisorProcess.killRequest, to: folder) }
            guard ContinuousClock.now < deadline + Self.killedEnd else {
                throw BootError.toolFailed(
                    tool: "firedrill", purpose: "take down \(testnet)", status: "still running",
                    message: "process \(pid) does not end; end it with kill -9 \(pid)")
            }
            try await Task.sleep(for: Self.endPoll)
        }
        try folder.removeMachines()
    }

    private func send(_ request: UInt8, to folder: RunFolder) throws {
        guard isRunning else { return }
        let fifo = open(folder.control, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
        guard fifo >= 0 else {
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
