/// The rules of DESIGN section 5, each a function that adds sentences to what it found.
struct JudgeRules {
    let measuring: Measuring
    let verdict: Verdict

    /// The harness failed: nothing about the network can be concluded.
    private(set) var harness: [String] = []
    private(set) var inconclusive: [String] = []
    private(set) var failed: [String] = []
    var notes: [String] = []

    var criteria: Criteria { measuring.criteria }
    var clock: PhaseClock { measuring.clock }
    var ledger: RunLedger { measuring.ledger }

    init(measuring: Measuring, verdict: Verdict) {
        self.measuring = measuring
        self.verdict = verdict
    }

    mutating func apply() {
        judgeRecord()
        judgeProblems()
        judgeBaseline()
        judgeLatentConditions()
        if criteria.arm == .noFault {
            judgeNoFault()
        } else {
            judgeFaults()
            judgeFacts()
            judgeSteps()
            if let promise = criteria.fix?.expect {
                judge(promise)
            } else {
                judgeRecovery()
                judgeBudgets()
            }
            failed += verdict.phases.compactMap(\.complaint)
        }
        noteRest()
    }

    // MARK: Every arm

    /// A record that does not start, does not end, or belongs to something else is never passed.
    private mutating func judgeRecord() {
        guard let run = ledger.run else {
            harness.append("The record has no start of a run, so there is nothing to judge.")
            return
        }
        if !ledger.startsRun {
            harness.append("The record does not begin with the start of the run; its first lines are missing.")
        }
        if run.scenario != criteria.scenario || run.arm != criteria.arm.description || run.seed != criteria.seed
            || run.size != criteria.size
        {
            let sizes = (run.size.map { ", size \($0)" } ?? "", criteria.size.map { ", size \($0)" } ?? "")
            harness.append(
                "The record is of \(run.scenario), arm \(run.arm), seed \(run.seed)\(sizes.0); the plan is for "
                    + "\(criteria.scenario), arm \(criteria.arm), seed \(criteria.seed)\(sizes.1).")
        }
        if let error = ledger.endError { harness.append("The harness failed: \(error)") }
        if !ledger.hasEnded {
            harness.append("The record ends before the run did: Firedrill was killed, or is still running.")
        }
        if ledger.starts > 1 { harness.append("The record holds the start of \(ledger.starts) runs.") }
        if ledger.hasEventsAfterEnd { harness.append("The record goes on after the end of the run.") }
    }

    private mutating func judgeProblems() {
        for problem in ledger.problems {
            switch problem.kind {
            case .harness: harness.append("The harness failed: \(problem.reason)")
            case .baselineNotSteady where clock.steady.hasHeld(at: clock.evaluator.now) && isLatentMissing:
                // The latent condition itself is a reason, with its evidence.
                continue
            case .baselineNotSteady:
                inconclusive.append("The steady state never held before the fault: \(problem.reason)")
            case .faultNotProven:
                // The fault's own record says the same, with the fault's name and host.
                guard !ledger.faults.contains(where: { $0.isInjected && !$0.isProven }) else { continue }
                inconclusive.append(problem.reason)
            case .resultUnknown: inconclusive.append("A command's result is unknown: \(problem.reason)")
            case .leaseFired: inconclusive.append("A lease fired while the fault was in: \(problem.reason)")
            case .interrupted: inconclusive.append("The run was interrupted: \(problem.reason)")
            }
        }
        for result in ledger.unknownResults { inconclusive.append("A command's result is unknown: \(result).") }
        for host in ledger.lostHosts { inconclusive.append("A host was lost during the run: \(host).") }
    }

    /// The steady state must have held for `hold` before the fault; a run that never saw normal proves nothing.
    private mutating func judgeBaseline() {
        guard !criteria.steadyState.isEmpty else {
            inconclusive.append("The plan has no steady-state check, so nothing says what recovered means.")
            return
        }
        guard !ledger.problems.contains(where: { $0.kind == .baselineNotSteady }) else { return }
        let hold = Nanoseconds.span(criteria.hold)
        if criteria.arm == .noFault {
            if clock.steady.begin == nil {
                inconclusive.append("The steady state never held for \(criteria.hold). \(unsteady)")
            }
            return
        }
        guard let injected = clock.stamps.injectStarted else {
            if clock.stamps.firstSteady == nil { inconclusive.append("The steady state never held. \(unsteady)") }
            return
        }
        guard clock.stamps.baselineStarted != nil else {
            inconclusive.append("The fault was injected before there was a baseline.")
            return
        }
        guard let since = clock.stamps.steadyBeforeFault, injected - since >= hold else {
            inconclusive.append("The steady state had not held for \(criteria.hold) when the fault was injected.")
            return
        }
    }

    /// What was wrong before the outage is part of it: without it, another incident would be replayed.
    private mutating func judgeLatentConditions() {
        guard clock.stamps.baselineStarted != nil else { return }
        for fact in verdict.facts where fact.kind == .latent && fact.isRequired && !fact.isObserved {
            inconclusive.append("The latent condition \(fact.id) did not hold before the fault (\(fact.evidence)).")
        }
    }

    /// The first check that does not hold, in words.
    private var unsteady: String {
        let finding = clock.evaluator.findings(of: .steadyState).first { $0.truth != .yes }
        return finding.map { "Check '\($0.check)' of \($0.scope): \($0.evidence)." } ?? ""
    }

    private var isLatentMissing: Bool {
        verdict.facts.contains { $0.kind == .latent && $0.isRequired && !$0.isObserved }
    }

    // MARK: The arm without a fault

    private mutating func judgeNoFault() {
        if let fault = ledger.faults.first(where: \.isInjected) {
            inconclusive.append("The arm is without a fault, but '\(fault.id)' was injected on \(fault.host).")
        }
        if clock.steady.wasKnownBroken {
            failed.append("The steady state broke without a fault.")
        } else if clock.steady.wasLongUnknown {
            inconclusive.append("The steady state was unknown for \(criteria.hold) or longer.")
        }
        for fact in verdict.facts where fact.finding == .unprovoked {
            failed.append("The onset symptom \(fact.id) showed without a fault: \(fact.evidence)")
        }
        for fact in verdict.facts where fact.kind == .onset && fact.finding == .notLookedFor {
            inconclusive.append("The onset symptom \(fact.id) was not known to be absent (\(fact.evidence)).")
        }
        if let begin = clock.steady.begin, (clock.stamps.frozen ?? begin) - begin < Nanoseconds.span(criteria.hold) {
            inconclusive.append("After its baseline the network was observed for less than \(criteria.hold).")
        }
        for signal in ledger.signalsInBaselineOrLater { failed.append("Somebody was told without a fault: \(signal).") }
        judgePager()
    }

    /// "No page" needs a pager that works.
    private mutating func judgePager() {
        let checks = criteria.symptoms.flatMap(\.checks) + criteria.steadyState
        let readsPager = checks.contains {
            switch $0.predicate {
            case .pages, .quiet: true
            default: false
            }
        }
        let isTested = Set(ledger.pagerTests.map(\.moment)).isSuperset(of: ["before", "after"])
        if ledger.pagerTests.contains(where: { !$0.received }) || (readsPager && !isTested) {
            inconclusive.append("The pager was not shown to work before and after, so its silence says nothing.")
        }
    }

    // MARK: Arms with a fault

    /// Every injected fault must be proven after its injection completed.
    private mutating func judgeFaults() {
        guard ledger.faults.contains(where: \.isInjected) else {
            inconclusive.append("No fault was injected.")
            return
        }
        for (id, hosts) in criteria.faults.sorted(by: { $0.key < $1.key }) {
            for host in hosts where !ledger.faults.contains(where: { $0.id == id && $0.host == host }) {
                inconclusive.append("The fault '\(id)' was never injected on \(host).")
            }
        }
        for fault in ledger.faults {
            if fault.stages.contains(.leaseFired) {
                inconclusive.append("The lease of the fault '\(fault.id)' on \(fault.host) fired.")
            }
            if !fault.isProven {
                let detail = fault.details[.notProven].map { ": \($0)" } ?? ""
                inconclusive.append("The effect of the fault '\(fault.id)' on \(fault.host) was not proven\(detail).")
            }
        }
    }

    private mutating func judgeFacts() {
        for fact in verdict.facts where fact.finding == .early {
            inconclusive.append("The symptom \(fact.id) was \(fact.evidence)")
        }
        // Before the fault there is nothing to show: that it was never injected is the whole reason.
        guard clock.stamps.injectStarted != nil else { return }
        // A fix is not credited with what nobody could see; under another fault the write-up's symptoms say nothing.
        for fact in verdict.facts
        where fact.finding == .missing && fact.kind != .latent && criteria.variant == nil {
            inconclusive.append("The \(fact.kind.rawValue) symptom \(fact.id) was not shown (\(fact.evidence)).")
        }
    }

    /// What a fix promises decides; recovery and budgets count only when it promises them.
    private mutating func judge(_ promise: Promise) {
        guard clock.stamps.injectCompleted != nil else { return }
        for term in promise.terms {
            switch term.finding(in: verdict) {
            case .met: break
            case .missed(let sentence): failed.append(sentence)
            case .unknown(let sentence):
                if case .share = term { notes.append(sentence) } else { inconclusive.append(sentence) }
            }
        }
    }

    private mutating func judgeSteps() {
        for step in ledger.steps {
            guard let end = step.end else {
                failed.append("The step '\(step.name)' had not ended when the run did.")
                continue
            }
            if !end.passed { failed.append("The step '\(step.name)' failed: \(end.reason)") }
        }
    }

    private mutating func judgeRecovery() {
        guard clock.stamps.injectCompleted != nil, !criteria.steadyState.isEmpty else { return }
        guard clock.steady.downAt != nil else {
            if criteria.isFix { return }
            inconclusive.append("The steady state never broke, so there was nothing to recover from.")
            return
        }
        guard let recovered = measuring.returned(clock.steady) else {
            judgeNotRecovered()
            return
        }
        let healers =
            criteria.played == .runbook ? "the runbook" : criteria.played == .asDocumented ? "the people" : nil
        if let healers, clock.stamps.firstAct.map({ recovered < $0 }) ?? true {
            inconclusive.append(
                "The network recovered before \(healers) acted, so this run says nothing about \(healers).")
        }
    }

    private mutating func judgeNotRecovered() {
        let down = clock.scopes.filter { $0.value.steady.downAt != nil && measuring.returned($0.value.steady) == nil }
        let who =
            down.isEmpty || down.count == clock.scopes.count ? "" : " in \(down.keys.sorted().joined(separator: ", "))"
        if measuring.reachedHorizon {
            failed.append(
                "The network did not recover\(who) within the horizon of \(criteria.horizon) of incident time.")
        } else if failed.isEmpty {
            inconclusive.append(
                "Observation stopped before the horizon of \(criteria.horizon), without a recovery\(who).")
        } else {
            failed.append("The network had not recovered\(who) when observation stopped.")
        }
    }

    private mutating func judgeBudgets() {
        let judged: Set<String>
        switch criteria.played {
        case .runbook, .fix: judged = ["detect", "mitigate", "recover"]
        case .faultOnly, .wrongResponse: judged = ["recover"]
        case .asDocumented, .noFault: judged = []
        }
        for budget in verdict.budgets where judged.contains(budget.name) && budget.isMet == false {
            let limit = "\(budgetText(budget.limit)) of incident time"
            if let measured = budget.measured {
                failed.append(
                    "The budget to \(budget.name) was missed: \(budgetText(measured.rounded(.up))), the limit is \(limit)."
                )
            } else {
                failed.append("The budget to \(budget.name) was missed: it never happened, the limit is \(limit).")
            }
        }
    }
}
