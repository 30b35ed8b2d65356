import Foundation
import Testing
import Timeline

extension DrillTests {
    /// What each arm of a small scenario ends with, and that nothing but a recovery counts as one.
    @Suite struct Verdicts {
        @Test func theRunbookArmRecoversAndLeavesItsFilesAndNothingElse() async throws {
            try await TempRoot.with(.counters) { root in
                let command = try root.start(["run", "counter-held"])
                let run = try await root.runStarted()
                try await run.reached(.response)
                // The control of every later "nothing is left": while it runs, it is seen.
                #expect(Residue.processes(of: root.path).count > 6)
                let end = try await command.end(within: .seconds(60))
                try await root.expectNothingLeft()
                #expect(end.status == 0, "\(end.text)")
                let verdict = try run.verdict()
                #expect(verdict.verdict == "passed")
                #expect(verdict.exit_code == 0)
                for id in ["T1-S1", "T1-S2", "T1-S3"] {
                    let fact = try #require(verdict.fact(id))
                    #expect(fact.observed && fact.at != nil && !fact.evidence.isEmpty, "\(fact)")
                }
                #expect(verdict.fact("T1-S4")?.observed == false)
                #expect(verdict.times.ttd.source == "alert")
                let red = try #require(verdict.by_scope["red"])
                let recovered = try #require(red.ttr.wall_s)
                let acted = try #require(verdict.times.tta.wall_s)
                #expect(recovered > acted, "it cannot recover before somebody acts")
                #expect(
                    abs((red.ttr.incident_s ?? 0) - recovered * 60) < 1,
                    "incident time is wall time at the scenario's scale")
                #expect(verdict.by_scope["blue"]?.ttr.wall_s == nil, "what never broke has not recovered")
                #expect(run.faultStages.suffix(1) == [.closed])
                for name in ["plan.json", "events.jsonl", "junit.xml", "report.html", "hosts/red-1"] {
                    #expect(run.exists(name), "\(name)")
                }
                try await judgedAgainIsTheSame(root, run, status: 0)
            }
        }

        /// Verdict and reports come from plan and events alone.
        private func judgedAgainIsTheSame(_ root: TempRoot, _ run: RunFiles, status: Int32) async throws {
            let names = ["verdict.json", "junit.xml", "report.html"]
            let before = try names.map(run.bytes)
            for name in names { try FileManager.default.removeItem(atPath: "\(run.path)/\(name)") }
            let end = try await root.firedrill(["judge", run.path])
            #expect(end.status == status, "\(end.text)")
            #expect(try names.map(run.bytes) == before)
        }

        @Test func withoutAResponseItFailsAndItsTimesAreCensored() async throws {
            try await TempRoot.with(.counters) { root in
                let end = try await root.firedrill(["run", "counter-held", "--arm", "fault-only", "--json"])
                #expect(end.status == 1, "\(end.text)")
                let run = try root.onlyRun()
                #expect(
                    end.output == String(decoding: try run.bytes("verdict.json"), as: UTF8.self),
                    "--json prints the verdict and nothing else")
                let verdict = try run.verdict()
                #expect(verdict.verdict == "failed")
                #expect(verdict.times.ttr.censored && verdict.times.ttm.censored && verdict.times.tta.censored)
                #expect(!verdict.times.ttd.censored)
                #expect(verdict.fact("T1-S1")?.observed == true)
                #expect(run.faultStages.suffix(2) == [.undone, .closed])
                try await root.expectNothingLeft()
            }
        }

        @Test func thePeoplesStepsAreComparedWithTheWriteUp() async throws {
            try await TempRoot.with(.counters) { root in
                let end = try await root.firedrill(["run", "counter-held", "--arm", "as-documented"])
                #expect(end.status == 0, "\(end.text)")
                let run = try root.onlyRun()
                let verdict = try run.verdict()
                #expect(verdict.verdict == "passed")
                let phases = try #require(verdict.phases)
                #expect(phases.map(\.result) == ["unresolvable", "matched"], "\(phases)")
                #expect(phases[1].documented.map(\.incident_s) == [3600, 630])
                #expect(phases[1].documented.map(\.result) == ["missed", "matched"])
                let recovered = try #require(phases[1].incident_s)
                #expect(recovered > 600, "it cannot recover before the people's last step")
                #expect(end.text.contains("10m30s") && end.text.contains("1h "), "both values stand side by side")
                try await root.expectNothingLeft()
                try await judgedAgainIsTheSame(root, run, status: 0)
            }
        }

        @Test func aPhaseThatIsNotAsDocumentedFails() async throws {
            try await TempRoot.with(.counters) { root in
                try root.edit("chaos/scenarios/counter-held.yaml", "documented: [1h, 10m30s]", "documented: [6m]")
                let end = try await root.firedrill(["run", "counter-held", "--arm", "as-documented"])
                #expect(end.status == 1, "\(end.text)")
                let verdict = try root.onlyRun().verdict()
                #expect(verdict.phases?.map(\.result) == ["unresolvable", "missed"])
                #expect(verdict.reasons.contains { $0.contains("T1-T2") && $0.contains("6m") }, "\(verdict.reasons)")
                try await root.expectNothingLeft()
            }
        }

        @Test func aFaultThatDoesNothingIsInconclusive() async throws {
            try await TempRoot.with(.counters) { root in
                try root.edit("chaos/faults/counter-held.yaml", #"'echo "$REASON" >/srv/hold'"#, "'true'")
                let end = try await root.firedrill(["run", "counter-held"])
                #expect(end.status == 2, "\(end.text)")
                let verdict = try root.onlyRun().verdict()
                #expect(verdict.verdict == "inconclusive")
                #expect(
                    verdict.reasons.contains { $0.contains("counter-held") && $0.contains("not proven") },
                    "\(verdict.reasons)")
                try await root.expectNothingLeft()
            }
        }

        @Test func aRunbookWithoutItsRestartFails() async throws {
            try await TempRoot.with(.counters) { root in
                try root.edit("runbooks/counter-held.md", "sv once counter\n", "true\n")
                let end = try await root.firedrill(["run", "counter-held"])
                #expect(end.status == 1, "\(end.text)")
                let verdict = try root.onlyRun().verdict()
                #expect(verdict.verdict == "failed")
                #expect(verdict.times.ttr.censored)
                try await root.expectNothingLeft()
            }
        }

        @Test func aBaselineThatNeverHeldIsInconclusive() async throws {
            try await TempRoot.with(.counters) { root in
                try root.edit("testnet/two-counters/layers/worker/opt/counter/count", "sleep 0.1", "sleep 30")
                let end = try await root.firedrill(["run", "counter-held", "--quiet"])
                #expect(end.status == 2, "\(end.text)")
                let run = try root.onlyRun()
                #expect(run.faultStages.isEmpty, "nothing may be broken that was not well before")
                #expect(try run.verdict().verdict == "inconclusive")
                try await root.expectNothingLeft()
            }
        }

        @Test func twoRunsAtOnceDoNotDisturbEachOther() async throws {
            try await TempRoot.with(.counters) { root in
                let commands = try (0..<2).map { _ in try root.start(["run", "counter-held"]) }
                for command in commands {
                    let end = try await command.end(within: .seconds(90))
                    #expect(end.status == 0, "\(end.text)")
                }
                #expect(root.runs.count == 2)
                for run in root.runs { #expect(try RunFiles(path: run).verdict().verdict == "passed") }
                try await root.expectNothingLeft()
            }
        }
    }
}
