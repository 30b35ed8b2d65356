import Foundation
import Testing
import Timeline

extension DrillTests {
    /// Whatever kills a run, at whichever boundary of the fault contract and of the runbook: nothing stays broken,
    /// nothing stays behind, the record can be read, and the run has not passed.
    ///
    /// `make killtest` plays many points and keeps the results; by default ten seeded ones are played.
    @Suite struct Kills {
        private static let variables = ProcessInfo.processInfo.environment
        /// `FIREDRILL_KILL_POINTS`: how many; `FIREDRILL_KILL_SEED`: which; `FIREDRILL_KILL_SLICE`: `2/4` plays the second
        /// quarter of them.
        private static let count = variables["FIREDRILL_KILL_POINTS"].flatMap { Int($0) } ?? 10
        private static let seed = variables["FIREDRILL_KILL_SEED"].flatMap { UInt64($0) } ?? 20_191_105
        private static let slice = variables["FIREDRILL_KILL_SLICE"] ?? "1/1"
        private static let atOnce = 3

        /// Results for `docs/safety.md`.
        private struct Results: Encodable {
            var seed: UInt64
            var boundaries: Int
            var points: [KillRun.Outcome]
        }

        /// What whole runs go through, by arm, in order and once each.
        private func boundaries() async throws -> [String: [String]] {
            var found: [String: [String]] = [:]
            for arm in ["runbook", "fault-only"] {
                try await TempRoot.with(.counters) { root in
                    _ = try await root.firedrill(["run", "counter-held", "--arm", arm])
                    var seen: [String] = []
                    for name in try root.onlyRun().events().compactMap(\.body.boundary) where !seen.contains(name) {
                        seen.append(name)
                    }
                    found[arm] = seen
                }
            }
            return found
        }

        private func slice(_ points: [KillPoint]) -> [KillPoint] {
            let parts = Self.slice.split(separator: "/").compactMap { Int($0) }
            guard parts.count == 2, parts[1] > 0 else { return points }
            return points.indices.filter { $0 % parts[1] == parts[0] - 1 }.map { points[$0] }
        }

        @Test func nothingIsLeftWhateverKillsARun() async throws {
            let boundaries = try await boundaries()
            let places = boundaries.values.reduce(0) { $0 + $1.count }
            #expect(places > 40, "the reference runs went through \(places) boundaries only: \(boundaries)")
            let points = slice(
                KillPlan.points(boundaries, seed: Self.seed, count: Self.count, canMount: Programs.isRoot))
            var outcomes: [KillRun.Outcome] = []
            try await withThrowingTaskGroup(of: KillRun.Outcome.self) { group in
                for (index, point) in points.enumerated() {
                    if index >= Self.atOnce, let outcome = try await group.next() { outcomes.append(outcome) }
                    group.addTask { try await KillRun(point: point).play() }
                }
                for try await outcome in group { outcomes.append(outcome) }
            }
            try ResultsFile.write(
                Results(seed: Self.seed, boundaries: places, points: outcomes),
                "killtest-\(Self.slice.replacing("/", with: "-of-"))")
            #expect(outcomes.count == points.count)
            for outcome in outcomes where outcome.wasTried { #expect(outcome.isClean, "\(outcome)") }
            // A boundary can be the last thing before the end; then the run may be quicker than the kill.
            let missed = outcomes.count { !$0.wasTried }
            #expect(missed * 2 < outcomes.count, "\(missed) of \(outcomes.count) runs had ended before their moment")
        }
    }
}
