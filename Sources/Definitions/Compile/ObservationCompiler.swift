import Timeline

/// What is watched besides probes.
extension ScenarioCompiler {
    /// What is watched besides probes; names that the detection refers to are checked on the way.
    func observation(_ testnet: Testnet) -> ObservationPlan {
        var plan = ObservationPlan()
        plan.noFaultWindow = scenario.noFaultWindow.map { DurationText($0.value.duration / timeScale) }
        if let entry = scenario.detection {
            checkSource(entry.pager, isPager: true)
            checkSource(entry.reports, isPager: false)
            plan.pagerTest = entry.pagerTest.map {
                PagerTestPlan(hosts: testnet.resolve($0.hosts, sink: sink), command: $0.block.plan())
            }
        }
        if let entry = scenario.crossCheck {
            let hosts = testnet.resolve(entry.hosts, sink: sink)
            let scopes = entry.each.map { testnet.scopes(of: $0, among: hosts, sink: sink) } ?? ["all": hosts]
            plan.crossCheck = CrossCheckPlan(command: entry.block.plan(), scopes: scopes)
        }
        return plan
    }

    private func checkSource(_ name: Located<String>?, isPager: Bool) {
        guard let name else { return }
        let fitting = scenario.probes.filter {
            switch $0.kind {
            case .pager: isPager
            case .chat: !isPager
            default: false
            }
        }
        if !fitting.contains(where: { $0.id.value == name.value }) {
            sink.unknown("the \(isPager ? "pager" : "chat") probe", name, among: fitting.map(\.id.value))
        }
    }
}
