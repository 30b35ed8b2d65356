import Timeline

extension Catalogue {
    /// Compiles a scenario for one arm.
    /// - Throws: `DefinitionErrors` with everything that is wrong with the scenario and what it uses.
    public func compile(
        scenario name: String, arm: Criteria.Arm, options: CompileOptions
    ) throws(DefinitionErrors) -> CompiledPlan {
        let scenario = try find(name)
        let sink = Sink()
        try refuseWrong(timeScale: options.timeScale)
        let result = ScenarioCompiler(catalogue: self, scenario: scenario, options: options, sink: sink).compile([arm])
        // A file with a mistake may still have been read in part, and what is missing would go unnoticed.
        for file in result?.plans.first?.sources.keys.sorted() ?? [] { addErrors(in: file, to: sink) }
        guard let result, let plan = result.plans.first, !sink.list.hasErrors else {
            throw DefinitionErrors(diagnostics: sink.list.sorted)
        }
        return CompiledPlan(plan: plan, staged: result.staged, warnings: sink.list.sorted)
    }

    /// Everything that is wrong with, and between, all definitions; sorted by place. Compiles every arm of every scenario.
    /// Scripts are given to the shell's parser (`sh -n`), which takes a few milliseconds each.
    /// - Parameter size: Only this size of testnets that have it; nil: every size of every testnet.
    /// - Parameter programFolder: Folder of the `firedrill` executable, where the testnets' programs must lie; nil: their
    ///   names are not checked.
    public func check(size: String? = nil, programFolder: String? = nil) -> [Diagnostic] {
        let sink = Sink()
        for diagnostic in loadDiagnostics { sink.list.append(diagnostic) }
        checkExists(size: size, sink: sink)
        for name in scenarios.keys.sorted() {
            guard let scenario = scenarios[name] else { continue }
            for size in sizes(of: testnets[scenario.testnet.value], only: size) {
                let options = CompileOptions(size: size, runNonce: "check", programFolder: nil)
                let compiler = ScenarioCompiler(catalogue: self, scenario: scenario, options: options, sink: sink)
                let arms = ScenarioCompiler.arms(of: scenario)
                _ = compiler.compile(arms.filter { $0 != .asDocumented })
                // Alone, because its time scale may be another one.
                if arms.contains(.asDocumented) { _ = compiler.compile([.asDocumented]) }
                checkFixes(of: scenario, options: options, sink: sink)
            }
        }
        checkUnused(testnets: Set(scenarios.values.map(\.testnet.value)), size: size, sink: sink)
        checkMutants(sink: sink)
        checkCoverage(sink: sink)
        if let programFolder { checkPrograms(in: RootFolder(path: programFolder), sink: sink) }
        ScriptChecker(catalogue: self, sink: sink).check()
        return sink.list.sorted
    }

    /// Programs exist beside the executable; their content is not read.
    private func checkPrograms(in folder: RootFolder, sink: Sink) {
        let executables = (folder.names(in: "") ?? []).filter {
            if case .file(_, executable: true) = folder.entry($0) { true } else { false }
        }
        for program in testnets.values.flatMap(\.programs) where !executables.contains(program.program.value) {
            sink.unknown("the program", program.program, among: executables)
        }
    }

    /// Testnets that no scenario uses are checked on their own.
    private func checkUnused(testnets used: Set<String>, size: String?, sink: Sink) {
        for name in testnets.keys.sorted() where !used.contains(name) {
            for size in sizes(of: testnets[name], only: size) {
                guard let file = testnets[name], let testnet = Testnet.expand(file, size: size, sink: sink) else {
                    continue
                }
                var compiler = TestnetCompiler(
                    testnet: testnet, root: folder, timeScale: 1, seed: 0, runNonce: "check", programFolder: nil,
                    sink: sink)
                _ = compiler.compile()
            }
        }
    }

    /// The sizes of a testnet to be checked: `one` where the testnet has it, else all of them.
    private func sizes(of testnet: TestnetFile?, only one: String?) -> [String?] {
        let all = testnet?.sizeChoices ?? [nil]
        return all.contains(one) ? [one] : all
    }

    private func checkExists(size: String?, sink: Sink) {
        let known = Set(testnets.values.flatMap { $0.sizes.map(\.name.value) })
        guard let size, !known.contains(size) else { return }
        sink.unknown("the size", Located(value: size, at: .commandLine), among: known)
    }

    /// Compiles a testnet alone, at time scale `timeScale` (1 to 10000), for `firedrill up`. Without a seed in
    /// `options` it is 0, without a size the default one.
    /// - Throws: `DefinitionErrors` with everything that is wrong with it, or with the time scale.
    public func compile(
        testnet name: String, timeScale: Double, options: CompileOptions
    ) throws(DefinitionErrors) -> (plan: TestnetPlan, staged: [StagedFile]) {
        let sink = Sink()
        try refuseWrong(timeScale: timeScale)
        guard let file = testnets[name] else {
            let files = self.files[.testnet] ?? [:]
            if let path = files[name] { throw DefinitionErrors(diagnostics: problems(in: path)) }
            sink.unknown("the testnet", Located(value: name, at: .commandLine), among: files.keys)
            throw DefinitionErrors(diagnostics: sink.list.sorted)
        }
        addErrors(in: file.at.file, to: sink)
        guard let testnet = Testnet.expand(file, size: options.size, sink: sink), !sink.list.hasErrors else {
            throw DefinitionErrors(diagnostics: sink.list.sorted)
        }
        var compiler = TestnetCompiler(
            testnet: testnet, root: folder, timeScale: timeScale, seed: options.seed ?? 0,
            runNonce: options.runNonce, programFolder: options.programFolder, sink: sink)
        let plan = compiler.compile()
        guard !sink.list.hasErrors else { throw DefinitionErrors(diagnostics: sink.list.sorted) }
        return (plan, compiler.staged.values.sorted { $0.sha256 < $1.sha256 })
    }

    /// Names of the arms of a scenario that can be run now, without fixes.
    /// - Throws: `DefinitionErrors` when the scenario does not exist or cannot be read.
    public func arms(of scenario: String) throws(DefinitionErrors) -> [Criteria.Arm] {
        ScenarioCompiler.arms(of: try find(scenario))
    }

    /// The arm that a text such as `runbook` or `wrong-response:restore-only` names.
    /// - Throws: `DefinitionErrors` with the near miss.
    public func arm(named text: String, of scenario: String) throws(DefinitionErrors) -> Criteria.Arm {
        let file = try find(scenario)
        let sink = Sink()
        if let arm = arm(Located(value: text, at: .commandLine), of: file, sink: sink) { return arm }
        throw DefinitionErrors(diagnostics: sink.list.sorted)
    }

    /// A time scale from the command line. Before anything is compiled: durations are divided by it, and not every
    /// quotient is a duration.
    private func refuseWrong(timeScale: Double?) throws(DefinitionErrors) {
        guard let timeScale, !Limits.timeScales.contains(timeScale) else { return }
        let sink = Sink()
        sink.error(
            "the time scale \(timeScale) is not between 1 and 10000", at: .commandLine, remedy: "Choose another one.")
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
        sink.unknown("the scenario", Located(value: name, at: .commandLine), among: files.keys)
        throw DefinitionErrors(diagnostics: sink.list.sorted)
    }
}
