/// Trends as aligned text.
public struct TrendText {
    let trend: Trend
    let style: TerminalStyle
    let showsSteps: Bool

    /// A table of `trend`; rows of steps only when they changed, unless `showsSteps`.
    public init(_ trend: Trend, style: TerminalStyle, showsSteps: Bool = false) {
        self.trend = trend
        self.style = style
        self.showsSteps = showsSteps
    }

    static func seconds(_ value: Double) -> String { value.isFinite ? Text.seconds(value) : "never" }
    static func shift(_ value: Double) -> String {
        value.isFinite ? (value < 0 ? "" : "+") + Text.seconds(value) : "to never"
    }
    static func percent(_ share: Double) -> String {
        share.isFinite ? (share < 0 ? "" : "+") + Text.fixed(share * 100, decimals: 0) + " %" : "to never"
    }
    static func probability(_ value: Double) -> String {
        value < 0.0001 ? "< 0.0001" : Text.fixed(value, decimals: 4)
    }

    /// The lines, without line feeds.
    public var lines: [String] {
        let shown = trend.rows.filter {
            showsSteps || $0.step == nil || $0.finding.answer == .slower || $0.finding.answer == .faster
        }
        guard !shown.isEmpty else { return ["No run with a time to recover is in the history yet."] }
        var lines: [String] = []
        let machines = Set(shown.map(\.series.machine))
        for machine in machines.sorted() {
            if !lines.isEmpty { lines.append("") }
            lines += style.wrapped("Machine class \(machine)", indent: 0)
            lines += table(shown.filter { $0.series.machine == machine })
        }
        lines.append("")
        lines += style.wrapped(
            "Last \(trend.rule.windows.map(String.init).joined(separator: " or ")) runs against up to \(trend.rule.baseline) before. Slower: p at most "
                + "\(Text.fixed(trend.rule.probability, decimals: 4)), and a shift of at least "
                + "\(Text.fixed(trend.rule.relativeShift * 100, decimals: 0)) % and \(Text.fixed(trend.rule.leastShift, decimals: 2)) s "
                + "(steps: p \(Text.fixed(trend.stepRule.probability, decimals: 5)), \(Text.fixed(trend.stepRule.relativeShift * 100, decimals: 0)) %).",
            indent: 0)
        let changed = trend.rows.filter { $0.finding.answer == .slower || $0.finding.answer == .faster }
        if !changed.isEmpty { lines.append("") }
        for row in changed { lines += style.wrapped(row.sentence, indent: 0) }
        return lines
    }

    private func table(_ rows: [Trend.Row]) -> [String] {
        let cells = rows.map { row -> [String] in
            let last = row.points.last.map { ($0.time.isCensored ? "> " : "") + Text.seconds($0.time.seconds) }
            return [
                row.step.map { "  step \($0)" } ?? row.series.name, String(row.points.count), last ?? "-",
                row.finding.recentMedian.map(Self.seconds) ?? "-", row.finding.earlierMedian.map(Self.seconds) ?? "-",
                row.finding.relativeShift.map(Self.percent) ?? "-",
                row.finding.test.map { Self.probability($0.probability) } ?? "-", row.finding.answer.rawValue,
            ]
        }
        let colours = rows.map { $0.finding.answer == .slower ? TerminalStyle.Colour.red : nil }
        return TextTable(
            heads: ["time to recover of", "runs", "last", "recent", "before", "shift", "p", ""], rows: cells,
            figures: [1, 2, 3, 4, 5, 6], colours: colours
        ).lines(style)
    }
}

/// Columns of text.
struct TextTable {
    var heads: [String]
    var rows: [[String]]
    /// Columns that are aligned right.
    var figures: Set<Int> = []
    /// Colour of each row's last column.
    var colours: [TerminalStyle.Colour?] = []

    func lines(_ style: TerminalStyle) -> [String] {
        let widths = heads.indices.map { column in ([heads] + rows).map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String], _ colour: TerminalStyle.Colour?) -> [String] {
            let texts = cells.enumerated().map { column, cell in
                let space = String(repeating: " ", count: max(0, widths[column] - cell.count))
                return figures.contains(column) ? space + cell : cell + space
            }
            let left = texts.dropLast().joined(separator: "  ")
            let last = cells.last ?? ""
            return style.row([("  " + left + (last.isEmpty ? "" : "  "), nil), (last, colour)])
        }
        return line(heads, nil) + zip(rows, rows.indices).flatMap { line($0, $1 < colours.count ? colours[$1] : nil) }
    }
}
