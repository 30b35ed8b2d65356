import Timeline

/// `documented` of a scenario: what the people of the time did and when, and how long it took them, as the write-up has it.
struct DocumentedEntry: Sendable {
    var at: Location
    /// Incident seconds per wall second, instead of the scenario's.
    var timeScale: Double?
    /// Incident time, instead of the scenario's.
    var horizon: Located<DurationText>?
    var steps: [Step]
    var phases: [Phase]

    struct Step: Sendable {
        var name: Located<String>
        var facts: [Located<String>]
        /// Incident time from onset.
        var at: Located<DurationText>
        var hosts: Located<HostExpression>
        var strategy: StepPlan.Strategy
        var expect: [StepPlan.Expectation]
        var block: ScriptBlock
    }

    struct Phase: Sendable {
        var fact: Located<String>
        var from: Located<Documented.End>
        var to: Located<Documented.End>
        var documented: [Located<DurationText>]
        var spread: Located<DurationText>?
    }

    static func read(_ reader: MappingReader) -> Self? {
        defer { reader.finish() }
        let timeScale = reader.has("time_scale") ? reader.number("time_scale")?.value : nil
        let horizon = reader.has("horizon") ? reader.positiveDuration("horizon") : nil
        let steps = reader.objects("steps").compactMap(Step.read)
        let phases = reader.objects("phases").compactMap(Phase.read)
        if reader.has("steps"), steps.isEmpty {
            reader.sink.error(
                "'documented' needs a step", at: reader.location(of: "steps"), remedy: "Write what people did.")
        }
        if reader.has("phases"), phases.isEmpty {
            reader.sink.error(
                "'documented' needs a phase", at: reader.location(of: "phases"),
                remedy: "Say what is compared with the write-up.")
        }
        return Self(at: reader.at, timeScale: timeScale, horizon: horizon, steps: steps, phases: phases)
    }
}

extension DocumentedEntry.Step {
    fileprivate static func read(_ reader: MappingReader) -> Self? {
        defer { reader.finish() }
        let (name, moment, hosts) = (reader.name("name"), reader.duration("at"), reader.hosts("hosts"))
        let facts = reader.texts("facts")
        let strategy = reader.expression("strategy", StepLine.strategy)
        let expect = reader.texts("expect").compactMap { reader.parse($0, what: "expect", StepLine.expectation) }
        guard let block = ScriptBlock.read(reader), let name, let moment, let hosts, let strategy else { return nil }
        return Self(
            name: name, facts: facts, at: moment, hosts: hosts, strategy: strategy,
            expect: expect.isEmpty ? [.exit(0)] : expect, block: block)
    }
}

extension DocumentedEntry.Phase {
    fileprivate static func read(_ reader: MappingReader) -> Self? {
        defer { reader.finish() }
        let (fact, from, to) = (reader.text("fact"), end("from", reader), end("to", reader))
        let documented = reader.list("documented").compactMap {
            Scalars.duration($0, what: "documented", sink: reader.sink)
        }
        if reader.has("documented"), documented.isEmpty || documented.contains(where: { $0.value.duration <= .zero }) {
            reader.sink.error(
                "'documented' lists how long the phase was: one value longer than zero, or several",
                at: reader.location(of: "documented"), remedy: "Write for example [40m].")
        }
        let spread = reader.has("spread") ? reader.positiveDuration("spread") : nil
        guard let fact, let from, let to else { return nil }
        if from.value == to.value {
            reader.sink.error(
                "the phase ends where it begins, at '\(to.value)'", at: to.at, remedy: "Name two different moments.")
        }
        return Self(fact: fact, from: from, to: to, documented: documented, spread: spread)
    }

    private static func end(_ key: String, _ reader: MappingReader) -> Located<Documented.End>? {
        guard let text = reader.text(key) else { return nil }
        if let end = Documented.End(text.value) { return Located(value: end, at: text.at) }
        reader.sink.error(
            "'\(Quote.short(text.value))' is no moment of a run", at: text.at,
            remedy:
                "Write onset, last-block, last-block:SCOPE, signal, report, step:NAME, symptom:ID, mitigated, mitigated:SCOPE, recovered or recovered:SCOPE."
        )
        return nil
    }
}

extension DocumentedEntry {
    static let keys = KeyTable(
        "scenario.documented",
        "What the people of the time did, with their delays: the arm `as-documented`. The steps run one after the other, each "
            + "at its moment; one that is due while the step before it still runs begins as soon as that has ended.",
        [
            .optional(
                "time_scale", .number(1...10_000),
                "Incident seconds per wall second in this arm; the scenario's when absent.", example: "60"),
            .optional(
                "horizon", .duration(.incident),
                "How long recovery is waited for in this arm; the scenario's when absent.", example: "2h"),
            .required(
                "steps", .list(.object(stepKeys)), "The people's steps, in the order of their moments.",
                example: "[{name: switch-on-again, at: 10m, hosts: ops, timeout: 9s, script: switch-on}]"),
            .required(
                "phases", .list(.object(phaseKeys)), "What is compared with the write-up.",
                example: "[{fact: H1-T2, from: onset, to: signal, documented: [2m]}]"),
        ])

    private static let stepKeys: KeyTable = {
        var table = ScriptBlock.keys("scenario.documented.step", "One step that people took.")
        table.keys.insert(
            contentsOf: [
                .required("name", .name, "Unique among the steps.", example: "restart-shard3"),
                .optional(
                    "facts", .list(.factID), "Facts of the incident that the step plays, of kind R.", example: "[H1-R3]"
                ),
                .required("at", .duration(.incident), "From onset to the beginning of the step.", example: "14m"),
                .required("hosts", .hostExpression, "Where it runs.", example: "ops"),
                .optional(
                    "strategy", .strategy, "As a runbook's `Strategy:` line.", standard: "parallel",
                    example: "rolling 1"),
                .optional(
                    "expect", .list(.text), "As a runbook's `Expect:` lines; `exit 0` when absent.", example: "[exit 0]"
                ),
            ], at: 0)
        table.keys.append(ScriptBlock.envKey)
        return table
    }()

    private static let phaseKeys: KeyTable = {
        let ends =
            "`onset`, `last-block` or `last-block:SCOPE` (by the block logs that `cross_check` reads), `signal`, `report` (of a "
            + "user), `step:NAME` (it began), `symptom:ID`, `mitigated`, `mitigated:SCOPE`, `recovered` or "
            + "`recovered:SCOPE`."
        return KeyTable(
            "scenario.documented.phase", "A span that the write-up gives a length for.",
            [
                .required("fact", .factID, "A fact of the incident, of kind T.", example: "H1-T5"),
                .required("from", .text, "Where it begins: \(ends)", example: "onset"),
                .required("to", .text, "Where it ends, likewise.", example: "recovered:shard3"),
                .required(
                    "documented", .list(.duration(.incident)),
                    "How long it was. Several values when the write-up contradicts itself: all are printed, one must match.",
                    example: "[1h33m, 2h35m]"),
                .optional(
                    "spread", .duration(.incident),
                    "By how much the phase may differ because it hangs on schedules that nobody synchronised, such as a "
                        + "monitor's poll; part of its tolerance.", example: "1m"),
            ])
    }()
}
