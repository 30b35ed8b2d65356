/// A table of plain text that reads well both as text and as rendered Markdown.
public struct MarkdownTable: Sendable {
    /// Where a column's text stands.
    public enum Alignment: Sendable {
        case left
        case right
    }

    private let columns: [(title: String, alignment: Alignment)]
    private var rows: [[String]] = []

    /// - Parameter columns: titles and alignments, left to right.
    public init(_ columns: [(title: String, alignment: Alignment)]) {
        self.columns = columns
    }

    /// Adds a row with one cell per column. A line break becomes a space and `|` is escaped, so that a cell stays a cell.
    public mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count, "a row has one cell per column")
        rows.append(
            cells.map { cell in
                cell.split(whereSeparator: \.isNewline).joined(separator: " ")
                    .split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
            })
    }

    /// The table, a line break after every row.
    public var text: String {
        let widths = columns.indices.map { index in
            max(3, ([columns[index].title] + rows.map { $0[index] }).map(\.count).max() ?? 3)
        }
        var lines = [line(columns.map(\.title), widths)]
        let rule = columns.indices.map { index in
            let dashes = String(repeating: "-", count: widths[index] - 1)
            return columns[index].alignment == .left ? dashes + "-" : dashes + ":"
        }
        lines.append("| " + rule.joined(separator: " | ") + " |")
        lines += rows.map { line($0, widths) }
        return lines.joined(separator: "\n") + "\n"
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        let padded = cells.indices.map { index in
            let padding = String(repeating: " ", count: widths[index] - cells[index].count)
            return columns[index].alignment == .left ? cells[index] + padding : padding + cells[index]
        }
        return "| " + padded.joined(separator: " | ") + " |"
    }
}
