import Testing

@testable import Timeline

@Suite("Looks that decide nothing any more")
struct AwaitedLooksTests {
    /// The synthetic criteria with one symptom of every kind over the probe `process`.
    private static func criteria(_ arm: Criteria.Arm) -> Criteria {
        var criteria = Criteria.synthetic(arm)
        func symptom(_ fact: String, _ kind: Criteria.Symptom.Kind, _ hosts: [String], isRunning: Bool)
            -> Criteria.Symptom
        {
            let check = Check(
                id: fact, probe: "process", scopes: ["all": hosts],
                predicate: .match(
                    comparisons: [.init(path: ".running", operation: .equal, operand: .value(.bool(isRunning)))],
                    targets: .all))
            return .init(
                fact: fact, kind: kind, summary: "", checks: [check], after: kind == .response ? ["restart"] : [],
                lasting: DurationText(.seconds(1)))
        }
        criteria.symptoms += [
            symptom("T1-L1", .latent, ["a0", "a1"], isRunning: true),
            symptom("T1-S4", .response, ["b0"], isRunning: false),
        ]
        if case .fix = arm { criteria.fix = .init(plays: .runbook, expect: nil) }
        return criteria
    }

    /// The synthetic run with its outages moved at random, some of them away.
    private static func run(_ arm: Criteria.Arm, _ random: inout SeededRandom) -> SyntheticRun {
        var run = SyntheticRun()
        for (node, shard) in [("a0", "shard0"), ("a1", "shard0"), ("b0", "shard1"), ("b1", "shard1")] {
            guard Int.random(in: 0..<4, using: &random) > 0 else { continue }
            let start = Double.random(in: 3...26, using: &random)
            run.silences[node] = [start...(start + .random(in: 0.5...20, using: &random))]
            run.outages[shard] = run.silences[node]
        }
        // A host that nothing is judged by, looked at by the probe that measures.
        for look in stride(from: 1.3, to: 36, by: 0.5) {
            run.add(
                look + 0.01,
                .sample(
                    probe: "head", target: "spare", started: SyntheticRun.nanoseconds(look),
                    value: .object(["height": .int(1), "hash": .string("1")]), error: nil))
        }
        run.addFrame(arm: arm)
        if arm != .noFault { run.addFault() }
        if arm != .noFault, arm != .faultOnly { run.addResponse() }
        run.add(35, .frozen)
        return run
    }

    /// What a replay records that looks an eighth as often where nothing is awaited.
    private static func awaited(_ events: [Event], _ criteria: Criteria) -> [Event] {
        var clock = PhaseClock(criteria)
        var rested: [String: Int] = [:]
        return events.filter { event in
            clock.advance(to: event.monotonic)
            if case .sample(let probe, let target, _, _, _) = event.body, !clock.awaits(probe, at: target) {
                rested["\(probe)/\(target)", default: 0] += 1
                guard rested["\(probe)/\(target)", default: 0].isMultiple(of: 8) else { return false }
            }
            clock.apply(event)
            return true
        }
    }

    @Test(
        "a run says the same without them",
        arguments: [
            Criteria.Arm.noFault, .faultOnly, .runbook, .asDocumented, .wrongResponse("restart"), .fix(["X"]),
        ])
    func decideNothing(arm: Criteria.Arm) {
        var random = SeededRandom(state: 11)
        let criteria = Self.criteria(arm)
        var left = 0
        for _ in 0..<8 {
            let all = Self.run(arm, &random).events
            let some = Self.awaited(all, criteria)
            left += all.count - some.count
            let (expected, verdict) = (
                Judge.verdict(criteria: criteria, events: all), Judge.verdict(criteria: criteria, events: some)
            )
            #expect(verdict.facts.map(\.finding) == expected.facts.map(\.finding))
            #expect(verdict.facts.map(\.at) == expected.facts.map(\.at))
            #expect(verdict.outcome == expected.outcome)
            #expect(verdict.times == expected.times)
            #expect(verdict.precision == expected.precision)
        }
        #expect((left > 0) == (arm != .noFault), "\(left) looks were left out")
    }

    @Test("before the fault, and of the steady state, every look is awaited")
    func awaitedAlways() {
        let criteria = Self.criteria(.runbook)
        var clock = PhaseClock(criteria)
        for event in SyntheticRun.runbook().events {
            clock.apply(event)
            #expect(clock.awaits("head", at: "a0"))
            if clock.stamps.injectStarted == nil { #expect(clock.awaits("process", at: "a0")) }
        }
    }
}
