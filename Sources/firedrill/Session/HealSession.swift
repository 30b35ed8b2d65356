import Definitions
import Foundation
import Replay
import Timeline

/// Heals one run: inside its network when that still runs, on paper when it is gone.
struct HealSession {
    let run: RunFaults

    /// Room for connecting and for three attempts of an undo beyond their own deadlines.
    private static let margin = Duration.seconds(60)

    /// What `_heal` prints for each fault, one JSON object a line.
    struct Line: Codable {
        var fault, host: String
        var end: FaultHealing.Healed.End
        var invariants: FaultHealing.Healed.Invariants
        var reason: String
    }

    /// Returns true when nothing of the run is open any more. What happened is printed, fault by fault.
    func heal() async -> Bool {
        do {
            switch run.network {
            case .inUse:
                print(
                    "\(run.name): goes on, and its faults are meant to be in; end it first (Ctrl-C, or firedrill down)")
                return false
            case .gone:
                try await Journal(path: run.folder.journal).closeGone(run.faults, wall: SystemClock().wallLabel())
                for fault in run.faults { say(fault.host, fault.plan.id, Journal.goneWithTestnet) }
                return true
            case .kept(let network): return try await heal(inside: network)
            }
        } catch {
            Stop.printError("firedrill: \(run.name): \(error)")
            return false
        }
    }

    private func heal(inside network: KeptNetwork) async throws -> Bool {
        let limit = run.faults.reduce(Self.margin) {
            $0 + FaultHealing.deadline($1)
        }
        let output = try await network.run(subcommand: HealHostsCommand.name, within: limit)
        let lines = try output.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
        for line in lines {
            let invariants =
                switch line.invariants {
                case .asBefore: "its invariants are as before the run"
                case .changed: "its invariants are not as before the run"
                case .unknown: "its invariants cannot be read"
                }
            let what =
                switch line.end {
                case .undone: "undone; \(invariants)"
                case .superseded: "superseded: changed since the injection, so it was left alone"
                case .stillOpen, .noHost: "STILL OPEN: \(line.reason); \(invariants)"
                }
            say(line.host, line.fault, what)
        }
        let open = try FaultHealing.open(journal: run.folder.journal)
        for fault in open where !lines.contains(where: { $0.host == fault.host && $0.fault == fault.plan.id }) {
            say(fault.host, fault.plan.id, "STILL OPEN: it was not reached")
        }
        return open.isEmpty
    }

    private func say(_ host: String, _ fault: String, _ what: String) {
        print("\(run.name): \(fault) on \(host): \(what)")
    }
}
