import Testing

@testable import Timeline

@Suite("Wrong responses and absences")
struct WrongResponseTests {
    private static func criteria(_ checks: [Check]) -> Criteria {
        var criteria = Criteria.synthetic(.wrongResponse("do-nothing-useful"))
        criteria.symptoms.append(
            .init(
                fact: "T1-S4", kind: .response, summary: "Restarted, and still nothing.", checks: checks,
                after: ["do-nothing-useful"]))
        return criteria
    }

    private static func run() -> SyntheticRun {
        var run = SyntheticRun.faultOnly()
        run.change { _, body in
            if case .runStarted(let id, let scenario, _, let seed, _) = body {
                body = .runStarted(runID: id, scenario: scenario, arm: "wrong-response:do-nothing-useful", seed: seed)
            }
        }
        run.silences = ["a0": [15...30], "a1": [15...30], "b0": [16...30], "b1": [16...30]]
        run.add(25, .responder(action: .firstAct, detail: "restart"))
        run.add(25, .stepStarted(step: "restart", role: "act", hosts: ["a0"]))
        run.add(31, .stepEnded(step: "restart", role: "act", passed: true, simulated: false, reason: ""))
        return run
    }

    private static let upAndStuck =
        Criteria.synthetic().symptoms[0].checks + [
            Check(
                id: "all-up", probe: "process", scopes: ["all": ["a0", "a1", "b0", "b1"]],
                predicate: .match(
                    comparisons: [.init(path: ".running", operation: .equal, operand: .value(.bool(true)))],
                    targets: .all))
        ]

    @Test("it fails, and shows its response symptom")
    func shows() {
        let verdict = Judge.verdict(criteria: Self.criteria(Self.upAndStuck), events: Self.run().events)
        #expect(verdict.outcome == .failed, "\(verdict.reasons)")
        #expect(verdict.facts[3].finding == .observed)
        #expect((verdict.facts[3].at ?? 0) > 17)
    }

    @Test("without its response symptom it is inconclusive")
    func missing() {
        var run = Self.run()
        for node in ["a0", "a1"] { run.silences[node] = [15...1000] }
        let verdict = Judge.verdict(criteria: Self.criteria(Self.upAndStuck), events: run.events)
        #expect(verdict.outcome == .inconclusive)
        #expect(verdict.facts[3].finding == .missing)
    }

    @Test("a response symptom that shows before the response is none")
    func early() {
        let verdict = Judge.verdict(
            criteria: Self.criteria(Criteria.synthetic().symptoms[0].checks), events: Self.run().events)
        #expect(verdict.outcome == .inconclusive)
        #expect(verdict.facts[3].finding == .early)
    }

    @Test("in other arms the response symptom is not looked for")
    func notLookedFor() {
        var criteria = Self.criteria(Self.upAndStuck)
        criteria.arm = .runbook
        let verdict = Judge.verdict(criteria: criteria, events: SyntheticRun.runbook().events)
        #expect(verdict.facts[3].finding == .notLookedFor)
        #expect(verdict.outcome == .passed)
    }

    @Test("an absence of pages needs a pager that takes its test before and after")
    func quiet() {
        var criteria = Criteria.synthetic(.faultOnly)
        criteria.symptoms = [
            .init(
                fact: "T1-S5", kind: .context, summary: "Nobody is paged.",
                checks: [
                    Check(
                        id: "quiet", probe: "", scopes: ["all": []],
                        predicate: .quiet(lasting: DurationText(.seconds(40))))
                ],
                after: [])
        ]
        var run = SyntheticRun.faultOnly()
        #expect(finding(criteria, run) == .missing)
        run.remove { if case .signal = $0 { true } else { false } }
        #expect(finding(criteria, run) == .observed)
        run.add(60, .signal(source: .alert, id: "late", names: [], summary: "late", resolved: false))
        #expect(finding(criteria, run) == .observed)
        var untested = run
        untested.remove { if case .pagerTest("after", _, _) = $0 { true } else { false } }
        #expect(finding(criteria, untested) == .missing)
        untested = run
        untested.remove { if case .pagerTest("before", _, _) = $0 { true } else { false } }
        #expect(finding(criteria, untested) == .missing)
    }

    private func finding(_ criteria: Criteria, _ run: SyntheticRun) -> Verdict.Fact.Finding? {
        Judge.verdict(criteria: criteria, events: run.events).facts.first?.finding
    }
}
