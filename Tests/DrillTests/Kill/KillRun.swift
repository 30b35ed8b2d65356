import Foundation
import Glibc
import Testing
import Timeline

/// Plays one kill point in a root of its own, and looks at what is left.
struct KillRun {
    let point: KillPoint

    /// What was found; all of it must be as in `isClean`.
    struct Outcome: Codable, Sendable {
        var point: String
        var method: String
        /// False when the run ended before the moment came: then nothing was tried.
        var wasTried = false
        /// Events that had been flushed when it happened, and those read afterwards.
        var eventsBefore = 0
        var eventsAfter = 0
        var isReadable = false
        var judgeStatus: Int32 = -1
        var verdict = ""
        var processesLeft = 0
        var mountsLeft = 0
        var addressesLeft = 0
        var foldersLeft = 0
        var openBeforeHeal = 0
        var openAfterHeal = -1
        var healStatus: Int32 = -1
        /// Faults that healing inside a live network reported, and those with their invariants as before the run.
        var healedInside = 0
        var healedAsBefore = 0
        /// For `no-memory`: the limit alone ended it.
        var wasEndedByLimit: Bool?
        var complaint = ""

        var isClean: Bool {
            wasTried && isReadable && eventsAfter >= eventsBefore && judgeStatus != 0 && verdict != "passed"
                && processesLeft == 0 && mountsLeft == 0 && addressesLeft == 0 && foldersLeft == 0
                && openAfterHeal == 0 && healStatus == 0 && healedInside == healedAsBefore && complaint.isEmpty
        }
    }

    /// Longest time from the start to the moment, for the kernel to take a network down, and for a run that goes on to end.
    private static let toMoment = Duration.seconds(60)
    private static let toVanish = Duration.seconds(15)
    private static let toEnd = Duration.seconds(120)
    /// Longer than the lease (20 s) and its undo.
    private static let stopped = Duration.seconds(26)

    func play() async throws -> Outcome {
        var outcome = Outcome(point: "\(point)", method: point.method.rawValue)
        try await TempRoot.with(.counters) { root in
            let addresses = Self.addresses()
            let small = point.method == .fullDisk ? try await SmallDisk(root) : nil
            do {
                try await strike(root, small, &outcome)
                try await look(root, small, addresses, &outcome)
            } catch {
                await small?.end()
                throw error
            }
            await small?.end()
        }
        return outcome
    }

    // MARK: the moment

    private func strike(_ root: TempRoot, _ small: SmallDisk?, _ outcome: inout Outcome) async throws {
        let kept = point.method == .stopKept ? ["--keep-up"] : []
        let arguments = ["run", "counter-held", "--arm", point.arm] + kept
        let command = try small?.start(arguments) ?? root.start(arguments)
        guard let events = try await moment(small?.runs ?? "\(root.path)/.firedrill/runs", command) else {
            _ = try? await command.end(within: Self.toEnd)
            return
        }
        outcome.eventsBefore = events
        outcome.wasTried = await command.isRunning
        try await apply(root, command, small, &outcome)
    }

    /// Waits for the boundary; returns how many events there were, or nil when it never came.
    private func moment(_ runs: String, _ command: Command) async throws -> Int? {
        let deadline = ContinuousClock.now + Self.toMoment
        var reader: EventLogReader?
        while ContinuousClock.now < deadline {
            if reader == nil, let name = (try? FileManager.default.contentsOfDirectory(atPath: runs))?.first {
                reader = EventLogReader(path: "\(runs)/\(name)/events.jsonl")
            }
            // The file may not be there yet, and a line may be half written: both pass.
            let new = (try? reader?.readNew()) ?? []
            if new.contains(where: { $0.body.boundary == point.boundary }) {
                if point.delay > .zero { try await Task.sleep(for: point.delay) }
                return reader?.nextSequence
            }
            guard await command.isRunning else { return nil }
            try await Task.sleep(for: .milliseconds(2))
        }
        return nil
    }

    private func apply(
        _ root: TempRoot, _ command: Command, _ small: SmallDisk?, _ outcome: inout Outcome
    ) async throws {
        func of(_ word: String) -> [pid_t] {
            Residue.descendants(of: command.pid).filter { $0.arguments.contains(word) }.map(\.pid)
        }
        func send(_ signal: Int32, _ pids: [pid_t]) { for pid in pids { kill(pid, signal) } }
        switch point.method {
        case .killCommand: await command.send(SIGKILL)
        case .killReplay: send(SIGKILL, of("_replay"))
        case .stopAllThenKill:
            let all = of("_replay") + of("_supervise")
            await command.send(SIGSTOP)
            send(SIGSTOP, all)
            await command.send(SIGKILL)
        case .noMemory: outcome.wasEndedByLimit = try await starve(of("_replay"), folder: root.base)
        case .fullDisk: small?.fill()
        case .stopThenKill, .stopThenContinue:
            let replay = of("_replay")
            send(SIGSTOP, replay)
            try await Task.sleep(for: Self.stopped)
            if point.method == .stopThenKill { await command.send(SIGKILL) } else { send(SIGCONT, replay) }
        case .stopKept:
            send(SIGSTOP, of("_replay"))
            try await Task.sleep(for: Self.stopped)
            try await heal(root, &outcome)
            await command.send(SIGKILL)
            let down = try await root.firedrill(["down"])
            if down.status != 0 { outcome.complaint += "down: \(down.text) " }
        }
        do {
            let end = try await command.end(within: Self.toEnd)
            // The little that was left to be done can have had room, or can have been done already, as the whole record says
            // while only the command was still there: then nothing was taken from the run.
            var wasOver = false
            if point.method == .killReplay, case .runEnded(nil)? = try root.onlyRun().events().last?.body {
                wasOver = true
            }
            if end.status == 0, wasOver || [.fullDisk, .noMemory].contains(point.method) {
                outcome.wasTried = false
                outcome.wasEndedByLimit = nil
            }
        } catch {
            outcome.complaint += "the command did not end; "
        }
    }

    /// Returns whether the limit alone ended it.
    private func starve(_ replay: [pid_t], folder: String) async throws -> Bool {
        for pid in replay {
            _ = try await Command(["prlimit", "--pid", "\(pid)", "--as=1048576"], folder: folder).end(
                within: .seconds(5))
        }
        let ended = try await eventually(within: .seconds(2)) {
            replay.allSatisfy { kill($0, 0) != 0 } ? true : nil
        }
        for pid in replay where ended == nil { kill(pid, SIGKILL) }
        return ended != nil
    }

    // MARK: what is left

    private func look(
        _ root: TempRoot, _ small: SmallDisk?, _ addresses: Set<String>, _ outcome: inout Outcome
    ) async throws {
        let place = small?.root ?? root.path
        _ = try await eventually(within: Self.toVanish) { Residue.processes(of: root.path).isEmpty ? true : nil }
        outcome.processesLeft = small == nil ? Residue.processes(of: root.path).count : small?.processesLeft ?? -1
        outcome.mountsLeft = Residue.mounts(of: root.path).count
        outcome.addressesLeft = Self.addresses().subtracting(addresses).count
        guard let run = (try? FileManager.default.contentsOfDirectory(atPath: "\(place)/.firedrill/runs"))?.first else {
            outcome.complaint += "there is no run folder; "
            return
        }
        let folder = "\(place)/.firedrill/runs/\(run)"
        small?.makeRoom()
        if let log = try? RunRecord.events(in: folder) {
            outcome.eventsAfter = log.events.count
            outcome.isReadable = log.events.map(\.sequence) == Array(0..<log.events.count)
        }
        let judged = try await firedrill(["judge", run, "--json"], root, small)
        outcome.judgeStatus = judged.status
        outcome.verdict = (try? JSONDecoder().decode(VerdictFile.self, from: Data(judged.output.utf8)))?.verdict ?? ""
        if outcome.openAfterHeal < 0 { outcome.openBeforeHeal = try await open(root, small) }
        outcome.healStatus = try await firedrill(["heal", "--all"], root, small).status
        outcome.openAfterHeal = try await open(root, small)
        outcome.foldersLeft = ["machines", "staged", "keys", "network", "control"].count {
            FileManager.default.fileExists(atPath: "\(folder)/\($0)")
        }
    }

    private struct OpenFault: Decodable { var host: String }

    private func open(_ root: TempRoot, _ small: SmallDisk?) async throws -> Int {
        let faults = try await firedrill(["faults", "--json"], root, small)
        return try JSONDecoder().decode([OpenFault].self, from: Data(faults.output.utf8)).count
    }

    private func firedrill(_ arguments: [String], _ root: TempRoot, _ small: SmallDisk?) async throws -> Command.End {
        if let small { return try await small.firedrill(arguments) }
        return try await root.firedrill(arguments)
    }

    /// Heals a network that still runs, from another process.
    private func heal(_ root: TempRoot, _ outcome: inout Outcome) async throws {
        outcome.openBeforeHeal = try await open(root, nil)
        let healed = try await root.firedrill(["heal", "--all"])
        let lines = healed.output.split(separator: "\n").filter { $0.contains(" on ") }
        outcome.healedInside = lines.count
        outcome.healedAsBefore = lines.count { $0.contains("invariants are as before the run") }
        if lines.isEmpty || healed.status != 0 { outcome.complaint += "heal: \(healed.text) " }
    }

    /// The machine's own addresses and named network namespaces.
    private static func addresses() -> Set<String> {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/run/netns")) ?? []
        let routes = (try? String(contentsOfFile: "/proc/net/fib_trie", encoding: .utf8)) ?? ""
        return Set(names + Listener.ownAddresses + routes.split(separator: "\n").map(String.init))
    }
}
