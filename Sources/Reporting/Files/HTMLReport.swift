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
        let shown = verdict.facts.filter { $0.finding != .notLookedFor }.map(\.id)
        self.history = RunHistory(criteria: criteria, events: events, shown: Set(shown))
        self.scripts = scripts
    }

    /// The whole page.
    public var text: String {
        let body = """
            <h1>\(Markup.escaped(verdict.scenario)) <small>\(Markup.escaped("\(verdict.incident), arm \(verdict.arm)\(variant)"))</small></h1>
            <p class="verdict \(Mark(verdict.exitCode).style)">\(Mark(verdict.exitCode).symbol) \(word)</p>
            \(HTMLPage.paragraphs(verdict.reasons))
            \(glance)
            <h2>Timeline</h2>
            <figure>
            \(TimelineChart(history: history, verdict: verdict, layout: .wide).svg)
            \(TimelineChart(history: history, verdict: verdict, layout: .narrow).svg)
            <figcaption>\(Markup.escaped(caption))</figcaption>
            </figure>
            <h2>Times from the completed injection</h2>
            \(times)
            \(HTMLPage.section("The outage as the write-up has it and as this run had it", phases))
            \(HTMLPage.section("Budgets", budgets))
            <h2>Facts</h2>
            \(facts)
            \(HTMLPage.section("Recovery by probes and by block logs", crossChecks))
            \(HTMLPage.section("The response, host by host", gantt))
            \(HTMLPage.section("Steps and their commands", steps))
            \(HTMLPage.section("Notes", HTMLPage.paragraphs(verdict.notes)))
            <h2>Events</h2>
            \(eventList)
            <h2>The same run again</h2>
            \(again)
            <h2>Files of this run</h2>
            \(files)
            <footer>\(Markup.escaped(footer))</footer>
            """
        return HTMLPage.document(title: "\(verdict.scenario), \(verdict.arm)\(variant): \(word)", body: body)
    }

    private var variant: String { verdict.variant.map { ", variant \($0)" } ?? "" }

    private var word: String { verdict.isHarnessError ? "harness error" : verdict.outcome.rawValue }

    /// What happened in one paragraph, for somebody who sees such a page for the first time.
    private var glance: String {
        let times = verdict.times
        func sentence(_ time: Verdict.Time, _ happened: String, _ not: String) -> String? {
            guard let wall = time.wall else { return nil }
            let spoken = "\(Text.seconds(wall)) (\(Text.incident(time.incident ?? wall)) of incident time)"
            return time.isCensored ? "\(not) within \(spoken)" : "\(happened) after \(spoken)"
        }
        let parts = [
            sentence(times.detect, "somebody was told", "nobody was told"),
            sentence(times.mitigate, "users were well again", "users were not well again"),
            sentence(times.recover, "the network was steady again", "the network was not steady again"),
        ].compactMap { $0 }
        guard verdict.stamps.injectCompleted != nil, !parts.isEmpty else { return "" }
        return
            "<p>\(Markup.escaped("The network was broken on purpose; from then on, \(parts.joined(separator: ", "))."))</p>"
    }

    private func table(
        _ heads: [String], _ rows: [[String]], figures: Set<Int> = [], kind: String = "", _ label: String
    )
        -> String
    {
        HTMLPage.table(heads, rows, figures: figures, kind: kind, label: label)
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
            (all + scopes).map { [$0, $1.wallText, $1.incidentText, $1.source] }, figures: [1, 2], "Times")
    }

    private var phases: String {
        table(
            ["fact", "phase", "documented (incident time)", "measured (wall time)", "result"],
            verdict.phases.map { [$0.fact, $0.spanText, $0.documentedText, $0.measuredText, $0.resultText] },
            figures: [3], "Phases")
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
            }, figures: [1, 2], "Budgets")
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
            }, figures: [1, 2, 3], kind: "facts", "Facts")
    }

    private var crossChecks: String {
        table(
            ["scope", "probes", "block logs", "difference", "result"],
            verdict.crossChecks.map {
                [
                    $0.scope, $0.byProbes.map(Text.seconds) ?? "never", $0.byLogs.map(Text.seconds) ?? "never",
                    $0.difference.map(Text.seconds) ?? "-", $0.agrees.map { $0 ? "agree" : "disagree" } ?? "",
                ]
            }, figures: [1, 2, 3], "Cross-check")
    }

    private var gantt: String {
        guard !history.steps.isEmpty else { return "" }
        return """
            <figure>
            \(StepGantt(history: history, isWide: true).svg)
            \(StepGantt(history: history, isWide: false).svg)
            <figcaption>A bar is one command on one host, with the number of its step; strong bars change something, a bar with ✗ failed. \
            Hosts on which the same happened share a row.</figcaption>
            </figure>
            """
    }

    private var steps: String {
        history.steps.enumerated().map { index, step in
            let result = step.passed.map { $0 ? "passed" : "failed" } ?? "did not end"
            let took = step.end.map { ", " + Text.seconds($0 - step.start) } ?? ""
            let hosts = step.hosts.joined(separator: ", ")
            let isLong = step.hosts.count > Self.hostsInHead
            let head =
                "\(index + 1) \(step.name) (\(step.role)) on \(isLong ? "\(step.hosts.count) hosts" : hosts): \(result)\(step.simulated ? ", simulated" : "")\(took)"
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
        let onset = verdict.stamps.injectCompleted.map(history.seconds)
        let chart = TimelineChart(history: history, verdict: verdict, layout: .wide)
        let beyond = TimelineChart.budgets(verdict).filter { budget in
            onset.map { $0 + budget.wall > chart.frame.length } ?? false
        }
        return "Seconds of the run. Lines of equal value are drawn beside each other. "
            + (phases.isEmpty ? "" : "Phases: \(phases.joined(separator: ", ")). ")
            + (history.faults.isEmpty ? "" : "▼ a fault is in or undone. ")
            + (history.signals.isEmpty ? "" : "◆ a page or a report. ")
            + (beyond.isEmpty
                ? ""
                : "Beyond the picture: \(beyond.map { "budget to \($0.name) \(Text.seconds($0.wall)) after the fault" }.joined(separator: ", ")).")
    }

    /// Links to what lies beside the page in the run folder.
    private var files: String {
        let beside = [
            "plan.json", "events.jsonl", "verdict.json", "junit.xml", "machine.json", "firedrill.log", "hosts/",
        ]
        let hosts = history.hosts.filter(HTMLPage.isPlainName).map { HTMLPage.link("hosts/\($0)/", $0) }
        let logs =
            hosts.isEmpty
            ? ""
            : "<details><summary>Logs of \(hosts.count) hosts</summary><p>\(hosts.joined(separator: ", "))</p></details>"
        return "<p>\(beside.map { HTMLPage.link($0, $0) }.joined(separator: ", "))</p>\(logs)"
    }

    /// The command that plays the same again.
    private var again: String {
        var command = "firedrill run \(verdict.scenario) --arm \(verdict.arm) --seed \(verdict.seed)"
        if let variant = verdict.variant { command += " --variant \(variant)" }
        if let size = verdict.size { command += " --size \(size)" }
        command += " --time-scale \(JSON.double(verdict.timeScale).text())"
        let commit = verdict.commit.isEmpty ? "" : "<p>\(Markup.escaped("at commit \(verdict.commit)"))</p>"
        return "<pre>\(Markup.escaped(command))</pre>\(commit)"
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
