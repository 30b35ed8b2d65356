import Timeline

/// What mutating a runbook showed: one row for each mutant, for people and as JSON (docs/mutating-runbooks.md).
public struct MutationReport: Sendable, Hashable {
    /// The runbook's name.
    public var runbook: String
    /// The scenario in which it was played.
    public var scenario: String
    /// Commit of the root folder; empty when it is no repository.
    public var commit: String
    /// The run of the runbook as it is.
    public var original: Run
    /// In the order of the list.
    public var rows: [Row]

    /// All parts as given.
    public init(runbook: String, scenario: String, commit: String, original: Run, rows: [Row]) {
        self.runbook = runbook
        self.scenario = scenario
        self.commit = commit
        self.original = original
        self.rows = rows
    }

    /// A run and what came of it.
    public struct Run: Sendable, Hashable {
        /// Name of the run folder.
        public var folder: String
        /// Its verdict; nil when the run could not be played.
        public var verdict: Verdict?

        /// All parts as given.
        public init(folder: String, verdict: Verdict?) {
            self.folder = folder
            self.verdict = verdict
        }
    }

    /// One mutant.
    public struct Row: Sendable, Hashable {
        /// `kind:step`.
        public var id: String
        /// The mistake, as a sentence without a full stop.
        public var summary: String
        /// What became of it.
        public var finding: MutantFinding
        /// Its run.
        public var run: Run

        /// All parts as given.
        public init(id: String, summary: String, finding: MutantFinding, run: Run) {
            self.id = id
            self.summary = summary
            self.finding = finding
            self.run = run
        }
    }

    /// 0: every mutant was caught or is harmless; 1: one survived; 2: one is inconclusive, or there is none at all;
    /// 3: one could not be played.
    public var exitCode: ExitCode {
        let all = [original] + rows.map(\.run)
        if all.contains(where: { $0.verdict?.isHarnessError ?? true }) { return .harnessError }
        if original.verdict?.outcome != .passed || rows.isEmpty { return .inconclusive }
        let words = Set(rows.map(\.finding.word))
        if words.contains("survived") { return .failed }
        return words.contains("inconclusive") ? .inconclusive : .passed
    }

    /// How many mutants came to each end, by word.
    public var counts: [String: Int] { Dictionary(rows.map { ($0.finding.word, 1) }, uniquingKeysWith: +) }

    // MARK: Text

    /// The lines, without line feeds; none wider than the style's width.
    public func lines(style: TerminalStyle) -> [String] {
        var lines = style.row([("\(runbook)", nil), (" in \(scenario): ", nil), (total, nil)]) + [""]
        for row in rows {
            lines += style.row([(row.finding.word, Self.colour(of: row.finding)), ("  \(row.id)", nil)])
            lines += style.wrapped("\(row.summary.prefix(1).uppercased())\(row.summary.dropFirst()).", indent: 4)
            if case .caught(let by, _) = row.finding { lines += style.wrapped("Caught by: \(by).", indent: 4) }
            lines += style.wrapped(row.finding.reason, indent: 4)
        }
        if rows.contains(where: { $0.finding.word == "survived" }) {
            lines += [""]
            lines += style.wrapped(
                "A mutant that survives is a finding: strengthen a 'verify' or 'check' step until it notices.",
                indent: 0)
        }
        return lines
    }

    /// `26 mutants: 20 caught, 4 harmless, 2 survived`.
    public var total: String {
        let words = ["caught", "harmless", "survived", "inconclusive"].compactMap { word in
            counts[word].map { "\($0) \(word)" }
        }
        return "\(rows.count) mutant\(rows.count == 1 ? "" : "s")" + (words.isEmpty ? "" : ": ")
            + words.joined(separator: ", ")
    }

    private static func colour(of finding: MutantFinding) -> TerminalStyle.Colour? {
        switch finding {
        case .caught: .green
        case .harmless: nil
        case .survived: .red
        case .inconclusive: .yellow
        }
    }

    // MARK: JSON

    /// `mutation.json`: keys sorted, the same report is the same bytes.
    public func encoded() -> String { json.text(.init(decimals: 3, indent: 2)) + "\n" }

    /// The report as a JSON object.
    public var json: JSON {
        .object([
            "format": .int(1), "runbook": .string(runbook), "scenario": .string(scenario), "commit": .string(commit),
            "original": original.json, "mutants": .array(rows.map(\.json)),
            "counts": .object(counts.mapValues { .int(Int64($0)) }), "exit_code": .int(Int64(exitCode.rawValue)),
        ])
    }
}

extension MutationReport.Run {
    fileprivate var json: JSON {
        guard let verdict else { return .object(["run": .string(folder), "verdict": .null]) }
        func time(_ time: Verdict.Time) -> JSON {
            .object([
                "wall_s": time.wall.map { .double($0) } ?? .null,
                "incident_s": time.incident.map { .double($0) } ?? .null, "censored": .bool(time.isCensored),
            ])
        }
        return .object([
            "run": .string(folder), "verdict": .string(verdict.outcome.rawValue),
            "ttm": time(verdict.times.mitigate), "ttr": time(verdict.times.recover),
        ])
    }
}

extension MutationReport.Row {
    fileprivate var json: JSON {
        var members: [String: JSON] = [
            "id": .string(id), "summary": .string(summary), "result": .string(finding.word),
            "reason": .string(finding.reason), "played": run.json, "by": .null,
        ]
        if case .caught(let by, _) = finding { members["by"] = .string(by) }
        return .object(members)
    }
}
