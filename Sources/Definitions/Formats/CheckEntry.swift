import Timeline

/// A check as a scenario writes it: exactly one predicate over one probe's samples.
struct CheckEntry: Sendable {
    var id: Located<String>
    var probe: Located<String>?
    /// Scope family of the testnet.
    var each: Located<String>?
    /// Narrows the probe's targets; for `pages`, the hosts that must be named.
    var hosts: Located<HostExpression>?
    var predicate: Predicate
    var predicateAt: Location

    enum Predicate: Sendable {
        case advancing(value: Located<String>, hash: Located<String>?, quorum: Located<Int>, within: DurationText)
        case stalled(value: Located<String>, lasting: Span, answering: Located<Int>)
        case match([Located<Comparison>], Criteria.Quantity)
        case distinct(
            value: Located<String>, atLeast: Int, matching: [Located<Comparison>], answering: Located<Int>,
            lasting: Span)
        case pages(atLeast: Located<Int>?, firstAlone: Bool)
        case quiet(Span)
    }

    /// A duration that is wall or incident time.
    struct Span: Sendable {
        var duration: DurationText
        var isIncident: Bool

        func wall(timeScale: Double) -> DurationText {
            isIncident ? duration.divided(by: timeScale) : duration
        }
    }

    /// For how long the predicate must hold; nil when it says nothing of that.
    var span: Span? {
        switch predicate {
        case .stalled(_, let span, _), .distinct(_, _, _, _, let span), .quiet(let span): span
        case .advancing, .match, .pages: nil
        }
    }

    static let predicates = ["advancing", "stalled", "match", "distinct", "pages", "quiet"]

    static func readList(_ readers: [MappingReader]) -> [CheckEntry] {
        let checks = readers.compactMap(read)
        var seen: Set<String> = []
        for (check, reader) in zip(checks, readers) where !seen.insert(check.id.value).inserted {
            reader.sink.error(
                "the check '\(check.id.value)' appears twice", at: check.id.at, remedy: "Rename one of them.")
        }
        return checks
    }

    static func read(_ reader: MappingReader) -> CheckEntry? {
        defer { reader.finish(because: "cannot be used with this predicate") }
        let id = reader.name("id")
        let (probe, each, hosts) = (reader.name("probe"), reader.name("each"), reader.hosts("hosts"))
        let present = predicates.filter { reader.has($0) }
        guard present.count == 1, let kind = present.first else {
            reader.sink.error(
                "a check must have exactly one of \(predicates.joined(separator: ", "))", at: reader.at,
                remedy: present.isEmpty ? "Add one." : "It has \(present.joined(separator: " and ")): make two checks.")
            for name in predicates + ["targets"] { _ = reader.value(name) }
            return nil
        }
        let predicateAt = reader.location(of: kind)
        guard let predicate = readPredicate(kind, reader), let id else { return nil }
        checkProbePresence(kind, probe, hosts, reader)
        return CheckEntry(
            id: id, probe: probe, each: each, hosts: hosts, predicate: predicate, predicateAt: predicateAt)
    }

    private static func checkProbePresence(
        _ kind: String, _ probe: Located<String>?, _ hosts: Located<HostExpression>?, _ reader: MappingReader
    ) {
        let isSignal = kind == "pages" || kind == "quiet"
        if isSignal, let probe {
            reader.sink.error("'\(kind)' reads signals, not a probe", at: probe.at, remedy: "Remove 'probe'.")
        } else if !isSignal, probe == nil {
            reader.sink.error("'\(kind)' needs a probe", at: reader.at, remedy: "Add 'probe: <id>'.")
        }
        if kind == "pages", hosts == nil {
            reader.sink.error(
                "'pages' needs the hosts that must be named", at: reader.at, remedy: "Add 'hosts: <expression>'.")
        }
    }

    private static func readPredicate(_ kind: String, _ reader: MappingReader) -> Predicate? {
        if kind == "match" {
            let comparisons = readComparisons("match", reader)
            guard let quantity = readTargets(reader) else { return nil }
            return .match(comparisons, quantity)
        }
        guard let inner = reader.object(kind) else { return nil }
        defer { inner.finish() }
        switch kind {
        case "advancing":
            let (value, hash) = (inner.path("value"), inner.has("hash") ? inner.path("hash") : nil)
            let (quorum, within) = (
                inner.integer("quorum"), inner.positiveDuration("within", atMost: Limits.longestTimeout)
            )
            guard let value, hash != nil || !inner.has("hash"), let quorum, let within else { return nil }
            return .advancing(value: value, hash: hash, quorum: quorum, within: within.value)
        case "stalled":
            let (value, answering, span) = (inner.path("value"), inner.integer("answering"), readSpan(inner))
            guard let value, let answering, let span else { return nil }
            return .stalled(value: value, lasting: span, answering: answering)
        case "distinct":
            let (value, atLeast, answering) = (
                inner.path("value"), inner.integer("at_least"), inner.integer("answering")
            )
            let matching = inner.has("where") ? readComparisons("where", inner) : []
            guard let span = readSpan(inner), let value, let atLeast, let answering else { return nil }
            return .distinct(
                value: value, atLeast: atLeast.value, matching: matching, answering: answering, lasting: span)
        case "pages":
            let firstAlone = inner.boolean("first_alone") ?? false
            if let text = inner.text("at_least"), text.value == "all" {
                return .pages(atLeast: nil, firstAlone: firstAlone)
            }
            return inner.integer("at_least").map { .pages(atLeast: $0, firstAlone: firstAlone) }
        default:
            return readSpan(inner).map(Predicate.quiet)
        }
    }

    private static func readComparisons(_ key: String, _ reader: MappingReader) -> [Located<Comparison>] {
        let texts: [Located<String>]
        if let value = reader.value(key), case .scalar = value.content {
            texts = reader.text(key).map { [$0] } ?? []
        } else {
            texts = reader.texts(key)
        }
        if texts.isEmpty, reader.has(key) {
            reader.sink.error(
                "'\(key)' holds no comparison", at: reader.location(of: key), remedy: "Write [\".status == 200\"].")
        }
        return texts.compactMap { text in
            reader.parse(text, what: key, ComparisonParser.parse).map { Located(value: $0, at: text.at) }
        }
    }

    private static func readTargets(_ reader: MappingReader) -> Criteria.Quantity? {
        guard let value = reader.value("targets") else { return nil }
        if case .mapping = value.content {
            guard let inner = MappingReader(value, table: quantityKeys, sink: reader.sink) else { return nil }
            defer { inner.finish() }
            switch (
                inner.has("at_least") ? inner.integer("at_least") : nil,
                inner.has("at_most") ? inner.integer("at_most") : nil
            ) {
            case (let least?, nil): return .atLeast(least)
            case (nil, let most?): return .atMost(most)
            default:
                reader.sink.error(
                    "'targets' takes one of at_least and at_most", at: value.at, remedy: "Write {at_least: 2}.")
                return nil
            }
        }
        switch Scalars.choice(value, among: ["all", "any", "none"], what: "targets", sink: reader.sink)?.value {
        case "all": return .all
        case "any": return .any
        case "none": return Criteria.Quantity.none
        default: return nil
        }
    }

    static func readSpan(_ reader: MappingReader) -> Span? {
        let wall = reader.has("for") ? reader.positiveDuration("for", atMost: Limits.longestTimeout) : nil
        let incident = reader.has("for_incident") ? reader.positiveDuration("for_incident") : nil
        switch (wall, incident) {
        case (let wall?, nil): return Span(duration: wall.value, isIncident: false)
        case (nil, let incident?): return Span(duration: incident.value, isIncident: true)
        default:
            reader.sink.error(
                "\(reader.table.name) needs exactly one of 'for' (wall time) and 'for_incident'", at: reader.at,
                remedy: "Write for example 'for: 9s'.")
            return nil
        }
    }
}

extension Criteria {
    /// A quantifier whose numbers still have their place in the file.
    enum Quantity: Sendable {
        case all, any, none
        case atLeast(Located<Int>)
        case atMost(Located<Int>)
    }
}

extension MappingReader {
    func path(_ key: String) -> Located<String>? {
        guard let text = text(key) else { return nil }
        return parse(text, what: key, ComparisonParser.parsePath).map { Located(value: $0, at: text.at) }
    }
}

extension DurationText {
    /// Incident time to wall time, to the microsecond.
    func divided(by timeScale: Double) -> DurationText {
        DurationText(.microseconds(Int64((duration.inSeconds / timeScale * 1e6).rounded())))
    }
}
