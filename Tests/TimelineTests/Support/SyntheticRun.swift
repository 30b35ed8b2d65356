@testable import Timeline

/// A made-up run of two shards of four nodes, from which tests take parts away or to which they add.
///
/// Blocks come every second while a shard produces; every node is looked at every half second. All times are seconds of
/// wall time; the scale is 30.
struct SyntheticRun {
    /// Seconds in which no block is produced, by shard.
    var outages: [String: [ClosedRange<Double>]] = [:]
    /// Seconds in which a node does not answer.
    var silences: [String: [ClosedRange<Double>]] = [:]
    var probing: ClosedRange<Double> = 1...36
    private(set) var extra: [(at: Double, body: Event.Body)] = []

    static let shards = ["shard0": ["a0", "a1", "a2", "a3"], "shard1": ["b0", "b1", "b2", "b3"]]

    /// Monotonic nanoseconds of second 0, so that zero is not special.
    static let start: Int64 = 1_000_000_000_000

    static func nanoseconds(_ seconds: Double) -> Int64 { start + Int64((seconds * 1e9).rounded()) }

    mutating func add(_ at: Double, _ body: Event.Body) { extra.append((at, body)) }

    mutating func remove(where matches: (Event.Body) -> Bool) { extra.removeAll { matches($0.body) } }

    /// Moves or rewrites what was added.
    mutating func change(_ edit: (inout Double, inout Event.Body) -> Void) {
        extra = extra.map { entry in
            var entry = entry
            edit(&entry.at, &entry.body)
            return entry
        }
    }

    func height(_ shard: String, at second: Double) -> Int64 {
        let blocks = (0...max(0, Int(second))).count { tick in
            !(outages[shard] ?? []).contains { $0.contains(Double(tick)) }
        }
        return 100 + Int64(blocks)
    }

    /// All events in order, samples included.
    var events: [Event] {
        var all = extra
        for (shard, nodes) in Self.shards.sorted(by: { $0.key < $1.key }) {
            for (index, node) in nodes.enumerated() {
                var look = probing.lowerBound + Double(index) * 0.1
                while look <= probing.upperBound {
                    all.append((look + 0.01, sample(node, of: shard, at: look)))
                    all.append((look + 0.02, process(node, at: look)))
                    look += 0.5
                }
            }
        }
        let sorted = all.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
        return sorted.enumerated().map { sequence, entry in
            Event(
                sequence: sequence, monotonic: Self.nanoseconds(entry.element.at),
                wall: Self.label(entry.element.at), body: entry.element.body)
        }
    }

    private func isSilent(_ node: String, at second: Double) -> Bool {
        (silences[node] ?? []).contains { $0.contains(second) }
    }

    private func sample(_ node: String, of shard: String, at second: Double) -> Event.Body {
        let started = Self.nanoseconds(second)
        if isSilent(node, at: second) {
            return .sample(probe: "head", target: node, started: started, value: nil, error: "connection refused")
        }
        let height = height(shard, at: second)
        return .sample(
            probe: "head", target: node, started: started,
            value: .object(["height": .int(height), "hash": .string("\(shard)-\(height)")]), error: nil)
    }

    private func process(_ node: String, at second: Double) -> Event.Body {
        .sample(
            probe: "process", target: node, started: Self.nanoseconds(second),
            value: .object(["running": .bool(!isSilent(node, at: second))]), error: nil)
    }

    static func label(_ second: Double) -> String {
        let milliseconds = Int((second * 1000).rounded())
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return
            "2026-01-02T10:\(padded(milliseconds / 60_000, 2)):\(padded(milliseconds / 1000 % 60, 2)).\(padded(milliseconds % 1000, 3))Z"
    }
}

extension SyntheticRun {
    /// Two nodes of each shard die after the fault at second 12.5, a page comes at 18, a runbook acts at 22, blocks come
    /// again from 26 (shard0) and 28 (shard1).
    static func runbook(arm: Criteria.Arm = .runbook) -> SyntheticRun {
        var run = SyntheticRun()
        run.outages = ["shard0": [15.5...25.5], "shard1": [16.5...27.5]]
        run.silences = ["a0": [15...24], "a1": [15...24], "b0": [16...25], "b1": [16...25]]
        run.addFrame(arm: arm)
        run.addFault()
        run.addResponse()
        run.add(35, .frozen)
        return run
    }

    /// The same fault, nobody does anything until the horizon (90 s of wall time after onset).
    static func faultOnly() -> SyntheticRun {
        var run = SyntheticRun()
        run.outages = ["shard0": [15.5...1000], "shard1": [16.5...1000]]
        run.silences = ["a0": [15...1000], "a1": [15...1000], "b0": [16...1000], "b1": [16...1000]]
        run.probing = 1...104
        run.addFrame(arm: .faultOnly, end: 106)
        run.addFault(undo: 104)
        run.add(18, .signal(source: .alert, id: "p1", names: ["a0"], summary: "a0 down", resolved: false))
        run.add(103, .frozen)
        return run
    }

    static func noFault() -> SyntheticRun {
        var run = SyntheticRun()
        run.addFrame(arm: .noFault)
        run.add(35, .frozen)
        return run
    }

    mutating func addFrame(arm: Criteria.Arm, end: Double = 37.5) {
        add(0, .runStarted(runID: "run-1", scenario: "two-shards", arm: arm.description, seed: 7))
        add(0, .phase(.boot))
        add(0.5, .phase(.deploy))
        add(0.9, .phase(.settle))
        add(4, .phase(.baseline))
        add(4.1, .pagerTest(moment: "before", received: true, detail: "test event"))
        add(end - 2, .pagerTest(moment: "after", received: true, detail: "test event"))
        add(end - 2, .phase(.cleanup))
        add(end - 1, .phase(.teardown))
        add(end, .runEnded(error: nil))
    }

    mutating func addFault(undo: Double = 36) {
        add(12, .phase(.fault))
        for (at, stage) in [
            (11.5, .fingerprinted), (11.6, .intended), (11.7, .armed), (12, .injectStarted), (12.5, .injectCompleted),
            (13, .proven), (undo, .undoStarted), (undo + 0.2, .undone), (undo + 0.3, .closed),
        ] as [(Double, Event.FaultStage)] {
            add(at, .fault(id: "nodes-killed", host: "ops", stage: stage, detail: ""))
        }
    }

    mutating func addResponse() {
        add(13.1, .phase(.detection))
        add(18, .signal(source: .alert, id: "p1", names: ["a0"], summary: "a0 down", resolved: false))
        add(20, .responder(action: .acknowledged, detail: ""))
        add(22, .phase(.response))
        add(22, .responder(action: .firstAct, detail: "restart"))
        add(22, .stepStarted(step: "restart", role: "act", hosts: ["a0", "a1", "b0", "b1"]))
        add(
            24,
            .stepResult(
                step: "restart", host: "a0", attempt: 1, outcome: .exited(code: 0), stdout: "ok\n", stderr: "",
                truncated: false, took: DurationText(.seconds(2))))
        add(25, .stepEnded(step: "restart", role: "act", passed: true, simulated: false, reason: ""))
        add(25.1, .phase(.recovery))
        add(
            36.1,
            .blockLog(scope: "shard0", lastBefore: Self.nanoseconds(15), firstAfter: Self.nanoseconds(26), source: "a0")
        )
        add(
            36.1,
            .blockLog(scope: "shard1", lastBefore: Self.nanoseconds(16), firstAfter: Self.nanoseconds(28), source: "b0")
        )
    }
}

extension Criteria {
    /// What the synthetic run is judged by.
    static func synthetic(_ arm: Arm = .runbook) -> Criteria {
        let advancing = Check(
            id: "blocks", probe: "head", scopes: SyntheticRun.shards,
            predicate: .advancing(value: ".height", hash: ".hash", quorum: 3, within: DurationText(.seconds(3))))
        let stalled = Check(
            id: "stalled", probe: "head", scopes: SyntheticRun.shards,
            predicate: .stalled(value: ".height", lasting: DurationText(.seconds(3)), answering: 2))
        let gone = Check(
            id: "gone", probe: "process", scopes: ["all": ["a0", "a1", "b0", "b1"]],
            predicate: .match(
                comparisons: [.init(path: ".running", operation: .equal, operand: .value(.bool(false)))], targets: .all)
        )
        let up = Check(
            id: "up", probe: "process", scopes: ["all": ["a2", "a3", "b2", "b3"]],
            predicate: .match(
                comparisons: [.init(path: ".running", operation: .equal, operand: .value(.bool(true)))], targets: .all))
        return Criteria(
            scenario: "two-shards", incident: "T1", arm: arm, timeScale: 30, seed: 7, commit: "abc",
            probeInterval: DurationText(.milliseconds(500)), hold: DurationText(.seconds(6)),
            horizon: DurationText(.seconds(2700)), steadyState: [advancing], impact: [advancing],
            symptoms: [
                Symptom(fact: "T1-S1", kind: .onset, summary: "All shards stop.", checks: [stalled], after: []),
                Symptom(
                    fact: "T1-S2", kind: .onset, summary: "Two nodes of each shard are gone.", checks: [gone], after: []
                ),
                Symptom(fact: "T1-S3", kind: .context, summary: "The others keep running.", checks: [up], after: []),
            ],
            budgets: Budgets(
                detect: DurationText(.seconds(300)), mitigate: DurationText(.seconds(600)),
                recover: DurationText(.seconds(900))),
            inferred: ["T1-S3"])
    }
}
