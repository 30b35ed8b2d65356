import Timeline

/// `report.html`: one self-contained page that needs no network and no script, in light and dark.
///
/// Everything that is not written here is escaped: hosts, scripts and definition files decide nothing about the page.
public struct HTMLReport {
    let verdict: Verdict
    let history: RunHistory
    /// Step name to the script that ran.
    let scripts: [String: String]

    /// Most characters of one command's output on the page; the rest is in `events.jsonl`.
    static let outputLimit = 4_000

    /// A report of `verdict`, with the picture and the steps taken from `events`, and the steps' scripts by name.
    public init(_ verdict: Verdict, criteria: Criteria, events: [Event], scripts: [String: String] = [:]) {
        self.verdict = verdict
        self.history = RunHistory(criteria: criteria, events: events)
        self.scripts = scripts
    }

    /// The whole page.
    public var text: String {
        let title = Markup.escaped("\(verdict.scenario), \(verdict.arm): \(word)")
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>\(title)</title>
            <style>
            \(Self.style)
            </style>
            </head>
            <body>
            <main>
            <h1>\(Markup.escaped(verdict.scenario)) <small>\(Markup.escaped("\(verdict.incident), arm \(verdict.arm)"))</small></h1>
            <p class="verdict \(verdict.outcome.rawValue)">\(word)</p>
            \(paragraphs(verdict.reasons))
            <h2>Timeline</h2>
            <div class="wide">\(TimelineChart(history: history, verdict: verdict).svg)</div>
            <h2>Times from the completed injection</h2>
            \(times)
            \(section("Budgets", budgets))
            <h2>Facts</h2>
            \(facts)
            \(section("Recovery by probes and by block logs", crossChecks))
            \(section("Steps", steps))
            \(section("Notes", verdict.notes.isEmpty ? "" : paragraphs(verdict.notes)))
            <h2>Events</h2>
            \(eventList)
            <footer>\(Markup.escaped(footer))</footer>
            </main>
            </body>
            </html>

            """
    }

    private var word: String { verdict.isHarnessError ? "harness error" : verdict.outcome.rawValue }

    private func section(_ title: String, _ content: String) -> String {
        content.isEmpty ? "" : "<h2>\(title)</h2>\n\(content)"
    }

    private func paragraphs(_ texts: [String]) -> String {
        texts.map { "<p>\(Markup.escaped($0))</p>" }.joined(separator: "\n")
    }

    /// A table of escaped cells; the first cell of a row is its head.
    private func table(_ heads: [String], _ rows: [[String]]) -> String {
        guard !rows.isEmpty else { return "" }
        let head = heads.map { "<th scope=\"col\">\(Markup.escaped($0))</th>" }.joined()
        let body = rows.map { row in
            "<tr>"
                + row.enumerated().map { index, cell in
                    index == 0 ? "<th scope=\"row\">\(Markup.escaped(cell))</th>" : "<td>\(Markup.escaped(cell))</td>"
                }.joined() + "</tr>"
        }.joined(separator: "\n")
        return "<div class=\"wide\"><table><thead><tr>\(head)</tr></thead>\n<tbody>\n\(body)\n</tbody></table></div>"
    }

    private var times: String {
        let all = [
            ("detect (TTD)", verdict.times.detect), ("act (TTA)", verdict.times.act),
            ("mitigate (TTM)", verdict.times.mitigate), ("recover (TTR)", verdict.times.recover),
        ]
        let scopes = verdict.byScope.sorted { $0.key < $1.key }.flatMap {
            [("\($0) mitigate", $1.mitigate), ("\($0) recover", $1.recover)]
        }
        return table(
            ["", "wall", "incident", "source"], (all + scopes).map { [$0, $1.wallText, $1.incidentText, $1.source] })
    }

    private var budgets: String {
        table(
            ["budget", "limit", "measured", ""],
            verdict.budgets.map {
                [
                    $0.name, Text.incident($0.limit),
                    $0.measured.map(Text.incident) ?? ($0.isMet == nil ? "-" : "never"),
                    $0.isMet.map { $0 ? "met" : "missed" } ?? "nothing to measure",
                ]
            })
    }

    private var facts: String {
        table(
            ["fact", "kind", "finding", "at", "what it says", "evidence"],
            verdict.facts.map {
                [
                    $0.id + ($0.isInferred ? " (inferred)" : ""), $0.kind.rawValue,
                    $0.findingText + ($0.isBad ? " ✗" : ""),
                    $0.at.map { Text.seconds($0) } ?? "-", $0.summary, $0.evidence,
                ]
            })
    }

    private var crossChecks: String {
        table(
            ["scope", "probes", "block logs", "difference", ""],
            verdict.crossChecks.map {
                [
                    $0.scope, $0.byProbes.map(Text.seconds) ?? "never", $0.byLogs.map(Text.seconds) ?? "never",
                    $0.difference.map(Text.seconds) ?? "-", $0.agrees.map { $0 ? "agree" : "disagree" } ?? "",
                ]
            })
    }

    private var steps: String {
        history.steps.map { step in
            let result = step.passed.map { $0 ? "passed" : "failed" } ?? "did not end"
            let took = step.end.map { ", " + Text.seconds($0 - step.start) } ?? ""
            let head =
                "\(step.name) (\(step.role)) on \(step.hosts.joined(separator: ", ")): \(result)\(step.simulated ? ", simulated" : "")\(took)"
            let script = scripts[step.name].map { "<p>Script</p><pre>\(Markup.escaped($0))</pre>" } ?? ""
            let reason = step.reason.isEmpty ? "" : "<p>\(Markup.escaped(step.reason))</p>"
            return
                "<details><summary>\(Markup.escaped(head))</summary>\(reason)\(script)\(step.results.map(output).joined())</details>"
        }.joined(separator: "\n")
    }

    private func output(_ result: RunHistory.Result) -> String {
        let outcome =
            switch result.outcome {
            case .exited(let code): "exit \(code)"
            case .signaled(let name): "killed by \(name)"
            case .unknown(let reason): "result unknown: \(reason)"
            }
        let whole = [result.stdout, result.stderr].filter { !$0.isEmpty }.joined(separator: "\n")
        let cut = Text.cut(whole, to: Self.outputLimit) + (result.truncated ? "\n(cut at the output limit)" : "")
        let text = cut.isEmpty ? "" : "<pre>\(Markup.escaped(cut))</pre>"
        return "<p>\(Markup.escaped("\(result.host), attempt \(result.attempt): \(outcome)"))</p>\(text)"
    }

    private var eventList: String {
        let rows = history.lines.map { "<li><b>\(Text.seconds($0.at))</b> \(Markup.escaped($0.words))</li>" }
        return "<details><summary>\(rows.count) events</summary><ol>\n\(rows.joined(separator: "\n"))\n</ol></details>"
    }

    private var footer: String {
        func figure(_ value: Double?) -> String { value.map(Text.seconds) ?? "-" }
        return "Run \(verdict.run). Precision \(Text.fixed(verdict.precision, decimals: 2)) s of wall time, "
            + "\(Text.fixed(verdict.timeScale, decimals: 0)) incident seconds per wall second, seed \(verdict.seed)"
            + (verdict.commit.isEmpty ? "" : ", commit \(verdict.commit)")
            + ". Harness: boot \(figure(verdict.harness.boot)), overhead \(figure(verdict.harness.overhead)), "
            + "tear-down \(figure(verdict.harness.teardown))."
    }

    private static let style = """
        :root { color-scheme: light dark; --ink: #1c1f23; --paper: #fff; --soft: #5b636d; --rule: #d5d9de; --bandA: #e4edf7;
          --bandB: #f4eede; --good: #176b3a; --bad: #a8201a; --unsure: #7a5200; --l0: #0b5cad; --l1: #a8201a; --l2: #176b3a;
          --l3: #6b2fa0; --l4: #8a5a00; --l5: #0a6e6e; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --paper: #15181c; --soft: #a3abb5; --rule: #3a4048;
          --bandA: #22364c; --bandB: #40391f; --good: #6fd39a; --bad: #ff8f87; --unsure: #f0c060; --l0: #7db8f5; --l1: #ff8f87;
          --l2: #6fd39a; --l3: #c9a2f2; --l4: #f0c060; --l5: #6fd6d6; } }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
        main { max-width: 62rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
        h1 small { display: block; font-size: 1rem; font-weight: normal; color: var(--soft); }
        .verdict { font-size: 1.4rem; font-weight: bold; margin: 0; }
        .passed { color: var(--good); } .failed { color: var(--bad); } .inconclusive { color: var(--unsure); }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; overflow-wrap: normal; }
        th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--rule); }
        pre { background: color-mix(in srgb, var(--ink) 7%, transparent); padding: .6rem; overflow-x: auto; }
        svg { width: 100%; min-width: 40rem; height: auto; font: 12px system-ui, sans-serif; }
        svg text { fill: var(--ink); } .band0 { fill: var(--bandA); } .band1 { fill: var(--bandB); }
        .line { fill: none; stroke-width: 2; } .line0 { stroke: var(--l0); } .line1 { stroke: var(--l1); }
        .line2 { stroke: var(--l2); } .line3 { stroke: var(--l3); } .line4 { stroke: var(--l4); } .line5 { stroke: var(--l5); }
        .axis, .tick { stroke: var(--soft); fill: none; } .mark { stroke: var(--soft); stroke-dasharray: 2 2; fill: none; }
        ol { list-style: none; padding: 0; } footer { margin-top: 2rem; color: var(--soft); }
        """
}
