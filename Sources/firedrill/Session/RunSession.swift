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
    /// Descriptor of the run folder's lock, held by the caller for longer than this session.
    let lock: Int32

    /// How the run's events are shown while it goes on.
    enum DisplayMode: Sendable {
        case live, lines, quiet
    }

    /// How long an orderly stop may take before everything is ended at once. Longer than the longest undo of a fault.
    private static let orderlyStop = Duration.seconds(45)
    /// How long an immediate stop may take.
    private static let immediateStop = Duration.seconds(10)
    /// How often events are looked for.
    private static let followInterval = Duration.milliseconds(50)

    /// How a run ended.
    struct Ending {
        var code: Timeline.ExitCode
        /// Somebody asked to stop: what was to come after this run is not wanted either.
        var wasStopped: Bool
    }

    /// Plays the run to its end. With `--keep-up` the network stays, under the run's root, and the run is judged as soon as
    /// its replay has ended.
    /// - Throws: what keeps the run from being played or judged at all; nothing of it runs any more then.
    /// - Parameter signals: a person's wishes to stop; nil: this process's own signals.
    func run(root: String, testnet: TestnetPlan, signals: AsyncStream<Int32>? = nil) async throws -> Ending {
        // Before anything is started: a signal in between would leave the run folder as it is.
        let signals = signals ?? Signals.stream(Signals.stopping)
        let network = try start()
        do {
            if mode.keepUp { _ = try keep(network, root: root, testnet: testnet) }
            let (status, wasStopped) = try await follow(network, signals)
            let isKept = mode.keepUp && status == SupervisorProcess.endedInOrder && !wasStopped
            defer { sayWhatIsOpen() }
            return Ending(code: try finish(status: status, isKept: isKept), wasStopped: wasStopped)
        } catch {
            await abandon(network)
            throw error
        }
    }

    /// Ends a network that went wrong outside its replay, and removes what only a running one needs.
    func abandon(_ network: ContainedProcess) async {
        network.request(SupervisorProcess.killRequest)
        let deadline = ContinuousClock.now + Self.immediateStop
        while KeptNetwork.isAlive(network.pid), ContinuousClock.now < deadline, network.ended() == nil {
            try? await Task.sleep(for: Self.followInterval)
        }
        folder.salvageLogs()
        do { try folder.removeMachines() } catch { Stop.printError("firedrill: \(error)") }
    }

    var containment: Containment {
        Containment(
            folder: folder, identity: identity, asRoot: geteuid() == 0, subcommand: "_supervise",
            arguments: mode.arguments, endsWithCaller: !mode.keepUp)
    }

    /// Starts the contained part; its network outlives this process only when it is to be kept.
    func start() throws -> ContainedProcess {
        do {
            return try ContainedProcess.start(
                containment, log: folder.log,
                bond: mode.keepUp ? .untilRequested(fifo: folder.control) : .untilCallerEnds, lock: lock)
        } catch {
            // What was staged may hold secrets, and nobody will come for it.
            try? folder.removeMachines()
            throw error
        }
    }

    /// Shows events until the run has ended; passes on a person's wish to stop.
    private func follow(
        _ network: ContainedProcess, _ signals: AsyncStream<Int32>
    ) async throws -> (status: Int32, wasStopped: Bool) {
        let stop = StopRequest()
        let status = try await withThrowingTaskGroup(of: Int32?.self) { group in
            group.addTask { try await network.waitForEnd() }
            group.addTask {
                await passOn(signals, to: network, stop)
                return nil
            }
            group.addTask {
                await stop.wait()
                // Cancelled when the run has ended, asked for or not.
                guard (try? await Task.sleep(for: Self.orderlyStop)) != nil else { return nil }
                network.request(SupervisorProcess.killRequest)
                return nil
            }
            group.addTask {
                // A network that is kept goes on when its replay has ended, unless it was asked to stop.
                guard try await showEvents(), await !stop.isMade else { return nil }
                return SupervisorProcess.endedInOrder
            }
            var status: Int32?
            while status == nil, let ended = try await group.next() { status = ended }
            group.cancelAll()
            return status ?? SupervisorProcess.endedFromOutside
        }
        return (status, await stop.isMade)
    }

    /// The first signal asks for undo and an orderly end; the second, or too long a wait, ends everything at once.
    private func passOn(_ signals: AsyncStream<Int32>, to network: ContainedProcess, _ stop: StopRequest) async {
        for await _ in signals {
            if await stop.isMade {
                say("ending everything at once; faults that were not undone end with the testnet")
                network.request(SupervisorProcess.killRequest)
            } else {
                await stop.make()
                say("stopping: undoing faults and taking the testnet down (again: at once)")
                network.request(SupervisorProcess.stopRequest)
            }
        }
    }

    /// What is left, and the command for it.
    private func sayWhatIsOpen() {
        guard let open = try? FaultHealing.open(journal: folder.journal), !open.isEmpty else { return }
        let names = open.map { "\($0.plan.id) on \($0.host)" }.joined(separator: ", ")
        let run = folder.name
        say("not undone: \(names); 'firedrill heal --run \(run)' settles it")
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
    /// A kept network goes on; its replay has ended its own record.
    private func finish(status: Int32, isKept: Bool) throws -> Timeline.ExitCode {
        if !isKept { try endRecord(status: status) }
        let written = try EventLogReader.readAll(path: folder.events)
        defer { if geteuid() == 0 { try? folder.give(to: identity) } }
        return try RunResult(folder: folder, criteria: criteria).write(written.events).exitCode
    }

    /// Removes what only a running network needs, and writes the last event: nothing of the run is alive any more.
    private func endRecord(status: Int32) throws {
        let isFull = LostReplay.isFull(folder.path)
        let fullDisk = "There is no space left at \(folder.path). Free at least 1 GiB there, or choose another --root."
        folder.salvageLogs()
        // What cannot be removed is said; it must not cost the verdict.
        do { try folder.removeMachines() } catch { Stop.printError("firedrill: \(error)") }
        let written = try EventLogReader.readAll(path: folder.events)
        if case .runEnded = written.events.last?.body { return }
        var error: String?
        if status != 0 {
            // A contained process that could still speak has said why in an event of its own.
            let hasSaidWhy = written.events.contains { if case .problem(.harness, _) = $0.body { true } else { false } }
            if !hasSaidWhy { error = isFull ? fullDisk : LostReplay(status: status, log: folder.log).reason }
        }
        do {
            var log = try EventLogWriter(path: folder.events, continuing: written)
            let clock = SystemClock()
            try log.append(.runEnded(error: error), monotonic: clock.now(), wall: clock.wallLabel(), durable: true)
        } catch {
            // What was recorded is judged all the same; a record without its end never passes.
            Stop.printError("firedrill: the end could not be recorded: \(error)")
        }
    }
}

extension EventLogWriter {
    /// Goes on after what a reader found. A torn last line is ended, so that it stays one broken line and nothing is glued to it.
    init(path: String, continuing log: EventLogReader.Log) throws {
        if log.tornBytes > 0 {
            let size = (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
            guard truncate(path, size - log.tornBytes) == 0 else {
                throw BootError.fileSystem(
                    path: path, action: "cut the torn last line of", reason: String(cString: strerror(errno)))
            }
        }
        try self.init(path: path, nextSequence: log.events.count)
    }
}
