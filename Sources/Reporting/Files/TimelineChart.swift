import Timeline

/// The picture of a run as inline SVG: phases as bands, agreed heights as lines, the outage's moments as marks.
struct TimelineChart {
    let history: RunHistory
    let verdict: Verdict

    let layout: Layout

    /// How much room there is. Both are drawn, and the page shows the one that fits, so that labels keep a readable size.
    struct Layout {
        var kind: String
        var width: Double
        var left: Double
        var ticks: Double

        static let wide = Layout(kind: "wide-chart", width: 960, left: 50, ticks: 10)
        static let narrow = Layout(kind: "narrow", width: 360, left: 36, ticks: 4)
    }

    private static let bandTop = 4.0
    private static let bandHeight = 22.0
    private static let plotTop = 48.0
    private static let plotHeight = 200.0
    /// Lines differ by dashes as well as by colour.
    private static let dashes = ["", "7 3", "2 3", "9 3 2 3", "12 4", "4 4"]
    /// Room of one label, and of one of a character of a wide face at the page's 14 px.
    private static let labelHeight = 17.0
    private static let characterWidth = 8.8
    /// Most characters of a scope's name beside its line.
    private static let nameLimit = 12
    /// By how much lines of equal height are drawn apart, and by how much at most in all.
    private static let lineGap = 3.0
    private static let lineSpread = 12.0

    private var scopes: [(key: String, value: [RunHistory.Point])] { history.heights.sorted { $0.key < $1.key } }

    /// Right of the plot stand the names of the lines.
    private var right: Double {
        let longest = scopes.map { min($0.key.count, Self.nameLimit) }.max() ?? 0
        return 16 + Double(longest) * Self.characterWidth
    }

    private func x(_ seconds: Double) -> Double {
        layout.left + (layout.width - layout.left - right) * min(1, max(0, seconds / max(history.length, 0.001)))
    }

    private func number(_ value: Double) -> String { Text.fixed(value, decimals: 1) }

    var svg: String {
        let marks = marks
        let height = Self.plotTop + Self.plotHeight + 26 + Double(marks.count) * Self.labelHeight + 8
        return """
            <svg class="\(layout.kind)" viewBox="0 0 \(number(layout.width)) \(number(height))" role="img" \
            aria-labelledby="\(layout.kind)-title \(layout.kind)-text">
            <title id="\(layout.kind)-title">Timeline of the run</title>
            <desc id="\(layout.kind)-text">\(Markup.escaped(description))</desc>
            \(bands)
            \(plot)
            \(markLines(marks, top: Self.plotTop + Self.plotHeight + 34))
            \(axis)
            </svg>
            """
    }

    private var description: String {
        let spans = history.phases.map { "\($0.name) from \(number($0.start)) s to \(number($0.end)) s" }
        return "Phases: " + spans.joined(separator: ", ") + ". Marks: "
            + marks.map { "\($0.label) at \(number($0.at)) s" }.joined(separator: ", ") + "."
    }

    private var bands: String {
        history.phases.enumerated().map { index, span in
            let start = x(span.start)
            let width = max(0, x(span.end) - start)
            let name = Markup.escaped(span.name)
            // A label that does not fit would run into the next band; its text is in the band's title anyway.
            let label =
                width > Double(span.name.count) * Self.characterWidth + 6
                ? "<text class=\"name\" x=\"\(number(start + width / 2))\" y=\"\(number(Self.bandTop + 16))\" text-anchor=\"middle\">\(name)</text>"
                : ""
            return """
                <g><title>\(name) \(number(span.start)) s to \(number(span.end)) s</title>\
                <rect class="band\(index % 2)" x="\(number(start))" y="\(number(Self.bandTop))" width="\(number(width))" \
                height="\(number(Self.bandHeight))"/>\(label)</g>
                """
        }.joined(separator: "\n")
    }

    private var range: (low: Int64, high: Int64)? {
        let all = history.heights.values.joined().map(\.height)
        guard let low = all.min(), let high = all.max() else { return nil }
        return (low, high)
    }

    private func y(_ height: Int64, _ range: (low: Int64, high: Int64)) -> Double {
        let share = Double(height - range.low) / max(1, Double(range.high - range.low))
        return Self.plotTop + Self.plotHeight * (1 - share)
    }

    private var plot: String {
        guard let range else {
            return "<text x=\"\(number(layout.left))\" y=\"\(number(Self.plotTop + 20))\">no heights were agreed</text>"
        }
        let gap = min(Self.lineGap, Self.lineSpread / Double(max(1, scopes.count - 1)))
        let lines = scopes.enumerated().map { index, entry in
            let points = entry.value
            let lift = Double(index) * gap
            // A height stays until the next block: steps, not slopes.
            var path = "M\(number(x(points[0].at))) \(number(y(points[0].height, range) - lift))"
            for point in points.dropFirst() {
                path += "H\(number(x(point.at)))V\(number(y(point.height, range) - lift))"
            }
            path += "H\(number(x(history.length)))"
            return "<path \(strokes(index)) d=\"\(path)\"><title>\(Markup.escaped(entry.key))</title></path>"
        }
        let limits = [(range.high, Self.plotTop + 5), (range.low, Self.plotTop + Self.plotHeight)].map {
            "<text x=\"\(number(layout.left - 6))\" y=\"\(number($1))\" text-anchor=\"end\">\($0)</text>"
        }
        let ends = scopes.enumerated().map { index, entry in
            (
                index: index, name: entry.key,
                y: y(entry.value[entry.value.count - 1].height, range) - Double(index) * gap
            )
        }
        return (limits + lines + names(ends)).joined(separator: "\n")
    }

    private func strokes(_ index: Int) -> String {
        let dash = Self.dashes[index % Self.dashes.count]
        return "class=\"line line\(index % Self.dashes.count)\"" + (dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\"")
    }

    /// Names beside the ends of their lines, pushed apart so that each can be read, with a piece of line that leads there.
    private func names(_ ends: [(index: Int, name: String, y: Double)]) -> [String] {
        let room = min(Self.labelHeight, Self.plotHeight / Double(max(1, ends.count)))
        let from = layout.width - right
        // Higher lines first; of equal ones, the one that is drawn higher.
        let sorted = ends.sorted { ($0.y, $0.index) < ($1.y, $1.index) }
        var tops: [Double] = []
        for end in sorted { tops.append(max(end.y, (tops.last ?? -room) + room)) }
        let overflow = max(0, (tops.last ?? 0) - (Self.plotTop + Self.plotHeight))
        return zip(sorted, tops).map { end, top in
            let at = top - overflow
            return """
                <path \(strokes(end.index)) d="M\(number(from)) \(number(end.y))L\(number(from + 12)) \(number(at))"/>\
                <text x="\(number(from + 15))" y="\(number(at + 5))">\(Markup.escaped(Text.cut(end.name, to: Self.nameLimit)))</text>
                """
        }
    }

    private var axis: String {
        let y = Self.plotTop + Self.plotHeight
        let step = tick
        let ticks = stride(from: 0, through: history.length, by: step).map {
            "<path class=\"tick\" d=\"M\(number(x($0))) \(number(y))v5\"/>"
                + "<text x=\"\(number(x($0)))\" y=\"\(number(y + 18))\" text-anchor=\"middle\">\(Text.fixed($0, decimals: 0)) s</text>"
        }
        return "<path class=\"axis\" d=\"M\(number(layout.left)) \(number(y))H\(number(layout.width - right))\"/>\n"
            + ticks.joined(separator: "\n")
    }

    /// A round distance that gives at most the layout's number of ticks.
    private var tick: Double {
        var step = 1.0
        for factor in [2.0, 2.5, 2, 2, 2.5, 2, 2, 2.5, 2, 2, 2.5, 2] where history.length / step > layout.ticks {
            step *= factor
        }
        return max(step, history.length / layout.ticks)
    }

    private var marks: [(at: Double, label: String)] {
        let stamps = verdict.stamps
        let onset = stamps.injectCompleted.map(history.seconds) ?? 0
        var marks: [(at: Double, label: String)] = [
            (stamps.injectCompleted, "fault injected"), (stamps.signal?.at, "first signal"),
            (stamps.acknowledged, "acknowledged"), (stamps.firstAct, "first act"), (stamps.frozen, "observation stops"),
        ].compactMap { moment, label in moment.map { (history.seconds($0), label) } }
        for (time, label) in [(verdict.times.mitigate, "mitigated"), (verdict.times.recover, "recovered")] {
            if !time.isCensored, let wall = time.wall { marks.append((onset + wall, label)) }
        }
        return marks.sorted { ($0.at, $0.label) < ($1.at, $1.label) }
    }

    private func label(_ mark: (at: Double, label: String)) -> String { "\(mark.label) \(number(mark.at)) s" }

    /// Whether a label has no room right of its mark.
    private func isLate(_ mark: (at: Double, label: String)) -> Bool {
        x(mark.at) + 5 + Double(label(mark).count) * Self.characterWidth > layout.width
    }

    /// A label stands right of its mark, late ones left of it. Rows are ordered from the middle outwards, so that marks'
    /// lines cross few labels; labels are drawn over lines, with a rim in the colour of the page.
    private func markLines(_ marks: [(at: Double, label: String)], top: Double) -> String {
        let rows = marks.filter { !isLate($0) }.reversed() + marks.filter(isLate)
        let placed = rows.enumerated().map { index, mark in (mark, top + Double(index) * Self.labelHeight + 8) }
        let lines = placed.map { mark, y in
            "<path class=\"mark\" d=\"M\(number(x(mark.at))) \(number(Self.bandTop + Self.bandHeight))V\(number(y))\"/>"
        }
        let labels = placed.map { mark, y in
            let isLate = isLate(mark)
            return """
                <text x="\(number(x(mark.at) + (isLate ? -5 : 5)))" y="\(number(y))"\(isLate ? " text-anchor=\"end\"" : "")>\
                \(Markup.escaped(label(mark)))</text>
                """
        }
        return (lines + labels).joined(separator: "\n")
    }
}
