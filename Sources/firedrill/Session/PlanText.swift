import Definitions
import Timeline

/// A plan for people: what will be done, where, in which order, with which timeout, and what a verdict will ask.
struct PlanText {
    let plan: Plan

    var text: String {
        (heading + hosts + stages + probes + faults + response + observation + criteria).joined(separator: "\n")
    }

    private var heading: [String] {
        let criteria = plan.criteria
        return [
            "\(criteria.scenario), \(criteria.playing), incident \(criteria.incident), testnet \(plan.testnet.name)\(criteria.size.map { ", size \($0)" } ?? "")",
            "one wall second is \(criteria.timeScale) incident seconds; hold \(criteria.hold), horizon \(criteria.horizon) of incident time",
            "precision: probes look every \(criteria.probeInterval); seed \(criteria.seed); commit \(criteria.commit.isEmpty ? "unknown" : criteria.commit)",
        ]
            + (criteria.fix.map { fix in
                [
                    "the fix plays \(fix.plays) and promises \(fix.expect?.description ?? "nothing: it is judged as that arm")"
                ]
            } ?? [])
    }

    private var hosts: [String] {
        let width = plan.testnet.hosts.map(\.name.count).max() ?? 0
        return [
            "",
            "hosts (boot within \(plan.testnet.bootTimeout), steady within \(plan.testnet.settleTimeout) of the last stage)",
        ]
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
                let line =
                    "  \(probe.id) every \(probe.interval), at most \(probe.timeout), on \(names.brief(probe.targets))"
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
                ["  \(fault.id) at \(fault.at) on \(names.brief(fault.hosts)): \(fault.summary)"]
                    + [
                        ("fingerprint", fault.fingerprint), ("inject", fault.inject), ("prove", fault.prove),
                        ("undo", fault.undo), ("prove undone", fault.proveUndone),
                    ].flatMap { command("    \($0.0)", $0.1, on: []) }
            }
    }

    var names: HostNames { HostNames(hosts: plan.testnet.hosts) }

    func command(_ head: String, _ command: ScriptPlan, on hosts: [String]) -> [String] {
        ["\(head)\(hosts.isEmpty ? "" : " on \(names.brief(hosts))"), timeout \(command.timeout)"]
            + command.environment.sorted { $0.key < $1.key }.map { "        \($0.key)=\($0.value)" }
            + indented(command.script)
    }

    private func indented(_ script: String) -> [String] {
        var lines = script.split(separator: "\n", omittingEmptySubsequences: false)
        // The line feed that ends a script begins no line of its own.
        if lines.last?.isEmpty ?? false { lines.removeLast() }
        return lines.map { "        | \($0)" }
    }
}

/// Says a list of hosts as people do: by the group when it is one.
struct HostNames {
    let hosts: [HostPlan]

    /// `validators (28)` when the list is a group of two or more hosts in the testnet's order, `all hosts (33)`,
    /// otherwise the names: the order is part of the plan, because a rolling step follows it.
    func brief(_ list: [String]) -> String {
        guard list.count > 1 else { return list.joined(separator: " ") }
        if list == hosts.map(\.name) { return "all hosts (\(list.count))" }
        let group = hosts.flatMap(\.groups).first { group in
            list == hosts.filter { $0.groups.contains(group) }.map(\.name)
        }
        return group.map { "\($0) (\(list.count))" } ?? list.joined(separator: " ")
    }
}
