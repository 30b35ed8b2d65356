import Timeline

/// Choices of one compilation.
public struct CompileOptions: Sendable, Hashable {
    /// Instead of the scenario's `time_scale`; from 1 to 10000.
    public var timeScale: Double?
    /// Instead of the scenario's `seed`.
    public var seed: UInt64?
    /// Instead of the testnet's `default_size`.
    public var size: String?
    /// Commit of the root folder, with `+changes`; empty when unknown.
    public var commit: String
    /// Random text, fresh for each run and kept secret: generated tokens are derived from it.
    public var runNonce: String
    /// Folder of the `firedrill` executable, where programs lie. Nil leaves programs out: only for checking.
    public var programFolder: String?

    /// Makes options; what is not given comes from the scenario.
    public init(
        timeScale: Double? = nil, seed: UInt64? = nil, size: String? = nil, commit: String = "", runNonce: String,
        programFolder: String?
    ) {
        self.timeScale = timeScale
        self.seed = seed
        self.size = size
        self.commit = commit
        self.runNonce = runNonce
        self.programFolder = programFolder
    }
}

/// A plan with the file contents that it pins.
public struct CompiledPlan: Sendable {
    /// What the replay does and the judge reads.
    public var plan: Plan
    /// Sorted by hash; each once.
    public var staged: [StagedFile]
    /// Warnings; never errors.
    public var warnings: [Diagnostic]
}

/// Compiles one scenario. Everything is resolved and checked; what is wrong goes to the sink.
struct ScenarioCompiler {
    let catalogue: Catalogue
    let scenario: ScenarioFile
    let options: CompileOptions
    let sink: Sink

    /// Of the arms that are compiled together: `as-documented` is compiled alone, because it may have another one.
    var timeScale: Double { options.timeScale ?? documentedTimeScale ?? scenario.timeScale }
    private var documentedTimeScale: Double?

    /// What the scenario's names lead to.
    struct Parts {
        var testnet: Testnet
        var incident: IncidentFile
        var runbook: RunbookFile?
        var faults: [(use: ScenarioFile.FaultUse, file: FaultFile)]
    }

    /// The arms that can be compiled now.
    static func arms(of scenario: ScenarioFile) -> [Criteria.Arm] {
        [.noFault, .faultOnly] + (scenario.runbook == nil ? [] : [.runbook])
            + scenario.wrongResponses.map { .wrongResponse($0.id.value) }
            + (scenario.documented == nil ? [] : [.asDocumented])
    }

    init(catalogue: Catalogue, scenario: ScenarioFile, options: CompileOptions, sink: Sink) {
        self.catalogue = catalogue
        self.scenario = scenario
        self.options = options
        self.sink = sink
    }

    /// Plans for several arms over one compiled testnet; nil when names cannot be resolved.
    func compile(_ arms: [Criteria.Arm]) -> (plans: [Plan], staged: [StagedFile])? {
        if arms == [.asDocumented], documentedTimeScale == nil, let scale = scenario.documented?.timeScale {
            var compiler = self
            compiler.documentedTimeScale = scale
            return compiler.compile(arms)
        }
        checkTimes(arms)
        guard let parts = resolve() else { return nil }
        var compiler = TestnetCompiler(
            testnet: parts.testnet, root: catalogue.folder, timeScale: timeScale,
            seed: options.seed ?? scenario.seed, runNonce: options.runNonce, programFolder: options.programFolder,
            sink: sink)
        let testnetPlan = compiler.compile()
        checkPagerTest()
        let probes = scenario.probes.map {
            $0.plan(targets: parts.testnet.resolve($0.hosts, sink: sink), standardInterval: scenario.probeInterval)
        }
        let criteria = criteria(parts, probes: probes)
        let files = Dictionary(testnetPlan.hosts.map { ($0.name, $0.files) }) { first, _ in first }
        let faults = parts.faults.map { fault($0.use, $0.file, testnet: parts.testnet, files: files) }
        let observation = observation(parts.testnet)
        let responses = ResponseCompiler(scenario: scenario, testnet: parts.testnet, sink: sink)
        let plans = arms.map { arm in
            let faults = arm == .noFault ? [] : faults
            var criteria = criteria
            criteria.arm = arm
            if arm == .asDocumented { document(&criteria, parts) }
            criteria.faults = Dictionary(faults.map { ($0.id, $0.hosts) }, uniquingKeysWith: +)
            return Plan(
                testnet: testnetPlan, probes: probes, faults: faults,
                response: response(for: arm, parts, responses, &compiler), criteria: criteria, sources: sources(parts),
                observation: observation)
        }
        return (plans, compiler.staged.values.sorted { $0.sha256 < $1.sha256 })
    }

    private func response(
        for arm: Criteria.Arm, _ parts: Parts, _ responses: ResponseCompiler, _ compiler: inout TestnetCompiler
    ) -> ResponsePlan {
        switch arm {
        case .noFault, .faultOnly: return responses.none()
        case .runbook:
            guard let runbook = parts.runbook else {
                if scenario.runbook == nil {
                    sink.error(
                        "the scenario has no runbook", at: scenario.at,
                        remedy: "Add 'runbook: <name>', or choose another arm.")
                }
                return responses.none()
            }
            if scenario.detection == nil {
                sink.error(
                    "the scenario has a runbook and no detection", at: scenario.runbook?.at ?? scenario.at,
                    remedy: "Add 'detection': without a signal no runbook starts.")
            }
            return responses.runbook(runbook, compiler: &compiler)
        case .wrongResponse(let id):
            guard let response = scenario.wrongResponses.first(where: { $0.id.value == id }) else {
                sink.unknown(
                    "the wrong response", Located(value: id, at: scenario.at),
                    among: scenario.wrongResponses.map(\.id.value))
                return responses.none()
            }
            return responses.scripted(response)
        case .asDocumented:
            if let documented = documented(parts) { return documented.response() }
            sink.error(
                "the scenario does not say what people did", at: scenario.at,
                remedy: "Add 'documented', or choose another arm.")
            return responses.none()
        case .fix:
            sink.error(
                "the arm '\(arm)' is not supported yet", at: scenario.at,
                remedy: "Use one of: \(Self.arms(of: scenario).map(\.description).joined(separator: ", ")).")
            return responses.none()
        }
    }

    private func documented(_ parts: Parts) -> DocumentedCompiler? {
        scenario.documented.map {
            DocumentedCompiler(
                scenario: scenario, entry: $0, testnet: parts.testnet, timeScale: timeScale,
                sink: sink)
        }
    }

    /// The drill's budgets are the runbook's; the people of the time are compared with the write-up instead.
    private func document(_ criteria: inout Criteria, _ parts: Parts) {
        guard let documented = documented(parts) else { return }
        let scopes = (criteria.steadyState + criteria.impact).flatMap(\.scopes.keys).filter { $0 != "all" }
        criteria.budgets = Criteria.Budgets()
        criteria.horizon = documented.horizon
        criteria.documented = documented.criteria(scopes: Set(scopes))
    }

    // MARK: Names

    private func resolve() -> Parts? {
        let testnetFile = look(.testnet, scenario.testnet, in: catalogue.testnets)
        let incident = look(.incident, scenario.incident, in: catalogue.incidents)
        let runbook = scenario.runbook.map { look(.runbook, $0, in: catalogue.runbooks) }
        let faults = scenario.faults.map { use in (use, look(.fault, use.fault, in: catalogue.faults)) }
        guard let testnetFile, let testnet = sound(testnetFile), let incident else { return nil }
        return Parts(
            testnet: testnet, incident: incident, runbook: runbook ?? nil,
            faults: faults.compactMap { use, file in file.map { (use, $0) } })
    }

    /// The testnet, when nothing is wrong with it: against a broken one half of the scenario's names would not exist, and
    /// the real cause would drown in those errors.
    private func sound(_ file: TestnetFile) -> Testnet? {
        let own = Sink()
        for problem in catalogue.problems(in: file.at.file) { own.list.append(problem) }
        let testnet = Testnet.expand(file, size: options.size, sink: own)
        sink.list.append(contentsOf: own.list)
        return own.list.hasErrors ? nil : testnet
    }

    private func look<Value>(_ kind: Catalogue.Kind, _ name: Located<String>, in known: [String: Value]) -> Value? {
        if let value = known[name.value] { return value }
        let files = catalogue.files[kind] ?? [:]
        if let file = files[name.value] {
            for problem in catalogue.problems(in: file) { sink.list.append(problem) }
            sink.error(
                "the \(kind.rawValue) '\(name.value)' cannot be used", at: name.at, remedy: "Correct \(file) first.")
        } else {
            sink.unknown("the \(kind.rawValue)", name, among: files.keys)
        }
        return nil
    }

    private func sources(_ parts: Parts) -> [String: String] {
        var paths = [scenario.at.file, parts.testnet.file.at.file, parts.incident.at.file]
        paths += parts.faults.map(\.file.at.file)
        paths += parts.runbook.map { [$0.at.file] } ?? []
        return catalogue.sources.filter { paths.contains($0.key) }
    }

    private func citations(_ parts: Parts) -> [FactCitation] {
        for entry in scenario.setBy { checkSetting(entry.target, testnet: parts.testnet.file) }
        // What is wrong with a runbook's own ids is said once, whatever uses the runbook.
        return scenario.citations(runbook: parts.runbook).filter {
            $0.cover.kind != .runbookStep || parts.incident.fact($0.fact.value) != nil
        }
    }

    /// `scaled.NAME` or `settings.NAME`, which the testnet must have.
    private func checkSetting(_ target: Located<String>, testnet: TestnetFile) {
        let known = testnet.scaled.keys.map { "scaled.\($0)" } + testnet.settings.keys.map { "settings.\($0)" }
        if !known.contains(target.value) { sink.unknown("the period or setting", target, among: known) }
    }

    // MARK: Parts of the plan

    private func fault(
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

    private func criteria(_ parts: Parts, probes: [ProbePlan]) -> Criteria {
        let targets = Dictionary(probes.map { ($0.id, $0.targets) }) { first, _ in first }
        let compiler = CriteriaCompiler(
            scenario: scenario, testnet: parts.testnet, timeScale: timeScale, targets: targets, sink: sink)
        let budgets = (parts.runbook?.budget ?? BudgetEntry()).overridden(by: scenario.budgets)
        for budget in [budgets.detect, budgets.mitigate, budgets.recover].compactMap({ $0 })
        where budget.value.duration > scenario.horizon.value.duration {
            sink.error(
                "the budget \(budget.value) is longer than the horizon \(scenario.horizon.value)", at: budget.at,
                remedy: "A run would end before the budget is used up: lengthen the horizon.")
        }
        for (name, entries) in [("steady_state", scenario.steadyState), ("impact", scenario.impact)]
        where entries.isEmpty {
            sink.error(
                "'\(name)' has no check", at: scenario.at, remedy: "Without one nothing can be judged: add a check.")
        }
        return Criteria(
            scenario: scenario.name.value, incident: parts.incident.id.value, arm: .noFault, timeScale: timeScale,
            seed: options.seed ?? scenario.seed, commit: options.commit, probeInterval: scenario.probeInterval,
            hold: scenario.hold.value, horizon: scenario.horizon.value,
            steadyState: compiler.checks(scenario.steadyState), impact: compiler.checks(scenario.impact),
            symptoms: compiler.latentConditions(incident: parts.incident)
                + compiler.symptoms(incident: parts.incident, citations: citations(parts)),
            budgets: Criteria.Budgets(
                detect: budgets.detect?.value, mitigate: budgets.mitigate?.value, recover: budgets.recover?.value),
            inferred: parts.incident.facts.filter(\.inferred).map(\.id.value),
            probes: Dictionary(
                uniqueKeysWithValues: probes.map {
                    ($0.id, Criteria.ProbeTiming(interval: $0.interval, timeout: $0.timeout))
                }),
            affected: scenario.detection.map { parts.testnet.resolve($0.affected, sink: sink) } ?? [],
            size: parts.testnet.size)
    }

    /// What is watched besides probes; names that the detection refers to are checked on the way.
    private func observation(_ testnet: Testnet) -> ObservationPlan {
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
