import Timeline

extension Catalogue {
    /// Everything that can be played as `fix:<id>` of a scenario.
    func fixes(of scenario: ScenarioFile) -> [FixEntry] {
        scenario.fixes + mutants(of: scenario).map { mutant, fix in mutant.entry(of: fix) }
    }

    /// The mutants of a scenario's fixes, by id; those whose fix does not exist are left out.
    func mutants(of scenario: ScenarioFile) -> [(mutant: MutantFile, fix: FixEntry)] {
        mutants.values.filter { $0.scenario.value == scenario.name.value }.sorted { $0.id.value < $1.id.value }
            .compactMap { mutant in
                scenario.fixes.first { $0.id.value == mutant.fix.value }.map { (mutant, $0) }
            }
    }

    /// What mutants name exists, and their ids are their own.
    func checkMutants(sink: Sink) {
        for mutant in mutants.values.sorted(by: { $0.id.value < $1.id.value }) {
            guard let scenario = scenarios[mutant.scenario.value] else {
                sink.unknown("the scenario", mutant.scenario, among: (files[.scenario] ?? [:]).keys)
                continue
            }
            let fixes = scenario.fixes.map(\.id.value)
            if fixes.contains(mutant.id.value) {
                sink.error(
                    "'\(mutant.id.value)' is also a fix of '\(scenario.name.value)'", at: mutant.id.at,
                    remedy: "Rename one of them.")
            }
            guard let fix = scenario.fixes.first(where: { $0.id.value == mutant.fix.value }) else {
                sink.unknown("the fix", mutant.fix, among: fixes)
                continue
            }
            if fix.expect == nil {
                sink.error(
                    "the fix '\(fix.id.value)' promises nothing, so nothing can be rejected", at: mutant.fix.at,
                    remedy: "Name another one.")
            }
        }
    }

    /// Ids of a scenario's fault variants, in the order of its file.
    public func variants(of scenario: String) -> [String] { scenarios[scenario]?.faultVariants.map(\.id.value) ?? [] }

    /// Ids of a scenario's fixes, in the order of its file.
    public func fixIDs(of scenario: String) -> [String] { scenarios[scenario]?.fixes.map(\.id.value) ?? [] }

    /// The arm that a text such as `runbook` or `fix:a+b` names; nil, with the near miss, when there is none.
    func arm(_ text: Located<String>, of scenario: ScenarioFile, sink: Sink) -> Criteria.Arm? {
        let known = ScenarioCompiler.arms(of: scenario)
        if let arm = known.first(where: { $0.description == text.value }) { return arm }
        let fixes = fixes(of: scenario).map(\.id.value)
        guard text.value.hasPrefix("fix:") else {
            sink.unknown("the arm", text, among: known.map(\.description) + fixes.map { "fix:\($0)" })
            return nil
        }
        let ids = text.value.dropFirst(4).split(separator: "+", omittingEmptySubsequences: false).map(String.init)
        var isKnown = true
        for (index, id) in ids.enumerated() {
            if !fixes.contains(id) {
                sink.unknown("the fix", Located(value: id, at: text.at), among: fixes)
                isKnown = false
            } else if ids[..<index].contains(id) {
                sink.error("the fix '\(id)' is named twice", at: text.at, remedy: "Name it once.")
                isKnown = false
            }
        }
        return isKnown ? .fix(ids) : nil
    }

    /// Compiles every fault variant and every fix, under every variant that it names, and looks up what fixes and claims name.
    func checkFixes(of scenario: ScenarioFile, options: CompileOptions, sink: Sink) {
        let variants = scenario.faultVariants.map(\.id.value)
        func compile(_ arm: Criteria.Arm, under variant: String? = nil) {
            var options = options
            options.variant = variant
            _ = ScenarioCompiler(catalogue: self, scenario: scenario, options: options, sink: sink).compile([arm])
        }
        for variant in variants { compile(.faultOnly, under: variant) }
        for fix in fixes(of: scenario) {
            for name in fix.under + fix.notClaimedUnder.map(\.variant) where !variants.contains(name.value) {
                sink.unknown("the fault variant", name, among: variants)
            }
            if let control = fix.control { _ = arm(control, of: scenario, sink: sink) }
            if fix.expect == nil, !fix.facts.isEmpty {
                sink.error(
                    "the fix '\(fix.id.value)' implements a fact and promises nothing", at: fix.id.at,
                    remedy: "Add 'expect', for example 'expect: no-outage'; or leave out 'facts'.")
            }
            compile(.fix([fix.id.value]))
        }
        let scopes = testnets[scenario.testnet.value]?.scopes.values.flatMap { $0.map(\.value) } ?? []
        for claim in scenario.claims {
            for text in [claim.control, claim.treatment] { _ = arm(text, of: scenario, sink: sink) }
            if let scope = claim.scope, !scopes.contains(scope.value) {
                sink.unknown("the scope", scope, among: scopes)
            }
            if claim.control.value == claim.treatment.value {
                sink.error("an arm is compared with itself", at: claim.treatment.at, remedy: "Name another arm.")
            }
        }
    }
}
