/// A counterfactual statement, with the pair of arms that answers it.
public struct Claim: Sendable, Hashable {
    /// The C fact, such as `H1-C1`.
    public var id: String
    /// In own words.
    public var statement: String
    /// The arms that are compared.
    public var control, treatment: Criteria.Arm
    /// What is compared.
    public var measure: Measure
    /// One scope instead of the network.
    public var scope: String?
    /// What is claimed of the two.
    public var expect: Expect
    /// What was compared, in words.
    public var note: String?

    /// All parts as given.
    public init(
        id: String, statement: String, control: Criteria.Arm, treatment: Criteria.Arm, measure: Measure,
        scope: String? = nil, expect: Expect, note: String? = nil
    ) {
        self.id = id
        self.statement = statement
        self.control = control
        self.treatment = treatment
        self.measure = measure
        self.scope = scope
        self.expect = expect
        self.note = note
    }

    /// What two arms are compared by.
    public enum Measure: String, Sendable, Hashable, CaseIterable {
        case ttd, tta, ttm, ttr, outage
    }

    /// What is claimed.
    public enum Expect: Sendable, Hashable, CustomStringConvertible {
        case ratioAtMost(Double)
        case ratioAtLeast(Double)
        /// Which sides have an outage.
        case outage(control: Bool, treatment: Bool)

        /// As definition files write it.
        public var description: String {
            switch self {
            case .ratioAtMost(let limit): "ratio<=\(limit)"
            case .ratioAtLeast(let limit): "ratio>=\(limit)"
            case .outage(true, true): "both"
            case .outage(false, false): "neither"
            case .outage(true, false): "only-control"
            case .outage(false, true): "only-treatment"
            }
        }
    }
}

/// Answers claims by replays of their two arms.
public enum ClaimJudge {
    /// What the runs say of a claim.
    public struct Answer: Sendable, Hashable {
        /// Nil: undecided.
        public var isTrue: Bool?
        /// A full sentence.
        public var reason: String
        /// Nil of outages, and when a side says nothing of the time.
        public var ratio: Ratio?

        /// `true`, `false` or `undecided`.
        public var word: String { isTrue.map { $0 ? "true" : "false" } ?? "undecided" }
    }

    /// An inconclusive run, or one without a time to compare, leaves the claim undecided.
    public static func answer(_ claim: Claim, control: ComparedSide, treatment: ComparedSide) -> Answer {
        guard !control.runs.isEmpty, !treatment.runs.isEmpty else {
            return Answer(isTrue: nil, reason: "It was not played on both sides.")
        }
        for run in control.runs + treatment.runs {
            if let reason = run.inconclusiveReason { return Answer(isTrue: nil, reason: "\(run.run): \(reason)") }
        }
        if let reason = treatment.watchedTooShortly(beside: control) { return Answer(isTrue: nil, reason: reason) }
        if case .outage(let controls, let treatments) = claim.expect {
            return outages(claim, (control, controls), (treatment, treatments))
        }
        guard let measure = Promise.Measure(rawValue: claim.measure.rawValue),
            let treated = treatment.spans(of: measure, scope: claim.scope),
            let controls = control.spans(of: measure, scope: claim.scope),
            let ratio = Ratio(treatment: treated, control: controls)
        else { return Answer(isTrue: nil, reason: "A side has no \(claim.measure.rawValue).") }
        guard control.runs.allSatisfy({ $0.verdict.outage(of: claim.scope) == true }) else {
            return Answer(isTrue: nil, reason: "The control shows no outage.", ratio: ratio)
        }
        let isTrue: Bool? =
            switch claim.expect {
            case .ratioAtMost(let limit): ratio.isAtMost(limit)
            case .ratioAtLeast(let limit): ratio.isAtLeast(limit)
            case .outage: nil
            }
        let scope = claim.scope.map { " of \($0)" } ?? ""
        return Answer(
            isTrue: isTrue,
            reason: "\(claim.measure.rawValue)\(scope) of \(treatment.arm) is \(ratio) of \(control.arm)'s.",
            ratio: ratio)
    }

    private static func outages(
        _ claim: Claim, _ control: (side: ComparedSide, expected: Bool),
        _ treatment: (side: ComparedSide, expected: Bool)
    ) -> Answer {
        var isTrue = true
        for (side, expected) in [control, treatment] {
            let seen = Set(side.runs.map { $0.verdict.outage(of: claim.scope) })
            guard seen.count == 1, let first = seen.first, let outage = first else {
                return Answer(isTrue: nil, reason: "The runs of \(side.arm) do not agree about an outage.")
            }
            if outage != expected { isTrue = false }
        }
        func words(_ side: ComparedSide) -> String {
            side.runs[0].verdict.outage(of: claim.scope) == true ? "an outage" : "no outage"
        }
        return Answer(
            isTrue: isTrue,
            reason: "\(control.side.arm) has \(words(control.side)), \(treatment.side.arm) \(words(treatment.side)).")
    }
}
