import Testing
import Timeline

extension DrillTests {
    /// H3 on its testnet of two networks. Heavy: few of these.
    @Suite struct EndpointsWiped {
        private static let scenario = "harmony-endpoints-wiped"
        /// A run takes about a minute on an idle machine with two processors.
        private static let patience = Duration.seconds(300)

        @Test func theRunbookBringsTheEndpointsBackShardByShardThenAllNodes() async throws {
            try await TempRoot.with(.package) { root in
                let end = try await root.firedrill(["run", Self.scenario, "--quiet"], within: Self.patience)
                try await root.expectNothingLeft()
                #expect(end.status == 0, "\(end.text)")
                let run = try root.onlyRun()
                let verdict = try run.verdict()
                #expect(verdict.verdict == "passed", "\(verdict.reasons)")
                for fact in verdict.facts where fact.kind != "response" {
                    #expect(fact.observed && fact.at != nil && !fact.evidence.isEmpty, "\(fact)")
                }
                #expect(Set(verdict.facts.map(\.id)).isSuperset(of: (1...5).map { "H3-S\($0)" }))
                // Nobody was paged: it was a report.
                #expect(verdict.times.ttd.source == "report")
                let first = try #require(verdict.by_scope["endpoint0"]?.ttm.wall_s)
                let second = try #require(verdict.by_scope["endpoint1"]?.ttm.wall_s)
                let all = try #require(verdict.times.ttr.wall_s)
                #expect(first < second && second <= all, "endpoints first, shard 0 before shard 1")
                for endpoint in ["endpoint0", "endpoint1"] {
                    let check = try #require(verdict.cross_check.first { $0.scope == endpoint }, "\(endpoint)")
                    #expect(check.logs_s != nil, "\(check)")
                }
            }
        }

        @Test func aPlainStartAnswersButStaysFarBehind() async throws {
            try await TempRoot.with(.package) { root in
                let end = try await root.firedrill(
                    ["run", Self.scenario, "--arm", "wrong-response:plain-start", "--quiet"], within: Self.patience)
                try await root.expectNothingLeft()
                #expect(end.status == 1, "\(end.text)")
                let verdict = try root.onlyRun().verdict()
                #expect(verdict.verdict == "failed", "\(verdict.reasons)")
                #expect(verdict.fact("H3-S5")?.observed == true)
                #expect(verdict.times.ttm.censored && verdict.times.ttr.censored)
            }
        }

        @Test(.everyArm) func withoutAResponseTheEndpointsStayDown() async throws {
            try await TempRoot.with(.package) { root in
                let end = try await root.firedrill(
                    ["run", Self.scenario, "--arm", "fault-only", "--quiet"], within: Self.patience)
                try await root.expectNothingLeft()
                #expect(end.status == 1, "\(end.text)")
                let verdict = try root.onlyRun().verdict()
                #expect(verdict.verdict == "failed", "\(verdict.reasons)")
                #expect(verdict.times.ttr.censored && verdict.by_scope.values.allSatisfy(\.ttr.censored))
            }
        }

        @Test(.everyArm) func withoutAFaultNothingHappens() async throws {
            try await TempRoot.with(.package) { root in
                let end = try await root.firedrill(
                    ["run", Self.scenario, "--arm", "no-fault", "--quiet"], within: Self.patience)
                try await root.expectNothingLeft()
                #expect(end.status == 0, "\(end.text)")
                #expect(try root.onlyRun().verdict().verdict == "passed")
            }
        }
    }
}
