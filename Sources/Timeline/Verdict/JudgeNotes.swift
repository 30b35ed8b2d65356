/// What decides nothing and should be known, and why a run passed.
extension JudgeRules {
    mutating func noteRest() {
        for (name, scope) in clock.scopes.sorted(by: { $0.key < $1.key }) where scope.steady.breaks > 1 {
            notes.append(
                "The steady state of \(name) broke \(scope.steady.breaks) times; recovery counts from the last.")
        }
        for check in verdict.crossChecks where check.agrees == false {
            notes.append(
                check.difference == nil
                    ? "Only the \(check.byProbes == nil ? "block logs" : "probes") saw a recovery of \(check.scope)."
                    : "Probes and block logs disagree about the recovery of \(check.scope) by more than the precision.")
        }
        for fault in ledger.faults where fault.isInjected {
            if fault.stages.last == .superseded || (fault.stages.contains(.superseded) && fault.stages.last == .closed)
            {
                notes.append(
                    "The undo of '\(fault.id)' on \(fault.host) was superseded: its state had been changed since.")
            } else if !fault.stages.contains(.undone) && !fault.stages.contains(.closed) {
                let failure = fault.details[.undoFailed].map { " (\($0))" } ?? ""
                notes.append("The fault '\(fault.id)' on \(fault.host) was not undone\(failure).")
            }
        }
        notes += PhaseComparison(measuring: measuring, facts: []).lateSteps
        let simulated = ledger.steps.filter { $0.end?.simulated ?? false }.map(\.name)
        if !simulated.isEmpty { notes.append("Simulated manual steps: \(simulated.joined(separator: ", ")).") }
    }

    /// Why a run without any complaint passed.
    var successSentence: String {
        if let promise = criteria.fix?.expect { return "The fix kept what it promises: \(promise)." }
        if criteria.arm == .noFault {
            return "The steady state held throughout, no onset symptom showed and nobody was told anything."
        }
        guard let wall = verdict.times.recover.wall, let incident = verdict.times.recover.incident else {
            return "The steady state held throughout, although the fault was in."
        }
        let budget =
            verdict.budgets.first { $0.name == "recover" }.map { ", within the budget of \(budgetText($0.limit))" }
            ?? ""
        let phases =
            verdict.arm != .asDocumented || verdict.phases.isEmpty ? "" : ", as documented (\(verdict.phasesText))"
        return
            "Recovered \(budgetText(incident)) of incident time after the fault (\(JSON.numberText(wall, decimals: 1)) s of wall time)\(budget)\(phases)."
    }

    func budgetText(_ seconds: Double) -> String {
        DurationText(.milliseconds(Int64(min(max(seconds, 0), 1e9).rounded()) * 1000)).description
    }
}
