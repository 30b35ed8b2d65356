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

    /// Most hosts that a step's head names; more are counted there and named below.
    static let hostsInHead = 4

    /// A report of `verdict`, with the picture and the steps taken from `events`, and the steps' scripts by name.
    public init(_ verdict: Verdict, criteria: Criteria, events: [Event], scripts: [String: String] = [:]) {
        self.verdict = verdict
        self.history = RunHistory(criteria: criteria, events: events)
        self.scripts = scripts
    }

    /// The whole page.
    public var text: String {
        let title = Markup.escaped("\(verdict.scenario), \(verdict.arm)\(variant): \(word)")
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>\(title)</title>
            <style>
            \(HTMLStyle.text)
            </style>
            </head>
            <body>
            <main>
            <h1>\(Markup.escaped(verdict.scenario)) <small>\(Markup.escaped("\(verdict.incident), arm \(verdict.arm)\(variant)"))</small></h1>
            <p class="verdict \(verdict.outcome.rawValue)">\(word)</p>
            \(paragraphs(verdict.reasons))
            <h2>Timeline</h2>
            <figure>
            \(TimelineChart(history: history, verdict: verdict, layout: .wide).svg)
            \(TimelineChart(history: history, verdict: verdict, layout: .narrow).svg)
            <figcaption>\(Markup.escaped(caption))</figcaption>
            </figure>
            <h2>Times from the completed injection</h2>
            \(times)
            \(section("Phases, as documented and as measured here", phases))
            \(section("Budgets", budgets))
            <h2>Facts</h2>
            \(facts)
            \(section("Recovery by probes and by block logs", crossChecks))
            \(section("Steps", steps))
            \(section("Notes", verdict.notes.isEmpty ? "" : paragraphs(verdict.notes)))
            <h2>Events</h2>
            \(eventList)
            <h2>Files of this run</h2>
            \(files)
            <footer>\(Markup.escaped(footer))</footer>
            </main>
            </body>
            </html>

            """
    }

    private var variant: String { verdict.variant.map { ", variant \($0)" } ?? "" }

    private var word: String { verdict.isHarnessError ? "harness error" : verdict.outcome.rawValue }

    private func section(_ title: String, _ content: String) -> String {
        content.isEmpty ? "" : "<h2>\(title)</h2>\n\(content)"
    }

    private func paragraphs(_ texts: [String]) -> String {
        texts.map { "<p>\(Markup.escaped($0))</p>" }.joined(separator: "\n")
    }

    /// A table of escaped cells; the first cell of a row is its head. Columns in `figures` never break.
    private func table(
        _ heads: [String], _ rows: [[String]], figures: Set<Int> = [], kind: String = ""
    ) -> String {
        guard !rows.isEmpty else { return "" }
        let head = heads.map { "<th scope=\"col\">\(Markup.escaped($0))</th>" }.joined()
        let body = rows.map { row in
            "<tr>"
                + row.enumerated().map { index, cell in
                    let figure = figures.contains(index) ? " class=\"figure\"" : ""
                    return index == 0
                        ? "<th scope=\"row\">\(Markup.escaped(cell))</th>" : "<td\(figure)>\(Markup.escaped(cell))</td>"
                }.joined() + "</tr>"
        }.joined(separator: "\n")
        let name = kind.isEmpty ? "" : " class=\"\(kind)\""
        return
            "<div class=\"wide\"><table\(name)><thead><tr>\(head)</tr></thead>\n<tbody>\n\(body)\n</tbody></table></div>"
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
            ["time to", "wall", "incident", "source"],
            (all + scopes).map { [$0, $1.wallText, $1.incidentText, $1.source] }, figures: [1, 2])
    }

    private var phases: String {
        table(
            ["fact", "phase", "documented (incident time)", "measured (wall time)", "result"],
            verdict.phases.map { [$0.fact, $0.spanText, $0.documentedText, $0.measuredText, $0.resultText] },
            figures: [3])
    }

    private var budgets: String {
        table(
            ["budget", "limit", "measured", "result"],
            verdict.budgets.map {
                [
                    $0.name, Text.incident($0.limit),
                    $0.measured.map(Text.incident) ?? ($0.isMet == nil ? "-" : "never"),
                    $0.isMet.map { $0 ? "met" : "missed" } ?? "nothing to measure",
                ]
            }, figures: [1, 2])
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
            }, figures: [1, 2, 3], kind: "facts")
    }

    private var crossChecks: String {
        table(
            ["scope", "probes", "block logs", "difference", "result"],
            verdict.crossChecks.map {
                [
                    $0.scope, $0.byProbes.map(Text.seconds) ?? "never", $0.byLogs.map(Text.seconds) ?? "never",
                    $0.difference.map(Text.seconds) ?? "-", $0.agrees.map { $0 ? "agree" : "disagree" } ?? "",
                ]
            }, figures: [1, 2, 3])
    }

    private var steps: String {
        history.steps.map { step in
            let result = step.passed.map { $0 ? "passed" : "failed" } ?? "did not end"
            let took = step.end.map { ", " + Text.seconds($0 - step.start) } ?? ""
            let hosts = step.hosts.joined(separator: ", ")
            let isLong = step.hosts.count > Self.hostsInHead
            let head =
                "\(step.name) (\(step.role)) on \(isLong ? "\(step.hosts.count) hosts" : hosts): \(result)\(step.simulated ? ", simulated" : "")\(took)"
            let script = scripts[step.name].map { "<p>Script</p><pre>\(Markup.escaped($0))</pre>" } ?? ""
            let list = isLong ? "<p>\(Markup.escaped(hosts))</p>" : ""
            let reason = step.reason.isEmpty ? "" : "<p>\(Markup.escaped(step.reason))</p>"
            return
                "<details><summary>\(Markup.escaped(head))</summary>\(list)\(reason)\(script)\(step.results.map(output).joined())</details>"
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

    /// What the picture cannot say where a band is narrow.
    private var caption: String {
        let phases = history.phases.map { "\($0.name) from \(Text.seconds($0.start))" }
        return
            "Agreed height of each scope over seconds of the run. Lines of equal height are drawn beside each other. "
            + (phases.isEmpty ? "" : "Phases: \(phases.joined(separator: ", ")).")
    }

    /// Links to what lies beside the page in the run folder.
    private var files: String {
        let beside = ["plan.json", "events.jsonl", "verdict.json", "junit.xml", "firedrill.log", "hosts/"]
        let hosts = history.hosts.filter(Self.isPlainName).map { link("hosts/\($0)/", $0) }
        let logs =
            hosts.isEmpty
            ? ""
            : "<details><summary>Logs of \(hosts.count) hosts</summary><p>\(hosts.joined(separator: ", "))</p></details>"
        return "<p>\(beside.map { link($0, $0) }.joined(separator: ", "))</p>\(logs)"
    }

    private func link(_ path: String, _ text: String) -> String {
        Markup.element("a", [("href", path)], Markup.escaped(text))
    }

    /// Whether a host's name is a folder's name and needs no escaping in an address; others get no link.
    private static func isPlainName(_ name: String) -> Bool {
        name.first != "." && !name.isEmpty
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
    }

    private var footer: String {
        func figure(_ value: Double?) -> String { value.map(Text.seconds) ?? "-" }
        return "Run \(verdict.run). Precision \(Text.fixed(verdict.precision, decimals: 2)) s of wall time, "
            + "\(Text.fixed(verdict.timeScale, decimals: 0)) incident seconds per wall second, seed \(verdict.seed)"
            + (verdict.commit.isEmpty ? "" : ", commit \(verdict.commit)")
            + ". Harness: boot \(figure(verdict.harness.boot)), overhead \(figure(verdict.harness.overhead)), "
            + "tear-down \(figure(verdict.harness.teardown))."
    }
}
