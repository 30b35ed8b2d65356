import Timeline

/// Compiles one scenario. Everything is resolved and checked; what is wrong goes to the sink.
struct ScenarioCompiler {
    let catalogue: Catalogue
    /// As it is played: with the variant's faults and the fixes' response.
    private(set) var scenario: ScenarioFile
    /// As it is written.
    let original: ScenarioFile
    let options: CompileOptions
    let sink: Sink

    /// Of the arms that are compiled together: `as-documented` is compiled alone, because it may have another one.
    var timeScale: Double { options.timeScale ?? documentedTimeScale ?? scenario.timeScale }
    private var documentedTimeScale: Double?
    private var fix: Criteria.Fix?
    private var changes: [ChangeEntry] = []

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
        original = scenario
        self.options = options
        self.sink = sink
    }

    /// Plans for several arms over one compiled testnet; nil when names cannot be resolved. A fix changes the testnet, so its
    /// arm is compiled alone, and so is `as-documented`, which may have another time scale.
    func compile(_ arms: [Criteria.Arm]) -> (plans: [Plan], staged: [StagedFile])? {
        var compiler = self
        guard compiler.vary(for: arms) else { return nil }
        if case .fix(let ids)? = arms.first, !compiler.change(by: ids) { return nil }
        if arms == [.asDocumented] || compiler.fix?.plays == .asDocumented {
            compiler.documentedTimeScale = scenario.documented?.timeScale
        }
        return compiler.compileAsIs(arms)
    }

    /// Takes the chosen variant's faults; false when there is no such variant.
    private mutating func vary(for arms: [Criteria.Arm]) -> Bool {
        guard let name = options.variant else { return true }
        guard let variant = scenario.faultVariants.first(where: { $0.id.value == name }) else {
            sink.unknown(
                "the fault variant", Located(value: name, at: .commandLine),
                among: scenario.faultVariants.map(\.id.value))
            return false
        }
        if arms.contains(.noFault) {
            sink.error(
                "the arm no-fault has no fault to vary", at: .commandLine, remedy: "Leave out the variant.")
            return false
        }
        scenario.faults = variant.faults
        return true
    }

    /// Takes the fixes' changes; false when one does not exist or they do not go together.
    private mutating func change(by ids: [String]) -> Bool {
        let own = options.ownFix.flatMap { $0.entry(of: original, sink: sink) }
        let known = catalogue.fixes(of: original) + [own].compactMap { $0 }
        let fixes = ids.compactMap { id in known.first { $0.id.value == id } }
        for id in ids where !known.contains(where: { $0.id.value == id }) {
            sink.unknown("the fix", Located(value: id, at: .commandLine), among: known.map(\.id.value))
        }
        guard fixes.count == ids.count, !fixes.isEmpty else { return false }
        guard
            let applied = FixCompiler(scenario: scenario, fixes: fixes, sink: sink)
                .apply(runbooks: catalogue.runbooks)
        else { return false }
        (fix, scenario) = applied
        changes = fixes.map(\.change)
        return true
    }

    private func compileAsIs(_ arms: [Criteria.Arm]) -> (plans: [Plan], staged: [StagedFile])? {
        checkTimes(arms)
        guard let parts = resolve() else { return nil }
        var compiler = TestnetCompiler(
            testnet: parts.testnet, root: catalogue.folder, timeScale: timeScale,
            seed: options.seed ?? scenario.seed, runNonce: options.runNonce, programFolder: options.programFolder,
            overlay: FixCompiler.overlay(changes, on: parts.testnet, root: catalogue.folder, sink: sink),
            build: changes.compactMap(\.program).first, sink: sink)
        let testnetPlan = compiler.compile()
        checkPagerTest()
        let probes = scenario.probes.map {
            $0.plan(targets: parts.testnet.resolve($0.hosts, sink: sink), standardInterval: scenario.probeInterval)
        }
        let criteria = criteria(parts, probes: probes)
        let files = Dictionary(testnetPlan.hosts.map { ($0.name, $0.files) }) { first, _ in first }
        let faults = parts.faults.map { fault($0.use, $0.file, testnet: parts.testnet, files: files) }
        let observation = observation(parts.testnet)
        let responses = ResponseCompiler(
            scenario: scenario, testnet: parts.testnet,
            owner: changes.isEmpty
                ? "the scenario '\(scenario.name.value)'" : changes.map(\.owner).joined(separator: " or "),
            sink: sink)
        let people = arms.contains { $0 != .noFault } ? documentedCriteria(criteria, parts) : nil
        let plans = arms.map { arm in
            let faults = arm == .noFault ? [] : faults
            var criteria = criteria
            criteria.arm = arm
            criteria.fix = fix
            if arm != .noFault, fix == nil { criteria.documented = people }
            if arm == .asDocumented { document(&criteria, parts) }
            if fix?.plays == .asDocumented, let documented = documented(parts) { criteria.horizon = documented.horizon }
            criteria.faults = Dictionary(faults.map { ($0.id, $0.hosts) }, uniquingKeysWith: +)
            return Plan(
                testnet: testnetPlan, probes: probes, faults: faults,
                response: response(for: fix?.plays ?? arm, parts, responses, &compiler), criteria: criteria,
                sources: sources(parts),
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
        // A fix plays one of the others.
        case .fix: return responses.none()
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
        criteria.budgets = Criteria.Budgets()
        criteria.horizon = documented.horizon
    }

    /// What the write-up is compared with, or in other arms than `as-documented` only shown beside.
    private func documentedCriteria(_ criteria: Criteria, _ parts: Parts) -> Documented? {
        let scopes = (criteria.steadyState + criteria.impact).flatMap(\.scopes.keys).filter { $0 != "all" }
        return documented(parts)?.criteria(scopes: Set(scopes))
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
        let file = FixCompiler.apply(changes, to: file, sink: own)
        var testnet = Testnet.expand(file, size: options.size, sink: own)
        if testnet != nil { FixCompiler.addServices(changes, to: &testnet!, sink: own) }
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
        paths += parts.faults.map(\.file.at.file) + changes.map(\.at.file)
        paths += parts.runbook.map { [$0.at.file] } ?? []
        return catalogue.sources.filter { paths.contains($0.key) }
    }

    private func citations(_ parts: Parts) -> [FactCitation] {
        for entry in scenario.setBy { checkSetting(entry.target, testnet: parts.testnet.file) }
        // What is wrong with a runbook's own ids is said once, whatever uses the runbook.
        let runbook = original.runbook.flatMap { catalogue.runbooks[$0.value] }
        return original.citations(runbook: runbook).filter {
            $0.cover.kind != .runbookStep || parts.incident.fact($0.fact.value) != nil
        }
    }

    /// `scaled.NAME` or `settings.NAME`, which the testnet must have.
    private func checkSetting(_ target: Located<String>, testnet: TestnetFile) {
        let known = testnet.scaled.keys.map { "scaled.\($0)" } + testnet.settings.keys.map { "settings.\($0)" }
        if !known.contains(target.value) { sink.unknown("the period or setting", target, among: known) }
    }

    // MARK: Parts of the plan

    private func criteria(_ parts: Parts, probes: [ProbePlan]) -> Criteria {
        let targets = Dictionary(probes.map { ($0.id, $0.targets) }) { first, _ in first }
        let compiler = CriteriaCompiler(
            scenario: scenario, testnet: parts.testnet, timeScale: timeScale, targets: targets, sink: sink)
        // A fix that promises something is held to that; and what is watched for a window has no time for budgets.
        let isHeldToBudgets = fix?.expect == nil && scenario.horizon.value == original.horizon.value
        let budgets =
            isHeldToBudgets
            ? (parts.runbook?.budget ?? BudgetEntry()).overridden(by: scenario.budgets) : BudgetEntry()
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
            size: parts.testnet.size, blockTime: scenario.blockTime, variant: options.variant)
    }
}
