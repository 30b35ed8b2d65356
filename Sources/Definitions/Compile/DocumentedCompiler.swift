import Timeline

/// Resolves the arm `as-documented`: the people's steps at their moments, and the phases that are compared.
struct DocumentedCompiler {
    let scenario: ScenarioFile
    let entry: DocumentedEntry
    let testnet: Testnet
    let timeScale: Double
    let sink: Sink

    var horizon: DurationText { entry.horizon?.value ?? scenario.horizon.value }

    /// The steps are acts without rollback, played as they were: nothing in them is asked for approval.
    func response() -> ResponsePlan {
        checkSteps()
        let steps = entry.steps.map { step in
            StepPlan(
                name: step.name.value, heading: "As people did it", role: .act,
                hosts: testnet.resolve(step.hosts, sink: sink), strategy: step.strategy, command: step.block.plan(),
                instruction: nil, delay: DurationText(.zero), at: step.at.value, expect: step.expect, until: nil,
                rollback: nil, rollbackReason: "the people's steps are played as they were", hazard: nil,
                approvalHash: "", approved: true, file: step.name.at.file, line: step.name.at.line)
        }
        return ResponsePlan(
            kind: .scripted, acknowledgeAfter: DurationText(.zero), startAfter: DurationText(.zero), steps: steps)
    }

    func criteria(scopes: Set<String>) -> Documented {
        let names = [scenario.detection?.pager, scenario.detection?.reports].compactMap { $0?.value }
        let intervals = scenario.probes.filter { names.contains($0.id.value) }.map {
            $0.interval?.value ?? scenario.probeInterval
        }
        for phase in entry.phases { check(phase, scopes: scopes) }
        return Documented(
            steps: entry.steps.map { Documented.Step(name: $0.name.value, at: $0.at.value) },
            phases: entry.phases.map {
                Documented.Phase(
                    fact: $0.fact.value, from: $0.from.value, to: $0.to.value, documented: $0.documented.map(\.value),
                    spread: $0.spread?.value)
            },
            signalInterval: intervals.max { $0.duration < $1.duration } ?? DurationText(.zero))
    }

    // MARK: Checks

    private func checkSteps() {
        var seen: Set<String> = []
        for step in entry.steps {
            if !seen.insert(step.name.value).inserted {
                sink.error(
                    "the step '\(step.name.value)' appears twice", at: step.name.at, remedy: "Rename one of them.")
            }
            if step.at.value.duration >= horizon.duration {
                sink.error(
                    "the step begins at \(step.at.value), and the run ends at the horizon of \(horizon)",
                    at: step.at.at, remedy: "Lengthen 'horizon' of 'documented'.")
            }
        }
        for (earlier, later) in zip(entry.steps, entry.steps.dropFirst())
        where later.at.value.duration < earlier.at.value.duration {
            sink.error(
                "the step '\(later.name.value)' stands after one that begins later", at: later.at.at,
                remedy: "Steps run in the order in which they are written: sort them by 'at'.")
        }
        checkOnset()
    }

    /// An onset symptom needs wall time before the people act.
    private func checkOnset() {
        guard let first = entry.steps.first else { return }
        let left = first.at.value.divided(by: timeScale)
        for symptom in scenario.symptoms where symptom.kind == .onset {
            for check in symptom.checks {
                guard let span = check.span, !span.isIncident, span.duration.duration > left.duration else { continue }
                sink.warning(
                    "'\(symptom.fact.value)' must be seen for \(span.duration) of wall time, and at time scale \(timeScale) "
                        + "the people's first step begins \(left) after the fault: it may not be shown",
                    at: first.at.at, remedy: "Use a smaller 'time_scale' in 'documented'.")
            }
        }
    }

    private func check(_ phase: DocumentedEntry.Phase, scopes: Set<String>) {
        for end in [phase.from, phase.to] {
            switch end.value {
            case .step(let name):
                if !entry.steps.contains(where: { $0.name.value == name }) {
                    sink.unknown("the step", Located(value: name, at: end.at), among: entry.steps.map(\.name.value))
                }
            case .symptom(let id):
                let known = scenario.symptoms.filter { $0.kind == .onset }.map(\.fact.value)
                if !known.contains(id) {
                    sink.unknown("the onset symptom", Located(value: id, at: end.at), among: known)
                }
            case .mitigated(let scope?), .recovered(let scope?):
                if !scopes.contains(scope) {
                    sink.unknown("the scope", Located(value: scope, at: end.at), among: scopes)
                }
            case .lastBlock(let scope): checkLogs(of: scope, at: end.at, scopes: scopes)
            case .signal where scenario.detection == nil:
                sink.error(
                    "the scenario has no detection, so no signal ever comes", at: end.at, remedy: "Add 'detection'.")
            case .report where scenario.detection?.reports == nil:
                sink.error(
                    "the scenario's detection has no 'reports', so no report is ever seen", at: end.at,
                    remedy: "Add 'reports: <chat probe>' to 'detection'.")
            case .onset, .signal, .report, .mitigated, .recovered: break
            }
        }
        for value in phase.documented where value.value.duration > horizon.duration && phase.documented.count == 1 {
            sink.error(
                "the phase is longer than the horizon of \(horizon), so it can never be measured", at: value.at,
                remedy: "Lengthen 'horizon' of 'documented'.")
        }
    }

    /// Block logs are read by the cross-check, for the scopes that it names.
    private func checkLogs(of scope: String?, at place: Location, scopes: Set<String>) {
        guard let entry = scenario.crossCheck else {
            sink.error(
                "the scenario has no 'cross_check', so no block log is read", at: place,
                remedy: "Add 'cross_check', or begin the phase at 'onset'.")
            return
        }
        guard let scope else { return }
        let read = entry.each.map {
            Set(testnet.scopes(of: $0, among: testnet.resolve(entry.hosts, sink: sink), sink: sink).keys)
        }
        let known = read ?? scopes
        if !known.contains(scope) {
            sink.unknown("the scope of the cross-check", Located(value: scope, at: place), among: known)
        }
    }
}
