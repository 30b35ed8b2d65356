import Timeline

/// `chaos/scenarios/<name>.yaml` as written: names are not yet looked up.
struct ScenarioFile: Sendable {
    var at: Location
    var name: Located<String>
    var summary: String?
    var incident: Located<String>
    var testnet: Located<String>
    var timeScale: Double
    var seed: UInt64
    var hold: Located<DurationText>
    var blockTime: DurationText
    var probeInterval: DurationText
    /// Incident time.
    var horizon: Located<DurationText>
    var noFaultWindow: Located<DurationText>?
    var probes: [ProbeEntry]
    var steadyState: [CheckEntry]
    var impact: [CheckEntry]
    var symptoms: [SymptomEntry]
    /// Latent conditions that must hold before the fault.
    var latent: [LatentEntry]
    /// Facts that a scaled period or a setting of the testnet carries, by fact id.
    var setBy: [(fact: Located<String>, target: Located<String>)]
    /// Facts that this scenario does not show, with the reason.
    var excused: [YAMLValue.Entry]
    var faults: [FaultUse]
    /// Other ways in which the same thing can go wrong.
    var faultVariants: [FaultVariant]
    var fixes: [FixEntry]
    var claims: [ClaimEntry]
    var detection: DetectionEntry?
    var responder: Responder
    var runbook: Located<String>?
    var runbookVars: [String: Located<String>]
    var manualDelays: [YAMLValue.Entry]
    /// Hashes by the name of a hazardous step: one for each size of the testnet that differs.
    var approvals: [String: [Located<String>]]
    var wrongResponses: [WrongResponse]
    var documented: DocumentedEntry?
    var budgets: BudgetEntry
    var crossCheck: CrossCheckEntry?

    struct FaultUse: Sendable {
        var fault: Located<String>
        /// Incident time.
        var at: DurationText
        var hosts: Located<HostExpression>
        var with: [String: Located<String>]
        /// What the incident says of it.
        var facts: [Located<String>]
        var location: Location
    }

    struct Responder: Sendable {
        /// Incident time.
        var acknowledgeAfter = DurationText(.zero)
        var startAfter = DurationText(.zero)
    }

    struct DetectionEntry: Sendable {
        var pager: Located<String>?
        var reports: Located<String>?
        var affected: Located<HostExpression>
        var pagerTest: (hosts: Located<HostExpression>, block: ScriptBlock)?
    }

    struct WrongResponse: Sendable {
        var id: Located<String>
        var summary: String
        /// Responses of the incident that it plays.
        var facts: [Located<String>]
        var steps: [Step]

        struct Step: Sendable {
            var name: Located<String>
            var hosts: Located<HostExpression>
            /// Incident time.
            var delay: DurationText
            var strategy: StepPlan.Strategy
            var expect: [StepPlan.Expectation]
            var block: ScriptBlock
        }
    }

    struct CrossCheckEntry: Sendable {
        var hosts: Located<HostExpression>
        var each: Located<String>?
        var block: ScriptBlock
    }
}

/// Budgets as written, in incident time from the completed injection.
struct BudgetEntry: Sendable {
    var detect: Located<DurationText>?
    var mitigate: Located<DurationText>?
    var recover: Located<DurationText>?

    static func read(_ reader: MappingReader?) -> BudgetEntry {
        guard let reader else { return BudgetEntry() }
        defer { reader.finish() }
        let entry = BudgetEntry(
            detect: reader.positiveDuration("detect"), mitigate: reader.positiveDuration("mitigate"),
            recover: reader.positiveDuration("recover"))
        let order = [entry.detect, entry.mitigate, entry.recover].compactMap { $0 }
        for (earlier, later) in zip(order, order.dropFirst()) where earlier.value.duration > later.value.duration {
            reader.sink.error(
                "the budget \(later.value) is shorter than the one before it, \(earlier.value)", at: later.at,
                remedy: "Detect, mitigate and recover all count from the completed injection.")
        }
        return entry
    }

    func overridden(by other: BudgetEntry) -> BudgetEntry {
        BudgetEntry(
            detect: other.detect ?? detect, mitigate: other.mitigate ?? mitigate, recover: other.recover ?? recover)
    }

    static func keys(_ name: String) -> KeyTable {
        KeyTable(
            name, "Times that must be met, from the completed injection.",
            [
                .optional("detect", .duration(.incident), "Until the first signal.", example: "2m"),
                .optional("mitigate", .duration(.incident), "Until user impact has ended.", example: "10m"),
                .optional("recover", .duration(.incident), "Until the steady state is confirmed.", example: "25m"),
            ])
    }
}

extension ScenarioFile {
    static func read(_ root: YAMLValue, sink: Sink) -> ScenarioFile? {
        guard let reader = MappingReader(root, table: keys, sink: sink) else { return nil }
        let (name, incident, testnet) = (reader.name("scenario"), reader.text("incident"), reader.name("testnet"))
        let summary = reader.text("summary")?.value
        let (timeScale, seed) = (reader.number("time_scale"), reader.integer("seed"))
        let hold = reader.positiveDuration("hold", atMost: Limits.longestTimeout)
        let blockTime = reader.positiveDuration("block_time", atMost: Limits.longestTimeout)
        let interval = reader.positiveDuration("probe_interval", atMost: Limits.longestTimeout)
        let horizon = reader.positiveDuration("horizon")
        let noFaultWindow = reader.positiveDuration("no_fault_window")
        let probes = reader.objectMap("probes").compactMap { ProbeEntry.read($0.name, $0.reader) }
        let steadyState = CheckEntry.readList(reader.objects("steady_state"))
        let impact = CheckEntry.readList(reader.objects("impact"))
        let symptoms = reader.objectMap("symptoms").compactMap { SymptomEntry.read($0.name, $0.reader) }
        let latent = reader.objectMap("latent").compactMap { LatentEntry.read($0.name, $0.reader) }
        let setBy = reader.map("set_by").compactMap { entry in
            Scalars.text(entry.value, what: entry.key.value, sink: sink).map { (entry.key, $0) }
        }
        let excused = reader.map("excused")
        let faults = reader.objects("faults").compactMap(FaultUse.read)
        let variants = reader.objectMap("fault_variants").compactMap { FaultVariant.read($0.name, $0.reader) }
        let fixes = reader.objectMap("fixes").compactMap { FixEntry.read($0.name, $0.reader) }
        let claims = reader.objectMap("claims").compactMap { ClaimEntry.read($0.name, $0.reader) }
        let detection = reader.object("detection").flatMap(DetectionEntry.read)
        let responder = Responder.read(reader.object("responder"))
        let runbook = reader.name("runbook")
        let runbookVars = reader.textMap("runbook_vars")
        let manualDelays = reader.map("manual_delays")
        let approvals = readApprovals(reader)
        let wrongResponses = reader.objectMap("wrong_responses").compactMap { WrongResponse.read($0.name, $0.reader) }
        let documented = reader.object("documented").flatMap(DocumentedEntry.read)
        let budgets = BudgetEntry.read(reader.object("budgets"))
        let crossCheck = reader.object("cross_check").flatMap(CrossCheckEntry.read)
        reader.finish()
        guard let name, let incident, let testnet, let timeScale, let seed, let hold, let blockTime, let interval,
            let horizon
        else { return nil }
        return ScenarioFile(
            at: root.at, name: name, summary: summary, incident: incident, testnet: testnet, timeScale: timeScale.value,
            seed: UInt64(seed.value), hold: hold, blockTime: blockTime.value, probeInterval: interval.value,
            horizon: horizon, noFaultWindow: noFaultWindow, probes: probes, steadyState: steadyState, impact: impact,
            symptoms: symptoms, latent: latent, setBy: setBy, excused: excused, faults: faults,
            faultVariants: variants, fixes: fixes, claims: claims, detection: detection,
            responder: responder, runbook: runbook,
            runbookVars: runbookVars, manualDelays: manualDelays, approvals: approvals, wrongResponses: wrongResponses,
            documented: documented, budgets: budgets, crossCheck: crossCheck)
    }
}

extension ScenarioFile {
    /// A hash, or a list of them.
    static func readApprovals(_ reader: MappingReader) -> [String: [Located<String>]] {
        var approvals: [String: [Located<String>]] = [:]
        for entry in reader.map("approvals") {
            let values: [YAMLValue] =
                if case .sequence(let items) = entry.value.content { items } else { [entry.value] }
            approvals[entry.key.value] = values.compactMap {
                Scalars.text($0, what: entry.key.value, sink: reader.sink)
            }
        }
        return approvals
    }
}

extension ScenarioFile.FaultUse {
    static func read(_ reader: MappingReader) -> Self? {
        defer { reader.finish() }
        let (fault, moment, hosts) = (reader.name("fault"), reader.duration("at"), reader.hosts("hosts"))
        let (with, facts) = (reader.textMap("with"), reader.texts("facts"))
        guard let fault, let moment, let hosts else { return nil }
        return Self(fault: fault, at: moment.value, hosts: hosts, with: with, facts: facts, location: reader.at)
    }
}

extension ScenarioFile.Responder {
    fileprivate static func read(_ reader: MappingReader?) -> Self {
        guard let reader else { return Self() }
        defer { reader.finish() }
        return Self(
            acknowledgeAfter: reader.duration("acknowledge_after")?.value ?? DurationText(.zero),
            startAfter: reader.duration("start_after")?.value ?? DurationText(.zero))
    }
}

extension ScenarioFile.DetectionEntry {
    fileprivate static func read(_ reader: MappingReader) -> Self? {
        defer { reader.finish() }
        let (pager, reports) = (reader.name("pager"), reader.name("reports"))
        let affected = reader.hosts("affected")
        var test: (Located<HostExpression>, ScriptBlock)?
        if let testReader = reader.object("pager_test") {
            let hosts = testReader.hosts("hosts")
            if let block = ScriptBlock.read(testReader), let hosts { test = (hosts, block) }
            testReader.finish()
        }
        if pager == nil, reports == nil {
            reader.sink.error(
                "detection has neither a pager nor reports", at: reader.at,
                remedy: "Name a probe of kind pager or chat; with neither, no runbook would ever start.")
        }
        if test != nil, pager == nil {
            reader.sink.error(
                "'pager_test' needs 'pager'", at: reader.location(of: "pager_test"), remedy: "Name the pager's probe.")
        }
        guard let affected else { return nil }
        return Self(pager: pager, reports: reports, affected: affected, pagerTest: test)
    }
}

extension ScenarioFile.WrongResponse {
    fileprivate static func read(_ id: Located<String>, _ reader: MappingReader) -> Self? {
        defer { reader.finish() }
        let (summary, facts) = (reader.text("summary"), reader.texts("facts"))
        let steps = reader.objects("steps").compactMap(Step.read)
        var seen: Set<String> = []
        for step in steps where !seen.insert(step.name.value).inserted {
            reader.sink.error(
                "the step '\(step.name.value)' appears twice", at: step.name.at, remedy: "Rename one of them.")
        }
        if reader.has("steps"), steps.isEmpty {
            reader.sink.error(
                "a wrong response needs a step", at: reader.location(of: "steps"), remedy: "Write what people did.")
        }
        guard let summary else { return nil }
        return Self(id: id, summary: summary.value, facts: facts, steps: steps)
    }
}

extension ScenarioFile.WrongResponse.Step {
    fileprivate static func read(_ reader: MappingReader) -> Self? {
        defer { reader.finish() }
        let (name, hosts, delay) = (reader.name("name"), reader.hosts("hosts"), reader.duration("delay"))
        let strategy = reader.expression("strategy", StepLine.strategy)
        let expect = reader.texts("expect").compactMap { reader.parse($0, what: "expect", StepLine.expectation) }
        guard let block = ScriptBlock.read(reader), let name, let hosts, let delay, let strategy else { return nil }
        return Self(
            name: name, hosts: hosts, delay: delay.value, strategy: strategy,
            expect: expect.isEmpty ? [.exit(0)] : expect, block: block)
    }
}

extension ScenarioFile.CrossCheckEntry {
    fileprivate static func read(_ reader: MappingReader) -> Self? {
        defer { reader.finish() }
        let (hosts, each) = (reader.hosts("hosts"), reader.name("each"))
        guard let block = ScriptBlock.read(reader), let hosts else { return nil }
        return Self(hosts: hosts, each: each, block: block)
    }
}

extension MappingReader {
    /// Reads a scalar through one of the small expression parsers.
    func expression<Value>(_ key: String, _ parser: (String) throws(ExpressionError) -> Value) -> Value? {
        text(key).flatMap { parse($0, what: key, parser) }
    }

    func parse<Value>(
        _ text: Located<String>, what key: String, _ parser: (String) throws(ExpressionError) -> Value
    ) -> Value? {
        do throws(ExpressionError) {
            return try parser(text.value)
        } catch {
            sink.error("'\(key)': \(error.message)", at: text.at, remedy: error.remedy)
            return nil
        }
    }
}
