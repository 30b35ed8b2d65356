import Definitions
import Foundation
import Glibc
import Replay
import Reporting
import Timeline

/// One run as the outer process sees it: makes the run folder, starts the contained part, follows its events, and turns
/// them into a verdict and reports. It reads the run folder and nothing else.
struct RunSession: Sendable {
    let folder: RunFolder
    let criteria: Criteria
    let identity: Identity
    let mode: ContainedMode
    let display: DisplayMode

    /// How the run's events are shown while it goes on.
    enum DisplayMode: Sendable {
        case live, lines, quiet
    }

    /// How long an orderly stop may take before everything is ended at once. Longer than the longest undo of a fault.
    private static let orderlyStop = Duration.seconds(45)
    /// How often events are looked for.
    private static let followInterval = Duration.milliseconds(50)

    /// Plays the run to its end. Returns its exit code.
    /// - Throws: what keeps the run from being played or judged at all.
    /// With `--keep-up` the network stays, under the run's root, and the run is judged as soon as its replay has ended.
    func run(root: String, testnet: TestnetPlan) async throws -> Timeline.ExitCode {
        let network = try start()
        if mode.keepUp { _ = try keep(network, root: root, testnet: testnet) }
        let status = try await follow(network)
        return try finish(status: status)
    }

    /// Starts the contained part; its network outlives this process only when it is to be kept.
    func start() throws -> ContainedProcess {
        let containment = Containment(
            folder: folder, identity: identity, asRoot: geteuid() == 0, subcommand: "_supervise", arguments: mode.arguments)
        do {
            return try ContainedProcess.start(
                containment, log: folder.log, bond: mode.keepUp ? .untilRequested(fifo: folder.control) : .untilCallerEnds)
        } catch {
            // What was staged may hold secrets, and nobody will come for it.
            try? folder.removeMachines()
            throw error
        }
    }

    /// Shows events until the run has ended; passes on a person's wish to stop.
    private func follow(_ network: ContainedProcess) async throws -> Int32 {
        try await withThrowingTaskGroup(of: Int32?.self) { group in
            group.addTask { try await network.waitForEnd() }
            group.addTask {
                await passOnSignals(to: network)
                return nil
            }
            group.addTask {
                // A network that is kept goes on; its replay has ended.
                try await showEvents() ? SupervisorProcess.endedInOrder : nil
            }
            var status: Int32?
            while status == nil, let ended = try await group.next() { status = ended }
            group.cancelAll()
            return status ?? SupervisorProcess.endedFromOutside
        }
    }

    /// The first signal asks for undo and an orderly end; the second, or too long a wait, ends everything at once.
    private func passOnSignals(to network: ContainedProcess) async {
        var asked = false
        for await _ in Signals.stream([SIGINT, SIGTERM]) {
            if asked {
                say("ending everything at once; faults that were not undone end with the testnet")
                network.request(SupervisorProcess.killRequest)
            } else {
                asked = true
                say("stopping: undoing faults and taking the testnet down (again: at once)")
                network.request(SupervisorProcess.stopRequest)
                Task {
                    try await Task.sleep(for: Self.orderlyStop)
                    network.request(SupervisorProcess.killRequest)
                }
            }
        }
    }

    private func say(_ message: String) { Stop.printError("firedrill: \(message)") }

    /// Returns true when the replay of a kept network has ended; otherwise shows events until cancelled.
    private func showEvents() async throws -> Bool {
        var view = EventView(criteria: criteria, mode: display)
        var reader = EventLogReader(path: folder.events)
        while !Task.isCancelled {
            view.show(try reader.readNew())
            if mode.keepUp, view.hasReplayEnded { break }
            guard (try? await Task.sleep(for: Self.followInterval)) != nil else { break }
        }
        view.show(try reader.readNew())
        view.close()
        return mode.keepUp && view.hasReplayEnded
    }

    /// Ends the record, judges it, writes the reports, and removes what only a running network needs.
    private func finish(status: Int32) throws -> Timeline.ExitCode {
        let isFull = LostReplay.isFull(folder.path)
        let fullDisk = "There is no space left at \(folder.path). Free at least 1 GiB there, or choose another --root."
        let isKept = mode.keepUp && status == SupervisorProcess.endedInOrder
        if !isKept {
            folder.salvageLogs()
            try folder.removeMachines()
        }
        var written = try EventLogReader.readAll(path: folder.events)
        var log = try EventLogWriter(path: folder.events, continuing: written)
        let clock = SystemClock()
        var error: String?
        if status != 0 {
            // A contained process that could still speak has said why in an event of its own.
            let hasSaidWhy = written.events.contains { if case .problem(.harness, _) = $0.body { true } else { false } }
            if !hasSaidWhy { error = isFull ? fullDisk : LostReplay(status: status, log: folder.log).reason }
        }
        try log.append(.runEnded(error: error), monotonic: clock.now(), wall: clock.wallLabel(), durable: true)
        written = try EventLogReader.readAll(path: folder.events)
        return try RunResult(folder: folder, criteria: criteria).write(written.events).exitCode
    }
}

extension EventLogWriter {
    /// Goes on after what a reader found. A torn last line is ended, so that it stays one broken line and nothing is glued to it.
    init(path: String, continuing log: EventLogReader.Log) throws {
        if log.tornBytes > 0 {
            let size = (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
            guard truncate(path, size - log.tornBytes) == 0 else {
                throw BootError.fileSystem(path: path, action: "cut the torn last line of", reason: String(cString: strerror(errno)))
            }
        }
        try self.init(path: path, nextSequence: log.events.count)
    }
}
