import Timeline

/// `index.html` over all runs of a root: which scenario recovered in which night, how fast, since which commit, and which fixes
/// were shown to work. Made from the history alone.
public struct IndexPage {
    let runs: [HistoryRun]
    let nights: [(night: HistoryNight, runs: Set<String>)]
    let pairs: [HistoryPair]
    let trend: Trend
    let folder: String

    /// Most columns of the matrix, and most commits of the trend.
    static let columns = 21
    static let commits = 12

    /// The page of `folder`, a root's `.firedrill`.
    public init(history: HistoryStore, folder: String) throws(HistoryError) {
        runs = try history.runs()
        nights = try history.nights(limit: Self.columns)
        pairs = try history.latestPairs()
        trend = Trend(runs: runs, steps: try history.steps(), accepted: try history.accepted())
        self.folder = folder
    }

    /// Writes `index.html` as a whole.
    public func write() throws(ReportError) { try ReportFiles.write(text, to: folder + "/index.html") }

    /// The whole page.
    public var text: String {
        let body = """
            <h1>Firedrill <small>\(Markup.escaped(about))</small></h1>
            \(lastNight)
            \(HTMLPage.section("Scenarios by night", NightMatrix(runs: runs.filter { !$0.isComparison }, nights: nights, columns: Self.columns).markup))
            \(HTMLPage.section("What became slower", changes))
            \(HTMLPage.section("Time to recover", strips))
            \(HTMLPage.section("Median time to recover by commit", CommitTable(runs: runs, limit: Self.commits).markup))
            \(HTMLPage.section("Fixes", fixes))
            <footer>Made from the history of this root; every verdict links to its run's report while the run folder is kept.</footer>
            """
        return HTMLPage.document(title: "Firedrill: all runs", body: body)
    }

    private var about: String {
        let machines = Set(runs.map(\.machine)).count
        return "\(runs.count) runs of \(Set(runs.map(\.scenario)).count) scenarios"
            + (machines > 1 ? " on \(machines) classes of machines" : "")
            + (runs.last.map { ", the latest \($0.started.prefix(16).replacing("T", with: " ")) UTC" } ?? "")
    }

    private var lastNight: String {
        guard let last = nights.last else { return "<p>No night was played yet.</p>" }
        let code = ExitCode(rawValue: Int32(last.night.exitCode)) ?? .harnessError
        let place = "nights/\(last.night.id)/summary.md"
        let link =
            HTMLPage.isPlainName(last.night.id) ? HTMLPage.link(place, last.night.id) : Markup.escaped(last.night.id)
        return
            "<p class=\"verdict \(Mark(code).style)\">The last night: \(Mark(code).symbol) \(Night.word(code))</p>\n<p>\(link)</p>"
    }

    private var changes: String {
        let rows = trend.rows.filter { $0.finding.answer == .slower }
        return HTMLPage.paragraphs(rows.map(\.sentence))
    }

    private var strips: String {
        trend.rows.filter { $0.step == nil && !$0.series.isComparison }.map { RecoveryStrip($0).markup }
            .joined(separator: "\n")
    }

    private var fixes: String {
        HTMLPage.table(
            ["fix", "scenario", "faults", "verdict", "shown", "commit", "why"],
            markup: pairs.map { pair in
                let mark = Mark(pair: pair.verdict)
                return [
                    Markup.escaped(pair.fix), Markup.escaped(pair.scenario),
                    Markup.escaped(pair.variant.isEmpty ? "the scenario's own" : pair.variant),
                    "<span class=\"\(mark.style)\">\(mark.symbol) \(Markup.escaped(pair.verdict))</span>",
                    Markup.escaped(String(pair.started.prefix(16)).replacing("T", with: " ")),
                    Markup.escaped(String(pair.commit.prefix(8))), Markup.escaped(pair.reason),
                ]
            }, figures: [4, 5], label: "Fixes and whether they were shown to work")
    }
}

extension HistoryRun {
    /// Played to compare a fix: its place is the table of fixes, and hundreds of them would hide the arms that teams follow.
    fileprivate var isComparison: Bool { series.isComparison }
}

extension HistoryRun.Series {
    fileprivate var isComparison: Bool { arm.hasPrefix("fix:") || !variant.isEmpty }
}

/// A result as a symbol and a word, so that colour is never alone.
struct Mark {
    let symbol: String
    let style: String

    init(_ code: ExitCode) {
        switch code {
        case .passed: (symbol, style) = ("✓", "passed")
        case .failed: (symbol, style) = ("✗", "failed")
        case .inconclusive: (symbol, style) = ("?", "inconclusive")
        case .harnessError, .usage: (symbol, style) = ("!", "failed")
        }
    }

    init(pair verdict: String) {
        switch verdict {
        case "works": self.init(.passed)
        case "does-not-work": self.init(.failed)
        default: self.init(.inconclusive)
        }
    }
}
