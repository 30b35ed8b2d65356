/// What became of a runbook with one mistake in it, by the record of its run.
public enum MutantFinding: Sendable, Hashable {
    /// The runbook noticed: a step of it failed, or one of its budgets was missed. `by` names the step with its role,
    /// or the budget.
    case caught(by: String, reason: String)
    /// Nothing was noticed, and nothing was lost: all was done that changes the network, and it recovered as quickly.
    case harmless(reason: String)
    /// The runbook's own verification was content with the mistake. A finding about the runbook.
    case survived(reason: String)
    /// The run says nothing about the mistake.
    case inconclusive(reason: String)

    /// One word, as in reports.
    public var word: String {
        switch self {
        case .caught: "caught"
        case .harmless: "harmless"
        case .survived: "survived"
        case .inconclusive: "inconclusive"
        }
    }

    /// In a full sentence.
    public var reason: String {
        switch self {
        case .caught(_, let reason), .harmless(let reason), .survived(let reason), .inconclusive(let reason): reason
        }
    }
}

/// Tells what became of mutants, beside the run of the runbook without a mistake. Pure.
public struct MutantJudge: Sendable {
    /// A harmless mutant takes at most this share longer to mitigate and to recover, besides the precision of both runs.
    public static let harmlessShare = 0.2

    /// The run of the runbook as it is; must have passed.
    public let original: Verdict

    /// - Parameter original: verdict of the runbook as it is. Mutants of a runbook that does not pass itself are
    ///   inconclusive.
    public init(original: Verdict) { self.original = original }

    /// What a mutant's run shows.
    /// - Parameters:
    ///   - canBeHarmless: the mistake left out nothing that changes the network.
    ///   - events: the run's record, for its steps.
    public func finding(of verdict: Verdict, events: [Event], canBeHarmless: Bool) -> MutantFinding {
        guard original.outcome == .passed else {
            return .inconclusive(reason: "The runbook itself did not pass: \(original.reasons.first ?? "")")
        }
        for event in events {
            guard case .stepEnded(let step, let role, false, _, let reason) = event.body else { continue }
            // A step that was cut short with the run says nothing.
            if verdict.outcome == .inconclusive { break }
            return .caught(by: "\(role) \(step)", reason: reason)
        }
        switch verdict.outcome {
        case .inconclusive: return .inconclusive(reason: verdict.reasons.first ?? "The run says nothing.")
        case .failed: return ofFailed(verdict)
        case .passed: return ofPassed(verdict, canBeHarmless: canBeHarmless)
        }
    }

    /// No step failed, and yet the run did.
    private func ofFailed(_ verdict: Verdict) -> MutantFinding {
        if let budget = verdict.budgets.first(where: { $0.isMet == false }) {
            return .caught(
                by: "budget to \(budget.name)",
                reason: "Every step passed; only the budget tells. \(verdict.reasons.first ?? "")")
        }
        return .survived(
            reason: "Every step passed, and the network was not well: \(verdict.reasons.first ?? "no reason given")")
    }

    private func ofPassed(_ verdict: Verdict, canBeHarmless: Bool) -> MutantFinding {
        let slower = [("mitigate", \Verdict.Times.mitigate), ("recover", \Verdict.Times.recover)].compactMap {
            (name, path) -> String? in
            guard let before = original.times[keyPath: path].wall, let after = verdict.times[keyPath: path].wall else {
                return nil
            }
            let allowed = before * (1 + Self.harmlessShare) + original.precision + verdict.precision
            guard after > allowed else { return nil }
            return
                "to \(name) took \(JSON.numberText(after, decimals: 1)) s instead of \(JSON.numberText(before, decimals: 1)) s"
        }
        if canBeHarmless, slower.isEmpty {
            return .harmless(
                reason: "Every step passed, and the network recovered as quickly as with the right runbook.")
        }
        let cost = slower.isEmpty ? "" : ", though \(slower.joined(separator: " and "))"
        return .survived(reason: "Every step passed, and the network recovered\(cost).")
    }
}
