import Definitions
import Foundation
import Testing
import Timeline

@testable import Replay

struct StrategyTests {
    private let hosts = ["a", "b", "c", "d", "e"]

    @Test func parallelTakesUpToItsLimit() {
        var all = StrategyTracker(.parallel(limit: nil, maxFail: 0), hosts: hosts)
        #expect(all.begin() == hosts)
        var two = StrategyTracker(.parallel(limit: 2, maxFail: 0), hosts: hosts)
        #expect(two.begin() == ["a", "b"])
        #expect(two.begin() == [])
        two.finish("b", passed: true)
        #expect(two.begin() == ["c"])
        two.finish("a", passed: false)
        #expect(two.isStopped)
        #expect(two.begin() == [])
        #expect(two.waiting == ["d", "e"])
    }

    @Test func rollingWaitsForItsBatch() {
        var rolling = StrategyTracker(.rolling(batch: 2, maxFail: 1), hosts: hosts)
        #expect(rolling.begin() == ["a", "b"])
        rolling.finish("a", passed: false)
        #expect(rolling.begin() == [])
        rolling.finish("b", passed: true)
        #expect(!rolling.isStopped)
        #expect(rolling.begin() == ["c", "d"])
        rolling.finish("c", passed: false)
        rolling.finish("d", passed: true)
        #expect(rolling.isStopped)
        #expect(rolling.begin() == [])
    }
}

struct UntilTests {
    private func until(_ every: Int, _ atMost: Int, hold: Int? = nil) -> StepPlan.Until {
        .init(
            every: DurationText(.seconds(every)), atMost: DurationText(.seconds(atMost)),
            hold: hold.map { DurationText(.seconds($0)) })
    }
    private let second: Int64 = 1_000_000_000

    @Test func withoutUntilOneAttemptDecides() {
        var tracker = UntilTracker(nil, start: 0)
        #expect(tracker.attempted(failure: "no", began: 0, now: 1) == .gaveUp(reason: "no"))
        var other = UntilTracker(nil, start: 0)
        #expect(other.attempted(failure: nil, began: 0, now: 1) == .passed)
    }

    @Test func holdsForAsLongAsItMustAndStartsAnew() {
        var tracker = UntilTracker(until(1, 10, hold: 2), start: 0)
        #expect(tracker.attempted(failure: nil, began: 0, now: 0) == .again(after: .seconds(1)))
        #expect(tracker.attempted(failure: "x", began: second, now: second) == .again(after: .seconds(1)))
        #expect(tracker.attempted(failure: nil, began: 2 * second, now: 2 * second) == .again(after: .seconds(1)))
        #expect(tracker.attempted(failure: nil, began: 3 * second, now: 3 * second) == .again(after: .seconds(1)))
        #expect(tracker.attempted(failure: nil, began: 4 * second, now: 4 * second) == .passed)
    }

    @Test func givesUpInTime() {
        var tracker = UntilTracker(until(4, 5), start: 0)
        #expect(tracker.attempted(failure: "x", began: 0, now: second) == .again(after: .seconds(3)))
        guard case .gaveUp(let reason) = tracker.attempted(failure: "y", began: 4 * second, now: 4 * second) else {
            Issue.record("goes on")
            return
        }
        #expect(reason.contains("2 attempts"))
        #expect(reason.contains("y"))
    }
}

struct ExpectationTests {
    private func result(_ outcome: CommandOutcome, _ stdout: String = "", truncated: Bool = false) -> CommandResult {
        CommandResult(
            outcome: outcome, stdout: Array(stdout.utf8), stderr: Array("why\n".utf8), truncated: truncated, took: .zero
        )
    }

    @Test func exitStdoutAndJSON() {
        #expect(Expectations([]).failure(of: result(.exited(code: 0))) == nil)
        #expect(Expectations([]).failure(of: result(.exited(code: 2))) == "exit 2, expected 0: why")
        #expect(Expectations([.exit(2)]).failure(of: result(.exited(code: 2))) == nil)
        #expect(Expectations([.stdout(pattern: "h.llo")]).failure(of: result(.exited(code: 0), "oh hello")) == nil)
        #expect(Expectations([.stdout(pattern: "h.llo")]).failure(of: result(.exited(code: 1), "hello")) != nil)
        #expect(Expectations([.stdout(pattern: "(")]).failure(of: result(.exited(code: 0), "(")) != nil)
        let height = Expectations([.json(Comparison(path: ".h", operation: .greater, operand: .value(.int(3))))])
        #expect(height.failure(of: result(.exited(code: 0), #"{"h":4}"#)) == nil)
        #expect(height.failure(of: result(.exited(code: 0), #"{"h":3}"#)) != nil)
        #expect(height.failure(of: result(.exited(code: 0), #"{}"#)) != nil)
        #expect(height.failure(of: result(.exited(code: 0), "{")) != nil)
        #expect(height.failure(of: result(.exited(code: 0), #"{"h":4}"#, truncated: true)) != nil)
    }

    @Test func whatIsNotKnownIsNeverExpected() {
        #expect(Expectations([.exit(0)]).failure(of: result(.unknown(reason: "gone"))) != nil)
        #expect(Expectations([.exit(9)]).failure(of: result(.signaled(name: "KILL"))) != nil)
    }
}

/// The runner over real shells and a real guard.
struct StepRunnerTests {
    private let bench: AgentBench

    init() async throws {
        bench = try AgentBench()
        try await bench.agent.onboard(capabilities: [])
    }

    private func step(
        _ name: String, _ text: String, role: StepPlan.Role = .act, hosts: [String] = ["local"],
        expect: [StepPlan.Expectation] = [],
        until: StepPlan.Until? = nil, rollback: String? = nil, hazard: String? = nil, approved: Bool = false,
        delay: Duration = .zero, timeout: Duration = .seconds(10), manual: Bool = false
    ) -> StepPlan {
        let environment = ["DOOR": bench.folder.path("door"), "KEY": "hunter2"]
        return StepPlan(
            name: name, heading: name, role: role, hosts: hosts, strategy: .parallel(limit: nil, maxFail: 0),
            command: manual ? nil : script(text, environment, secrets: ["KEY"], timeout: timeout),
            instruction: manual ? text : nil,
            delay: DurationText(delay), expect: expect, until: until,
            rollback: rollback.map { script($0, environment) },
            rollbackReason: nil, hazard: hazard, approvalHash: "abc", approved: approved, file: "runbook.md", line: 3)
    }

    private func run(
        _ steps: [StepPlan], approver: (any Approver)? = nil, clock: (any ReplayClock)? = nil, scale: Double = 1
    ) async -> ResponseEnd {
        let clock = clock ?? bench.clock
        let runner = StepRunner(
            agents: ["local": bench.agent], keeper: MarkerKeeper(agents: ["local": bench.agent], clock: clock),
            sink: bench.recorder,
            clock: clock, timeScale: scale, approver: approver)
        return await runner.run(steps)
    }

    @Test func stepsRunInOrderAndOutputIsRecordedWithoutSecrets() async {
        let end = await run([
            step("check", "cat \"$DOOR\"", role: .check, expect: [.stdout(pattern: "open")]),
            step("act", "echo shut >\"$DOOR\"; echo key $KEY"),
            step("verify", "cat \"$DOOR\"", role: .verify, expect: [.stdout(pattern: "shut")]),
        ])
        #expect(end == .completed)
        let bodies = await bench.recorder.bodies
        #expect(bodies.filter { if case .responder(.firstAct, "act") = $0 { true } else { false } }.count == 1)
        #expect(
            bodies.contains {
                if case .stepResult("act", "local", 1, .exited(0), "key [KEY]\n", "", false, _) = $0 {
                    true
                } else {
                    false
                }
            })
        #expect(bodies.filter { if case .stepEnded(_, _, true, false, "") = $0 { true } else { false } }.count == 3)
    }

    @Test func aFailedActIsRolledBackAndEndsTheResponse() async {
        let end = await run([
            step("act", "echo shut >\"$DOOR\"; exit 4", rollback: "echo rolled >\"$DOOR\""),
            step("never", "echo never >\"$DOOR\""),
        ])
        #expect(end == .failed(step: "act", reason: "local: exit 4, expected 0"))
        #expect(bench.door == "rolled")
        let bodies = await bench.recorder.bodies
        #expect(
            bodies.contains(
                .stepEnded(step: "act-rollback", role: "rollback", passed: true, simulated: false, reason: "")))
    }

    @Test func aFailedVerifyIsAFailure() async {
        let end = await run([step("verify", "false", role: .verify)])
        #expect(end == .failed(step: "verify", reason: "local: exit 1, expected 0"))
    }

    @Test func anUnknownResultStopsEverything() async {
        let end = await run([
            step("slow", "echo once >>\"$DOOR.count\"; sleep 30", timeout: .seconds(1)),
            step("never", "echo never >\"$DOOR\""),
        ])
        guard case .unknown("slow", _) = end else {
            // The host's own watchdog and the far side's deadline race: either way it was killed, and nothing went on.
            guard case .failed("slow", _) = end else {
                Issue.record("\(end)")
                return
            }
            return
        }
        #expect(bench.door == "open")
        #expect(bench.folder.text("door.count") == "once\n")
        #expect(await bench.recorder.problems == [.resultUnknown])
    }

    @Test func untilRepeatsWhatChangesNothing() async {
        let until = StepPlan.Until(
            every: DurationText(.milliseconds(50)), atMost: DurationText(.seconds(10)), hold: nil)
        let counting = "n=$(cat \"$DOOR.n\" 2>/dev/null || echo 0); n=$((n + 1)); echo $n >\"$DOOR.n\"; [ $n -ge 3 ]"
        #expect(await run([step("wait", counting, role: .verify, until: until)]) == .completed)
        #expect(bench.folder.text("door.n") == "3\n")
        guard case .denied("act", _) = await run([step("act", "echo x >>\"$DOOR\"", until: until)]) else {
            Issue.record("an act was repeated")
            return
        }
        #expect(bench.door == "open")
    }

    @Test func hazardousStepsNeedAnApproval() async {
        struct No: Approver {
            func approve(_ step: StepPlan) async -> ApprovalAnswer { .denied(reason: "not today") }
        }
        struct Yes: Approver {
            func approve(_ step: StepPlan) async -> ApprovalAnswer { .approved }
        }
        let hazardous = step("act", "echo shut >\"$DOOR\"", hazard: "Shuts the door")
        guard case .denied("act", let reason) = await run([hazardous]) else {
            Issue.record("ran without approval")
            return
        }
        #expect(reason.contains("abc"))
        guard case .denied = await run([hazardous], approver: No()) else {
            Issue.record("ran although denied")
            return
        }
        #expect(bench.door == "open")
        #expect(await run([hazardous], approver: Yes()) == .completed)
        #expect(bench.door == "shut")
    }

    @Test func manualStepsWaitTheirScaledDelay() async {
        let clock = FakeClock()
        #expect(
            await run(
                [step("phone", "Phone the provider", role: .manual, delay: .seconds(300), manual: true)], clock: clock,
                scale: 30) == .completed)
        #expect(clock.slept == [.seconds(10)])
        let bodies = await bench.recorder.bodies
        #expect(bodies.contains { if case .stepEnded("phone", "manual", true, true, _) = $0 { true } else { false } })
        #expect(!bodies.contains { if case .responder = $0 { true } else { false } })
    }

    @Test func stepsWithAMomentWaitForItAndALateOneBeginsAtOnce() async {
        let clock = FakeClock()
        var steps = [step("first", ":"), step("second", ":"), step("third", ":")]
        for (index, minutes) in [5, 10, 10].enumerated() { steps[index].at = DurationText(.seconds(minutes * 60)) }
        let runner = StepRunner(
            agents: ["local": bench.agent], keeper: MarkerKeeper(agents: ["local": bench.agent], clock: clock),
            sink: bench.recorder, clock: clock, timeScale: 30, approver: nil, onset: clock.now() - 2_000_000_000)
        #expect(await runner.run(steps) == .completed)
        // 10 s and 20 s after the onset, which was 2 s ago; nothing else passes time on this clock.
        #expect(clock.slept == [.seconds(8), .seconds(10)])
    }

    @Test func theGuardsRefusalIsAHarnessProblem() async {
        let stranger = bench.other(run: "ffff")
        let runner = StepRunner(
            agents: ["local": stranger], keeper: MarkerKeeper(agents: ["local": stranger], clock: bench.clock),
            sink: bench.recorder,
            clock: bench.clock, timeScale: 1, approver: nil)
        guard case .failed = await runner.run([step("act", "echo shut >\"$DOOR\"")]) else {
            Issue.record("ran")
            return
        }
        #expect(bench.door == "open")
        #expect(await bench.recorder.problems == [.harness])
    }
}
