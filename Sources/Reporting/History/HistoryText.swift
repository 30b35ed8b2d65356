/// Runs of the history as aligned text, newest last.
public struct HistoryText {
    let runs: [HistoryRun]
    let style: TerminalStyle

    /// A table of `runs`, in their order.
    public init(_ runs: [HistoryRun], style: TerminalStyle) {
        self.runs = runs
        self.style = style
    }

    /// The lines, without line feeds.
    public var lines: [String] {
        guard !runs.isEmpty else { return ["No such run is in the history."] }
        let rows = runs.map { run in
            [
                String(run.started.prefix(16)).replacing("T", with: " "), run.scenario,
                run.arm + (run.variant.isEmpty ? "" : " (\(run.variant))"),
                time(run.ttm, run.ttmCensored), time(run.ttr, run.ttrCensored), String(run.commit.prefix(8)),
                run.exitCode == 3 ? "harness error" : run.outcome,
            ]
        }
        let colours = runs.map { run -> TerminalStyle.Colour? in
            switch run.exitCode {
            case 0: nil
            case 2: .yellow
            default: .red
            }
        }
        return TextTable(
            heads: ["started (UTC)", "scenario", "arm", "TTM", "TTR", "commit", "verdict"], rows: rows,
            figures: [3, 4], colours: colours
        ).lines(style)
    }

    private func time(_ value: Double?, _ isCensored: Bool) -> String {
        value.map { (isCensored ? "> " : "") + Text.seconds($0) } ?? "-"
    }
}

/// Two runs beside each other: what they were, their times, their steps, and facts that came out differently.
public struct ComparisonText {
    let left: HistoryRecord
    let right: HistoryRecord
    let style: TerminalStyle

    /// Compares `left`, usually the older one, with `right`.
    public init(_ left: HistoryRecord, _ right: HistoryRecord, style: TerminalStyle) {
        self.left = left
        self.right = right
        self.style = style
    }

    /// The lines, without line feeds.
    public var lines: [String] {
        var lines =
            style.wrapped("first   \(left.run.id)", indent: 0) + style.wrapped("second  \(right.run.id)", indent: 0)
        lines += [""] + table(head: ["", "first", "second", ""], facts)
        if left.run.series != right.run.series {
            lines += [""]
            lines += style.wrapped(
                "These runs belong to different series (scenario, arm, size, scale or machine class): their times need not compare.",
                indent: 0)
        }
        lines += [""] + table(head: ["wall time", "first", "second", "difference"], times)
        let steps = steps
        if !steps.isEmpty { lines += [""] + table(head: ["step", "first", "second", "difference"], steps) }
        let different = findings
        lines += [""]
        if different.isEmpty {
            lines += ["Facts: the same findings in both."]
        } else {
            lines += table(head: ["fact", "first", "second", ""], different)
        }
        return lines
    }

    private func table(head: [String], _ rows: [[String]]) -> [String] {
        TextTable(heads: head, rows: rows, figures: [1, 2, 3]).lines(style)
    }

    private var facts: [[String]] {
        func row(_ name: String, _ value: (HistoryRun) -> String) -> [String] {
            let (one, two) = (value(left.run), value(right.run))
            return [name, one.isEmpty ? "-" : one, two.isEmpty ? "-" : two, one == two ? "" : "differs"]
        }
        return [
            row("scenario", \.scenario), row("arm", \.arm), row("size", \.size),
            row("time scale") { Text.fixed($0.timeScale, decimals: 2) }, row("seed", \.seed),
            row("machine class") { Text.cut($0.machine, to: 36) }, row("commit") { String($0.commit.prefix(12)) },
            row("verdict") { $0.exitCode == 3 ? "harness error" : $0.outcome },
        ]
    }

    private var times: [[String]] {
        func row(_ name: String, _ one: (Double?, Bool), _ two: (Double?, Bool)) -> [String] {
            func text(_ time: (Double?, Bool)) -> String {
                time.0.map { (time.1 ? "> " : "") + Text.seconds($0) } ?? "-"
            }
            var difference = ""
            // A censored time is no term of a difference.
            if let first = one.0, let second = two.0, !one.1, !two.1 { difference = change(first, second) }
            return [name, text(one), text(two), difference]
        }
        let (one, two) = (left.run, right.run)
        return [
            row("detect (TTD)", (one.ttd, one.ttdCensored), (two.ttd, two.ttdCensored)),
            row("act (TTA)", (one.tta, one.ttaCensored), (two.tta, two.ttaCensored)),
            row("mitigate (TTM)", (one.ttm, one.ttmCensored), (two.ttm, two.ttmCensored)),
            row("recover (TTR)", (one.ttr, one.ttrCensored), (two.ttr, two.ttrCensored)),
        ]
    }

    private func change(_ first: Double, _ second: Double) -> String {
        let share = first > 0 ? " (\(TrendText.percent((second - first) / first)))" : ""
        return TrendText.shift(second - first) + share
    }

    private var steps: [[String]] {
        var names: [String] = []
        for step in left.steps + right.steps where !names.contains(step.name) { names.append(step.name) }
        func took(_ record: HistoryRecord, _ name: String) -> Double? {
            let times = record.steps.filter { $0.name == name }.compactMap(\.took)
            return times.isEmpty ? nil : times.reduce(0, +)
        }
        return names.map { name in
            let (one, two) = (took(left, name), took(right, name))
            let difference = one.flatMap { first in two.map { change(first, $0) } } ?? ""
            return [name, one.map(Text.seconds) ?? "-", two.map(Text.seconds) ?? "-", difference]
        }
    }

    private var findings: [[String]] {
        let one = Dictionary(left.facts.map { ($0.fact, $0.finding) }) { first, _ in first }
        let two = Dictionary(right.facts.map { ($0.fact, $0.finding) }) { first, _ in first }
        return Set(one.keys).union(two.keys).sorted().filter { one[$0] != two[$0] }.map {
            [$0, one[$0] ?? "-", two[$0] ?? "-", "differs"]
        }
    }
}
