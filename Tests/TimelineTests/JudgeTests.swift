import Testing

@testable import Timeline

@Suite("The judge: arms and their rules")
struct JudgeTests {
    private func verdict(_ run: SyntheticRun, _ criteria: Criteria = .synthetic()) -> Verdict {
        Judge.verdict(criteria: criteria, events: run.events)
    }

    @Test("a runbook that brings every shard back within its budgets passes")
    func runbookPasses() throws {
        let verdict = verdict(.runbook())
        #expect(verdict.outcome == .passed, "\(verdict.reasons)")
        #expect(verdict.exitCode == .passed)
        #expect(verdict.facts.map(\.finding) == [.observed, .observed, .observed])
        #expect(verdict.facts.map(\.isInferred) == [false, false, true])
        #expect(verdict.times.detect == .init(wall: 5.5, incident: 165, isCensored: false, source: "alert"))
        #expect(verdict.times.act.wall == 9.5)
        // shard1 is the last: its first block after the outage is at 28, seen by a quorum by 28.3.
        let recovered = try #require(verdict.times.recover.wall)
        #expect((15.5...16.1).contains(recovered))
        let shard0 = try #require(verdict.byScope["shard0"]?.recover.wall)
        #expect((13.5...14.1).contains(shard0))
        #expect(verdict.budgets.allSatisfy { $0.isMet == true })
    }

    @Test("TTR counts from the completed injection, not from the page, the first act or the health check")
    func clockStartsAtFault() throws {
        var late = SyntheticRun.runbook()
        late.change { at, body in
            switch body {
            case .responder, .stepStarted, .stepResult, .stepEnded: at += 1
            default: break
            }
        }
        let onTime = try #require(verdict(.runbook()).times.recover.wall)
        let delayed = try #require(verdict(late).times.recover.wall)
        #expect(onTime == delayed)
    }

    @Test("the precision is what looks reached: later looks and blocks faster than looks make it coarser")
    func precision() {
        func precision(_ run: SyntheticRun = .runbook(), blockTime: DurationText? = nil) -> Double {
            var criteria = Criteria.synthetic()
            criteria.blockTime = blockTime
            return (Judge.verdict(criteria: criteria, events: run.events).precision * 1000).rounded() / 1000
        }
        #expect(precision() == 0.51, "the interval and a look of 10 ms")
        #expect(precision(blockTime: DurationText(.seconds(1))) == 0.51)
        #expect(precision(blockTime: DurationText(.milliseconds(400))) == 0.91, "a quorum may be seen a block later")
        var late = SyntheticRun.runbook()
        // A look at a0 that begins at 20 and ends when the next should have been over.
        late.add(
            20.9,
            .sample(
                probe: "head", target: "a0", started: SyntheticRun.nanoseconds(20.4),
                value: .object(["height": .int(1), "hash": .string("x")]), error: nil))
        #expect(precision(late) == 1.0, "a look of half a second")
    }

    @Test("probes and block logs agree within the precision")
    func crossCheck() throws {
        let checks = verdict(.runbook()).crossChecks
        #expect(checks.map(\.scope) == ["shard0", "shard1"])
        #expect(checks.allSatisfy { $0.agrees == true }, "\(checks)")
        var lying = SyntheticRun.runbook()
        lying.change { _, body in
            if case .blockLog(let scope, let before, let after?, let source) = body {
                body = .blockLog(scope: scope, lastBefore: before, firstAfter: after - 5_000_000_000, source: source)
            }
        }
        let other = verdict(lying)
        #expect(other.crossChecks.allSatisfy { $0.agrees == false })
        #expect(other.notes.contains { $0.contains("disagree") })
    }

    @Test("only one of probes and block logs saw a recovery: they disagree", arguments: [true, false])
    func crossCheckOneSided(logsSawIt: Bool) {
        var run = logsSawIt ? SyntheticRun.faultOnly() : .runbook()
        run.remove { if case .blockLog = $0 { true } else { false } }
        let after = logsSawIt ? SyntheticRun.nanoseconds(26) : nil
        let end = logsSawIt ? 105.5 : 36.2
        run.add(
            end, .blockLog(scope: "shard0", lastBefore: SyntheticRun.nanoseconds(15), firstAfter: after, source: "a0"))
        let verdict = verdict(run, .synthetic(logsSawIt ? .faultOnly : .runbook))
        #expect(verdict.crossChecks.map(\.agrees) == [false])
        #expect(verdict.crossChecks.map { $0.byProbes == nil } == [logsSawIt])
        #expect(verdict.notes.contains { $0.contains("Only the \(logsSawIt ? "block logs" : "probes") saw") })
    }

    @Test("without a response the run fails at the horizon, its times censored there")
    func faultOnlyFails() {
        let verdict = verdict(.faultOnly(), .synthetic(.faultOnly))
        #expect(verdict.outcome == .failed, "\(verdict.reasons)")
        #expect(verdict.exitCode == .failed)
        #expect(verdict.times.recover == .init(wall: 90, incident: 2700, isCensored: true, source: "probes"))
        #expect(verdict.times.mitigate.isCensored)
        #expect(verdict.times.act.isCensored)
        #expect(verdict.byScope.values.allSatisfy { $0.recover.isCensored })
    }

    @Test("a network at rest passes the arm without a fault")
    func noFaultPasses() {
        let verdict = verdict(.noFault(), .synthetic(.noFault))
        #expect(verdict.outcome == .passed, "\(verdict.reasons)")
        #expect(verdict.facts.map(\.finding) == [.absent, .absent, .observed])
        #expect(verdict.times.recover.wall == nil)
    }

    @Test("without a fault: a page, a break of the steady state or an onset symptom fails")
    func noFaultFails() {
        var paged = SyntheticRun.noFault()
        paged.add(20, .signal(source: .alert, id: "x", names: ["a0"], summary: "a0 down", resolved: false))
        #expect(verdict(paged, .synthetic(.noFault)).outcome == .failed)
        var stalled = SyntheticRun.noFault()
        stalled.outages = ["shard1": [15...22]]
        let verdict = verdict(stalled, .synthetic(.noFault))
        #expect(verdict.outcome == .failed)
        #expect(verdict.reasons.contains { $0.contains("steady state broke") })
    }

    @Test("no page means nothing when the pager does not take its test")
    func deafPager() {
        var run = SyntheticRun.noFault()
        run.change { _, body in
            if case .pagerTest(let moment, _, _) = body {
                body = .pagerTest(moment: moment, received: false, detail: "refused")
            }
        }
        #expect(verdict(run, .synthetic(.noFault)).outcome == .inconclusive)
    }

    @Test("a fix that prevents the outage passes, and its symptoms are prevented, not missing")
    func fixPrevents() {
        var run = SyntheticRun()
        run.addFrame(arm: .fix(["X1"]))
        run.addFault()
        run.add(35, .frozen)
        let verdict = verdict(run, .synthetic(.fix(["X1"])))
        #expect(verdict.outcome == .passed, "\(verdict.reasons)")
        #expect(verdict.facts[0].finding == .prevented)
    }

    @Test("a missed budget fails and says so")
    func budgetMissed() {
        var criteria = Criteria.synthetic()
        criteria.budgets.recover = DurationText(.seconds(60))
        let verdict = verdict(.runbook(), criteria)
        #expect(verdict.outcome == .failed)
        #expect(verdict.budgets.last?.isMet == false)
        #expect(verdict.reasons.contains { $0.contains("budget to recover") })
    }

    @Test("a run in which nobody was told leaves TTD censored and the detect budget missed")
    func nobodyTold() {
        var run = SyntheticRun.runbook()
        run.remove { if case .signal = $0 { true } else { false } }
        let verdict = verdict(run)
        #expect(verdict.times.detect.isCensored)
        #expect(verdict.times.detect.source == "no signal")
        #expect(verdict.outcome == .failed)
    }

    @Test("a page that was firing before the fault, or names nobody affected, is no signal; a report is")
    func whatCountsAsSignal() {
        var firing = SyntheticRun.runbook()
        firing.add(6, .signal(source: .alert, id: "p1", names: ["a0"], summary: "a0 down", resolved: false))
        #expect(verdict(firing).times.detect.isCensored)
        firing.add(8, .signal(source: .alert, id: "p1", names: ["a0"], summary: "a0 up", resolved: true))
        #expect(!verdict(firing).times.detect.isCensored)
        var criteria = Criteria.synthetic()
        criteria.affected = ["b0"]
        #expect(verdict(.runbook(), criteria).times.detect.isCensored)
        var reported = SyntheticRun.runbook()
        reported.add(19, .signal(source: .report, id: "r1", names: [], summary: "my balance", resolved: false))
        #expect(verdict(reported, criteria).times.detect.source == "report")
    }

    @Test("the seed, the arm and the scenario must be those of the plan")
    func wrongPlan() {
        let verdict = verdict(.runbook(), .synthetic(.faultOnly))
        #expect(verdict.isHarnessError)
        #expect(verdict.exitCode == .harnessError)
    }

    @Test("exit codes merge in the order 3, 1, 2, 0; nothing at all is inconclusive")
    func merging() {
        #expect(ExitCode.merged([.passed, .inconclusive, .failed, .harnessError]) == .harnessError)
        #expect(ExitCode.merged([.passed, .inconclusive, .failed]) == .failed)
        #expect(ExitCode.merged([.passed, .inconclusive]) == .inconclusive)
        #expect(ExitCode.merged([.passed, .passed]) == .passed)
        #expect(ExitCode.merged([]) == .inconclusive)
    }
}
