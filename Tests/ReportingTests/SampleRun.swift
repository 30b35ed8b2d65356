import Timeline

/// A small made-up run: one shard `shard0` of three nodes, broken from second 10 to 20, with hostile text in every place
/// that a host or a file can influence.
enum SampleRun {
    /// Markup, quotes, a terminal escape, a control character and text that turns around.
    static let hostile = "<script>alert(\"x\")</script>&'\u{1b}[31m\u{7}\u{202e}"
    static let nodes = ["n0", "n1", "n2"]

    static func criteria(_ arm: Criteria.Arm = .runbook) -> Criteria {
        let blocks = Check(
            id: "blocks", probe: "head", scopes: ["shard0": nodes],
            predicate: .advancing(value: ".h", hash: ".x", quorum: 2, within: DurationText(.seconds(2))))
        let said = Check(
            id: "said", probe: "head", scopes: ["all": nodes],
            predicate: .match(
                comparisons: [.init(path: ".says", operation: .matches, operand: .pattern("script"))], targets: .any))
        let never = Check(
            id: "never", probe: "head", scopes: ["all": nodes],
            predicate: .match(
                comparisons: [.init(path: ".h", operation: .less, operand: .value(.int(0)))], targets: .any))
        return Criteria(
            scenario: "one-shard", incident: "T1", arm: arm, timeScale: 30, seed: 1, commit: "c0ffee",
            probeInterval: DurationText(.milliseconds(500)), hold: DurationText(.seconds(3)),
            horizon: DurationText(.seconds(1200)),
            steadyState: [blocks], impact: [blocks],
            symptoms: [
                .init(fact: "T1-S1", kind: .onset, summary: "It says \(hostile)", checks: [said], after: []),
                .init(fact: "T1-S2", kind: .response, summary: "Something else.", checks: [never], after: ["other"]),
            ],
            budgets: .init(detect: DurationText(.seconds(60)), recover: DurationText(.seconds(600))),
            inferred: ["T1-S1"])
    }

    static func events(recovers: Bool = true) -> [Event] {
        let outage = recovers ? 10.5...19.5 : 10.5...1000
        var all: [(Double, Event.Body)] = [
            (0, .runStarted(runID: "run <1>", scenario: "one-shard", arm: "runbook", seed: 1)), (0, .phase(.boot)),
            (0.5, .hostReady(host: "n0", took: DurationText(.milliseconds(500)))), (1, .phase(.settle)),
            (3, .phase(.baseline)),
            (10, .phase(.fault)), (10, .fault(id: "f", host: "ops", stage: .injectStarted, detail: hostile)),
            (10.2, .fault(id: "f", host: "ops", stage: .injectCompleted, detail: "")),
            (10.4, .fault(id: "f", host: "ops", stage: .proven, detail: "")),
            (11.2, .signal(source: .alert, id: "p", names: ["n0"], summary: hostile, resolved: false)),
            (13, .phase(.response)), (13, .responder(action: .firstAct, detail: "")),
            (13, .stepStarted(step: "restart", role: "act", hosts: nodes)),
            (
                15,
                .stepResult(
                    step: "restart", host: "n0", attempt: 1, outcome: .exited(code: 0), stdout: hostile, stderr: "",
                    truncated: true,
                    took: DurationText(.seconds(2)))
            ),
            (16, .stepEnded(step: "restart", role: "act", passed: true, simulated: false, reason: "")),
            (52, .frozen), (52.5, .phase(.teardown)),
            (
                52.6,
                .blockLog(scope: "shard0", lastBefore: nil, firstAfter: recovers ? 20_000_000_000 : nil, source: "n0")
            ),
            (53, .runEnded(error: nil)),
        ]
        for tick in 2...103 {
            let second = Double(tick) / 2
            let height = (0...Int(second)).count { !outage.contains(Double($0)) }
            for (index, node) in nodes.enumerated() {
                let at = second + Double(index) / 100
                let says = second > 10.5 ? hostile : "fine"
                all.append(
                    (
                        at,
                        .sample(
                            probe: "head", target: node, started: Int64((at - 0.01) * 1e9),
                            value: .object([
                                "h": .int(Int64(height)), "x": .string("b\(height)"), "says": .string(says),
                            ]), error: nil)
                    ))
            }
        }
        return all.enumerated().sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.enumerated().map {
            number, entry in
            Event(
                sequence: number, monotonic: Int64(entry.element.0 * 1e9), wall: "2026-01-02T10:00:00.000Z",
                body: entry.element.1)
        }
    }

    static func verdict(recovers: Bool = true) -> Verdict {
        Judge.verdict(criteria: criteria(), events: events(recovers: recovers))
    }
}
