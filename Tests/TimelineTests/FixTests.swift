import Testing

@testable import Timeline

@Suite("What a fix promises, and what a variant asks for")
struct FixTests {
    private static func criteria(_ terms: [Promise.Term], plays: Criteria.Arm = .faultOnly) -> Criteria {
        var criteria = Criteria.synthetic(.fix(["X1"]))
        criteria.fix = .init(plays: plays, expect: terms.isEmpty ? nil : Promise(terms: terms))
        return criteria
    }

    private static func asFix(_ run: SyntheticRun) -> SyntheticRun {
        var run = run
        run.change { _, body in
            if case .runStarted(let id, let scenario, _, let seed, _) = body {
                body = .runStarted(runID: id, scenario: scenario, arm: "fix:X1", seed: seed)
            }
        }
        return run
    }

    @Test("an outage breaks the promise that there is none, recovered or not")
    func outage() {
        for run in [SyntheticRun.runbook(), SyntheticRun.faultOnly()] {
            let verdict = Judge.verdict(criteria: Self.criteria([.noOutage]), events: Self.asFix(run).events)
            #expect(verdict.outage == true)
            #expect(verdict.outcome == .failed, "\(verdict.reasons)")
            #expect(verdict.reasons.first == "There was an outage, and none was expected.")
        }
    }

    @Test(
        "a time is compared in incident time",
        arguments: [
            (Promise.Term.atMost(.ttr, DurationText(.seconds(600))), Verdict.Outcome.passed),
            (.atMost(.ttr, DurationText(.seconds(300))), .failed), (.alert(DurationText(.seconds(600))), .passed),
            (.alert(DurationText(.seconds(3))), .failed), (.share(.ttr, 0.5), .passed),
        ])
    func times(term: Promise.Term, outcome: Verdict.Outcome) {
        let verdict = Judge.verdict(
            criteria: Self.criteria([term], plays: .runbook), events: Self.asFix(.runbook()).events)
        #expect(verdict.outcome == outcome, "\(verdict.reasons)")
        if case .share = term { #expect(verdict.notes.contains { $0.contains("firedrill validate") }) }
    }

    @Test("a time that was not waited for is not known, and one that was is missed")
    func censored() {
        var criteria = Self.criteria([.atMost(.ttr, DurationText(.seconds(86_400)))])
        let run = Self.asFix(.faultOnly())
        let short = Judge.verdict(criteria: criteria, events: run.events)
        #expect(short.times.recover.isCensored)
        #expect(short.outcome == .inconclusive, "\(short.reasons)")
        criteria.fix?.expect = Promise(terms: [.atMost(.ttr, DurationText(.seconds(60)))])
        #expect(Judge.verdict(criteria: criteria, events: run.events).outcome == .failed)
    }

    @Test("a report is no alert")
    func report() {
        var run = Self.asFix(.runbook())
        run.change { _, body in
            if case .signal(_, let id, let names, let summary, let resolved) = body {
                body = .signal(source: .report, id: id, names: names, summary: summary, resolved: resolved)
            }
        }
        let criteria = Self.criteria([.alert(DurationText(.seconds(600)))], plays: .runbook)
        let verdict = Judge.verdict(criteria: criteria, events: run.events)
        #expect(verdict.outcome == .failed && verdict.reasons[0].contains("report"), "\(verdict.reasons)")
    }

    @Test("without a promise a fix is judged as the arm that it plays")
    func played() {
        let unanswered = Judge.verdict(criteria: Self.criteria([]), events: Self.asFix(.faultOnly()).events)
        #expect(unanswered.outcome == .failed, "\(unanswered.reasons)")
        let answered = Judge.verdict(
            criteria: Self.criteria([], plays: .runbook), events: Self.asFix(.runbook()).events)
        #expect(answered.outcome == .passed, "\(answered.reasons)")
    }

    @Test("under a variant the write-up's symptoms need not show; without one they must")
    func variant() {
        var criteria = Criteria.synthetic()
        criteria.symptoms[0].checks[0].probe = "nothing"
        let strict = Judge.verdict(criteria: criteria, events: SyntheticRun.runbook().events)
        #expect(strict.outcome == .inconclusive)
        criteria.variant = "other"
        let varied = Judge.verdict(criteria: criteria, events: SyntheticRun.runbook().events)
        #expect(varied.outcome == .passed, "\(varied.reasons)")
        #expect(varied.variant == "other" && varied.encoded().contains("\"variant\": \"other\""))
        #expect(!varied.facts[0].isRequired)
    }

    @Test("no outage is known only when breaks were counted")
    func unknownOutage() {
        #expect(Judge.verdict(criteria: .synthetic(), events: []).outage == nil)
    }
}
