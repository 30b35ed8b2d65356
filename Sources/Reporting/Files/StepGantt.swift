/// The response as a Gantt chart: a row per host (hosts that did exactly the same share one), a bar per command, with the number
/// of its step.
struct StepGantt {
    let history: RunHistory
    let frame: ChartFrame

    private static let rowHeight = 22.0
    private static let barHeight = 14.0
    /// Narrowest bar that can still be seen.
    private static let leastBar = 2.0
    /// Hosts that a row names before it counts.
    private static let namedHosts = 3

    /// Begins a little before the first step, so that short steps of a long run can be told apart.
    init(history: RunHistory, isWide: Bool) {
        self.history = history
        let start = history.steps.map(\.start).min() ?? 0
        let end = history.steps.compactMap { $0.end ?? $0.start }.max() ?? 0
        origin = max(0, start - 0.5)
        frame = ChartFrame(
            kind: isWide ? "wide-chart" : "narrow", width: isWide ? 960 : 360, left: isWide ? 230 : 8, right: 26,
            ticks: isWide ? 10 : 4, length: max(1, end - origin))
        self.isWide = isWide
    }

    private let origin: Double
    private let isWide: Bool

    private struct Bar: Hashable {
        var step: Int
        var start: Double
        var end: Double
        var isGood: Bool
    }

    private var rows: [(hosts: [String], bars: [Bar])] {
        var bars: [String: [Bar]] = [:]
        for (index, step) in history.steps.enumerated() {
            for host in step.hosts {
                let results = step.results.filter { $0.host == host }
                if results.isEmpty {
                    // A manual step, or one that ended without an answer: as long as the step.
                    let end = step.end ?? history.length
                    bars[host, default: []].append(
                        Bar(step: index, start: step.start, end: end, isGood: step.passed ?? false))
                }
                for result in results {
                    let isGood = if case .exited(code: 0) = result.outcome { true } else { false }
                    bars[host, default: []].append(
                        Bar(step: index, start: result.start, end: result.end, isGood: isGood))
                }
            }
        }
        var order: [String] = []
        for step in history.steps { for host in step.hosts where !order.contains(host) { order.append(host) } }
        var rows: [(key: [String], hosts: [String], bars: [Bar])] = []
        for host in order {
            let own = bars[host] ?? []
            // Commands that ran side by side differ by milliseconds: equal steps, attempts and outcomes are the same.
            let key = own.map { "\($0.step) \($0.isGood)" }
            if let index = rows.firstIndex(where: { $0.key == key }) {
                rows[index].hosts.append(host)
                for (place, bar) in own.enumerated() {
                    rows[index].bars[place].start = min(rows[index].bars[place].start, bar.start)
                    rows[index].bars[place].end = max(rows[index].bars[place].end, bar.end)
                }
            } else {
                rows.append((key, [host], own))
            }
        }
        return rows.map { ($0.hosts, $0.bars) }
    }

    /// Empty without steps.
    var svg: String {
        let rows = rows
        guard !rows.isEmpty else { return "" }
        let labelRoom = isWide ? 0 : 18.0
        let height = Double(rows.count) * (Self.rowHeight + labelRoom) + 34
        let body = rows.enumerated().map { index, row -> String in
            let top = Double(index) * (Self.rowHeight + labelRoom) + 4
            return label(row.hosts, top: top) + row.bars.map { bar($0, top: top + labelRoom) }.joined()
        }
        let title = "\(frame.kind)-gantt"
        return """
            <svg class="\(frame.kind)" viewBox="0 0 \(frame.number(frame.width)) \(frame.number(height))" role="img" \
            aria-labelledby="\(title)">
            <title id="\(title)">The response by host; numbers are those of the steps in the list below</title>
            \(body.joined(separator: "\n"))
            \(axis(Double(rows.count) * (Self.rowHeight + labelRoom) + 8))
            </svg>
            """
    }

    private func label(_ hosts: [String], top: Double) -> String {
        let words =
            hosts.count <= Self.namedHosts
            ? hosts.joined(separator: ", ") : "\(hosts.prefix(2).joined(separator: ", ")) and \(hosts.count - 2) more"
        return "<g><title>\(Markup.escaped(hosts.joined(separator: ", ")))</title>"
            + (isWide
                ? frame.text(Text.cut(words, to: 27), x: frame.left - 8, y: top + 13, anchor: "end")
                : frame.text(Text.cut(words, to: 40), x: frame.left, y: top + 13)) + "</g>"
    }

    /// A failed command is hatched by an outline and a cross, not by colour alone.
    private func bar(_ bar: Bar, top: Double) -> String {
        let step = history.steps[bar.step]
        let x = frame.x(bar.start - origin)
        let width = max(Self.leastBar, frame.x(bar.end - origin) - x)
        let words =
            "\(bar.step + 1) \(step.name): \(frame.number(bar.start)) s to \(frame.number(bar.end)) s, \(bar.isGood ? "exit 0" : "failed")"
        let number = "\(bar.step + 1)\(bar.isGood ? "" : "✗")"
        let fits = width > Double(number.count) * ChartFrame.characterWidth + 4
        let kind = (bar.isGood ? "bar" : "bar bad") + (step.role == "act" ? " act" : "")
        return "<g><title>\(Markup.escaped(words))</title>"
            + "<rect class=\"\(kind)\" x=\"\(frame.number(x))\" y=\"\(frame.number(top + 1))\" width=\"\(frame.number(width))\" "
            + "height=\"\(frame.number(Self.barHeight))\" rx=\"2\"/>"
            + (fits ? frame.text(number, x: x + width / 2, y: top + 13, anchor: "middle", kind: "inbar") : "") + "</g>"
    }

    private func axis(_ y: Double) -> String {
        let first = (origin / frame.tick).rounded(.up) * frame.tick
        let marks = stride(from: first, through: origin + frame.length, by: frame.tick).map {
            "<path class=\"tick\" d=\"M\(frame.number(frame.x($0 - origin))) \(frame.number(y))v5\"/>"
                + frame.text("\(Text.fixed($0, decimals: 0)) s", x: frame.x($0 - origin), y: y + 18, anchor: "middle")
        }
        return
            "<path class=\"axis\" d=\"M\(frame.number(frame.left)) \(frame.number(y))H\(frame.number(frame.plotRight))\"/>\n"
            + marks.joined(separator: "\n")
    }
}
