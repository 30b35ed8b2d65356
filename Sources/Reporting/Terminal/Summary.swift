import Timeline

/// The summary of a verdict that ends a run at a terminal or in a CI log.
public struct Summary {
    let verdict: Verdict
    let runFolder: String
    let style: TerminalStyle

    /// A summary of `verdict`; `runFolder` is printed as where to look further.
    public init(_ verdict: Verdict, runFolder: String, style: TerminalStyle) {
        self.verdict = verdict
        self.runFolder = runFolder
        self.style = style
    }

    /// The lines, without line feeds; none wider than the style's width.
    public var lines: [String] {
        var lines = head
        lines += section("Facts", FactLines(facts: verdict.facts, style: style).lines)
        lines += section("Times from the completed injection", times)
        lines += section(
            "Phases in incident time, as documented and as measured here",
            PhaseLines(phases: verdict.phases.filter { $0.result != .shown }, style: style).lines)
        lines += section("Budgets in incident time", budgets)
        lines += section("Cross-check of recovery, from the completed injection", crossChecks)
        lines += section("Notes", verdict.notes.flatMap { style.wrapped($0, indent: 2) })
        return lines + [""] + foot
    }

    private func section(_ title: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : [""] + style.wrapped(title, indent: 0) + lines
    }

    private var head: [String] {
        let word = verdict.isHarnessError ? "HARNESS ERROR" : verdict.outcome.rawValue.uppercased()
        let colour: TerminalStyle.Colour =
            switch verdict.outcome {
            case .passed: .green
            case .failed: .red
            case .inconclusive: .yellow
            }
        return style.row([
            (word, colour),
            (
                "  \(verdict.scenario) (\(verdict.incident)), arm \(verdict.arm)\(verdict.variant.map { ", variant \($0)" } ?? "")",
                nil
            ),
        ])
            + verdict.reasons.flatMap { style.wrapped($0, indent: 2) }
    }

    private var times: [String] {
        let all = [
            ("detect (TTD)", verdict.times.detect), ("act (TTA)", verdict.times.act),
            ("mitigate (TTM)", verdict.times.mitigate), ("recover (TTR)", verdict.times.recover),
        ]
        let scopes = verdict.byScope.sorted { $0.key < $1.key }.flatMap { name, times in
            [("\(name) mitigate", times.mitigate), ("\(name) recover", times.recover)]
        }
        let rows =
            [("", "wall", "incident", "source")] + (all + scopes).map { ($0, $1.wallText, $1.incidentText, $1.source) }
        func width(_ text: ((String, String, String, String)) -> String) -> Int {
            rows.map { text($0).count }.max() ?? 0
        }
        let widths = (width(\.0), width(\.1), width(\.2))
        return rows.flatMap { name, wall, incident, source in
            style.row([
                (
                    "  \(Text.padded(name, to: widths.0))  \(right(wall, widths.1))  \(right(incident, widths.2))  \(source)",
                    nil
                )
            ])
        }
    }

    private func right(_ text: String, _ width: Int) -> String { Text.right(text, to: width) }

    private var budgets: [String] {
        verdict.budgets.flatMap { budget in
            let measured = budget.measured.map(Text.incident) ?? (budget.isMet == nil ? "-" : "never")
            let met: (String, TerminalStyle.Colour?) =
                switch budget.isMet {
                case true?: ("met", nil)
                case false?: ("missed", .red)
                case nil: ("nothing to measure", nil)
                }
            let limit = Text.padded(Text.incident(budget.limit), to: 8)
            return style.row([("  \(Text.padded(budget.name, to: 8))  \(right(measured, 8)) of \(limit)  ", nil), met])
        }
    }

    private var crossChecks: [String] {
        verdict.crossChecks.flatMap { check in
            let probes = check.byProbes.map(Text.seconds) ?? "never"
            let logs = check.byLogs.map(Text.seconds) ?? "never"
            let difference = check.difference.map { ", difference " + Text.seconds($0) } ?? ""
            let agrees: (String, TerminalStyle.Colour?) =
                switch check.agrees {
                case true?: (": agree", nil)
                case false?: (": disagree", .red)
                case nil: ("", nil)
                }
            let line = "  \(check.scope)  probes \(right(probes, 8)), block logs \(right(logs, 8))\(difference)"
            return style.row([(line, nil), agrees])
        }
    }

    private var foot: [String] {
        func figure(_ value: Double?) -> String { value.map(Text.seconds) ?? "-" }
        let commit = verdict.commit.isEmpty ? "" : ", commit \(verdict.commit)"
        let size = verdict.size.map { ", size \($0)" } ?? ""
        let lines = [
            "Precision  \(Text.fixed(verdict.precision, decimals: 2)) s of wall time; \(Text.fixed(verdict.timeScale, decimals: 0))"
                + " incident seconds per wall second; seed \(verdict.seed)\(size)\(commit)",
            "Harness    boot \(figure(verdict.harness.boot)), overhead \(figure(verdict.harness.overhead)), "
                + "tear-down \(figure(verdict.harness.teardown))",
            "Run        \(runFolder)",
        ]
        return lines.flatMap { style.row([($0, nil)], indent: 11) }
    }
}
