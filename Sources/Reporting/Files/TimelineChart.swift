import Timeline

/// The picture of a run as inline SVG: phases as bands, agreed heights as lines, the outage's moments as marks.
struct TimelineChart {
    let history: RunHistory
    let verdict: Verdict

    private static let width = 960.0
    private static let left = 70.0
    private static let right = 20.0
    private static let bandTop = 22.0
    private static let bandHeight = 22.0
    private static let plotTop = 62.0
    private static let plotHeight = 200.0
    /// Lines differ by dashes as well as by colour.
    private static let dashes = ["", "7 3", "2 3", "9 3 2 3", "12 4", "4 4"]
    /// Room of one mark's label.
    private static let labelHeight = 15.0

    private func x(_ seconds: Double) -> Double {
        Self.left + (Self.width - Self.left - Self.right) * min(1, max(0, seconds / max(history.length, 0.001)))
    }

    private func number(_ value: Double) -> String { Text.fixed(value, decimals: 1) }

    var svg: String {
        let marks = marks
        let height = Self.plotTop + Self.plotHeight + 26 + Double(marks.count) * Self.labelHeight + 8
        return """
            <svg viewBox="0 0 \(number(Self.width)) \(number(height))" role="img" aria-labelledby="chart-title chart-text">
            <title id="chart-title">Timeline of the run</title>
            <desc id="chart-text">\(Markup.escaped(description))</desc>
            \(bands)
            \(plot)
            \(axis)
            \(markLines(marks, top: Self.plotTop + Self.plotHeight + 34))
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
                width > Double(span.name.count) * 7 + 6
                ? "<text x=\"\(number(start + width / 2))\" y=\"\(number(Self.bandTop + 15))\" text-anchor=\"middle\">\(name)</text>"
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
            return "<text x=\"\(number(Self.left))\" y=\"\(number(Self.plotTop + 20))\">no heights were agreed</text>"
        }
        let scopes = history.heights.sorted { $0.key < $1.key }
        let lines = scopes.enumerated().map { index, entry in
            let points = entry.value
            // A height stays until the next block: steps, not slopes.
            var path = "M\(number(x(points[0].at))) \(number(y(points[0].height, range)))"
            for point in points.dropFirst() { path += "H\(number(x(point.at)))V\(number(y(point.height, range)))" }
            path += "H\(number(x(history.length)))"
            let dash = Self.dashes[index % Self.dashes.count]
            return """
                <path class="line line\(index % Self.dashes.count)" d="\(path)"\(dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\"")>\
                <title>\(Markup.escaped(entry.key))</title></path>
                """
        }
        let limits = [(range.high, Self.plotTop + 10), (range.low, Self.plotTop + Self.plotHeight)].map {
            "<text x=\"\(number(Self.left - 6))\" y=\"\(number($1))\" text-anchor=\"end\">\($0)</text>"
        }
        return (limits + lines + [legend(scopes.map(\.key))]).joined(separator: "\n")
    }

    private func legend(_ names: [String]) -> String {
        var at = Self.left
        return names.enumerated().map { index, name in
            let dash = Self.dashes[index % Self.dashes.count]
            let item = """
                <path class="line line\(index % Self.dashes.count)" d="M\(number(at)) 10h24"\(dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\"")/>\
                <text x="\(number(at + 29))" y="14">\(Markup.escaped(name))</text>
                """
            at += 45 + Double(name.count) * 7.5
            return item
        }.joined(separator: "\n")
    }

    private var axis: String {
        let y = Self.plotTop + Self.plotHeight
        let step = tick
        let ticks = stride(from: 0, through: history.length, by: step).map {
            "<path class=\"tick\" d=\"M\(number(x($0))) \(number(y))v5\"/>"
                + "<text x=\"\(number(x($0)))\" y=\"\(number(y + 18))\" text-anchor=\"middle\">\(Text.fixed($0, decimals: 0)) s</text>"
        }
        return "<path class=\"axis\" d=\"M\(number(Self.left)) \(number(y))H\(number(Self.width - Self.right))\"/>\n"
            + ticks.joined(separator: "\n")
    }

    /// A round distance that gives at most ten ticks.
    private var tick: Double {
        var step = 1.0
        for factor in [2.0, 2.5, 2, 2, 2.5, 2, 2, 2.5, 2, 2, 2.5, 2] where history.length / step > 10 { step *= factor }
        return max(step, history.length / 10)
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

    private func isLate(_ mark: (at: Double, label: String)) -> Bool { x(mark.at) > Self.width * 0.7 }

    /// A label stands right of its mark, late ones left of it. The rows are ordered so that no mark's line runs through
    /// the label of another: from the middle outwards.
    private func markLines(_ marks: [(at: Double, label: String)], top: Double) -> String {
        let rows = marks.filter { !isLate($0) }.reversed() + marks.filter(isLate)
        return rows.enumerated().map { index, mark in
            let at = x(mark.at)
            let y = top + Double(index) * Self.labelHeight + 8
            let isLate = isLate(mark)
            return """
                <path class="mark" d="M\(number(at)) \(number(Self.bandTop))V\(number(y))"/>\
                <text x="\(number(at + (isLate ? -5 : 5)))" y="\(number(y))"\(isLate ? " text-anchor=\"end\"" : "")>\
                \(Markup.escaped(mark.label)) \(number(mark.at)) s</text>
                """
        }.joined(separator: "\n")
    }
}
