import Timeline

/// `fixes.<id>` of a scenario: an action item as an overlay, what is played with it, and what it promises.
struct FixEntry: Sendable {
    var id: Located<String>
    var summary: String
    /// X facts that it implements.
    var facts: [Located<String>]
    var change: ChangeEntry
    /// Text of the arm that is played without the fix; nil: the one of `plays`.
    var control: Located<String>?
    var plays: Located<String>
    /// Fault variants that it must hold under as well.
    var under: [Located<String>]
    /// Fault variants that are measured and not promised, with the reason.
    var notClaimedUnder: [(variant: Located<String>, reason: String)]
    var expect: Located<Promise>?
    /// Incident time.
    var window: Located<DurationText>?
    /// Only the variants of `under` are played.
    var skipsOwnFaults = false

    static func read(_ id: Located<String>, _ reader: MappingReader) -> FixEntry? {
        defer { reader.finish() }
        let (summary, facts) = (reader.text("summary"), reader.texts("facts"))
        let change = ChangeEntry.read(reader, owner: "the fix '\(id.value)'")
        let (control, plays) = (reader.text("control"), reader.text("plays"))
        let under = reader.names("under")
        let notClaimed = reader.map("not_claimed_under").compactMap { entry in
            Scalars.text(entry.value, what: entry.key.value, sink: reader.sink).map { (entry.key, $0.value) }
        }
        let expect = reader.text("expect").flatMap { text in
            reader.parse(text, what: "expect", PromiseParser.parse).map { Located(value: $0, at: text.at) }
        }
        let window = reader.positiveDuration("window")
        for variant in notClaimed where under.contains(where: { $0.value == variant.0.value }) {
            reader.sink.error(
                "'\(variant.0.value)' stands under 'under' and 'not_claimed_under'", at: variant.0.at,
                remedy: "Remove one of the two.")
        }
        guard let summary, let plays else { return nil }
        return FixEntry(
            id: id, summary: summary.value, facts: facts, change: change, control: control, plays: plays, under: under,
            notClaimedUnder: notClaimed, expect: expect, window: window)
    }

    static let keys = KeyTable(
        "scenario.fix",
        "A change of the testnet or of the response, played as the arm `fix:<id>` and compared with its control.",
        [
            .required(
                "summary", .text, "What it changes and why that helps.", example: "Downloads fail on HTTP errors"),
            .optional("facts", .list(.text), "X facts of the incident that it implements.", example: "[H1-X2]"),
        ] + ChangeEntry.keys + [
            .optional(
                "control", .text, "The arm without the fix; default: the arm of `plays`.", example: "fault-only"),
            .optional(
                "plays", .text, "The arm that is played with the fix: any but `no-fault` and another fix.",
                standard: "fault-only", example: "runbook"),
            .optional(
                "under", .list(.name),
                "Fault variants under which it must hold as well as under the scenario's own faults.",
                example: "[object-garbage]"),
            .optional(
                "not_claimed_under", .map(.name, .text),
                "Fault variants under which it is measured, and that its promise leaves out, each with the reason.",
                example: "{object-garbage: a page that comes with 200 is no HTTP error}"),
            .optional(
                "expect", .text,
                "What it promises: `no-outage`, `ttr<=10m` (also `ttd`, `tta`, `ttm`), `alert<=2m`, `ttr<=0.5x` of the "
                    + "control; several joined by ` and `. Times are incident time. Without it the arm is judged as the one "
                    + "that it plays.",
                example: "no-outage"),
            .optional(
                "window", .duration(.incident),
                "How long the network is watched after the injection, instead of `horizon`; with `no-outage`, default: "
                    + "`no_fault_window`.", example: "12m"),
        ])
}

/// `fault_variants.<id>`: another way in which the same thing can go wrong.
struct FaultVariant: Sendable {
    var id: Located<String>
    var summary: String
    var faults: [ScenarioFile.FaultUse]

    static func read(_ id: Located<String>, _ reader: MappingReader) -> FaultVariant? {
        defer { reader.finish() }
        let summary = reader.text("summary")
        let faults = reader.objects("faults").compactMap(ScenarioFile.FaultUse.read)
        if reader.has("faults"), faults.isEmpty {
            reader.sink.error(
                "a variant needs a fault", at: reader.location(of: "faults"), remedy: "Say what is broken instead.")
        }
        for fact in faults.flatMap(\.facts) {
            reader.sink.error(
                "a variant's fault plays no fact", at: fact.at,
                remedy: "Remove 'facts': what the write-up documents is the scenario's own fault.")
        }
        guard let summary else { return nil }
        return FaultVariant(id: id, summary: summary.value, faults: faults)
    }

    static let keys = KeyTable(
        "scenario.fault_variant",
        "Another way in which the same thing can go wrong: what the write-up saw need not show, only whether it broke and "
            + "recovered counts.",
        [
            .required("summary", .text, "What goes wrong.", example: "A page of garbage instead of the binary"),
            .required(
                "faults", .list(.object(ScenarioFile.faultKeys)), "Instead of the scenario's `faults`.",
                example: "[{fault: bucket-object-garbage, at: 0s, hosts: ops}]"),
        ])
}
