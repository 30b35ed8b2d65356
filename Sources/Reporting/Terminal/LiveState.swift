import Timeline

/// What a live display knows: fed with events as they come, asked for lines to show.
public struct LiveState: Sendable {
    private var clock: PhaseClock
    private var phase: Event.Phase?
    private var recent: [String] = []
    private var readyHosts = 0
    private var down: Set<String> = []

    /// Events that stay on the screen.
    private static let recentLimit = 8

    /// Nothing has happened yet.
    public init(_ criteria: Criteria) { clock = PhaseClock(criteria) }

    /// Takes in an event and returns what is new, one line each, for a display that only appends.
    @discardableResult
    public mutating func apply(_ event: Event) -> [String] {
        let time = (event.monotonic - (clock.stamps.runStarted ?? event.monotonic)).seconds
        clock.apply(event)
        var news: [String] = []
        if case .phase(let next) = event.body {
            if phase == .boot, readyHosts > 0 { news.append(hostsText) }
            phase = next
        }
        if case .hostReady = event.body { readyHosts += 1 }
        if let words = event.body.words { news.append(words) }
        news += scopeNews()
        let stamped = news.map { "\(Text.padded(Text.seconds(time), to: 8)) \(Text.harmless($0))" }
        recent = (recent + stamped).suffix(Self.recentLimit)
        return stamped
    }

    private mutating func scopeNews() -> [String] {
        guard clock.stage != nil, clock.stamps.injectStarted != nil else { return [] }
        var news: [String] = []
        for (name, scope) in clock.scopes.sorted(by: { $0.key < $1.key }) {
            if scope.steady.truth == .no, down.insert(name).inserted { news.append("\(name) is down") }
            if scope.steady.truth == .yes, down.remove(name) != nil { news.append("\(name) is back") }
        }
        return news
    }

    /// The screen at `now` (monotonic nanoseconds): at most `height` lines, none wider than the style's width.
    public func lines(now: Int64, style: TerminalStyle, height: Int = 24) -> [String] {
        let width = style.width
        let started = clock.stamps.runStarted ?? now
        var lines = [
            Text.cut("\(clock.criteria.scenario)  arm \(clock.criteria.arm)", to: width),
            Text.cut(times(now: now, started: started), to: width),
            Text.cut("phase    \(phase?.rawValue ?? "-")\(readyHosts > 0 ? "   " + hostsText : "")", to: width),
        ]
        let scopes = clock.scopes.sorted { $0.key < $1.key }
        let nameWidth = scopes.map(\.key.count).max() ?? 0
        // The recent events are worth at least three lines when there are many scopes.
        let shown = scopes.prefix(max(1, height - lines.count - 5))
        for (name, scope) in shown {
            let (word, colour) = state(of: scope.steady, now: now)
            let head = Text.cut("\(Text.padded(name, to: max(8, nameWidth))) \(heightText(name))", to: width)
            let rest = Text.cut("  " + word, to: max(0, width - head.count))
            lines.append(head + (colour.map { style.paint(rest, $0) } ?? rest))
        }
        if shown.count < scopes.count { lines.append("… \(scopes.count - shown.count) more") }
        lines.append("")
        lines += recent.suffix(max(0, height - lines.count)).map { Text.cut($0, to: width) }
        return Array(lines.prefix(height))
    }

    private var hostsText: String { readyHosts == 1 ? "1 host ready" : "\(readyHosts) hosts ready" }

    private func times(now: Int64, started: Int64) -> String {
        let elapsed = "elapsed  \(Text.clock((now - started).seconds))"
        guard let onset = clock.stamps.injectCompleted else { return elapsed }
        let incident = (min(now, clock.stamps.frozen ?? now) - onset).seconds * clock.criteria.timeScale
        return elapsed + "   incident time \(Text.incident(incident)) since the fault"
    }

    private func heightText(_ scope: String) -> String {
        let text = clock.evaluator.heights[scope].map(String.init) ?? "-"
        return String(repeating: " ", count: max(0, 9 - text.count)) + text
    }

    private func state(of steady: WindowTracker, now: Int64) -> (String, TerminalStyle.Colour?) {
        switch steady.truth {
        case .yes:
            return (steady.downAt == nil ? "steady" : steady.returnedAt == nil ? "back, holding" : "recovered", .green)
        case .no: return ("down for \(Text.seconds((now - steady.since).seconds))", .red)
        case .unknown: return ("unknown", nil)
        }
    }
}

extension Int64 {
    /// Nanoseconds as seconds; never negative.
    fileprivate var seconds: Double { Swift.max(0, Double(self) / 1e9) }
}
