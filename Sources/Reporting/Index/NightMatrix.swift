import Timeline

/// Scenarios and arms by night: a symbol per cell, which links to the run's report.
struct NightMatrix {
    let runs: [HistoryRun]
    let nights: [(night: HistoryNight, runs: Set<String>)]
    let columns: Int

    /// Runs of one night, or of one day outside nights.
    private struct Column {
        var key: String
        var title: String
        /// By `scenario arm`.
        var cells: [String: [HistoryRun]] = [:]
    }

    var markup: String {
        let columns = grouped
        // The newest first: it is seen without scrolling.
        let shown = Array(columns.suffix(self.columns).reversed())
        let rows = Set(shown.flatMap { $0.cells.keys }).sorted()
        let heads = ["scenario, arm"] + shown.map(\.title)
        let cells = rows.map { row in
            [Markup.escaped(row)] + shown.map { column in cell(column.cells[row] ?? [], night: column.title) }
        }
        let legend =
            "<p class=\"legend\">✓ passed, ✗ failed, ? inconclusive, ! harness error, - not played; n× when it was played more than "
            + "once, with its gravest result. A canary must fail.</p>"
        return rows.isEmpty
            ? "" : legend + HTMLPage.table(heads, markup: cells, kind: "matrix", label: "Scenarios by night")
    }

    private var grouped: [Column] {
        var nightOf: [String: (id: String, started: String)] = [:]
        for (night, runs) in nights { for run in runs { nightOf[run] = (night.id, night.started) } }
        var columns: [Column] = []
        var places: [String: Int] = [:]
        for run in runs {
            let night = nightOf[run.id]
            let key = night?.id ?? String(run.started.prefix(10))
            let index =
                places[key]
                ?? {
                    // Month and day; a night also says when, because two may begin on one day.
                    let started = night?.started ?? run.started
                    let day = started.prefix(10).suffix(5)
                    columns.append(
                        Column(key: key, title: night == nil ? "\(day)" : "\(day) \(started.prefix(16).suffix(5))"))
                    places[key] = columns.count - 1
                    return columns.count - 1
                }()
            let arm = run.arm + (run.variant.isEmpty ? "" : " (\(run.variant))")
            columns[index].cells["\(run.scenario), \(arm)", default: []].append(run)
        }
        return columns
    }

    private func cell(_ runs: [HistoryRun], night: String) -> String {
        guard !runs.isEmpty else { return "<span class=\"none\">-</span>" }
        let codes = runs.map { ExitCode(rawValue: Int32($0.exitCode)) ?? .harnessError }
        let worst = ExitCode.merged(codes)
        let run = runs.last { $0.exitCode == Int(worst.rawValue) } ?? runs[runs.count - 1]
        let mark = Mark(worst)
        let text = "\(mark.symbol)\(runs.count > 1 ? " \(runs.count)×" : "")"
        let word = "\(run.scenario), \(run.arm), \(night): \(Night.word(worst))"
        guard HTMLPage.isPlainName(run.id) else { return "<span class=\"\(mark.style)\">\(text)</span>" }
        return Markup.element(
            "a",
            [("href", "runs/\(run.id)/report.html"), ("class", mark.style), ("title", word), ("aria-label", word)], text
        )
    }
}

/// Median TTR by commit: the latest commits as rows, series of the codified runbook as columns.
struct CommitTable {
    let runs: [HistoryRun]
    let limit: Int

    var markup: String {
        let usable = runs.filter { $0.exitCode < 2 && $0.ttr != nil && $0.arm == "runbook" && !$0.commit.isEmpty }
        var order: [String] = []
        for run in usable.reversed() where !order.contains(run.commit) && order.count < limit {
            order.append(run.commit)
        }
        let scenarios = Set(usable.map(\.scenario)).sorted()
        // A commit alone has nothing to be compared with, but says how fast it is all the same.
        let rows = order.map { commit in
            [commitText(commit)]
                + scenarios.map { scenario in
                    let times = usable.filter { $0.commit == commit && $0.scenario == scenario }
                        .map { Measured($0.ttr ?? 0, isCensored: $0.ttrCensored).rank }.sorted()
                    guard let median = RankTest.median(sorted: times) else { return "-" }
                    return "\(TrendText.seconds(median)) (\(times.count))"
                }
        }
        let note =
            "<p class=\"legend\">Wall seconds, in brackets how many runs; the newest commit first. Runbook arms only.</p>"
        return rows.isEmpty
            ? ""
            : note
                + HTMLPage.table(
                    ["commit"] + scenarios, rows, figures: Set(scenarios.indices.map { $0 + 1 }),
                    label: "Median time to recover by commit")
    }

    /// `+changes` and the like matter as much as the id.
    private func commitText(_ commit: String) -> String {
        let parts = commit.split(separator: "+", maxSplits: 1)
        return String(parts.first?.prefix(10) ?? "") + (parts.count > 1 ? "+\(parts[1])" : "")
    }
}
