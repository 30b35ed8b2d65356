/// Turns events into a verdict. Pure: the same criteria and events give the same verdict, byte for byte.
public enum Judge {
    /// Judges a run from its events, which may be any prefix of a run or nothing at all.
    public static func verdict(criteria: Criteria, events: [Event]) -> Verdict {
        var clock = PhaseClock(criteria)
        var ledger = RunLedger(criteria)
        for event in events {
            clock.apply(event)
            ledger.apply(event)
        }
        return verdict(clock: clock, ledger: ledger)
    }

    static func verdict(clock: PhaseClock, ledger: RunLedger) -> Verdict {
        let criteria = clock.criteria
        let measuring = Measuring(criteria: criteria, clock: clock, ledger: ledger)
        let times = measuring.times
        let facts = FactFinding(criteria: criteria, clock: clock, ledger: ledger).facts
        var verdict = Verdict(
            run: ledger.run?.id ?? "", scenario: criteria.scenario, incident: criteria.incident, arm: criteria.arm,
            variant: criteria.variant, outage: measuring.outage, brokeAfter: measuring.brokeAfter,
            outcome: .inconclusive, isHarnessError: false,
            reasons: [], notes: [],
            facts: facts, times: times, byScope: measuring.byScope, budgets: measuring.budgets(for: times),
            phases: PhaseComparison(measuring: measuring, facts: facts).phases,
            crossChecks: measuring.crossChecks, stamps: clock.stamps, harness: measuring.harnessTimes,
            timeScale: measuring.scale, seed: criteria.seed, precision: measuring.precision, size: criteria.size,
            commit: criteria.commit)
        var rules = JudgeRules(measuring: measuring, verdict: verdict)
        rules.apply()
        verdict.isHarnessError = !rules.harness.isEmpty
        verdict.notes = rules.notes.map(oneLine)
        if !rules.harness.isEmpty || !rules.inconclusive.isEmpty {
            verdict.outcome = .inconclusive
        } else {
            verdict.outcome = rules.failed.isEmpty ? .passed : .failed
        }
        let reasons = rules.harness + rules.inconclusive + rules.failed
        verdict.reasons = reasons.isEmpty ? [rules.successSentence] : reasons.map(oneLine)
        return verdict
    }

    /// A sentence may quote what a host printed, which has lines.
    private static func oneLine(_ sentence: String) -> String {
        sentence.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
