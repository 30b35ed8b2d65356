import Timeline

/// A symptom as a scenario writes it.
struct SymptomEntry: Sendable {
    var fact: Located<String>
    var kind: Criteria.Symptom.Kind
    var after: [Located<String>]
    var checks: [CheckEntry]

    static func read(_ fact: Located<String>, _ reader: MappingReader) -> SymptomEntry? {
        defer { reader.finish() }
        let kind = reader.choice("kind").flatMap { Criteria.Symptom.Kind(rawValue: $0.value) }
        let after = reader.names("after")
        let checks = CheckEntry.readList(reader.objects("checks"))
        if reader.has("checks"), checks.isEmpty {
            reader.sink.error(
                "the symptom has no check", at: reader.location(of: "checks"), remedy: "Say what can be observed.")
        }
        guard let kind else { return nil }
        if kind == .response, after.isEmpty {
            reader.sink.error(
                "a response symptom says after which wrong response it shows", at: fact.at,
                remedy: "Add 'after: [<id>]'.")
        }
        if kind != .response, let first = after.first {
            reader.sink.error(
                "only response symptoms have 'after'", at: first.at, remedy: "Remove it, or write 'kind: response'.")
        }
        return SymptomEntry(fact: fact, kind: kind, after: after, checks: checks)
    }

    static let keys = KeyTable(
        "scenario.symptom", "How a symptom of the incident is observed. All checks must hold at the same moment.",
        [
            .required(
                "kind", .oneOf(["onset", "context", "response"]),
                "onset: false at baseline, true after the fault. context: true throughout, or an absence over a window. "
                    + "response: true only after a named wrong response.",
                example: "onset"),
            .optional(
                "after", .list(.name), "For `response`: the wrong responses after which it must show.",
                example: "[restore-only]"),
            .required(
                "checks", .list(.object(CheckEntry.keys)), "What is observed.",
                example: "[{id: denied, probe: public-get, match: [\".status == 403\"]}]"),
        ])
}
