import Testing

@testable import Timeline

/// Defects known from other tools (DESIGN, end of section 7) and the rules that make a run inconclusive.
@Suite("Known defects of chaos tools that the judge must not have")
struct KnownDefectsTests {
    private func verdict(_ run: SyntheticRun, _ criteria: Criteria = .synthetic()) -> Verdict {
        Judge.verdict(criteria: criteria, events: run.events)
    }

    @Test("a baseline that never held is inconclusive, not passed")
    func baselineNeverHeld() {
        var run = SyntheticRun.runbook()
        run.outages["shard1"] = [0...27.5]
        let verdict = verdict(run)
        #expect(verdict.exitCode == .inconclusive)
        #expect(verdict.reasons.contains { $0.contains("steady state had not held") })
    }

    @Test("a baseline that held for less than hold is inconclusive")
    func baselineTooShort() {
        var run = SyntheticRun.runbook()
        run.outages["shard1"]?.append(4...8)
        #expect(verdict(run).exitCode == .inconclusive)
    }

    @Test("a shard whose nodes answer but produce nothing has not recovered")
    func portAnswersIsNotRecovered() throws {
        var run = SyntheticRun.runbook()
        run.outages["shard1"] = [16.5...1000]
        let verdict = verdict(run)
        #expect(verdict.exitCode != .passed)
        #expect(verdict.byScope["shard1"]?.recover.isCensored == true)
        #expect(verdict.byScope["shard0"]?.recover.isCensored == false)
        #expect(verdict.times.recover.isCensored)
    }

    @Test("a shard with no live node is down, not skipped")
    func deadShardCounts() {
        var run = SyntheticRun.faultOnly()
        run.outages["shard0"] = []
        run.silences["a0"] = []
        run.silences["a1"] = []
        for node in ["b0", "b1", "b2", "b3"] { run.silences[node] = [16...1000] }
        run.outages["shard1"] = [16.5...1000]
        var criteria = Criteria.synthetic(.faultOnly)
        criteria.symptoms = []
        let verdict = verdict(run, criteria)
        #expect(verdict.exitCode == .failed, "\(verdict.reasons)")
        #expect(verdict.byScope["shard1"]?.recover.isCensored == true)
        #expect(verdict.byScope["shard0"]?.recover.source == "steady state never broke")
        #expect(verdict.reasons.contains { $0.contains("in shard1") })
    }

    @Test("a shard that nobody looks at is not assumed to be fine")
    func unseenShard() {
        var criteria = Criteria.synthetic()
        criteria.steadyState[0].scopes["shard2"] = ["c0", "c1", "c2"]
        #expect(verdict(.runbook(), criteria).exitCode == .inconclusive)
    }

    @Test("a failed step is not a success, although the network recovered")
    func failedStep() {
        var run = SyntheticRun.runbook()
        run.change { _, body in
            if case .stepEnded(let step, let role, _, let simulated, _) = body {
                body = .stepEnded(step: step, role: role, passed: false, simulated: simulated, reason: "exit 1 on a0")
            }
        }
        let verdict = verdict(run)
        #expect(verdict.exitCode == .failed)
        #expect(verdict.reasons.contains { $0.contains("'restart' failed: exit 1 on a0") })
    }

    @Test("a step that never ended is a failure")
    func unendedStep() {
        var run = SyntheticRun.runbook()
        run.remove { if case .stepEnded = $0 { true } else { false } }
        #expect(verdict(run).exitCode == .failed)
    }

    @Test("a fault that was proven only before it was injected is not proven")
    func faultDeclaredTooEarly() {
        var run = SyntheticRun.runbook()
        run.change { at, body in
            if case .fault(_, _, .proven, _) = body { at = 12.2 }
        }
        let verdict = verdict(run)
        #expect(verdict.exitCode == .inconclusive)
        #expect(verdict.stamps.effect == nil)
        #expect(verdict.reasons.contains { $0.contains("was not proven") })
    }

    @Test("that the effect was not proven is said once, on one line")
    func notProvenOnce() {
        var run = SyntheticRun()
        run.addFrame(arm: .runbook)
        run.addFault()
        run.add(35, .frozen)
        run.remove { if case .fault(_, _, .proven, _) = $0 { true } else { false } }
        run.add(13, .fault(id: "nodes-killed", host: "ops", stage: .notProven, detail: "exit 1:\nstill 200\n"))
        run.add(
            13.1, .problem(kind: .faultNotProven, reason: "The fault's effect was not proven: exit 1:\nstill 200\n"))
        let reasons = verdict(run).reasons
        #expect(reasons.count { $0.contains("not proven") } == 1, "\(reasons)")
        #expect(!reasons.contains { $0.contains(where: \.isNewline) })
    }

    @Test("a run that never reached the fault says so instead of listing every symptom")
    func neverReachedFault() {
        var run = SyntheticRun()
        run.add(0, .runStarted(runID: "x", scenario: "synthetic", arm: "runbook", seed: 1))
        run.add(2, .runEnded(error: "a host did not boot"))
        let reasons = Judge.verdict(criteria: .synthetic(), events: run.events).reasons
        #expect(reasons.contains("No fault was injected."))
        #expect(!reasons.contains { $0.contains("was not shown") }, "\(reasons)")
    }

    @Test("an inject that does nothing is inconclusive", arguments: [true, false])
    func noOpFault(saysNotProven: Bool) {
        var run = SyntheticRun()
        run.addFrame(arm: .runbook)
        run.addFault()
        run.add(35, .frozen)
        run.remove { if case .fault(_, _, .proven, _) = $0 { true } else { false } }
        if saysNotProven {
            run.add(13, .fault(id: "nodes-killed", host: "ops", stage: .notProven, detail: "still 200"))
        }
        let verdict = verdict(run)
        #expect(verdict.exitCode == .inconclusive)
        #expect(verdict.reasons.contains { $0.contains("not proven") })
        #expect(verdict.reasons.contains { $0.contains("T1-S1") })
    }

    @Test("what clean-up healed is not recovered, whether or not the freeze was recorded", arguments: [true, false])
    func cleanupDoesNotHeal(hasFreeze: Bool) {
        var run = SyntheticRun.faultOnly()
        for shard in ["shard0", "shard1"] { run.outages[shard] = [15.5...105] }
        run.probing = 1...125
        run.change { at, body in
            switch body {
            case .runEnded: at = 130
            case .phase(.teardown): at = 129
            default: break
            }
        }
        if !hasFreeze { run.remove { $0 == .frozen } }
        let verdict = verdict(run, .synthetic(.faultOnly))
        #expect(verdict.times.recover.isCensored)
        #expect(verdict.exitCode == .failed)
    }

    @Test("a recovery that did not last is withdrawn; the last one counts")
    func relapse() throws {
        var run = SyntheticRun.runbook()
        run.outages["shard1"] = [16.5...27.5, 36.5...45.5]
        run.probing = 1...60
        run.change { at, body in
            switch body {
            case .frozen: at = 59
            case .phase(.cleanup), .phase(.teardown), .runEnded, .pagerTest("after", _, _): at += 30
            case .fault(_, _, let stage, _) where [.undoStarted, .undone, .closed].contains(stage): at += 30
            default: break
            }
        }
        let verdict = verdict(run)
        let recovered = try #require(verdict.times.recover.wall)
        #expect((33.5...34.5).contains(recovered))
        #expect(verdict.byScope["shard1"]?.breaks == 2)
        #expect(verdict.notes.contains { $0.contains("shard1 broke 2 times") })
    }

    @Test("an onset symptom that was there before the fault is inconclusive")
    func symptomAtBaseline() {
        var criteria = Criteria.synthetic()
        criteria.symptoms[0].checks = criteria.symptoms[2].checks
        let verdict = verdict(.runbook(), criteria)
        #expect(verdict.exitCode == .inconclusive)
        #expect(verdict.facts[0].finding == .early)
    }

    @Test("a context symptom that was false at any time before the response is not observed")
    func contextBroken() {
        var run = SyntheticRun.runbook()
        run.silences["a2"] = [17...18]
        let verdict = verdict(run)
        #expect(verdict.facts[2].finding == .missing)
        #expect(verdict.exitCode == .inconclusive)
    }

    @Test("a context symptom that nobody could see before the fault is not observed")
    func contextUnknownBefore() {
        let run = SyntheticRun.runbook()
        let events = run.events.filter { event in
            guard case .sample("process", let target, _, _, _) = event.body, target == "a2" else { return true }
            return event.monotonic > SyntheticRun.nanoseconds(12.5)
        }
        let verdict = Judge.verdict(criteria: .synthetic(), events: events)
        #expect(verdict.facts[2].finding == .missing)
        #expect(verdict.exitCode == .inconclusive)
    }

    @Test("a check without scopes is not left out of its symptom")
    func checkWithoutScopes() {
        var criteria = Criteria.synthetic()
        criteria.symptoms[0].checks.append(criteria.symptoms[2].checks[0])
        criteria.symptoms[0].checks[1].scopes = [:]
        let verdict = verdict(.runbook(), criteria)
        #expect(verdict.facts[0].finding == .missing)
        #expect(verdict.exitCode == .inconclusive)
    }

    @Test("without a fault, an onset symptom whose probe never answered is inconclusive")
    func noFaultUnansweredProbe() {
        var criteria = Criteria.synthetic(.noFault)
        criteria.symptoms[1].checks[0].probe = "nobody-looks"
        let verdict = verdict(.noFault(), criteria)
        #expect(verdict.exitCode == .inconclusive)
        #expect(verdict.reasons.contains { $0.contains("T1-S2 was not known to be absent") })
    }

    @Test("without a fault, a run that stopped right after its baseline is inconclusive")
    func noFaultTooShort() {
        var run = SyntheticRun.noFault()
        run.add(12, .frozen)
        #expect(verdict(run, .synthetic(.noFault)).exitCode == .inconclusive)
    }

    @Test("a fix is not credited with a symptom whose probe never answered")
    func fixUnansweredProbe() {
        var run = SyntheticRun()
        run.addFrame(arm: .fix(["X1"]))
        run.addFault()
        run.add(35, .frozen)
        var criteria = Criteria.synthetic(.fix(["X1"]))
        criteria.symptoms[1].checks[0].probe = "nobody-looks"
        let verdict = verdict(run, criteria)
        #expect(verdict.facts[1].finding == .missing)
        #expect(verdict.exitCode == .inconclusive)
    }

    @Test("a fault of the plan that was never injected makes the run inconclusive, although another one was")
    func faultLeftOut() {
        var criteria = Criteria.synthetic()
        criteria.faults = ["nodes-killed": ["ops"]]
        #expect(verdict(.runbook(), criteria).exitCode == .passed)
        criteria.faults["disk-filled"] = ["a2"]
        let verdict = verdict(.runbook(), criteria)
        #expect(verdict.exitCode == .inconclusive)
        #expect(verdict.reasons.contains { $0.contains("'disk-filled' was never injected on a2") })
    }

    @Test("a record that holds two starts is a harness error")
    func twoStarts() {
        var run = SyntheticRun.runbook()
        run.add(23, .runStarted(runID: "run-2", scenario: "two-shards", arm: "runbook", seed: 7))
        #expect(verdict(run).exitCode == .harnessError)
    }

    @Test("a network that recovers before the runbook acts says nothing about the runbook")
    func selfHealed() {
        var run = SyntheticRun.runbook()
        run.remove { if case .responder(.firstAct, _) = $0 { true } else { false } }
        #expect(verdict(run).exitCode == .inconclusive)
    }

    @Test("an unknown result, a fired lease, a lost host, an interruption are inconclusive although all recovered")
    func inconclusiveEvents() {
        let bodies: [Event.Body] = [
            .stepResult(
                step: "restart", host: "a1", attempt: 1, outcome: .unknown(reason: "connection lost"), stdout: "",
                stderr: "", truncated: false, took: DurationText(.seconds(1))),
            .fault(id: "nodes-killed", host: "ops", stage: .leaseFired, detail: ""),
            .hostLost(host: "a3", reason: "sshd is gone"),
            .problem(kind: .interrupted, reason: "Ctrl-C"),
            .problem(kind: .resultUnknown, reason: "x"),
            .problem(kind: .leaseFired, reason: "x"),
            .problem(kind: .faultNotProven, reason: "x"),
            .problem(kind: .baselineNotSteady, reason: "x"),
        ]
        for body in bodies {
            var run = SyntheticRun.runbook()
            run.add(23, body)
            #expect(verdict(run).exitCode == .inconclusive, "\(body)")
        }
    }

    @Test("a harness failure is exit 3 and never passed")
    func harnessErrors() {
        var failed = SyntheticRun.runbook()
        failed.add(23, .problem(kind: .harness, reason: "disk full"))
        #expect(verdict(failed).exitCode == .harnessError)
        var ended = SyntheticRun.runbook()
        ended.change { _, body in if case .runEnded = body { body = .runEnded(error: "deploy of a3 failed") } }
        #expect(verdict(ended).exitCode == .harnessError)
        #expect(Judge.verdict(criteria: .synthetic(), events: []).exitCode == .harnessError)
        let headless = Array(SyntheticRun.runbook().events.dropFirst())
        #expect(Judge.verdict(criteria: .synthetic(), events: headless).exitCode == .harnessError)
    }

    @Test("dropping any tail of a passed run never leaves it passed")
    func truncated() {
        let events = SyntheticRun.runbook().events
        for count in stride(from: 0, to: events.count, by: 23) {
            let verdict = Judge.verdict(criteria: .synthetic(), events: Array(events.prefix(count)))
            #expect(verdict.exitCode == .harnessError, "after \(count) events")
            #expect(verdict.outcome != .passed)
        }
    }
}
