import Foundation
import Replay
import Timeline

/// Nothing new is broken on a testnet while the record says that something on it still is.
enum OpenFaultGate {
    /// - Throws: `Stop`, naming the command that heals, when a run on one of `testnets` has left open faults. Runs that go
    ///   on do not count: each has a network of its own.
    static func check(_ testnets: Set<String>, root: String) throws {
        for run in try RunFaults.all(root: root) where run.network != .inUse {
            guard let fault = run.faults.first(where: { testnets.contains($0.identity.testnet) }) else { continue }
            throw Stop(
                "\(fault.identity.testnet) has \(count(run.faults.count)) open since run \(run.name): \(fault.plan.id) on "
                    + "host \(fault.host); 'firedrill heal --run \(run.name)' settles it", .usage)
        }
    }

    /// Closes what a network that is gone took with it; returns how many records that were.
    static func closeGone(_ folder: RunFolder) async throws -> Int {
        guard FileManager.default.fileExists(atPath: folder.journal) else { return 0 }
        let open = try FaultHealing.open(journal: folder.journal)
        guard !open.isEmpty else { return 0 }
        try await Journal(path: folder.journal).closeGone(open, wall: SystemClock().wallLabel())
        return open.count
    }

    static func count(_ number: Int) -> String { "\(number) \(number == 1 ? "fault" : "faults")" }
}
