import Timeline

/// A runbook with one mistake in it: what a tired person could do with the page, or what rot does to it.
public struct RunbookMutant: Sendable, Hashable {
    /// `kind:step`, unique among the mutants of a plan.
    public var id: String
    /// What was done to the step.
    public var kind: Kind
    /// Name of the step with the mistake.
    public var step: String
    /// Role of that step.
    public var role: StepPlan.Role
    /// The mistake, as a sentence without a full stop.
    public var summary: String
    /// The response with the mistake in it. Its hazardous steps are approved: whoever mutates a runbook asks for the
    /// mistake, and it is played on a testnet of Firedrill's own.
    public var steps: [StepPlan]

    /// The mistakes, in the order in which they are listed for a step.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The step is left out.
        case drop
        /// The step and the one after it change places.
        case swap
        /// The step runs on other hosts: a group that shares none with the right ones.
        case wrongHosts = "wrong-hosts"
        /// The step runs on a part of its hosts only.
        case tooFewHosts = "too-few-hosts"
        /// A variable that names a host names its neighbour.
        case wrongTarget = "wrong-target"
        /// A deployed script is called by a name that does not exist.
        case misspeltScript = "misspelt-script"
        /// The neighbour of a deployed script is called in its place.
        case otherScript = "other-script"
        /// Addresses with `https://` are asked over `http://`.
        case plainHTTP = "plain-http"
        /// The step that makes a list ends well and has made nothing.
        case listNotMade = "list-not-made"
        /// The list from before an earlier step is used.
        case staleList = "stale-list"

        /// Whether a run that recovers as quickly as with the right runbook shows that the mistake does no harm: everything
        /// that changes the network was done all the same.
        public func canBeHarmless(role: StepPlan.Role) -> Bool {
            switch self {
            case .swap: true
            case .drop: role != .act
            default: false
            }
        }
    }
}

extension Plan {
    /// All mutants of the plan's runbook, step by step, always the same for the same plan. Only steps that change or
    /// guard something are mutated: a diagnosis that is left out changes nothing, and a mistake in a `verify` step would
    /// mutate the very thing that is to be tested.
    public var runbookMutants: [RunbookMutant] {
        guard response.kind == .runbook else { return [] }
        let maker = MutantMaker(testnet: testnet, steps: response.steps)
        return response.steps.indices.flatMap { index in
            RunbookMutant.Kind.allCases.compactMap { maker.mutant($0, at: index) }
        }
    }

    /// The same plan with a mutant's steps. A mutant is watched until the budget to recover is used up, not to the
    /// horizon: what comes later misses the budget anyway.
    public func playing(_ mutant: RunbookMutant) -> Plan {
        var plan = self
        plan.response.steps = mutant.steps
        if let budget = criteria.budgets.recover, budget.duration < criteria.horizon.duration {
            plan.criteria.horizon = budget
        }
        return plan
    }
}
