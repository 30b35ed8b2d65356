import Timeline

/// What `firedrill validate` plays and compares.
public struct Comparisons: Sendable, Hashable {
    /// Fixes under the scenario's own faults and under variants, in the order of the files.
    public var pairs: [FixPair] = []
    /// Claims, in the order of the files.
    public var claims: [ScenarioClaim] = []
    /// Mutants by id, each with what it is played as.
    public var mutants: [Mutant] = []

    /// Nothing yet.
    public init() {}

    /// One thing that is played.
    public struct Cell: Sendable, Hashable {
        /// Name of the scenario.
        public var scenario: String
        /// As which arm.
        public var arm: Criteria.Arm
        /// The fault variant; nil: the scenario's own faults.
        public var variant: String?
    }

    /// A fix, or several together, beside its control.
    public struct FixPair: Sendable, Hashable {
        /// Name of the scenario.
        public var scenario: String
        /// Id of its incident.
        public var incident: String
        /// Ids joined by `+`; of a mutant, its own id.
        public var fix: String
        /// X facts that it implements.
        public var facts: [String]
        /// The fault variant; nil: the scenario's own faults.
        public var variant: String?
        /// What it promises.
        public var promise: Promise
        /// The arms without and with it.
        public var control, treatment: Criteria.Arm
        /// Why the promise leaves this variant out; nil: it is part of the promise.
        public var notClaimed: String?

        /// What is played without it.
        public var controlCell: Cell { Cell(scenario: scenario, arm: control, variant: variant) }
        /// What is played with it.
        public var treatmentCell: Cell { Cell(scenario: scenario, arm: treatment, variant: variant) }
    }

    /// A claim of a scenario's incident.
    public struct ScenarioClaim: Sendable, Hashable {
        /// Name of the scenario.
        public var scenario: String
        /// Id of its incident.
        public var incident: String
        /// What is claimed.
        public var claim: Claim

        /// What is played as the control.
        public var controlCell: Cell { Cell(scenario: scenario, arm: claim.control) }
        /// What is compared with it.
        public var treatmentCell: Cell { Cell(scenario: scenario, arm: claim.treatment) }
    }

    /// A change that looks like a fix: rejected when one of its pairs does not work.
    public struct Mutant: Sendable, Hashable {
        /// Its id.
        public var id: String
        /// The fix whose promise it is held to.
        public var fix: String
        /// Why it looks right and is not.
        public var summary: String
        /// Under each fault that it is played under.
        public var pairs: [FixPair]
    }

    /// Everything to be played, each once, controls just before the first treatment that needs them.
    public var cells: [Cell] {
        var seen: Set<Cell> = []
        let pairs = (self.pairs + mutants.flatMap(\.pairs)).flatMap { [$0.controlCell, $0.treatmentCell] }
        let claims = claims.flatMap { [$0.controlCell, $0.treatmentCell] }
        return (pairs + claims).filter { seen.insert($0).inserted }
    }

    /// Whether a control is needed only for whether there is an outage, so that it need not be watched for longer than the
    /// treatments beside it. The scenario's own faults are always played to the horizon: that is the red of the write-up.
    public func isOnlyAskedForOutage(_ cell: Cell) -> Bool {
        guard cell.variant != nil else { return false }
        return (pairs + mutants.flatMap(\.pairs)).allSatisfy {
            $0.controlCell != cell || $0.promise.terms == [.noOutage]
        }
    }
}

/// What a person asked to be compared.
public struct ComparisonChoice: Sendable {
    /// Fixes, several together joined by `+`; empty with `claims` empty: everything.
    public var fixes: [String] = []
    /// Claims by the id of their fact.
    public var claims: [String] = []
    /// Mutants instead of fixes and claims.
    public var mutants = false
    /// A fix of the person's own, played instead of the scenario's fixes.
    public var ownFix: OwnFix?

    /// Everything.
    public init() {}
}

extension Catalogue {
    /// What is to be compared of some scenarios.
    /// - Throws: `DefinitionErrors` with the near miss when a choice does not exist, and when there is nothing to compare.
    public func comparisons(of names: [String], _ choice: ComparisonChoice) throws(DefinitionErrors) -> Comparisons {
        let sink = Sink()
        var result = Comparisons()
        var scenarios: [ScenarioFile] = []
        for name in names { scenarios.append(try find(name)) }
        let isAll = choice.fixes.isEmpty && choice.claims.isEmpty
        for scenario in scenarios {
            if let own = choice.ownFix, let fix = own.entry(of: scenario, sink: sink) {
                result.pairs += pairs([fix], of: scenario, sink: sink)
                continue
            }
            if choice.mutants {
                result.mutants += mutants(of: scenario).map { mutant, fix in
                    Comparisons.Mutant(
                        id: mutant.id.value, fix: fix.id.value, summary: mutant.summary,
                        pairs: pairs([mutant.entry(of: fix)], of: scenario, sink: sink))
                }
                continue
            }
            for fix in scenario.fixes where isAll && fix.expect != nil {
                result.pairs += pairs([fix], of: scenario, sink: sink)
            }
            result.claims += scenario.claims.compactMap { claim in
                guard isAll || choice.claims.contains(claim.fact.value) else { return nil }
                return self.claim(claim, of: scenario, sink: sink)
            }
        }
        if choice.mutants, !isAll {
            result.mutants.removeAll { !choice.fixes.contains($0.id) && !choice.fixes.contains($0.fix) }
        }
        if choice.ownFix == nil, !choice.mutants {
            for text in choice.fixes { result.pairs += chosen(text, of: scenarios, sink: sink) }
            checkClaims(choice.claims, of: scenarios, sink: sink)
        }
        if sink.list.hasErrors { throw DefinitionErrors(diagnostics: sink.list.sorted) }
        if result.cells.isEmpty {
            let what = choice.mutants ? "mutant" : "fix or claim"
            sink.error(
                "there is no \(what) to validate in \(names.joined(separator: ", "))", at: .commandLine,
                remedy: "'firedrill explain SCENARIO' lists what a scenario has.")
            throw DefinitionErrors(diagnostics: sink.list.sorted)
        }
        return result
    }

    private func chosen(_ text: String, of scenarios: [ScenarioFile], sink: Sink) -> [Comparisons.FixPair] {
        let ids = text.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
        var found: [Comparisons.FixPair] = []
        for scenario in scenarios {
            let fixes = ids.compactMap { id in scenario.fixes.first { $0.id.value == id } }
            guard fixes.count == ids.count, Set(ids).count == ids.count else { continue }
            if fixes.allSatisfy({ $0.expect == nil }) {
                sink.error(
                    "the fix '\(text)' promises nothing: it is an arm for claims", at: fixes[0].id.at,
                    remedy: "Validate a claim that names it, or add 'expect'.")
            }
            found += pairs(fixes, of: scenario, sink: sink)
        }
        if found.isEmpty, !sink.list.hasErrors {
            let known = scenarios.flatMap { $0.fixes.map(\.id.value) }
            for id in ids where !known.contains(id) {
                sink.unknown("the fix", Located(value: id, at: .commandLine), among: known)
            }
            if !sink.list.hasErrors {
                sink.error(
                    "no scenario has all of '\(Quote.short(text))'", at: .commandLine,
                    remedy: "Combine fixes of one scenario, each named once.")
            }
        }
        return found
    }

    private func checkClaims(_ ids: [String], of scenarios: [ScenarioFile], sink: Sink) {
        let known = scenarios.flatMap { $0.claims.map(\.fact.value) }
        for id in ids where !known.contains(id) {
            sink.unknown("the claim", Located(value: id, at: .commandLine), among: known)
        }
    }

    private func claim(_ entry: ClaimEntry, of scenario: ScenarioFile, sink: Sink) -> Comparisons.ScenarioClaim? {
        guard let control = arm(entry.control, of: scenario, sink: sink),
            let treatment = arm(entry.treatment, of: scenario, sink: sink)
        else { return nil }
        return Comparisons.ScenarioClaim(
            scenario: scenario.name.value, incident: scenario.incident.value,
            claim: Claim(
                id: entry.fact.value, statement: entry.statement, control: control, treatment: treatment,
                measure: entry.measure, against: entry.against, scope: entry.scope?.value, expect: entry.expect,
                note: entry.note))
    }

    /// The pairs of a fix, or of several together: under the scenario's own faults, and under the variants of any of them.
    private func pairs(_ fixes: [FixEntry], of scenario: ScenarioFile, sink: Sink) -> [Comparisons.FixPair] {
        guard let applied = FixCompiler(scenario: scenario, fixes: fixes, sink: sink).apply(runbooks: runbooks),
            let promise = applied.fix.expect
        else { return [] }
        var controls: [Criteria.Arm] = []
        for text in fixes.map({ $0.control ?? $0.plays }) {
            guard let arm = arm(text, of: scenario, sink: sink) else { return [] }
            if !controls.contains(arm) { controls.append(arm) }
        }
        guard controls.count == 1 else {
            sink.error(
                "the fixes have the controls \(controls.map(\.description).joined(separator: " and "))",
                at: fixes[0].id.at, remedy: "Combine fixes that have one control.")
            return []
        }
        func pair(_ variant: String?, notClaimed: String? = nil) -> Comparisons.FixPair {
            Comparisons.FixPair(
                scenario: scenario.name.value, incident: scenario.incident.value,
                fix: fixes.map(\.id.value).joined(separator: "+"), facts: fixes.flatMap { $0.facts.map(\.value) },
                variant: variant, promise: promise, control: controls[0], treatment: .fix(fixes.map(\.id.value)),
                notClaimed: notClaimed)
        }
        var seen: Set<String> = []
        let under = fixes.flatMap { $0.under.map(\.value) }.filter { seen.insert($0).inserted }
        let notClaimed = fixes.flatMap(\.notClaimedUnder).filter { seen.insert($0.variant.value).inserted }
        return (fixes.contains(where: \.skipsOwnFaults) ? [] : [pair(nil)]) + under.map { pair($0) }
            + notClaimed.map { pair($0.variant.value, notClaimed: $0.reason) }
    }
}
