import Timeline

/// The picture of a run as inline SVG: phases as bands behind everything, heights, success and views as lines, faults, pages and
/// steps as marks, the outage's moments and budgets as upright lines.
struct TimelineChart {
    let history: RunHistory
    let verdict: Verdict
    let frame: ChartFrame

    /// How much room there is. Both are drawn, and the page shows the one that fits, so that labels keep a readable size.
    enum Layout {
        case wide, narrow
    }

    private static let bandHeight = 22.0
    private static let bandTop = 4.0
    /// Room above a panel for its title.
    private static let titleRoom = 30.0
    /// Steps beyond the run's length by which a budget is still drawn.
    private static let furthestBudget = 1.25

    init(history: RunHistory, verdict: Verdict, layout: Layout) {
        self.history = history
        self.verdict = verdict
        let names = history.heights.keys + history.series.success.map(\.name)
        let longest = names.map { min($0.count, ChartFrame.nameLimit) }.max() ?? 0
        let onset = verdict.stamps.injectCompleted.map(history.seconds) ?? 0
        let limits = Self.budgets(verdict).map { onset + $0.wall }
        let length = limits.filter { $0 <= history.length * Self.furthestBudget }.max() ?? 0
        frame = ChartFrame(
            kind: layout == .wide ? "wide-chart" : "narrow", width: layout == .wide ? 960 : 360,
            left: layout == .wide ? 58 : 54, right: 18 + Double(longest) * ChartFrame.characterWidth,
            ticks: layout == .wide ? 10 : 4, length: max(history.length, length + 0.5, 0.001))
    }

    private func number(_ value: Double) -> String { frame.number(value) }

    // MARK: parts

    private var panels: [LinePanel] {
        var panels: [LinePanel] = []
        let heights = history.heights.sorted { $0.key < $1.key }.map { name, points in
            SampleSeries.Series(name: name, points: points.map { .init(at: $0.at, value: Double($0.height)) })
        }
        let all = heights.flatMap(\.points).map(\.value)
        if let low = all.min(), let high = all.max() {
            panels.append(
                LinePanel(
                    title: "agreed block height", series: heights, height: 170, low: low, high: max(high, low + 1),
                    label: { Text.fixed($0, decimals: 0) }))
        }
        let success = history.series.success.filter { !$0.points.isEmpty }
        if !success.isEmpty {
            panels.append(
                LinePanel(
                    title: "requests that users got answered", series: success, height: 80, low: 0, high: 1,
                    label: { Text.fixed($0 * 100, decimals: 0) + " %" }))
        }
        let values = history.series.values.flatMap(\.points).map(\.value)
        if let low = values.min(), let high = values.max() {
            panels.append(
                LinePanel(
                    title: "\(history.series.valueName), per host", series: history.series.values, height: 90, low: low,
                    high: max(high, low + 1), label: { Text.fixed($0, decimals: 0) }, namesEach: false))
        }
        return panels
    }

    private var lanes: [MarkLane] {
        let steps = history.steps.map {
            RunHistory.Moment(
                at: $0.start, words: "step \($0.name) (\($0.role)) on \($0.hosts.joined(separator: ", "))")
        }
        return [
            MarkLane(title: "faults", moments: history.faults, shape: "M-6 -6h12l-6 11z", kind: "fault"),
            MarkLane(
                title: "pages and reports", moments: history.signals, shape: "M0 -7l7 7l-7 7l-7 -7z", kind: "page"),
            MarkLane(title: "steps begin", moments: steps, shape: "M-4 -6h3v12h-3z", kind: "step"),
        ].filter { !$0.moments.isEmpty }
    }

    var svg: String {
        var top = Self.bandTop + Self.bandHeight
        var parts: [String] = []
        for panel in panels {
            top += Self.titleRoom
            parts.append(panel.svg(frame, top: top))
            top += panel.height + 4
        }
        if panels.isEmpty {
            parts.append(frame.text("no heights were agreed", x: frame.left, y: top + 30))
            top += 40
        }
        for lane in lanes {
            parts.append(lane.svg(frame, top: top + 6))
            top += MarkLane.height
        }
        let axis = top + 8
        let marks = marks
        let height = axis + 26 + Double(marks.count) * ChartFrame.labelHeight + 8
        return """
            <svg class="\(frame.kind)" viewBox="0 0 \(number(frame.width)) \(number(height))" role="img" \
            aria-labelledby="\(frame.kind)-title \(frame.kind)-text">
            <title id="\(frame.kind)-title">Timeline of the run</title>
            <desc id="\(frame.kind)-text">\(Markup.escaped(description))</desc>
            \(bands(to: axis))
            \(parts.joined(separator: "\n"))
            \(markLines(marks, top: axis + 34))
            \(frame.axis(axis))
            </svg>
            """
    }

    private var description: String {
        let spans = history.phases.map { "\($0.name) from \(number($0.start)) s to \(number($0.end)) s" }
        return "Phases: " + spans.joined(separator: ", ") + ". Marks: "
            + marks.map { "\($0.label) at \(number($0.at)) s" }.joined(separator: ", ") + "."
    }

    /// Phases: their names on top, their colours behind everything.
    private func bands(to bottom: Double) -> String {
        history.phases.enumerated().map { index, span in
            let start = frame.x(span.start)
            let width = max(0, frame.x(span.end) - start)
            let name = Markup.escaped(span.name)
            // A label that does not fit would run into the next band; its text is in the band's title anyway.
            let label =
                width > Double(span.name.count) * ChartFrame.characterWidth + 6
                ? frame.text(span.name, x: start + width / 2, y: Self.bandTop + 16, anchor: "middle", kind: "name") : ""
            return """
                <g><title>\(name) \(number(span.start)) s to \(number(span.end)) s</title>\
                <rect class="shade\(index % 2)" x="\(number(start))" y="\(number(Self.bandTop + Self.bandHeight))" \
                width="\(number(width))" height="\(number(bottom - Self.bandTop - Self.bandHeight))"/>\
                <rect class="band\(index % 2)" x="\(number(start))" y="\(number(Self.bandTop))" width="\(number(width))" \
                height="\(number(Self.bandHeight))"/>\(label)</g>
                """
        }.joined(separator: "\n")
    }

    // MARK: moments and budgets

    private struct UprightLine {
        var at: Double
        var label: String
        var isBudget = false
    }

    /// Budgets in wall seconds from onset.
    static func budgets(_ verdict: Verdict) -> [(name: String, wall: Double)] {
        verdict.budgets.map { ($0.name, $0.limit / max(verdict.timeScale, 0.01)) }
    }

    private var marks: [UprightLine] {
        let stamps = verdict.stamps
        let onset = stamps.injectCompleted.map(history.seconds)
        var marks: [UprightLine] = [
            (stamps.injectCompleted, "fault injected"), (stamps.signal?.at, "first signal"),
            (stamps.acknowledged, "acknowledged"), (stamps.firstAct, "first act"), (stamps.frozen, "observation stops"),
        ].compactMap { moment, label in moment.map { UprightLine(at: history.seconds($0), label: label) } }
        if let onset {
            for (time, label) in [(verdict.times.mitigate, "mitigated"), (verdict.times.recover, "recovered")] {
                if !time.isCensored, let wall = time.wall { marks.append(UprightLine(at: onset + wall, label: label)) }
            }
            marks += Self.budgets(verdict).filter { onset + $0.wall <= frame.length }.map {
                UprightLine(at: onset + $0.wall, label: "budget to \($0.name)", isBudget: true)
            }
        }
        return marks.sorted { ($0.at, $0.label) < ($1.at, $1.label) }
    }

    private func label(_ mark: UprightLine) -> String { "\(mark.label) \(number(mark.at)) s" }

    /// Whether a label has no room right of its mark.
    private func isLate(_ mark: UprightLine) -> Bool {
        frame.x(mark.at) + 5 + Double(label(mark).count) * ChartFrame.characterWidth > frame.width
    }

    /// A label stands right of its mark, late ones left of it. Rows are ordered from the middle outwards, so that marks'
    /// lines cross few labels; labels are drawn over lines, with a rim in the colour of the page.
    private func markLines(_ marks: [UprightLine], top: Double) -> String {
        let rows = marks.filter { !isLate($0) }.reversed() + marks.filter(isLate)
        let placed = rows.enumerated().map { index, mark in (mark, top + Double(index) * ChartFrame.labelHeight + 8) }
        let lines = placed.map { mark, y in
            "<path class=\"\(mark.isBudget ? "budget" : "mark")\" d=\"M\(number(frame.x(mark.at))) "
                + "\(number(Self.bandTop + Self.bandHeight))V\(number(y))\"/>"
        }
        let labels = placed.map { mark, y in
            let isLate = isLate(mark)
            return frame.text(
                label(mark), x: frame.x(mark.at) + (isLate ? -5 : 5), y: y, anchor: isLate ? "end" : "start")
        }
        return (lines + labels).joined(separator: "\n")
    }
}
