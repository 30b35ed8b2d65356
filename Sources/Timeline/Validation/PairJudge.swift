/// Judges a fix by replays without and with it.
public enum PairJudge {
    /// What a pair says.
    public struct Judgement: Sendable, Hashable {
        /// Whether the fix works.
        public var verdict: Verdict
        /// A full sentence.
        public var reason: String
        /// Of the measure that the promise is about, else of the time to recover; nil when there is none.
        public var ratio: Ratio?

        /// The three words.
        public enum Verdict: String, Sendable, Hashable, CaseIterable {
            /// Every control is red, every treatment keeps the promise.
            case works
            /// A treatment does not keep it.
            case doesNotWork = "does-not-work"
            /// A control is not red, or a run says nothing.
            case inconclusive
        }
    }

    /// A fix works when every control shows the outage and does not keep the promise, and every treatment keeps it.
    public static func judge(_ promise: Promise, control: ComparedSide, treatment: ComparedSide) -> Judgement {
        let ratio = treatment.spans(of: promise.measure).flatMap { treated in
            control.spans(of: promise.measure).flatMap { Ratio(treatment: treated, control: $0) }
        }
        func judgement(_ verdict: Judgement.Verdict, _ reason: String) -> Judgement {
            Judgement(verdict: verdict, reason: reason, ratio: ratio)
        }
        guard !control.runs.isEmpty, !treatment.runs.isEmpty else {
            return judgement(.inconclusive, "It was not played on both sides.")
        }
        for run in control.runs {
            if let reason = notRed(run, promise) {
                return judgement(.inconclusive, "The control (\(run.run)): \(reason)")
            }
        }
        if let run = treatment.runs.first(where: { $0.verdict.outcome == .failed }) {
            return judgement(.doesNotWork, run.verdict.reasons.first ?? "It failed.")
        }
        for run in treatment.runs {
            if let reason = run.inconclusiveReason {
                return judgement(.inconclusive, "With the fix (\(run.run)): \(reason)")
            }
        }
        if let reason = treatment.watchedTooShortly(beside: control) { return judgement(.inconclusive, reason) }
        for case .share(let measure, let share) in promise.terms {
            guard let treated = treatment.spans(of: measure), let controls = control.spans(of: measure),
                let ratio = Ratio(treatment: treated, control: controls)
            else { return judgement(.inconclusive, "\(measure.rawValue) was not measured on both sides.") }
            switch ratio.isAtMost(share) {
            case true: continue
            case false: return judgement(.doesNotWork, "\(measure.rawValue) is \(ratio) of the control's.")
            default:
                return judgement(
                    .inconclusive, "\(measure.rawValue) is \(ratio) of the control's: more runs would tell.")
            }
        }
        return judgement(.works, treatment.runs[0].verdict.reasons.first ?? "")
    }

    /// Why a control proves nothing; nil when it shows the outage and does not keep the promise.
    private static func notRed(_ run: ComparedRun, _ promise: Promise) -> String? {
        // The plainest reason first: a control that stayed green is inconclusive as a run too.
        if run.verdict.outage == false { return "There was no outage without the fix either." }
        if let reason = run.inconclusiveReason { return reason }
        guard run.verdict.outage == true else { return "Whether there was an outage is not known." }
        let isKept = promise.terms.allSatisfy { term in
            if case .share = term { return false }
            if case .missed = term.finding(in: run.verdict) { return false }
            return true
        }
        return isKept ? "It keeps the promise (\(promise)) without the fix." : nil
    }
}

extension Promise {
    /// What is compared: the first time that it is about, else the time to recover.
    public var measure: Measure {
        for term in terms {
            switch term {
            case .atMost(let measure, _), .share(let measure, _): return measure
            case .alert: return .ttd
            case .noOutage: continue
            }
        }
        return .ttr
    }
}

extension Ratio: CustomStringConvertible {
    /// `0.42 (0.31 to 0.55)`, `at most 0.55`, `at least 1.3`.
    public var description: String {
        func text(_ value: Double) -> String { JSON.double(value).text(.init(decimals: 2)) }
        switch (value, high) {
        case (let value?, let high?): return "\(text(value)) (\(text(low)) to \(text(high)))"
        case (let value?, nil): return "\(text(value)) (at least \(text(low)))"
        case (nil, let high?): return low > 0 ? "\(text(low)) to \(text(high))" : "at most \(text(high))"
        case (nil, nil): return low > 0 ? "at least \(text(low))" : "unknown"
        }
    }
}
