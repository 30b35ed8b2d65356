import Timeline

/// The matrix of a validation for people: one line a pair, what is without the fix before the arrow and what is with it after.
public struct MatrixText {
    private let report: ValidationReport
    private let style: TerminalStyle

    /// A matrix laid out for `style`.
    public init(_ report: ValidationReport, style: TerminalStyle) {
        self.report = report
        self.style = style
    }

    /// Lines without line feeds. Times are incident time.
    public var lines: [String] {
        var sections: [[String]] = []
        if !report.pairs.isEmpty { sections.append(fixes(report.pairs) + reasons(report.pairs)) }
        if !report.claims.isEmpty { sections.append(claims) }
        if !report.mutants.isEmpty { sections.append(mutants) }
        return Array(sections.joined(separator: [""])) + [""] + total
    }

    private typealias Cell = (text: String, colour: TerminalStyle.Colour?)

    // MARK: Fixes

    private func fixes(_ pairs: [ValidationReport.Pair]) -> [String] {
        let head = ["incident", "fix", "facts", "under", "outage", "TTD", "TTM", "TTR", "ratio", "verdict"]
        return table([head.map { ($0, nil) }] + pairs.map(row))
    }

    private func row(_ pair: ValidationReport.Pair) -> [Cell] {
        let (control, treatment) = (pair.control, pair.treatment)
        func both(_ text: (ComparedSide) -> String) -> Cell { ("\(text(control)) > \(text(treatment))", nil) }
        let ratio =
            treatment.isUnbroken
            ? "prevented"
            : pair.judgement.ratio.map { "\(pair.promise.measure.rawValue) \($0)" } ?? "-"
        let word: Cell =
            switch pair.judgement.verdict {
            case .works: ("works", .green)
            case .doesNotWork: ("does not work", pair.notClaimed == nil ? .red : .yellow)
            case .inconclusive: ("inconclusive", .yellow)
            }
        return [
            (pair.incident, nil), (pair.fix, nil), (pair.facts.joined(separator: ","), nil),
            (pair.variant ?? "own faults", nil), both(\.outageText), both { $0.text(.ttd) }, both { $0.text(.ttm) },
            both { $0.text(.ttr) }, (ratio, nil),
            (word.text + (pair.notClaimed == nil ? "" : " (not claimed)"), word.colour),
        ]
    }

    private func reasons(_ pairs: [ValidationReport.Pair]) -> [String] {
        let told = pairs.filter { $0.judgement.verdict != .works || $0.notClaimed != nil }
        guard !told.isEmpty else { return [] }
        return [""]
            + told.flatMap { pair -> [String] in
                let name = "\(pair.fix)\(pair.variant.map { " under \($0)" } ?? "")"
                let left = pair.notClaimed.map { " Not claimed: \($0)" } ?? ""
                return style.wrapped("\(name): \(pair.judgement.reason)\(left)", indent: 2)
            }
    }

    // MARK: Claims and mutants

    private var claims: [String] {
        let head = ["claim", "compared", "measure", "n", "ratio", "claimed", "answer"]
        let rows = report.claims.map { entry -> [Cell] in
            let claim = entry.claim
            let measure =
                claim.measure.rawValue + (claim.against.map { " against \($0.rawValue)" } ?? "")
                + (claim.scope.map { " of \($0)" } ?? "")
            let colour: TerminalStyle.Colour? = entry.answer.isTrue == nil ? .yellow : nil
            return [
                (claim.id, nil), ("\(entry.control.arm) > \(entry.treatment.arm)", nil), (measure, nil),
                ("\(min(entry.control.runs.count, entry.treatment.runs.count))", nil),
                (entry.answer.ratio?.description ?? "-", nil), (claim.expect.description, nil),
                (entry.answer.word, colour),
            ]
        }
        return table([head.map { ($0, nil) }] + rows) + [""]
            + report.claims.flatMap {
                style.wrapped(
                    "\($0.claim.id): \($0.claim.statement) (\($0.answer.word)) \($0.answer.reason)", indent: 2)
            }
    }

    private var mutants: [String] {
        let head = ["mutant", "of", "verdict"]
        let rows = report.mutants.map { mutant -> [Cell] in
            let word: Cell =
                switch mutant.isRejected {
                case true: ("rejected", .green)
                case false: ("NOT REJECTED", .red)
                default: ("inconclusive", .yellow)
                }
            return [(mutant.id, nil), (mutant.fix, nil), word]
        }
        return table([head.map { ($0, nil) }] + rows) + [""]
            + report.mutants.flatMap { style.wrapped("\($0.id): \($0.reason)", indent: 2) }
    }

    private var total: [String] {
        let pairs = report.pairs.filter { $0.notClaimed == nil }
        func count(_ verdict: PairJudge.Judgement.Verdict) -> Int { pairs.count { $0.judgement.verdict == verdict } }
        var parts: [String] = []
        if !pairs.isEmpty {
            parts.append(
                "pairs: \(pairs.count); work: \(count(.works)), do not: \(count(.doesNotWork)), inconclusive: \(count(.inconclusive))"
            )
        }
        if !report.claims.isEmpty {
            let answers = Dictionary(grouping: report.claims, by: \.answer.word).mapValues(\.count)
            parts.append(
                "claims: \(report.claims.count); true: \(answers["true"] ?? 0), false: \(answers["false"] ?? 0), undecided: \(answers["undecided"] ?? 0)"
            )
        }
        if !report.mutants.isEmpty {
            parts.append(
                "mutants: \(report.mutants.count); rejected: \(report.mutants.count { $0.isRejected == true }), "
                    + "not: \(report.mutants.count { $0.isRejected == false }), inconclusive: \(report.mutants.count { $0.isRejected == nil })"
            )
        }
        return parts
    }

    // MARK: Layout

    private func table(_ rows: [[Cell]]) -> [String] {
        let widths = rows[0].indices.map { column in rows.map { $0[column].text.count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).enumerated().map { index, entry -> String in
                let (cell, width) = entry
                let text = Text.harmless(cell.text)
                let space = index == row.count - 1 ? "" : String(repeating: " ", count: max(0, width - text.count))
                return (cell.colour.map { style.paint(text, $0) } ?? text) + space
            }
            return cells.joined(separator: "  ")
        }
    }
}

extension ComparedSide {
    /// Nothing broke in any run.
    var isUnbroken: Bool { !runs.isEmpty && runs.allSatisfy { $0.verdict.outage == false } }

    /// `yes`, `no`, `2 of 3`, `?`.
    var outageText: String {
        let known = runs.compactMap(\.verdict.outage)
        guard known.count == runs.count, !runs.isEmpty else { return "?" }
        let count = known.count { $0 }
        return count == 0 ? "no" : count == runs.count ? "yes" : "\(count) of \(runs.count)"
    }

    /// The median in incident time: `7m51s`; `> 34m` when it is censored; `-` when there was nothing to measure.
    func text(_ measure: Promise.Measure) -> String {
        let times = runs.map { $0.verdict.times[measure] }.filter { $0.incident != nil }
        guard !times.isEmpty else { return "-" }
        if measure == .ttd || measure == .tta, isUnbroken { return "-" }
        let sorted = times.sorted {
            ($0.isCensored ? 1 : 0, $0.incident ?? 0) < ($1.isCensored ? 1 : 0, $1.incident ?? 0)
        }
        return sorted[sorted.count / 2].incidentText
    }
}
