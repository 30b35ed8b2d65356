import Foundation
import Testing
import Timeline

extension DrillTests {
    /// The outage of a public node behind a balancer (E1), on its full testnet.
    @Suite struct Eosdac {
        /// A run takes about a minute on an idle machine with two processors.
        private static let patience = Duration.seconds(300)
        private static let before = ["E1-S1", "E1-S2", "E1-S3", "E1-S4", "E1-S5", "E1-S7", "E1-S8"]

        private func verdict(of arm: String, in scenario: String = "eosdac-public-node", status: Int32) async throws
            -> VerdictFile
        {
            var found: VerdictFile?
            try await TempRoot.with(.package) { root in
                let end = try await root.firedrill(["run", scenario, "--arm", arm, "--quiet"], within: Self.patience)
                try await root.expectNothingLeft()
                #expect(end.status == status, "\(end.text)")
                found = try root.onlyRun().verdict()
            }
            return try #require(found)
        }

        private func expectShown(_ ids: [String], _ verdict: VerdictFile) throws {
            for id in ids {
                let fact = try #require(verdict.fact(id), "\(id)")
                #expect(fact.observed && !fact.evidence.isEmpty, "\(fact)")
            }
        }

        @Test func theRunbookServesUsersFirstAndBringsTheNodeBackInSync() async throws {
            let verdict = try await verdict(of: "runbook", status: 0)
            #expect(verdict.verdict == "passed", "\(verdict.reasons)")
            try expectShown(Self.before, verdict)
            #expect(verdict.times.ttd.source == "report", "a user tells it first, no monitor does")
            let mitigated = try #require(verdict.times.ttm.wall_s)
            let recovered = try #require(verdict.times.ttr.wall_s)
            #expect(mitigated < recovered, "users are served before the node is repaired")
        }

        @Test func withoutAResponseItStaysBroken() async throws {
            let verdict = try await verdict(of: "fault-only", status: 1)
            #expect(verdict.verdict == "failed", "\(verdict.reasons)")
            try expectShown(Self.before, verdict)
            #expect(verdict.times.ttm.censored && verdict.times.ttr.censored)
        }

        @Test func noReplayHelps() async throws {
            let verdict = try await verdict(of: "wrong-response:replay", status: 1)
            #expect(verdict.verdict == "failed", "\(verdict.reasons)")
            try expectShown(Self.before + ["E1-S6"], verdict)
            #expect(verdict.times.ttr.censored)
        }

        @Test(.everyArm) func anotherNetworksGenesisNeverSyncs() async throws {
            let verdict = try await verdict(of: "wrong-response:wrong-genesis", status: 1)
            #expect(verdict.verdict == "failed", "\(verdict.reasons)")
            #expect(verdict.times.ttm.censored && verdict.times.ttr.censored)
        }

        @Test(.everyArm) func withoutAFaultNobodyIsTold() async throws {
            let verdict = try await verdict(of: "no-fault", status: 0)
            #expect(verdict.verdict == "passed", "\(verdict.reasons)")
        }

        @Test func whereTheMonitorHasItsRightNameItPages() async throws {
            let verdict = try await verdict(of: "runbook", in: "eosdac-monitor-named", status: 0)
            #expect(verdict.verdict == "passed", "\(verdict.reasons)")
            try expectShown(["E1-S3", "E1-S4"], verdict)
            #expect(verdict.times.ttd.source == "alert")
        }
    }
}
