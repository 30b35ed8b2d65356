import Timeline

/// The facts of a verdict at a terminal: what became of each and what it says on one line, its evidence below.
struct FactLines {
    let facts: [Verdict.Fact]
    let style: TerminalStyle

    /// Least room for what a fact says beside its other columns; with less it goes below them.
    private static let leastSummary = 16
    /// Where evidence begins when there is room beside the findings.
    private static let wideIndent = 18
    private static let narrowIndent = 4

    private struct Row {
        var fact: Verdict.Fact
        var id: String
        var when: String
    }

    var lines: [String] {
        let rows = facts.map { fact in
            Row(
                fact: fact, id: fact.id + (fact.isInferred ? " (inferred)" : ""),
                when: fact.at.map { ($0 < 0 ? "" : "+") + Text.seconds($0) } ?? "")
        }
        let idWidth = rows.map(\.id.count).max() ?? 0
        let timeWidth = rows.map(\.when.count).max() ?? 0
        // Two spaces before each of the columns finding, id, kind, time and summary.
        let room = style.width - (2 + 14) - (2 + idWidth) - (2 + 8) - (2 + timeWidth) - 2
        let isWide = room >= Self.leastSummary
        let indent = isWide ? Self.wideIndent : Self.narrowIndent
        return rows.flatMap { row in
            let summary = Text.harmless(row.fact.summary)
            let columns =
                ["  " + Text.padded(row.fact.findingText, to: 14)]
                + [Text.padded(row.id, to: idWidth)] + (isWide ? [Text.padded(row.fact.kind.rawValue, to: 8)] : [])
                + [Text.padded(row.when, to: timeWidth)] + (isWide ? [Text.cut(summary, to: room)] : [])
            let below =
                isWide ? [] : [String(repeating: " ", count: indent) + Text.cut(summary, to: style.width - indent)]
            return [painted(columns.joined(separator: "  "), isBad: row.fact.isBad)] + below
                + style.wrapped(row.fact.evidence, indent: indent)
        }
    }

    /// The finding stands first, so it is painted after the line was cut.
    private func painted(_ line: String, isBad: Bool) -> String {
        var line = Text.cut(line, to: style.width)[...]
        while line.last == " " { line.removeLast() }
        guard isBad else { return String(line) }
        return style.paint(String(line.prefix(16)), .red) + line.dropFirst(16)
    }
}
