import Timeline

/// A symptom as a scenario writes it.
struct SymptomEntry: Sendable {
    var fact: Located<String>
    var kind: Criteria.Symptom.Kind
    var after: [Located<String>]
    var checks: [CheckEntry]
    /// For how long all checks must hold together.
    var lasting: CheckEntry.Span?

    static func read(_ fact: Located<String>, _ reader: MappingReader) -> SymptomEntry? {
        defer { reader.finish() }
        let kind = reader.choice("kind").flatMap { Criteria.Symptom.Kind(rawValue: $0.value) }
        let after = reader.names("after")
        let checks = CheckEntry.readList(reader.objects("checks"))
        let lasting = reader.has("for") || reader.has("for_incident") ? CheckEntry.readSpan(reader) : nil
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
        return SymptomEntry(fact: fact, kind: kind, after: after, checks: checks, lasting: lasting)
    }

    static let keys = KeyTable(
        "scenario.symptom",
        "How a symptom of the incident is observed. All checks must hold together without a gap: at least until every "
            + "probe has looked once more, which takes the longest of their intervals. An onset symptom must be certain "
            + "before the responders' first act.",
        [
            .required(
                "kind", .oneOf(["onset", "context", "response"]),
                "onset: false at baseline, true after the fault. context: true throughout, or an absence over a window. "
                    + "response: true only after a named wrong response.",
                example: "onset"),
            .optional(
                "after", .list(.name), "For `response`: the wrong responses after which it must show.",
                example: "[restore-only]"),
            .optional(
                "for", .duration(.wall),
                "For how long all checks must hold together, counted from when the last of them began to. "
                    + "At most one of `for` and `for_incident`.", example: "20s"),
            .optional("for_incident", .duration(.incident), "The same in incident time.", example: "10m"),
            .required(
                "checks", .list(.object(CheckEntry.keys)), "What is observed.",
                example: "[{id: denied, probe: public-get, match: [\".status == 403\"]}]"),
        ])
}

/// A latent condition as a scenario writes it.
struct LatentEntry: Sendable {
    var fact: Located<String>
    var checks: [CheckEntry]

    static func read(_ fact: Located<String>, _ reader: MappingReader) -> LatentEntry? {
        defer { reader.finish() }
        let checks = CheckEntry.readList(reader.objects("checks"))
        if reader.has("checks"), checks.isEmpty {
            reader.sink.error(
                "the latent condition has no check", at: reader.location(of: "checks"),
                remedy: "Say how it can be seen before the fault.")
        }
        for check in checks {
            switch check.predicate {
            case .pages, .quiet:
                reader.sink.error(
                    "a latent condition cannot be seen from signals", at: check.predicateAt,
                    remedy: "Signals count from the fault on: look at what is wrong before it.")
            default: break
            }
        }
        return LatentEntry(fact: fact, checks: checks)
    }

    static let keys = KeyTable(
        "scenario.latent",
        "How a latent condition is seen. All checks must hold together before the fault, as a symptom's must, and still "
            + "when it comes; otherwise the run is inconclusive.",
        [
            .required(
                "checks", .list(.object(CheckEntry.keys)), "What is observed.",
                example: "[{id: stale-list, probe: list, match: [\".json.missing > 0\"]}]")
        ])
}
