/// What all parts of a run's picture share: how much room there is, and where a second of the run lies.
struct ChartFrame {
    /// Whether labels are few and lines short.
    var kind: String
    var width: Double
    var left: Double
    var right: Double
    /// Most ticks of the axis.
    var ticks: Double
    /// Seconds that the picture covers.
    var length: Double

    /// Room of one label, and of one of a character of a wide face at the page's 14 px.
    static let labelHeight = 17.0
    static let characterWidth = 8.2
    /// Most characters of a name beside a line.
    static let nameLimit = 12

    var plotRight: Double { width - right }

    func x(_ seconds: Double) -> Double {
        left + (plotRight - left) * min(1, max(0, seconds / max(length, 0.001)))
    }

    func number(_ value: Double) -> String { Text.fixed(value, decimals: 1) }

    /// A round distance that gives at most the frame's number of ticks.
    var tick: Double {
        var step = 1.0
        for factor in [2.0, 2.5, 2, 2, 2.5, 2, 2, 2.5, 2, 2, 2.5, 2] where length / step > ticks { step *= factor }
        return max(step, length / ticks)
    }

    /// A line of time with its ticks at `y`.
    func axis(_ y: Double) -> String {
        let marks = stride(from: 0, through: length, by: tick).map {
            "<path class=\"tick\" d=\"M\(number(x($0))) \(number(y))v5\"/>"
                + "<text x=\"\(number(x($0)))\" y=\"\(number(y + 18))\" text-anchor=\"middle\">\(Text.fixed($0, decimals: 0)) s</text>"
        }
        return "<path class=\"axis\" d=\"M\(number(left)) \(number(y))H\(number(plotRight))\"/>\n"
            + marks.joined(separator: "\n")
    }

    /// Text at a place, escaped.
    func text(_ words: String, x: Double, y: Double, anchor: String = "start", kind: String = "") -> String {
        let name = kind.isEmpty ? "" : " class=\"\(kind)\""
        return
            "<text\(name) x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\">\(Markup.escaped(words))</text>"
    }
}

/// One plot of lines over the time of a run.
struct LinePanel {
    var title: String
    var series: [SampleSeries.Series]
    var height: Double
    var low: Double
    var high: Double
    /// What a value is called at the edge.
    var label: (Double) -> String
    /// Names beside every line; else hosts with the same last value are counted together.
    var namesEach = true

    /// Lines differ by dashes as well as by colour.
    static let dashes = ["", "7 3", "2 3", "9 3 2 3", "12 4", "4 4"]
    /// By how much lines of equal value are drawn apart, and by how much at most in all.
    private static let gap = 3.0
    private static let spread = 12.0

    private func y(_ value: Double, _ top: Double) -> Double {
        top + height * (1 - min(1, max(0, (value - low) / max(high - low, 0.000_001))))
    }

    private func strokes(_ index: Int) -> String {
        let dash = Self.dashes[index % Self.dashes.count]
        return "class=\"line line\(index % Self.dashes.count)\"" + (dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\"")
    }

    /// The plot with its upper edge at `top`.
    func svg(_ frame: ChartFrame, top: Double) -> String {
        let gap = min(Self.gap, Self.spread / Double(max(1, series.count - 1)))
        let drawn = series.enumerated().filter { !$0.element.points.isEmpty }
        let lines = drawn.map { index, entry in
            let lift = Double(index) * gap
            // A value stays until the next one: steps, not slopes.
            var path =
                "M\(frame.number(frame.x(entry.points[0].at))) \(frame.number(y(entry.points[0].value, top) - lift))"
            for point in entry.points.dropFirst() {
                path += "H\(frame.number(frame.x(point.at)))V\(frame.number(y(point.value, top) - lift))"
            }
            path += "H\(frame.number(frame.plotRight))"
            return "<path \(strokes(index)) d=\"\(path)\"><title>\(Markup.escaped(entry.name))</title></path>"
        }
        let edges = [(high, top + 5), (low, top + height + 3)].map {
            frame.text(label($0), x: frame.left - 6, y: $1, anchor: "end")
        }
        let base =
            "<path class=\"axis\" d=\"M\(frame.number(frame.left)) \(frame.number(top + height))H\(frame.number(frame.plotRight))\"/>"
        let ends = drawn.map { index, entry in
            (
                index: index, name: entry.name,
                y: y(entry.points[entry.points.count - 1].value, top) - Double(index) * gap
            )
        }
        return
            ([frame.text(title, x: frame.left, y: top - 8, kind: "title"), base] + edges + lines
            + (namesEach ? names(ends, frame, top) : counts(drawn.map(\.element), frame, top)))
            .joined(separator: "\n")
    }

    /// Names beside the ends of their lines, pushed apart so that each can be read, with a piece of line that leads there.
    private func names(_ ends: [(index: Int, name: String, y: Double)], _ frame: ChartFrame, _ top: Double) -> [String]
    {
        let room = min(ChartFrame.labelHeight, height / Double(max(1, ends.count)))
        // Higher lines first; of equal ones, the one that is drawn higher.
        let sorted = ends.sorted { ($0.y, $0.index) < ($1.y, $1.index) }
        var places: [Double] = []
        for end in sorted { places.append(max(end.y, (places.last ?? -room) + room)) }
        let overflow = max(0, (places.last ?? 0) - (top + height))
        return zip(sorted, places).map { end, place in
            let at = place - overflow
            return "<path \(strokes(end.index)) d=\"M\(frame.number(frame.plotRight)) \(frame.number(end.y))"
                + "L\(frame.number(frame.plotRight + 12)) \(frame.number(at))\"/>"
                + frame.text(Text.cut(end.name, to: ChartFrame.nameLimit), x: frame.plotRight + 15, y: at + 5)
        }
    }

    /// How many lines end at each value.
    private func counts(_ drawn: [SampleSeries.Series], _ frame: ChartFrame, _ top: Double) -> [String] {
        let ends = Dictionary(grouping: drawn, by: { $0.points[$0.points.count - 1].value }).sorted { $0.key > $1.key }
        var last = -Double.infinity
        return ends.prefix(Int(height / ChartFrame.labelHeight)).map { value, series in
            last = max(y(value, top) + 5, last + ChartFrame.labelHeight)
            return frame.text("\(label(value)): \(series.count)×", x: frame.plotRight + 6, y: last)
        }
    }
}

/// A row of symbols over the time of a run.
struct MarkLane {
    var title: String
    var moments: [RunHistory.Moment]
    /// A symbol's path, around the origin.
    var shape: String
    /// Style of the symbol.
    var kind: String

    static let height = 38.0

    /// The row with its upper edge at `top`.
    func svg(_ frame: ChartFrame, top: Double) -> String {
        let marks = moments.map { moment in
            "<g transform=\"translate(\(frame.number(frame.x(moment.at))) \(frame.number(top + 26)))\">"
                + "<title>\(Markup.escaped("\(frame.number(moment.at)) s: \(moment.words)"))</title>"
                + "<path class=\"\(kind)\" d=\"\(shape)\"/></g>"
        }
        return ([frame.text(title, x: frame.left, y: top + 12, kind: "title")] + marks).joined(separator: "\n")
    }
}
