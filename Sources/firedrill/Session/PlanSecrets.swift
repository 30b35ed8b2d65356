import Definitions

extension Plan {
    /// The same plan with every secret value replaced by its name.
    var withoutSecrets: Plan {
        var plan = self
        for index in plan.testnet.stages.indices { plan.testnet.stages[index].command.hideSecrets() }
        for index in plan.probes.indices {
            guard case .command(var script) = plan.probes[index].kind else { continue }
            script.hideSecrets()
            plan.probes[index].kind = .command(script)
        }
        for index in plan.faults.indices { plan.faults[index].hideSecrets() }
        for index in plan.response.steps.indices {
            plan.response.steps[index].command?.hideSecrets()
            plan.response.steps[index].rollback?.hideSecrets()
        }
        plan.observation.pagerTest?.command.hideSecrets()
        plan.observation.crossCheck?.command.hideSecrets()
        return plan
    }
}
