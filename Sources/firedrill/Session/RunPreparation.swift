import Definitions
import Foundation
import Glibc
import Replay
import Reporting
import Timeline

/// A run folder that is ready to be run, held for as long as this lives.
struct PreparedRun: ~Copyable {
    let folder: RunFolder
    let lock: RunLock
}

/// Makes a run folder and lays into it all that the contained part will read.
struct RunPreparation {
    let root: String
    let identity: Identity
    /// Other runs may be played at the same time: a machine class of its own, because times do not compare.
    var isSideBySide = false

    /// - Parameter name: end of the folder's name, such as scenario and arm.
    /// - Throws: `BootError` when the folder cannot be made or filled.
    func prepare(plan: Plan, staged: [StagedFile], name: String) throws -> PreparedRun {
        let folder = RunFolder(path: try makeFolder(name: name))
        guard let lock = RunLock(folder) else {
            throw BootError.fileSystem(path: folder.lock, action: "lock", reason: String(cString: strerror(errno)))
        }
        do {
            try FileManager.default.createDirectory(atPath: folder.staged, withIntermediateDirectories: true)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            try encoder.encode(plan.withoutSecrets).write(to: URL(fileURLWithPath: folder.plan))
            try write(Array(try encoder.encode(plan)), to: folder.stagedPlan)
            var machine = Machine.current(name: ProcessInfo.processInfo.environment["FIREDRILL_MACHINE"])
            if isSideBySide { machine.machineClass += ", side by side" }
            try Data(machine.encoded.utf8).write(to: URL(fileURLWithPath: "\(folder.path)/machine.json"))
            for file in staged { try write(file.bytes, to: folder.staged(file.sha256)) }
            try linkOrCopy(Programs.own, to: folder.program)
            let clock = SystemClock()
            var log = try EventLogWriter(path: folder.events)
            try log.append(
                .runStarted(
                    runID: folder.name, scenario: plan.criteria.scenario,
                    arm: plan.criteria.arm.description, seed: plan.criteria.seed, size: plan.criteria.size),
                monotonic: clock.now(), wall: clock.wallLabel())
            if geteuid() == 0 { try folder.give(to: identity) }
        } catch {
            // What was staged may hold secrets, and nobody will come for it.
            try? folder.removeMachines()
            if let error = error as? BootError { throw error }
            throw BootError.fileSystem(
                path: folder.path, action: "fill", reason: (error as NSError).localizedDescription)
        }
        return PreparedRun(folder: folder, lock: lock)
    }

    /// `.firedrill/runs/<time>-<name>`; runs that begin within the same second get a number.
    private func makeFolder(name: String) throws -> String {
        let runs = "\(root)/.firedrill/runs"
        for path in ["\(root)/.firedrill", runs] { try makeShared(path) }
        let label = SystemClock().wallLabel().prefix(19).filter { $0 != "-" && $0 != ":" }
        let base = "\(runs)/\(label)Z-\(name.replacing(":", with: "-"))"
        for attempt in 1...99 {
            let path = attempt == 1 ? base : "\(base)-\(attempt)"
            if mkdir(path, 0o755) == 0 { return path }
            guard errno == EEXIST else { break }
        }
        throw failure(base, "create")
    }

    /// A folder that outlives the run. Made by root, it belongs to the user that runs drop to: the next run may be that
    /// user's own.
    private func makeShared(_ path: String) throws {
        guard mkdir(path, 0o755) == 0 else {
            if errno == EEXIST { return }
            throw failure(path, "create")
        }
        if geteuid() == 0 { lchown(path, identity.uid, identity.gid) }
    }

    /// Staged contents may hold the run's secrets.
    private func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(path) }
            rest = rest.dropFirst(count)
        }
    }

    private func linkOrCopy(_ source: String, to path: String) throws {
        if link(source, path) != 0 { try FileManager.default.copyItem(atPath: source, toPath: path) }
    }

    private func failure(_ path: String, _ action: String = "write") -> BootError {
        .fileSystem(path: path, action: action, reason: String(cString: strerror(errno)))
    }
}
