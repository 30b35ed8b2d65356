import Timeline

/// `chaos/mutants/<id>.yaml`: a change that looks like a fix and is none. It is played in the place of the fix's own change,
/// and must be rejected.
struct MutantFile: Sendable {
    var at: Location
    var id: Located<String>
    var scenario: Located<String>
    /// The fix whose promise it must fail to keep.
    var fix: Located<String>
    var summary: String
    var source: String
    var change: ChangeEntry
    /// Only these of the scenario's fault variants; empty: the scenario's own faults and every variant of the fix.
    var onlyUnder: [Located<String>]

    static func read(_ root: YAMLValue, sink: Sink) -> MutantFile? {
        guard let reader = MappingReader(root, table: keys, sink: sink) else { return nil }
        let (id, scenario, fix) = (reader.name("mutant"), reader.name("scenario"), reader.name("of"))
        let (summary, source) = (reader.text("summary"), reader.text("source"))
        let change = ChangeEntry.read(reader, owner: "the mutant '\(id?.value ?? "")'")
        let onlyUnder = reader.names("only_under")
        reader.finish()
        guard let id, let scenario, let fix, let summary, let source else { return nil }
        return MutantFile(
            at: root.at, id: id, scenario: scenario, fix: fix, summary: summary.value, source: source.value,
            change: change, onlyUnder: onlyUnder)
    }

    /// The fix with this change in place of its own.
    func entry(of fix: FixEntry) -> FixEntry {
        var entry = fix
        entry.id = id
        entry.summary = summary
        entry.facts = []
        entry.change = change
        entry.notClaimedUnder = []
        if !onlyUnder.isEmpty {
            entry.under = onlyUnder
            entry.skipsOwnFaults = true
        }
        return entry
    }

    static let keys = KeyTable(
        "mutant",
        "A change that looks like a fix and is none: what `firedrill validate --mutants` must reject. The file's name is the "
            + "mutant's id.",
        [
            .required("mutant", .name, "The mutant's id.", example: "checksum-of-itself"),
            .required("scenario", .name, "The scenario of the fix.", example: "harmony-release-bucket"),
            .required(
                "of", .name, "The fix whose promise, arm and fault variants it is held to.", example: "verify-checksum"),
            .required("summary", .text, "Why it looks right and is not.", example: "A checksum compared with itself"),
            .required(
                "source", .text, "Where the mistake is documented, or whose it could be.",
                example: "H1-X1, a checksum from the same place would not have helped"),
        ] + ChangeEntry.keys + [
            .optional(
                "only_under", .list(.name),
                "Fault variants under which it must be rejected; default: the scenario's own faults and the fix's `under`.",
                example: "[object-garbage]")
        ])
}
