import Definitions
import Timeline

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
        for index in plan.faults.indices {
            plan.faults[index].fingerprint.hideSecrets()
            plan.faults[index].inject.hideSecrets()
            plan.faults[index].prove.hideSecrets()
            plan.faults[index].undo.hideSecrets()
            plan.faults[index].proveUndone.hideSecrets()
        }
        for index in plan.response.steps.indices {
            plan.response.steps[index].command?.hideSecrets()
            plan.response.steps[index].rollback?.hideSecrets()
        }
        return plan
    }
}

extension ScriptPlan {
    fileprivate mutating func hideSecrets() {
        for name in secrets where environment[name] != nil { environment[name] = "<\(name)>" }
    }
}

/// A plan for people: what will be done, where, in which order, with which timeout.
struct PlanText {
    let plan: Plan

    var text: String {
        (heading + hosts + stages + probes + faults + response).joined(separator: "\n")
    }

    private var heading: [String] {
        let criteria = plan.criteria
        return [
            "\(criteria.scenario), arm \(criteria.arm), incident \(criteria.incident), testnet \(plan.testnet.name)",
            "one wall second is \(criteria.timeScale) incident seconds; hold \(criteria.hold), horizon \(criteria.horizon) of incident time",
            "precision: probes look every \(criteria.probeInterval); seed \(criteria.seed); commit \(criteria.commit.isEmpty ? "unknown" : criteria.commit)",
        ]
    }

    private var hosts: [String] {
        let width = plan.testnet.hosts.map(\.name.count).max() ?? 0
        return ["", "hosts (boot within \(plan.testnet.bootTimeout))"]
            + plan.testnet.hosts.map { host in
                let can =
                    host.capabilities.isEmpty ? "" : "  capabilities: \(host.capabilities.joined(separator: ", "))"
                return "  \(host.name.padding(to: width))  \(host.address.padding(to: 14))  \(host.files.count) files  "
                    + "services: \(host.services.isEmpty ? "none" : host.services.joined(separator: ", "))\(can)"
            }
    }

    private var stages: [String] {
        ["", "stages"]
            + plan.testnet.stages.flatMap { command("  \($0.name)", $0.command, on: $0.hosts) }
    }

    private var probes: [String] {
        ["", "probes"]
            + plan.probes.flatMap { probe -> [String] in
                let line = "  \(probe.id) every \(probe.interval), at most \(probe.timeout), on \(brief(probe.targets))"
                switch probe.kind {
                case .rpc(let port, let path, let method, _): return ["\(line): POST :\(port)\(path) \(method)"]
                case .http(let url, _): return ["\(line): GET \(url)"]
                case .command(let script): return [line] + indented(script.script)
                case .pager(let port, let path): return ["\(line): pages from :\(port)\(path)"]
                case .chat(let port, let path): return ["\(line): messages from :\(port)\(path)"]
                }
            }
    }

    private var faults: [String] {
        guard !plan.faults.isEmpty else { return ["", "faults: none"] }
        return ["", "faults"]
            + plan.faults.flatMap { fault in
                ["  \(fault.id) at \(fault.at) on \(brief(fault.hosts)): \(fault.summary)"]
                    + [
                        ("fingerprint", fault.fingerprint), ("inject", fault.inject), ("prove", fault.prove),
                        ("undo", fault.undo), ("prove undone", fault.proveUndone),
                    ].flatMap { command("    \($0.0)", $0.1, on: []) }
            }
    }

    private var response: [String] {
        guard !plan.response.steps.isEmpty else { return ["", "response: none"] }
        let response = plan.response
        return [
            "",
            "response: acknowledged \(response.acknowledgeAfter) after the first signal, begun \(response.startAfter) later (incident time)",
        ]
            + response.steps.enumerated().flatMap { number, step -> [String] in
                var head = "  \(number + 1). \(step.name) (\(step.role.rawValue)), \(step.strategy.words)"
                if step.delay.duration > .zero { head += ", after \(step.delay) of incident time" }
                if step.hazard != nil { head += step.approved ? ", hazardous, approved" : ", hazardous, NOT approved" }
                guard let script = step.command else { return ["\(head): \(step.instruction ?? "manual")"] }
                let rollback = step.rollback.map { command("     rollback", $0, on: []) } ?? []
                return command(head, script, on: step.hosts) + rollback
            }
    }

    private func command(_ head: String, _ command: ScriptPlan, on hosts: [String]) -> [String] {
        ["\(head)\(hosts.isEmpty ? "" : " on \(brief(hosts))"), timeout \(command.timeout)"]
            + command.environment.sorted { $0.key < $1.key }.map { "        \($0.key)=\($0.value)" }
            + indented(command.script)
    }

    private func indented(_ script: String) -> [String] {
        script.split(separator: "\n", omittingEmptySubsequences: false).map { "        | \($0)" }
    }

    private func brief(_ hosts: [String]) -> String { hosts.joined(separator: " ") }
}

extension StepPlan.Strategy {
    fileprivate var words: String {
        switch self {
        case .parallel(nil, let maxFail): "all hosts at once\(maxFail > 0 ? ", at most \(maxFail) may fail" : "")"
        case .parallel(let limit?, let maxFail):
            "\(limit) hosts at once\(maxFail > 0 ? ", at most \(maxFail) may fail" : "")"
        case .rolling(let batch, let maxFail):
            "\(batch) after \(batch)\(maxFail > 0 ? ", at most \(maxFail) may fail" : "")"
        }
    }
}
