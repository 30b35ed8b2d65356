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

    /// The lines, without line feeds.
    public var lines: [String] {
        var lines = head
        lines += section("Facts", facts)
        lines += section("Times from the completed injection", times)
        lines += section("Budgets in incident time", budgets)
        lines += section("Cross-check of recovery, from the completed injection", crossChecks)
        lines += section("Notes", verdict.notes.flatMap { wrapped($0, indent: 2) })
        return lines + [""] + foot
    }

    private func section(_ title: String, _ lines: [String]) -> [String] { lines.isEmpty ? [] : ["", title] + lines }

    private func wrapped(_ text: String, indent: Int) -> [String] {
        let space = String(repeating: " ", count: indent)
        return Text.wrapped(Text.harmless(text), to: max(20, style.width - indent)).map { space + $0 }
    }

    private var head: [String] {
        let word = verdict.isHarnessError ? "HARNESS ERROR" : verdict.outcome.rawValue.uppercased()
        let colour: TerminalStyle.Colour =
            switch verdict.outcome {
            case .passed: .green
            case .failed: .red
            case .inconclusive: .yellow
            }
        return ["\(style.paint(word, colour))  \(verdict.scenario) (\(verdict.incident)), arm \(verdict.arm)"]
            + verdict.reasons.flatMap { wrapped($0, indent: 2) }
    }

    private var facts: [String] {
        let ids = verdict.facts.map { $0.id + ($0.isInferred ? " (inferred)" : "") }
        let idWidth = ids.map(\.count).max() ?? 0
        return zip(verdict.facts, ids).flatMap { fact, id in
            let finding = Text.padded(fact.findingText, to: 14)
            let when = fact.at.map { ($0 < 0 ? "" : "+") + Text.seconds($0) } ?? ""
            let head =
                "  \(fact.isBad ? style.paint(finding, .red) : finding)  \(Text.padded(id, to: idWidth))  "
                + "\(Text.padded(fact.kind.rawValue, to: 8))  \(when)"
            return [trimmed(head)] + wrapped(fact.evidence, indent: 18)
        }
    }

    private func trimmed(_ line: String) -> String {
        var line = line[...]
        while line.last == " " { line.removeLast() }
        return String(line)
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
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { name, wall, incident, source in
            "  \(Text.padded(name, to: width))  \(right(wall, 10))  \(right(incident, 10))  \(source)"
        }
    }

    private func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private var budgets: [String] {
        verdict.budgets.map { budget in
            let measured = budget.measured.map(Text.incident) ?? (budget.isMet == nil ? "-" : "never")
            let met =
                switch budget.isMet {
                case true?: "met"
                case false?: style.paint("missed", .red)
                case nil: "nothing to measure"
                }
            return
                "  \(Text.padded(budget.name, to: 8))  \(right(measured, 8)) of \(Text.padded(Text.incident(budget.limit), to: 8))  \(met)"
        }
    }

    private var crossChecks: [String] {
        verdict.crossChecks.map { check in
            let probes = check.byProbes.map(Text.seconds) ?? "never"
            let logs = check.byLogs.map(Text.seconds) ?? "never"
            let difference = check.difference.map { ", difference " + Text.seconds($0) } ?? ""
            let agrees =
                switch check.agrees {
                case true?: ": agree"
                case false?: ": " + style.paint("disagree", .red)
                case nil: ""
                }
            return "  \(check.scope)  probes \(right(probes, 8)), block logs \(right(logs, 8))\(difference)\(agrees)"
        }
    }

    private var foot: [String] {
        func figure(_ value: Double?) -> String { value.map(Text.seconds) ?? "-" }
        let commit = verdict.commit.isEmpty ? "" : ", commit \(verdict.commit)"
        return [
            "Precision  \(Text.fixed(verdict.precision, decimals: 2)) s of wall time; \(Text.fixed(verdict.timeScale, decimals: 0))"
                + " incident seconds per wall second; seed \(verdict.seed)\(commit)",
            "Harness    boot \(figure(verdict.harness.boot)), overhead \(figure(verdict.harness.overhead)), "
                + "tear-down \(figure(verdict.harness.teardown))",
            "Run        \(runFolder)",
        ]
    }
}
