import Timeline

/// What is checked of a scenario's times, and of the pager that some of its checks read.
extension ScenarioCompiler {
    /// Silence of a pager that was never shown to work means nothing, so nothing that reads it could be judged.
    func checkPagerTest() {
        guard scenario.detection?.pagerTest == nil else { return }
        for check in scenario.symptoms.flatMap(\.checks) {
            switch check.predicate {
            case .pages, .quiet:
                sink.error(
                    "'\(check.id.value)' reads the pager, and the scenario has no 'pager_test'", at: check.id.at,
                    remedy:
                        "Add 'detection: {pager_test: ...}': a test page, before and after, shows that silence means silence."
                )
            default: break
            }
        }
    }

    /// DESIGN section 3: `hold` is at least five probe intervals and three blocks.
    func checkTimes(_ arms: [Criteria.Arm]) {
        let needsOnset = arms.contains {
            switch $0 {
            case .runbook, .wrongResponse: true
            // Under a fix no symptom need show.
            case .noFault, .faultOnly, .asDocumented, .fix: false
            }
        }
        if needsOnset, options.variant == nil { checkOnset() }
        let hold = scenario.hold.value.duration
        let needed = scenario.probeInterval.duration * Limits.holdProbeIntervals
        if hold < needed {
            sink.error(
                "'hold' is shorter than \(Limits.holdProbeIntervals) probe intervals", at: scenario.hold.at,
                remedy: "Write at least \(DurationText(needed)).")
        }
        let blocks = scenario.blockTime.duration * Limits.holdBlocks
        if hold < blocks {
            sink.error(
                "'hold' is shorter than \(Limits.holdBlocks) blocks", at: scenario.hold.at,
                remedy: "Write at least \(DurationText(blocks)).")
        }
        for check in scenario.steadyState + scenario.impact {
            guard let probe = scenario.probes.first(where: { $0.id.value == check.probe?.value }),
                let interval = probe.interval,
                hold < interval.value.duration * Limits.holdProbeIntervals
            else { continue }
            sink.error(
                "the probe '\(probe.id.value)' looks too seldom for a 'hold' of \(scenario.hold.value)",
                at: interval.at,
                remedy: "'hold' must be at least \(Limits.holdProbeIntervals) of its intervals.")
        }
    }

    /// An onset symptom that must last for some wall time needs that time before responders act (DESIGN section 3,
    /// scaled clock); theirs shrinks with the time scale, the symptom's does not.
    private func checkOnset() {
        let quiet = scenario.responder.acknowledgeAfter.duration + scenario.responder.startAfter.duration
        let left = DurationText(quiet).divided(by: timeScale)
        for symptom in scenario.symptoms where symptom.kind == .onset {
            for check in symptom.checks {
                guard let span = check.span, !span.isIncident, span.duration.duration > left.duration else { continue }
                let largest = (quiet.inSeconds / span.duration.duration.inSeconds).rounded(.down)
                sink.warning(
                    "'\(symptom.fact.value)' must be seen for \(span.duration) of wall time, and at time scale "
                        + "\(timeScale) responders act \(left) after the first signal: it may not be shown",
                    at: check.predicateAt,
                    remedy: largest >= 1
                        ? "Use a time scale of at most \(Int(largest)), or let responders start later."
                        : "Let responders start later: 'responder' in the scenario.")
            }
        }
    }
}
