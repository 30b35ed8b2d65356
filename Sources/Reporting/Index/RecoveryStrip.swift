/// The times to recover of one series as a strip of points, oldest left, with the budget as a line.
struct RecoveryStrip {
    let row: Trend.Row

    /// Most runs of a strip, the latest.
    static let runs = 60
    private static let width = 640.0
    private static let height = 96.0
    private static let left = 64.0
    private static let right = 12.0
    private static let top = 14.0
    private static let bottom = 80.0

    init(_ row: Trend.Row) { self.row = row }

    private var points: [Trend.Point] { Array(row.points.suffix(Self.runs)) }
    private var budget: Double? { points.last?.budget }

    private var highest: Double {
        let measured = points.filter { !$0.time.isCensored }.map(\.time.seconds)
        return max((measured.max() ?? 0) * 1.1, (budget ?? 0) * 1.1, 1)
    }

    private func x(_ index: Int) -> Double {
        let step = (Self.width - Self.left - Self.right) / Double(max(points.count, 12))
        return Self.left + (Double(index) + 0.5) * step
    }

    private func y(_ seconds: Double) -> Double {
        Self.bottom - (Self.bottom - Self.top) * min(1, max(0, seconds / highest))
    }

    private func number(_ value: Double) -> String { Text.fixed(value, decimals: 1) }

    /// Heading, what the trend says, and the picture.
    var markup: String {
        let last = points.last.map { ($0.time.isCensored ? "> " : "") + Text.seconds($0.time.seconds) } ?? "-"
        var words = "last \(last)"
        if let median = row.finding.recentMedian { words += ", recent median \(TrendText.seconds(median))" }
        if let budget { words += ", budget \(Text.seconds(budget))" }
        words += "; \(row.finding.answer.rawValue)"
        if let share = row.finding.relativeShift, row.finding.answer != .steady {
            words += " (\(TrendText.percent(share)))"
        }
        return """
            <figure class="strip"><figcaption><b>\(Markup.escaped(row.series.name))</b>: \(Markup.escaped(words)). \
            <span class="legend">\(Markup.escaped(row.series.machine))</span></figcaption>
            \(svg(words))
            </figure>
            """
    }

    private func svg(_ words: String) -> String {
        let title = Markup.escaped("Time to recover of \(row.series.name): \(words)")
        return """
            <svg viewBox="0 0 \(number(Self.width)) \(number(Self.height))" role="img" aria-label="\(title)">
            <title>\(title)</title>
            <path class="axis" d="M\(number(Self.left)) \(number(Self.bottom))H\(number(Self.width - Self.right))"/>
            <text x="\(number(Self.left - 6))" y="\(number(Self.bottom + 4))" text-anchor="end">0 s</text>
            \(budgetLine)
            \(marks)
            </svg>
            """
    }

    private var budgetLine: String {
        guard let budget else { return "" }
        let at = number(y(budget))
        return """
            <path class="budget" d="M\(number(Self.left)) \(at)H\(number(Self.width - Self.right))"/>\
            <text x="\(number(Self.left - 6))" y="\(number(y(budget) + 4))" text-anchor="end">\(Text.fixed(budget, decimals: 0)) s</text>
            """
    }

    /// Points; a run that did not recover is a triangle at the top edge, one that missed its budget an open diamond.
    private var marks: String {
        points.enumerated().map { index, point in
            let x = x(index)
            let text = Markup.escaped(
                "\(point.started.prefix(16)): \(point.time.isCensored ? "not recovered within " : "")\(Text.seconds(point.time.seconds))"
            )
            let y = y(point.time.seconds)
            let shape: String
            if point.time.isCensored {
                shape = "<path class=\"never\" d=\"M\(number(x)) \(number(Self.top - 10))l5 9h-10z\"/>"
            } else if let budget = point.budget, point.time.seconds > budget {
                shape = "<path class=\"late\" d=\"M\(number(x)) \(number(y - 5))l5 5l-5 5l-5 -5z\"/>"
            } else {
                shape = "<circle class=\"point\" cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"3.5\"/>"
            }
            return "<g><title>\(text)</title>\(shape)</g>"
        }.joined(separator: "\n")
    }
}
