import Testing

@testable import Timeline

extension SyntheticRun {
    /// The people's steps: one at 2 minutes of incident time after the onset at second 12.5, one at 4.75 minutes. Blocks come
    /// again at 26 (shard0) and 28 (shard1).
    static func documented() -> SyntheticRun {
        var run = SyntheticRun.runbook(arm: .asDocumented)
        run.remove {
            switch $0 {
            case .responder, .stepStarted, .stepResult, .stepEnded: true
            default: false
            }
        }
        run.add(16.5, .responder(action: .firstAct, detail: "look"))
        for (name, from, to) in [("look", 16.5, 17.0), ("restart", 22.0, 25.0)] {
            run.add(from, .stepStarted(step: name, role: "act", hosts: ["a0"]))
            run.add(to, .stepEnded(step: name, role: "act", passed: true, simulated: false, reason: ""))
        }
        // Certain before the first step.
        run.outages = ["shard0": [8.5...25.5], "shard1": [8.5...27.5]]
        return run
    }
}

extension Criteria {
    /// What the documented run is judged by. The outage's symptoms are left out: they are others' tests.
    static func documented(_ phases: [Documented.Phase]? = nil) -> Criteria {
        var criteria = Criteria.synthetic(.asDocumented)
        criteria.symptoms = []
        criteria.budgets = Budgets()
        criteria.documented = Documented(
            steps: [
                .init(name: "look", at: DurationText(.seconds(120))),
                .init(name: "restart", at: DurationText(.seconds(285))),
            ],
            phases: phases ?? [phase(.onset, .recovered("shard1"), [480])],
            signalInterval: DurationText(.seconds(1)))
        return criteria
    }

    static func phase(_ from: Documented.End, _ to: Documented.End, _ seconds: [Int]) -> Documented.Phase {
        .init(fact: "T1-T1", from: from, to: to, documented: seconds.map { DurationText(.seconds($0)) })
    }
}

@Suite("The people's steps against the write-up")
struct DocumentedTests {
    private func verdict(
        _ phases: [Documented.Phase]? = nil, _ run: SyntheticRun = .documented()
    ) -> Verdict {
        // The fault comes at 12.5; the outage must not be older than it.
        var run = run
        run.outages = ["shard0": [15.5...25.5], "shard1": [16.5...27.5]]
        return Judge.verdict(criteria: .documented(phases), events: run.events)
    }

    @Test("a phase within a tenth of its documented length matches, and the arm passes")
    func matches() throws {
        let verdict = verdict()
        #expect(verdict.outcome == .passed, "\(verdict.reasons)")
        let phase = try #require(verdict.phases.first)
        #expect(phase.result == .matched)
        // shard1 makes blocks from 28 on, seen by a quorum by 28.3: 15.5 to 16.1 s after the onset.
        #expect((465...483).contains(try #require(phase.incident)))
        #expect(verdict.reasons.contains { $0.contains("1 phase within tolerance") }, "\(verdict.reasons)")
    }

    @Test("the tolerance is a tenth of the length, or what the harness can resolve, whichever is larger")
    func tolerance() throws {
        let phase = try #require(verdict([Criteria.phase(.onset, .recovered(nil), [480, 7200])]).phases.first)
        // Looks come every 0.5 s and take 10 ms; the last step ran from 22 (due at 12.5 + 9.5) to 25.
        #expect(abs(phase.resolution - 3.51) < 0.001, "\(phase.resolution)")
        #expect(abs(phase.documented[0].tolerance - 3.51 * 30) < 0.1)
        #expect(phase.documented[1].tolerance == 720)
        #expect(phase.documented.map(\.result) == [.matched, .missed])
        #expect(phase.result == .matched, "one of contradicting values must match")
    }

    @Test("further apart than the tolerance is missed, and the arm fails with both figures")
    func missed() {
        let verdict = verdict([Criteria.phase(.onset, .recovered("shard1"), [1200, 2400])])
        #expect(verdict.outcome == .failed)
        #expect(verdict.phases.map(\.result) == [.missed])
        #expect(verdict.reasons.contains { $0.contains("20m ± 2m or 40m ± 4m") }, "\(verdict.reasons)")
    }

    @Test("what is shorter than its tolerance is unresolvable, and says so")
    func unresolvable() {
        let verdict = verdict([Criteria.phase(.onset, .signal, [20])])
        #expect(verdict.phases.map(\.result) == [.unresolvable])
        #expect(verdict.outcome == .passed)
        #expect(verdict.reasons.contains { $0.contains("1 unresolvable") }, "\(verdict.reasons)")
    }

    @Test("an end that never came is missed, however short the phase")
    func never() {
        var run = SyntheticRun.documented()
        run.remove { if case .signal = $0 { true } else { false } }
        let verdict = verdict([Criteria.phase(.onset, .signal, [20])], run)
        #expect(verdict.phases.map(\.result) == [.missed])
        #expect(verdict.phases[0].incident == nil)
        #expect(verdict.outcome == .failed)
        #expect(verdict.reasons.contains { $0.contains("signal never came") }, "\(verdict.reasons)")
    }

    @Test("in another arm what hangs on no step of the people's is shown beside, and changes no verdict")
    func otherArms() throws {
        let phases = [
            Criteria.phase(.onset, .recovered("shard1"), [1200]), Criteria.phase(.step("look"), .signal, [165]),
        ]
        var criteria = Criteria.documented(phases)
        criteria.arm = .faultOnly
        let run = SyntheticRun.documented()
        let verdict = Judge.verdict(criteria: criteria, events: run.events)
        #expect(verdict.phases.map(\.result) == [.shown])
        #expect(verdict.phases.flatMap(\.documented).map(\.result) == [.shown])
        criteria.documented = nil
        let without = Judge.verdict(criteria: criteria, events: run.events)
        #expect(without.outcome == verdict.outcome && without.reasons == verdict.reasons)
    }

    @Test("phases may begin and end at steps; a late step widens its phase's tolerance and is noted")
    func steps() throws {
        let phases = [Criteria.phase(.step("look"), .step("restart"), [165])]
        #expect(verdict(phases).phases.map(\.incident) == [165])
        #expect(verdict(phases).notes.isEmpty, "\(verdict(phases).notes)")
        var late = SyntheticRun.documented()
        late.change { at, body in
            switch body {
            case .stepStarted("look", _, _), .responder: at = 18.5
            case .stepEnded("look", _, _, _, _): at = 19
            default: break
            }
        }
        let verdict = verdict(phases, late)
        let phase = try #require(verdict.phases.first)
        #expect(phase.resolution == 2.5, "2 s late, then half a second of work")
        #expect(phase.result == .matched, "\(phase)")
        #expect(verdict.notes.contains { $0.contains("'look' began 1m of incident time after it was due") })
    }

    @Test("a phase may begin at the last block of the block logs, and end at a user's report after a page")
    func blockAndReport() throws {
        var run = SyntheticRun.documented()
        // The page came at 18. The block logs have the last blocks at 15 and 16.
        for second in [20.0, 21] {
            run.add(second, .signal(source: .report, id: "r", names: [], summary: "down?", resolved: false))
        }
        let ends: [Documented.End] = [.lastBlock(nil), .lastBlock("shard1"), .lastBlock("shard9")]
        let phases = verdict(ends.map { Criteria.phase($0, .report, [180]) }, run).phases
        #expect(phases.map(\.incident) == [150, 120, nil], "\(phases)")
        #expect(phases[2].reason == "last-block:shard9 never came")
        for end in ends + [.report] { #expect(Documented.End(end.description) == end) }
    }

    @Test(
        "a moment reads back as it is written",
        arguments: ["onset", "signal", "step:a", "symptom:T1-S1", "mitigated", "mitigated:b", "recovered:c"])
    func ends(text: String) throws { #expect(try #require(Documented.End(text)).description == text) }

    @Test("what is no moment is none", arguments: ["", "onset:a", "step", "step:", "recovered:", "never", "Onset"])
    func notEnds(text: String) { #expect(Documented.End(text) == nil) }
}
