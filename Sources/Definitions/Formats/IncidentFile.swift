/// `chaos/incidents/<id>.yaml`: a documented outage as numbered facts, in our own words.
struct IncidentFile: Sendable {
    var at: Location
    var id: Located<String>
    var title: String
    var source: Source
    var facts: [Fact]

    struct Source: Sendable {
        var title: String
        var date: String
        var url: String?
        var file: String?
    }

    struct Fact: Sendable {
        var id: Located<String>
        var text: String
        /// The source implies it but does not state it.
        var inferred: Bool

        /// The kind of a fact is the letter after the hyphen: L, F, S, T, R, X or C.
        var letter: Character { id.value.drop { $0 != "-" }.dropFirst().first ?? "?" }
    }

    func fact(_ id: String) -> Fact? { facts.first { $0.id.value == id } }
    /// Facts that a replay must show.
    var symptomIDs: [String] { facts.filter { $0.letter == "S" }.map(\.id.value) }

    static func read(_ root: YAMLValue, sink: Sink) -> IncidentFile? {
        guard let reader = MappingReader(root, table: keys, sink: sink) else { return nil }
        let id = reader.text("incident")
        if let id, !Scalars.isIncidentID(id.value) {
            sink.error("'\(Quote.short(id.value))' is not an incident id", at: id.at, remedy: "Write for example H1.")
        }
        let title = reader.text("title")
        let source = reader.object("source").map { source in
            Source(
                title: source.text("title")?.value ?? "", date: source.text("date")?.value ?? "",
                url: source.text("url")?.value, file: source.text("file")?.value)
        }
        let facts = reader.objects("facts").compactMap { Fact.read($0) }
        reader.finish()
        guard let id, let title, let source else { return nil }
        checkIDs(of: facts, incident: id.value, sink: sink)
        return IncidentFile(at: root.at, id: id, title: title.value, source: source, facts: facts)
    }

    private static func checkIDs(of facts: [Fact], incident: String, sink: Sink) {
        var seen: Set<String> = []
        for fact in facts {
            if !fact.id.value.hasPrefix("\(incident)-") {
                sink.error(
                    "the fact '\(fact.id.value)' does not belong to incident \(incident)", at: fact.id.at,
                    remedy: "Start its id with '\(incident)-'.")
            }
            if !seen.insert(fact.id.value).inserted {
                sink.error("the fact '\(fact.id.value)' appears twice", at: fact.id.at, remedy: "Number the facts.")
            }
        }
    }

    static let keys = KeyTable(
        "incident", "A documented outage. The file's name is its id.",
        [
            .required("incident", .text, "The incident's id: capitals and a number.", example: "H1"),
            .required("title", .text, "What happened, in one line.", example: "Release bucket lost public read"),
            .required(
                "source", .object(sourceKeys), "Where the facts come from.",
                example: "{title: Post-mortem, date: 2019-08-30}"),
            .required(
                "facts", .list(.object(factKeys)), "The facts, in order.",
                example: "[{id: H1-F1, text: Access was revoked}]"),
        ])

    static let sourceKeys = KeyTable(
        "incident.source", "The public write-up.",
        [
            .required("title", .text, "Title of the write-up.", example: "Post-mortem of August 30"),
            .required("date", .text, "Date of the outage as the write-up gives it.", example: "2019-08-30"),
            .optional("url", .text, "Where it can be read.", example: "https://example.org/post-mortem"),
            .optional("file", .text, "Name of a stored copy.", example: "post-mortem.txt"),
        ])

    static let factKeys = KeyTable(
        "incident.fact", "One numbered fact.",
        [
            .required(
                "id", .factID,
                "Incident, hyphen, letter, number. L latent condition, F fault, S symptom, T time, R response, X fix, C claim.",
                example: "H1-S1"),
            .required(
                "text", .text, "What the fact says, in our own words.", example: "All shards stop producing blocks"),
            .optional(
                "inferred", .boolean,
                "True when the source implies the fact but does not state it; reports carry the mark.",
                standard: "false", example: "true"),
        ])
}

extension IncidentFile.Fact {
    fileprivate static func read(_ reader: MappingReader) -> Self? {
        defer { reader.finish() }
        let text = reader.text("text")
        let inferred = reader.boolean("inferred")
        guard let id = reader.text("id"), let text, let inferred else { return nil }
        guard Scalars.isFactID(id.value) else {
            reader.sink.error(
                "'\(Quote.short(id.value))' is not a fact id", at: id.at,
                remedy: "Write incident, hyphen, one of L F S T R X C, and a number: H1-S3.")
            return nil
        }
        return Self(id: id, text: text.value, inferred: inferred)
    }
}
