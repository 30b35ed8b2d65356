import Testing

@testable import Timeline

/// A list on the ops host, looked at every half second around the synthetic fault: injected at 12 to 12.5.
private struct StaleList {
    var arm = Criteria.Arm.runbook
    /// Hosts missing from the list, by the second of a look; nil: the look fails.
    var missing: (Double) -> Int64?

    var verdict: Verdict {
        var run = arm == .noFault ? SyntheticRun.noFault() : SyntheticRun.runbook(arm: arm)
        for second in stride(from: 1.0, through: 34, by: 0.5) {
            let value = missing(second).map { JSON.object(["missing": .int($0)]) }
            run.add(
                second + 0.1,
                .sample(
                    probe: "list", target: "ops", started: SyntheticRun.nanoseconds(second), value: value,
                    error: value == nil ? "no answer" : nil))
        }
        var criteria = Criteria.synthetic(arm)
        criteria.symptoms.insert(
            .init(
                fact: "T1-L1", kind: .latent, summary: "The list is stale.",
                checks: [
                    Check(
                        id: "stale", probe: "list", scopes: ["all": ["ops"]],
                        predicate: .match(
                            comparisons: [.init(path: ".missing", operation: .greater, operand: .value(.int(0)))],
                            targets: .all))
                ], after: []), at: 0)
        return Judge.verdict(criteria: criteria, events: run.events)
    }
}

@Suite("Latent conditions: wrong before the fault, or another incident is replayed")
struct LatentTests {
    @Test("one that holds is an observed fact with time and evidence, and changes nothing else")
    func holds() {
        let verdict = StaleList { _ in 3 }.verdict
        #expect(verdict.outcome == .passed, "\(verdict.reasons)")
        let fact = verdict.facts[0]
        #expect(fact.id == "T1-L1" && fact.kind == .latent && fact.isObserved && fact.isRequired)
        #expect((fact.at ?? 0) < 0, "it is seen before the onset")
        #expect(fact.evidence.contains("stale"))
        #expect(verdict.json.text().contains("\"kind\":\"latent\""))
    }

    @Test("one that does not hold makes the run inconclusive, with the fact and the check")
    func doesNotHold() {
        let verdict = StaleList { _ in 0 }.verdict
        #expect(verdict.outcome == .inconclusive && verdict.exitCode == .inconclusive)
        let reason = verdict.reasons.first { $0.contains("T1-L1") } ?? ""
        #expect(reason.contains("latent condition") && reason.contains("stale") && reason.contains("missing 0"))
        #expect(verdict.facts[0].finding == .missing)
    }

    @Test("one that nobody could see, or that was gone when the fault came, counts as not held")
    func unknownOrGone() {
        #expect(StaleList { _ in nil }.verdict.outcome == .inconclusive)
        let gone = StaleList { $0 < 9 ? 3 : 0 }.verdict
        #expect(gone.outcome == .inconclusive)
        #expect(gone.reasons.contains { $0.contains("no longer when the fault came") }, "\(gone.reasons)")
        // One look that failed just then is no repair.
        #expect(StaleList { $0 == 11.5 ? nil : 3 }.verdict.outcome == .passed)
    }

    @Test("what the fault or the response does to it afterwards does not matter")
    func changedLater() {
        #expect(StaleList { $0 < 12.2 ? 3 : 0 }.verdict.outcome == .passed)
        // Only there from the fault on: it was not latent.
        #expect(StaleList { $0 < 12.2 ? 0 : 3 }.verdict.outcome == .inconclusive)
    }

    @Test("it is asked for without a fault, too")
    func withoutFault() {
        #expect(StaleList(arm: .noFault) { _ in 3 }.verdict.outcome == .passed)
        let verdict = StaleList(arm: .noFault) { _ in 0 }.verdict
        #expect(verdict.outcome == .inconclusive)
        #expect(verdict.reasons.contains { $0.contains("T1-L1") })
    }

    @Test("a record of another size is not of this plan")
    func size() {
        var criteria = Criteria.synthetic()
        criteria.size = "documented"
        let verdict = Judge.verdict(criteria: criteria, events: SyntheticRun.runbook().events)
        #expect(verdict.isHarnessError && verdict.reasons[0].contains("size documented"))
        #expect(verdict.size == "documented" && verdict.json.text().contains("\"size\":\"documented\""))
    }
}
