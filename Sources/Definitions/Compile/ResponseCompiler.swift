import Timeline

/// Resolves what responders do: a runbook, or the steps of a wrong response.
struct ResponseCompiler {
    let scenario: ScenarioFile
    let testnet: Testnet
    /// What approves hazardous steps: `the scenario 'x'`, or a fix of it.
    let owner: String
    let sink: Sink

    func none() -> ResponsePlan {
        ResponsePlan(
            kind: .none, acknowledgeAfter: DurationText(.zero), startAfter: DurationText(.zero), steps: [])
    }

    func runbook(_ runbook: RunbookFile, compiler: inout TestnetCompiler) -> ResponsePlan {
        let environment = VariableRule.resolve(
            runbook.variables, with: scenario.runbookVars, at: scenario.runbook?.at ?? scenario.at,
            owner: "the runbook '\(runbook.name.value)'", sink: sink)
        checkNames(of: runbook)
        let delays = delays(for: runbook)
        let steps = runbook.steps.map { step in
            plan(step, of: runbook, environment: environment, delay: delays[step.name.value], compiler: &compiler)
        }
        return ResponsePlan(
            kind: .runbook, acknowledgeAfter: scenario.responder.acknowledgeAfter,
            startAfter: scenario.responder.startAfter, steps: steps)
    }

    private func plan(
        _ step: RunbookFile.Step, of runbook: RunbookFile, environment: [String: String], delay: DurationText?,
        compiler: inout TestnetCompiler
    ) -> StepPlan {
        let hosts = step.hosts.map { testnet.resolve($0, sink: sink) } ?? []
        let command =
            step.role == .manual
            ? nil : ScriptPlan(script: step.script, environment: environment, secrets: [], timeout: step.timeout)
        var rollback: ScriptPlan?
        var reason: String?
        switch step.rollback {
        case .none(let text)?: reason = text
        case .step(let name)?:
            if let undo = runbook.rollbacks.first(where: { $0.name.value == name.value }) {
                rollback = ScriptPlan(script: undo.script, environment: environment, secrets: [], timeout: undo.timeout)
            }
        case nil: break
        }
        if step.role == .manual, delay == nil {
            sink.error(
                "the manual step '\(step.name.value)' has no delay in the scenario '\(scenario.name.value)'",
                at: scenario.runbook?.at ?? scenario.at,
                remedy: "Add '\(step.name.value): 3m' under 'manual_delays': unattended, it takes that time.")
        }
        var plan = StepPlan(
            name: step.name.value, heading: step.heading, role: step.role, hosts: hosts, strategy: step.strategy,
            command: command, instruction: step.instruction, delay: delay ?? DurationText(.zero), expect: step.expect,
            until: step.until, rollback: rollback, rollbackReason: reason, hazard: step.hazard, approvalHash: "",
            approved: false, file: step.name.at.file, line: step.name.at.line)
        plan.approvalHash = approvalHash(plan, compiler: &compiler)
        plan.approved = step.hazard == nil || isApproved(plan, at: step.name.at)
        return plan
    }

    /// DESIGN section 4: script, resolved hosts, variables, strategy, rollback, testnet, deployed scripts that it
    /// calls.
    private func approvalHash(_ step: StepPlan, compiler: inout TestnetCompiler) -> String {
        var digest = ApprovalDigest()
        digest.add("testnet", testnet.file.name.value)
        digest.add("step", step.name)
        digest.add("role", step.role.rawValue)
        for host in step.hosts { digest.add("host", host) }
        digest.add("strategy", step.strategy.approvalText)
        digest.add("instruction", step.instruction ?? "")
        if let command = step.command { digest.add("command", command) }
        if let rollback = step.rollback { digest.add("rollback", rollback) }
        digest.add("rollback.reason", step.rollbackReason ?? "")
        let values = step.command.map { Array($0.environment.values) } ?? []
        let text = ([step.command?.script ?? "", step.rollback?.script ?? ""] + values.sorted()).joined(separator: "\n")
        let called = compiler.calledScripts(by: text, on: step.hosts)
        for path in called.keys.sorted() { digest.add("calls", "\(path)=\(called[path] ?? "")") }
        return digest.text
    }

    private func isApproved(_ step: StepPlan, at: Location) -> Bool {
        guard let given = scenario.approvals[step.name], let first = given.first else {
            sink.warning(
                "the hazardous step '\(step.name)' is not approved in \(owner)", at: at,
                remedy:
                    "Read it, then add '\(step.name): \(step.approvalHash)' under its 'approvals', or approve it at a terminal."
            )
            return false
        }
        if given.contains(where: { $0.value == step.approvalHash }) { return true }
        let size = testnet.size.map { ", at the size '\($0)'" } ?? ""
        sink.warning(
            "the hazardous step '\(step.name)' has changed since it was approved\(size)", at: first.at,
            remedy: "Read it again, then write '\(step.name): \(step.approvalHash)' under 'approvals' of \(owner)"
                + (size.isEmpty ? "." : ", or a list with one hash for each size."))
        return false
    }

    private func checkNames(of runbook: RunbookFile) {
        let hazardous = runbook.steps.filter { $0.hazard != nil }.map(\.name.value)
        for (name, hashes) in scenario.approvals where !hazardous.contains(name) {
            sink.unknown(
                "the hazardous step", Located(value: name, at: hashes.first?.at ?? scenario.at), among: hazardous)
        }
    }

    private func delays(for runbook: RunbookFile) -> [String: DurationText] {
        let names = runbook.steps.map(\.name.value)
        var delays: [String: DurationText] = [:]
        for entry in scenario.manualDelays {
            if !names.contains(entry.key.value) { sink.unknown("the step", entry.key, among: names) }
            delays[entry.key.value] = Scalars.duration(entry.value, what: entry.key.value, sink: sink)?.value
        }
        return delays
    }

    /// A wrong response's steps are acts without rollback: the testnet is thrown away.
    func scripted(_ response: ScenarioFile.WrongResponse) -> ResponsePlan {
        let steps = response.steps.map { step in
            StepPlan(
                name: step.name.value, heading: response.summary, role: .act,
                hosts: testnet.resolve(step.hosts, sink: sink), strategy: step.strategy, command: step.block.plan(),
                instruction: nil, delay: step.delay, expect: step.expect, until: nil, rollback: nil,
                rollbackReason: "a wrong response is played as it was", hazard: nil, approvalHash: "", approved: true,
                file: step.name.at.file, line: step.name.at.line)
        }
        return ResponsePlan(
            kind: .scripted, acknowledgeAfter: scenario.responder.acknowledgeAfter,
            startAfter: scenario.responder.startAfter, steps: steps)
    }
}

extension StepPlan.Strategy {
    fileprivate var approvalText: String {
        switch self {
        case .parallel(let limit, let maxFail): "parallel \(limit.map(String.init) ?? "all") max-fail \(maxFail)"
        case .rolling(let batch, let maxFail): "rolling \(batch) max-fail \(maxFail)"
        }
    }
}
