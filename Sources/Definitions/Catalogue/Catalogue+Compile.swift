import Timeline

extension Catalogue {
    /// Compiles a scenario for one arm.
    /// - Throws: `DefinitionErrors` with everything that is wrong with the scenario and what it uses.
    public func compile(
        scenario name: String, arm: Criteria.Arm, options: CompileOptions
    ) throws(DefinitionErrors) -> CompiledPlan {
        let scenario = try find(name)
        let sink = Sink()
        let result = ScenarioCompiler(catalogue: self, scenario: scenario, options: options, sink: sink).compile([arm])
        // A file with a mistake may still have been read in part, and what is missing would go unnoticed.
        for file in result?.plans.first?.sources.keys.sorted() ?? [] { addErrors(in: file, to: sink) }
        guard let result, let plan = result.plans.first, !sink.list.hasErrors else {
            throw DefinitionErrors(diagnostics: sink.list.sorted)
        }
        return CompiledPlan(plan: plan, staged: result.staged, warnings: sink.list.sorted)
    }

    /// Everything that is wrong with, and between, all definitions; sorted by place. Compiles every arm of every
    /// scenario.
    public func check() -> [Diagnostic] {
        let sink = Sink()
        for diagnostic in loadDiagnostics { sink.list.append(diagnostic) }
        let options = CompileOptions(runNonce: "check", programFolder: nil)
        for name in scenarios.keys.sorted() {
            guard let scenario = scenarios[name] else { continue }
            let compiler = ScenarioCompiler(catalogue: self, scenario: scenario, options: options, sink: sink)
            _ = compiler.compile(ScenarioCompiler.arms(of: scenario))
        }
        checkUnused(testnets: Set(scenarios.values.map(\.testnet.value)), sink: sink)
        return sink.list.sorted
    }

    /// Testnets that no scenario uses are checked on their own.
    private func checkUnused(testnets used: Set<String>, sink: Sink) {
        for name in testnets.keys.sorted() where !used.contains(name) {
            guard let file = testnets[name], let testnet = Testnet.expand(file, sink: sink) else { continue }
            var compiler = TestnetCompiler(
                testnet: testnet, root: folder, timeScale: 1, runNonce: "check", programFolder: nil, sink: sink)
            _ = compiler.compile()
        }
    }

    /// Compiles a testnet alone, at time scale `timeScale`, for `firedrill up`.
    /// - Throws: `DefinitionErrors` with everything that is wrong with it.
    public func compile(
        testnet name: String, timeScale: Double, options: CompileOptions
    ) throws(DefinitionErrors) -> (plan: TestnetPlan, staged: [StagedFile]) {
        let sink = Sink()
        let here = Location(file: "testnet", line: 1, column: 1)
        guard let file = testnets[name] else {
            let files = self.files[.testnet] ?? [:]
            if let path = files[name] { throw DefinitionErrors(diagnostics: problems(in: path)) }
            sink.unknown("the testnet", Located(value: name, at: here), among: files.keys)
            throw DefinitionErrors(diagnostics: sink.list.sorted)
        }
        addErrors(in: file.at.file, to: sink)
        guard let testnet = Testnet.expand(file, sink: sink), !sink.list.hasErrors else {
            throw DefinitionErrors(diagnostics: sink.list.sorted)
        }
        var compiler = TestnetCompiler(
            testnet: testnet, root: folder, timeScale: max(1, timeScale), runNonce: options.runNonce,
            programFolder: options.programFolder, sink: sink)
        let plan = compiler.compile()
        guard !sink.list.hasErrors else { throw DefinitionErrors(diagnostics: sink.list.sorted) }
        return (plan, compiler.staged.values.sorted { $0.sha256 < $1.sha256 })
    }

    /// Names of the arms of a scenario that can be run now.
    /// - Throws: `DefinitionErrors` when the scenario does not exist or cannot be read.
    public func arms(of scenario: String) throws(DefinitionErrors) -> [Criteria.Arm] {
        ScenarioCompiler.arms(of: try find(scenario))
    }

    /// The arm that a text such as `runbook` or `wrong-response:restore-only` names.
    /// - Throws: `DefinitionErrors` with the near miss.
    public func arm(named text: String, of scenario: String) throws(DefinitionErrors) -> Criteria.Arm {
        let file = try find(scenario)
        let known = ScenarioCompiler.arms(of: file)
        if let arm = known.first(where: { $0.description == text }) { return arm }
        if text == "as-documented" { return .asDocumented }
        if text.hasPrefix("fix:") { return .fix(text.dropFirst(4).split(separator: "+").map(String.init)) }
        let sink = Sink()
        sink.unknown("the arm", Located(value: text, at: file.at), among: known.map(\.description))
        throw DefinitionErrors(diagnostics: sink.list.sorted)
    }

    private func addErrors(in file: String, to sink: Sink) {
        for problem in problems(in: file) where problem.severity == .error { sink.list.append(problem) }
    }

    func find(_ name: String) throws(DefinitionErrors) -> ScenarioFile {
        if let scenario = scenarios[name] { return scenario }
        let files = self.files[.scenario] ?? [:]
        if let path = files[name] { throw DefinitionErrors(diagnostics: problems(in: path)) }
        let sink = Sink()
        sink.unknown(
            "the scenario", Located(value: name, at: Location(file: "chaos/scenarios", line: 1, column: 1)),
            among: files.keys)
        throw DefinitionErrors(diagnostics: sink.list.sorted)
    }
}
