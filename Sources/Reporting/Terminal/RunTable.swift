import Timeline

/// What several runs amount to: a line for each, the spread of repeated ones, and the symptoms seen over all of them.
public struct RunTable {
    /// One finished run.
    public struct Row: Sendable {
        /// What its record says.
        public var verdict: Verdict
        /// Path of its folder, for people who want to look.
        public var folder: String

        /// Both parts as given.
        public init(verdict: Verdict, folder: String) {
            self.verdict = verdict
            self.folder = folder
        }
    }

    let rows: [Row]
    /// Ids of the symptoms that the incidents of these runs have.
    let symptoms: [String]
    /// Whether each run is compared with what the table of arms expects of it.
    let comparesArms: Bool
    let style: TerminalStyle

    /// - Parameter symptoms: Ids of all symptoms of the incidents played, such as `H1-S1`; what is missing is named.
    public init(rows: [Row], symptoms: [String], comparesArms: Bool, style: TerminalStyle) {
        self.rows = rows
        self.symptoms = symptoms
        self.comparesArms = comparesArms
        self.style = style
    }

    /// The lines, without line feeds; none wider than the style's width.
    public var lines: [String] {
        guard !rows.isEmpty else { return [] }
        var lines = style.wrapped(
            "Runs, times in incident time; the last column is the whole run in wall time", indent: 0)
        for group in scenarios { lines += table(of: group) }
        if !repeated.isEmpty { lines += [""] + spreads }
        return lines + [""] + foot
    }

    /// Consecutive runs of one scenario.
    private var scenarios: [[Row]] {
        rows.reduce(into: []) { groups, row in
            if groups.last?.last?.verdict.scenario == row.verdict.scenario {
                groups[groups.count - 1].append(row)
            } else {
                groups.append([row])
            }
        }
    }

    // MARK: A line for each run

    private func table(of group: [Row]) -> [String] {
        let head = ["arm", "verdict", "TTD", "TTM", "TTR", "wall"]
        let bodies = group.map { cells($0.verdict) }
        let widths = head.indices.map { column in ([head] + bodies).map { $0[column].count }.max() ?? 0 }
        func text(_ cells: [String]) -> String {
            let parts = zip(cells, widths).enumerated().map { column, pair in
                column < 2 ? Text.padded(pair.0, to: pair.1) : Text.right(pair.0, to: pair.1)
            }
            return "  " + parts.joined(separator: "  ")
        }
        let size = group[0].verdict.size.map { ", size \($0)" } ?? ""
        return ["", "\(group[0].verdict.scenario)\(size)"] + style.row([(text(head), nil)])
            + zip(group, bodies).flatMap { row, body in
                style.row([(text(body), colour(row.verdict))]) + remarks(row)
            }
    }

    private func cells(_ verdict: Verdict) -> [String] {
        let times = verdict.times
        return [
            "\(verdict.arm)", verdict.word, times.detect.incidentText, times.mitigate.incidentText,
            times.recover.incidentText, verdict.wholeRun.map(Text.seconds) ?? "-",
        ]
    }

    private func colour(_ verdict: Verdict) -> TerminalStyle.Colour? {
        if comparesArms { return ArmExpectation(verdict).isMet ? nil : .red }
        return verdict.outcome == .passed ? nil : verdict.outcome == .failed ? .red : .yellow
    }

    /// What was expected; and of a run that needs looking at, why, and where it lies.
    private func remarks(_ row: Row) -> [String] {
        let verdict = row.verdict
        let expectation = ArmExpectation(verdict)
        let isWrong = comparesArms ? !expectation.isMet : verdict.outcome != .passed
        var lines: [String] = []
        if comparesArms {
            let answer = expectation.isMet ? "as expected" : "NOT AS EXPECTED"
            lines.append("\(answer) (\(expectation.text))")
        }
        if isWrong {
            lines += verdict.reasons
            lines.append(row.folder)
        }
        return lines.flatMap { style.wrapped($0, indent: 6) }
    }

    // MARK: Repeated runs

    private struct Kind: Hashable {
        var scenario, arm, size: String
        init(_ verdict: Verdict) {
            (scenario, arm, size) = (verdict.scenario, "\(verdict.arm)", verdict.size.map { ", size \($0)" } ?? "")
        }
    }

    /// Runs of the same scenario and arm, where there are several.
    private var repeated: [(kind: Kind, verdicts: [Verdict])] {
        var order: [Kind] = []
        var groups: [Kind: [Verdict]] = [:]
        for row in rows {
            let kind = Kind(row.verdict)
            if groups[kind] == nil { order.append(kind) }
            groups[kind, default: []].append(row.verdict)
        }
        return order.compactMap { kind in groups[kind].flatMap { $0.count > 1 ? (kind, $0) : nil } }
    }

    private var spreads: [String] {
        style.wrapped("Repeated runs: verdicts, and TTR in wall time (incident time)", indent: 0)
            + repeated.flatMap { kind, verdicts in
                let counts = Dictionary(grouping: verdicts, by: \.word).mapValues(\.count)
                let words = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                    .map { "\($0.value) of \(verdicts.count) \($0.key)" }
                return style.row([
                    ("  \(kind.scenario), arm \(kind.arm)\(kind.size): \(words.joined(separator: ", "))", nil)
                ]) + style.row([("    \(spread(verdicts))", nil)])
            }
    }

    /// A censored time is no term of an average, so it is counted beside the spread.
    private func spread(_ verdicts: [Verdict]) -> String {
        let times = verdicts.map(\.times.recover)
        let censored = times.count(where: \.isCensored)
        let never = censored > 0 ? "\(censored) of \(times.count) not recovered within the horizon" : ""
        guard let spread = Spread(times.compactMap { $0.isCensored ? nil : $0.wall }) else {
            return never.isEmpty ? "no time to recover: nothing broke" : never
        }
        func text(_ value: Double) -> String {
            "\(Text.seconds(value)) (\(Text.incident(value * verdicts[0].timeScale)))"
        }
        return "min \(text(spread.least)), median \(text(spread.median)), max \(text(spread.greatest))"
            + (never.isEmpty ? "" : "; \(never)")
    }

    // MARK: Over all runs

    private var foot: [String] {
        let seen = Set(rows.flatMap { $0.verdict.symptomsShown })
        let missing = symptoms.filter { !seen.contains($0) }
        var lines = ["Symptoms seen over these runs: \(symptoms.count - missing.count) of \(symptoms.count)"]
        if !missing.isEmpty { lines[0] += "; not \(missing.joined(separator: ", "))" }
        if comparesArms {
            let met = rows.count { ArmExpectation($0.verdict).isMet }
            lines.append("Arms that did what the table of arms says: \(met) of \(rows.count)")
        } else {
            lines.append("Passed: \(rows.count { $0.verdict.outcome == .passed }) of \(rows.count)")
        }
        let walls = rows.compactMap(\.verdict.wholeRun)
        lines.append("Wall time of all runs: \(Text.clock(walls.reduce(0, +)))")
        return lines.flatMap { style.wrapped($0, indent: 0) }
    }
}

extension Verdict {
    /// The outcome in a word; a failure of the harness is none of the network.
    var word: String { isHarnessError ? "harness error" : outcome.rawValue }

    /// Wall seconds from the first event to the last; nil for a run that was killed.
    var wholeRun: Double? {
        guard let start = stamps.runStarted, let end = stamps.runEnded else { return nil }
        return Double(max(0, end - start)) / 1e9
    }

    /// Ids of the symptoms that this run showed: a run without a fault shows none, whatever holds in it, and one that says
    /// nothing about the network is no evidence.
    public var symptomsShown: [String] {
        guard arm != .noFault, outcome != .inconclusive else { return [] }
        return facts.filter { $0.isObserved && $0.kind != .latent }.map(\.id)
    }
}
