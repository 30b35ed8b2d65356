import Timeline

/// `claims.<fact>`: a counterfactual statement of the write-up, tested by comparing two arms.
struct ClaimEntry: Sendable {
    var fact: Located<String>
    var statement: String
    /// Texts of arms: `runbook`, `fix:old-launch`.
    var control: Located<String>
    var treatment: Located<String>
    var measure: Claim.Measure
    var against: Claim.Measure?
    var scope: Located<String>?
    var expect: Claim.Expect
    var note: String?

    static func read(_ fact: Located<String>, _ reader: MappingReader) -> ClaimEntry? {
        defer { reader.finish() }
        let statement = reader.text("statement")
        let (control, treatment) = (reader.text("control"), reader.text("treatment"))
        let measure = reader.choice("measure").flatMap { Claim.Measure(rawValue: $0.value) }
        let against =
            reader.has("against") ? reader.choice("against").flatMap { Claim.Measure(rawValue: $0.value) } : nil
        let scope = reader.name("scope")
        let expectText = reader.text("expect")
        let expect = expectText.flatMap { reader.parse($0, what: "expect", PromiseParser.claim) }
        let note = reader.text("note")?.value
        guard let statement, let control, let treatment, let measure, let expect, let expectText else { return nil }
        switch (measure, expect) {
        case (.outage, .ratioAtMost), (.outage, .ratioAtLeast):
            reader.sink.error(
                "an outage has no ratio", at: expectText.at,
                remedy: "Write both, neither, only-control or only-treatment, or measure a time.")
        case (.outage, .outage): break
        case (_, .outage):
            reader.sink.error(
                "'\(expectText.value)' is about outages, and '\(measure.rawValue)' is measured", at: expectText.at,
                remedy: "Write ratio<=0.5 or ratio>=1, or 'measure: outage'.")
        default: break
        }
        if against != nil, measure == .outage {
            reader.sink.error(
                "an outage is compared with nothing but an outage", at: expectText.at,
                remedy: "Remove 'against', or measure a time.")
        }
        if let scope, measure != .ttm, measure != .ttr, measure != .outage {
            reader.sink.error(
                "'\(measure.rawValue)' has no scope", at: scope.at,
                remedy: "Remove it: signals and acts are the whole network's.")
        }
        return ClaimEntry(
            fact: fact, statement: statement.value, control: control, treatment: treatment, measure: measure,
            against: against, scope: scope, expect: expect, note: note)
    }

    static let keys = KeyTable(
        "scenario.claim", "A C fact, answered by comparing two arms.",
        [
            .required(
                "statement", .text, "What is claimed, in own words.",
                example: "Restarting all nodes at once halves the time to mitigate"),
            .required("control", .text, "An arm, as on the command line.", example: "runbook"),
            .required("treatment", .text, "The arm that it is compared with.", example: "\"fix:immediate-restart\""),
            .required("measure", .oneOf(Claim.Measure.allCases.map(\.rawValue)), "What is compared.", example: "ttm"),
            .optional(
                "against", .oneOf(["ttd", "tta", "ttm", "ttr"]),
                "The control's time, when it is not the same: `measure: ttm` and `against: ttd` ask whether the treatment "
                    + "was over before the control was noticed.", example: "ttd"),
            .optional(
                "scope", .name, "Of `ttm`, `ttr` and `outage`: one scope instead of the network.", example: "shard2"),
            .required(
                "expect", .text,
                "The claim: `ratio<=X` or `ratio>=X` of treatment to control; of outages `both`, `neither`, "
                    + "`only-control` or `only-treatment` (has one).", example: "ratio<=0.5"),
            .optional(
                "note", .text, "What was compared, in words.", example: "People start at once instead of after 12m"),
        ])
}
