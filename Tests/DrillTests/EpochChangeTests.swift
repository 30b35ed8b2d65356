import Foundation
import Testing
import Timeline

extension DrillTests {
    /// The shard that stops at an epoch change (H2), on its full testnet. Heavy: one run a test.
    @Suite struct EpochChange {
        /// A run takes about a minute and a half on an idle machine with two processors.
        private static let patience = Duration.seconds(300)
        private static let scenario = "harmony-epoch-view-change"

        private func verdict(
            of scenario: String = scenario, arm: String, status: Int32,
            _ check: (RunFiles, VerdictFile) throws -> Void
        ) async throws {
            try await TempRoot.with(.package) { root in
                let end = try await root.firedrill(
                    ["run", scenario, "--arm", arm, "--quiet"], within: Self.patience)
                try await root.expectNothingLeft()
                #expect(end.status == status, "\(end.text)")
                let run = try root.onlyRun()
                let verdict = try run.verdict()
                for fact in verdict.facts where fact.kind != "response" && arm != "no-fault" {
                    #expect(fact.observed && !fact.evidence.isEmpty, "\(fact)")
                }
                try check(run, verdict)
            }
        }

        @Test(arguments: [(scenario, "shard2"), ("\(scenario)-nov-6", "shard0")])
        func theRunbookBringsTheShardBack(_ scenario: String, _ shard: String) async throws {
            try await verdict(of: scenario, arm: "runbook", status: 0) { run, verdict in
                #expect(verdict.verdict == "passed", "\(verdict.reasons)")
                #expect(verdict.times.ttd.source == "report", "people say so before any page")
                let tta = try #require(verdict.times.tta.wall_s)
                #expect(try #require(verdict.by_scope[shard]?.ttr.wall_s) > tta)
                #expect(verdict.cross_check.first { $0.scope == shard }?.agree == true, "\(verdict.cross_check)")
                for other in verdict.by_scope.keys where other != shard {
                    #expect(verdict.by_scope[other]?.ttr.wall_s == nil, "\(other) went on")
                }
                #expect(try run.text("events.jsonl").contains("10 nodes were started within"))
            }
        }

        @Test(.everyArm) func withoutAResponseItStaysDownAndTheWatchdogPagesLate() async throws {
            try await verdict(arm: "fault-only", status: 1) { run, verdict in
                #expect(verdict.times.ttr.censored && verdict.by_scope["shard2"]?.ttr.censored == true)
                let pages = run.events().compactMap { event -> String? in
                    if case .signal(.alert, _, _, let summary, false) = event.body { summary } else { nil }
                }
                #expect(pages.contains("consensus lost on shard 2"), "\(pages)")
            }
        }

        @Test(.everyArm) func restartingFromTheStaleListLeavesTheOthersBehind() async throws {
            try await verdict(arm: "wrong-response:stale-list-restart", status: 1) { _, verdict in
                #expect(verdict.fact("H2-S5")?.observed == true, "\(verdict.facts)")
                #expect(verdict.by_scope["shard2"]?.ttr.censored == true)
            }
        }

        @Test(.everyArm) func aStaggeredRestartDoesNotBringItBack() async throws {
            try await verdict(arm: "wrong-response:staggered-restart", status: 1) { _, verdict in
                #expect(verdict.by_scope["shard2"]?.ttr.censored == true)
            }
        }

        @Test func whatPeopleDidBringsItBackLate() async throws {
            try await verdict(arm: "wrong-response:list-then-all", status: 1) { _, verdict in
                #expect(verdict.fact("H2-S5")?.observed == true, "\(verdict.facts)")
                #expect(verdict.fact("H2-S6")?.observed == true, "\(verdict.facts)")
                #expect(verdict.times.ttr.wall_s != nil)
            }
        }
    }
}
