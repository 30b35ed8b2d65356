import Timeline

extension ScenarioCompiler {
    /// A fault on the hosts that it is injected on, which must be able to have it.
    func fault(
        _ use: ScenarioFile.FaultUse, _ file: FaultFile, testnet: Testnet, files: [String: [FilePlan]]
    ) -> FaultPlan {
        let hosts = testnet.resolve(use.hosts, sink: sink)
        for host in hosts {
            let capabilities = testnet.host(host)?.capabilities ?? []
            if !capabilities.contains(file.capability.value) {
                sink.error(
                    "the host '\(host)' lacks the capability '\(file.capability.value)' that '\(file.name.value)' needs",
                    at: use.hosts.at,
                    remedy: NearMiss.closest(to: file.capability.value, among: capabilities).map {
                        "Did you mean '\($0)'?"
                    }
                        ?? "Add it to the host's 'capabilities' in \(testnet.file.at.file), or choose another host.")
            }
        }
        let environment = VariableRule.resolve(
            file.parameters, with: use.with, at: use.location, owner: "the fault '\(file.name.value)'", sink: sink)
        for host in hosts.compactMap(testnet.host) {
            FaultRequirements(file: file, host: host, at: use.hosts.at, sink: sink)
                .check(
                    parameters: environment, files: files[host.name] ?? [], onThisMachine: options.programFolder != nil)
        }
        return FaultPlan(
            id: file.name.value, summary: file.summary, hosts: hosts, capability: file.capability.value, at: use.at,
            invariants: file.invariants, fingerprint: file.fingerprint.plan(environment: environment),
            inject: file.inject.plan(environment: environment), prove: file.prove.plan(environment: environment),
            undo: file.undo.plan(environment: environment), proveUndone: file.proveUndone.plan(environment: environment)
        )
    }
}
