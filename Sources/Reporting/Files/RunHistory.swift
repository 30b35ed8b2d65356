import Timeline

/// What the picture and the tables of a report show besides the verdict: read from the events once.
struct RunHistory {
    struct Span {
        var name: String
        var start: Double
        var end: Double
    }

    struct Point {
        var at: Double
        var height: Int64
    }

    struct Step {
        var name: String
        var role: String
        var hosts: [String]
        var start: Double
        var end: Double?
        var passed: Bool?
        var simulated = false
        var reason = ""
        var results: [Result] = []
    }

    struct Result {
        var host: String
        var attempt: Int
        var outcome: CommandOutcome
        var stdout: String
        var stderr: String
        var truncated: Bool
        /// Seconds since the first event.
        var start: Double
        var end: Double
    }

    /// Something that happened at one moment.
    struct Moment {
        var at: Double
        var words: String
    }

    /// Seconds since the first event.
    private(set) var length = 0.0
    private(set) var phases: [Span] = []
    /// Agreed height by scope, a point per change.
    private(set) var heights: [String: [Point]] = [:]
    private(set) var steps: [Step] = []
    /// Hosts that came up, in that order.
    private(set) var hosts: [String] = []
    private(set) var lines: [(at: Double, words: String)] = []
    private(set) var faults: [Moment] = []
    private(set) var signals: [Moment] = []
    private(set) var series: SampleSeries

    private let start: Int64

    /// - Parameter shown: facts that the run was asked to show.
    init(criteria: Criteria, events: [Event], shown: Set<String> = []) {
        var clock = PhaseClock(criteria)
        series = SampleSeries(criteria: criteria, shown: shown)
        start = events.first?.monotonic ?? 0
        for event in events {
            clock.apply(event)
            let at = seconds(event.monotonic)
            length = max(length, at)
            note(event.body, at: at)
            if case .sample(let probe, let target, _, let value, _) = event.body {
                note(clock.evaluator.heights, at: at)
                series.apply(probe: probe, target: target, value: value, at: at)
            }
            if let words = event.body.words { lines.append((at, words)) }
        }
        if !phases.isEmpty { phases[phases.count - 1].end = length }
    }

    /// Seconds since the first event.
    func seconds(_ moment: Int64) -> Double { max(0, Double(moment) / 1e9 - Double(start) / 1e9) }

    private mutating func note(_ heights: [String: Int64], at: Double) {
        for (scope, height) in heights where self.heights[scope]?.last?.height != height {
            self.heights[scope, default: []].append(Point(at: at, height: height))
        }
    }

    private mutating func note(_ body: Event.Body, at: Double) {
        switch body {
        case .phase(let phase):
            if !phases.isEmpty { phases[phases.count - 1].end = at }
            phases.append(Span(name: phase.rawValue, start: at, end: at))
        case .hostReady(let host, _): hosts.append(host)
        case .stepStarted(let step, let role, let hosts):
            steps.append(Step(name: step, role: role, hosts: hosts, start: at))
        case .fault(let id, let host, let stage, _) where [.injectCompleted, .undone, .leaseFired].contains(stage):
            faults.append(Moment(at: at, words: "\(id) on \(host): \(stage.words)"))
        case .signal(let source, _, let names, let summary, let resolved):
            let word = source == .alert ? "page" : "report"
            signals.append(
                Moment(
                    at: at,
                    words: "\(word)\(resolved ? " resolved" : "") (\(names.joined(separator: ", "))): \(summary)"))
        case .stepResult(let step, let host, let attempt, let outcome, let stdout, let stderr, let truncated, let took):
            guard let index = steps.lastIndex(where: { $0.name == step }) else { return }
            steps[index].results.append(
                Result(
                    host: host, attempt: attempt, outcome: outcome, stdout: stdout, stderr: stderr,
                    truncated: truncated, start: max(0, at - took.duration.inSeconds), end: at))
        case .stepEnded(let step, _, let passed, let simulated, let reason):
            guard let index = steps.lastIndex(where: { $0.name == step && $0.end == nil }) else { return }
            steps[index].end = at
            steps[index].passed = passed
            steps[index].simulated = simulated
            steps[index].reason = reason
        default: break
        }
    }
}
