/// What the table of arms (DESIGN section 5) says of a run, and whether the run did it. A verdict is about the network; this
/// is about the experiment: a control that comes out green has not done what a control is for.
public struct ArmExpectation: Sendable, Hashable {
    /// What the arm should do: `stays down`, in a few words.
    public var text: String
    /// Whether it did.
    public var isMet: Bool

    /// The expectation of the arm that `verdict` is of.
    public init(_ verdict: Verdict) {
        switch verdict.arm {
        case .noFault:
            text = "passes: steady, nobody told"
            isMet = verdict.outcome == .passed
        case .runbook:
            text = "passes: back within the budgets"
            isMet = verdict.outcome == .passed
        case .asDocumented:
            text = "passes: back as documented"
            isMet = verdict.outcome == .passed
        case .faultOnly:
            text = "fails: nothing heals by itself"
            isMet = verdict.outcome == .failed
        case .wrongResponse:
            let shown = verdict.facts.filter { $0.kind == .response && $0.isRequired }.map(\.id)
            text = "fails" + (shown.isEmpty ? "" : ", showing \(shown.joined(separator: ", "))")
            isMet =
                verdict.outcome == .failed
                && verdict.facts.allSatisfy { $0.kind != .response || !$0.isRequired || $0.isObserved }
        case .fix:
            // Its expectation stands in the scenario, and is about a pair of runs.
            text = "passes"
            isMet = verdict.outcome == .passed
        }
    }

    /// What the run contributes to an exit code that is about expectations: 0 when it did what its arm should; otherwise 3 or 2
    /// when it says nothing about the network, and 1.
    public static func exitCode(of verdict: Verdict) -> ExitCode {
        if Self(verdict).isMet { return .passed }
        return verdict.exitCode == .passed ? .failed : verdict.exitCode
    }
}
