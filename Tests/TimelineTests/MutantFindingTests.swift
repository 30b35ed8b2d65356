import Testing

@testable import Timeline

@Suite("What became of a runbook with a mistake in it")
struct MutantFindingTests {
    private static let recorded = SyntheticRun.runbook()
    private static let passed: Verdict = {
        var verdict = Judge.verdict(criteria: .synthetic(), events: recorded.events)
        verdict.outcome = .passed
        return verdict
    }()

    private func finding(
        _ outcome: Verdict.Outcome, failing step: String? = nil, harmless: Bool = false, slower: Double = 0,
        missed: Bool = false, original: Verdict = passed
    ) -> MutantFinding {
        var verdict = Self.passed
        verdict.outcome = outcome
        verdict.reasons = ["Because."]
        verdict.budgets = [.init(name: "recover", limit: 100, measured: 50, isMet: !missed)]
        if let wall = verdict.times.recover.wall { verdict.times.recover.wall = wall + slower }
        var events = [
            Event(
                sequence: 0, monotonic: 0, wall: "",
                body: .stepEnded(step: "act", role: "act", passed: true, simulated: false, reason: ""))
        ]
        if let step {
            events.append(
                Event(
                    sequence: 1, monotonic: 1, wall: "",
                    body: .stepEnded(step: step, role: "verify", passed: false, simulated: false, reason: "no answer")))
        }
        return MutantJudge(original: original).finding(of: verdict, events: events, canBeHarmless: harmless)
    }

    @Test("a failed step has caught it, whatever the network did")
    func caughtByStep() {
        for outcome in [Verdict.Outcome.failed, .passed] {
            #expect(finding(outcome, failing: "well") == .caught(by: "verify well", reason: "no answer"))
        }
    }

    @Test("a missed budget has caught it, and that no step did is said")
    func caughtByBudget() {
        guard case .caught("budget to recover", let reason) = finding(.failed, missed: true) else {
            Issue.record("not caught by the budget")
            return
        }
        #expect(reason.contains("only the budget"))
    }

    @Test("a network that is not well under a contented runbook is a survivor")
    func survivesUnnoticed() { #expect(finding(.failed).word == "survived") }

    @Test("a run that passes is a survivor, unless nothing was left out and nothing was lost")
    func survivesOrHarmless() {
        #expect(finding(.passed).word == "survived")
        #expect(finding(.passed, harmless: true).word == "harmless")
        let slow = finding(.passed, harmless: true, slower: 60)
        #expect(slow.word == "survived" && slow.reason.contains("to recover took"))
    }

    @Test("nothing is concluded from a run that says nothing, or beside a runbook that does not pass itself")
    func inconclusive() {
        #expect(finding(.inconclusive).word == "inconclusive")
        #expect(finding(.inconclusive, failing: "well").word == "inconclusive")
        var failed = Self.passed
        failed.outcome = .failed
        #expect(finding(.failed, failing: "well", original: failed).word == "inconclusive")
    }
}
