import Timeline

/// A night as Markdown for a CI job's summary, and as lines for a terminal.
public struct NightSummary {
    let night: Night

    /// A summary of `night`.
    public init(_ night: Night) { self.night = night }

    private static func mark(_ code: ExitCode) -> String {
        switch code {
        case .passed: "✓"
        case .failed: "✗"
        case .inconclusive: "?"
        case .harnessError, .usage: "!"
        }
    }

    /// A cell of a Markdown table: one line in which nothing is markup.
    static func cell(_ text: String) -> String {
        var result = ""
        for character in Text.harmless(text) {
            if "\\`*_{}[]()<>#+!|~&".contains(character) { result += "\\" }
            result.append(character)
        }
        return result
    }

    private func recovery(_ play: Night.Play) -> String {
        guard let ttr = play.ttr else { return "-" }
        let budget = play.recoverBudget.map { " of \(Text.seconds($0))" } ?? ""
        return (play.ttrCensored ? "> " : "") + Text.seconds(ttr) + budget
    }

    private func row(_ cells: [String]) -> String { "| " + cells.map(Self.cell).joined(separator: " | ") + " |" }

    /// The Markdown file.
    public var markdown: String {
        var lines = ["# Firedrill: \(night.verdict)", ""]
        lines.append(Self.cell(about))
        for trouble in night.troubles { lines += ["", "- **\(Self.cell(trouble.title))** \(Self.cell(trouble.text))"] }
        lines += [
            "", "| | scenario | arm | verdict | time to recover (wall) | took |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        for play in night.plays {
            lines.append(
                row([
                    Self.mark(play.contribution), play.scenario,
                    play.arm + (play.role == .canary ? ", canary: must fail" : ""), play.verdict, recovery(play),
                    Text.seconds(play.took),
                ]))
        }
        if !night.pairs.isEmpty {
            lines += ["", "| | scenario | fix | verdict | why | took |", "| --- | --- | --- | --- | --- | --- |"]
            for pair in night.pairs {
                lines.append(
                    row([
                        pair.verdict == Night.notPlayed ? "-" : Self.mark(pair.contribution), pair.scenario, pair.fix,
                        pair.verdict, pair.reason, Text.seconds(pair.took),
                    ]))
            }
        }
        if !night.problems.isEmpty { lines += [""] + night.problems.map { "- \(Self.cell($0))" } }
        return lines.joined(separator: "\n") + "\n"
    }

    private var about: String {
        let shards = night.shards == ["1/1"] ? "" : ", parts \(night.shards.joined(separator: ", "))"
        let took = (night.plays.map(\.took) + night.pairs.map(\.took)).reduce(0, +)
        return
            "Night \(night.id)\(shards): \(night.plays.count { $0.verdict != Night.notPlayed }) of \(night.plays.count) runs and \(night.pairs.count { $0.verdict != Night.notPlayed }) of "
            + "\(night.pairs.count) fix pairs in \(Text.incident(took)) of \(Text.incident(night.budget))"
            + (night.commit.isEmpty ? "" : ", commit \(night.commit.prefix(12))") + ", machine class \(night.machine)."
            + (night.ended == nil ? " It has not ended." : "")
    }

    /// Lines for a terminal.
    public func lines(_ style: TerminalStyle) -> [String] {
        let colour: TerminalStyle.Colour =
            switch night.exitCode {
            case .passed: .green
            case .inconclusive: .yellow
            default: .red
            }
        var lines = style.row([(night.verdict.uppercased(), colour), ("  night \(night.id)", nil)])
        lines += style.wrapped(about, indent: 2)
        let rows = night.plays.map { play in
            [play.scenario, play.arm + (play.role == .canary ? " (canary)" : ""), recovery(play), play.verdict]
        }
        lines +=
            [""]
            + TextTable(
                heads: ["scenario", "arm", "time to recover", "verdict"], rows: rows, figures: [2],
                colours: night.plays.map { $0.contribution == .passed ? nil : .red }
            ).lines(style)
        if !night.pairs.isEmpty {
            lines +=
                [""]
                + TextTable(
                    heads: ["scenario", "fix", "verdict"], rows: night.pairs.map { [$0.scenario, $0.fix, $0.verdict] },
                    colours: night.pairs.map { $0.contribution == .passed ? nil : .red }
                ).lines(style)
        }
        for trouble in night.troubles { lines += [""] + style.wrapped("\(trouble.title). \(trouble.text)", indent: 0) }
        for problem in night.problems { lines += [""] + style.wrapped(problem, indent: 0) }
        return lines
    }
}
