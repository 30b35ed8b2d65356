/// Decides, symptom by symptom, whether a run showed it as its kind asks.
struct FactFinding {
    let criteria: Criteria
    let clock: PhaseClock
    let ledger: RunLedger

    /// One fact per symptom of the criteria.
    var facts: [Verdict.Fact] {
        zip(criteria.symptoms, clock.symptoms).enumerated().map { index, pair in
            let (symptom, tracker) = pair
            let known = index < clock.knownAtFault.count ? clock.knownAtFault[index] : tracker.lastKnown
            let (finding, sighting, evidence) =
                symptom.kind == .latent ? judgeLatent(tracker, known: known) : judge(symptom, tracker)
            let origin = clock.stamps.injectCompleted ?? clock.stamps.baselineStarted
            let at: Double? =
                if finding == .observed || finding == .unprovoked, let sighting, let origin {
                    Nanoseconds.seconds(sighting.at - origin)
                } else {
                    nil
                }
            return Verdict.Fact(
                id: symptom.fact, kind: symptom.kind, summary: symptom.summary, finding: finding, at: at,
                evidence: evidence, isInferred: criteria.inferred.contains(symptom.fact),
                isRequired: criteria.requires(symptom))
        }
    }

    private typealias Judgement = (Verdict.Fact.Finding, SymptomTracker.Sighting?, String)

    private func judge(_ symptom: Criteria.Symptom, _ tracker: SymptomTracker) -> Judgement {
        if criteria.arm == .noFault { return judgeWithoutFault(symptom, tracker) }
        switch symptom.kind {
        case .onset: return judgeOnset(tracker)
        case .context: return judgeContext(symptom, tracker)
        case .response: return judgeResponse(symptom, tracker)
        case .latent: return judgeLatent(tracker, known: tracker.lastKnown)
        }
    }

    private func judgeWithoutFault(_ symptom: Criteria.Symptom, _ tracker: SymptomTracker) -> Judgement {
        let seen = tracker.first(.yes, in: .baseline)
        switch symptom.kind {
        case .onset:
            if let seen { return (.unprovoked, seen, "seen without a fault: \(seen.evidence)") }
            guard let absent = tracker.first(.no, in: .baseline) else {
                return (.notLookedFor, nil, "unknown throughout")
            }
            return (.absent, nil, absent.evidence)
        case .context:
            if let broken = tracker.first(.no, in: .baseline) { return (.absent, nil, broken.evidence) }
            guard let seen else { return (.notLookedFor, nil, "shown by arms with a fault") }
            return (.observed, seen, seen.evidence)
        case .response: return (.notLookedFor, nil, "shown only after a wrong response")
        case .latent: return judgeLatent(tracker, known: tracker.lastKnown)
        }
    }

    private func judgeOnset(_ tracker: SymptomTracker) -> Judgement {
        if let early = tracker.first(.yes, in: .baseline) {
            return (.early, early, "already there before the fault: \(early.evidence)")
        }
        // What responders do may look like the fault's doing: a restart stops a process as a crash does.
        if let seen = tracker.first(.yes, in: .faulted) ?? tracker.first(.yes, in: .responding) {
            guard seen.certainIn == .faulted else {
                // A fix may be just what lets it be over before that.
                return (
                    criteria.isFix ? .notLookedFor : .missing, nil,
                    "not certain before the responders acted; afterwards: \(seen.evidence)"
                )
            }
            guard tracker.first(.no, in: .baseline) != nil else {
                return (.missing, nil, "not known to be absent before the fault; seen after it: \(seen.evidence)")
            }
            return (.observed, seen, seen.evidence)
        }
        return (missingOrPrevented(tracker), nil, lastKnown(tracker, in: [.responding, .faulted]))
    }

    /// A fix prevented only what is known not to have been there: a probe that never answered credits nobody.
    private func missingOrPrevented(_ tracker: SymptomTracker) -> Verdict.Fact.Finding {
        guard criteria.isFix else { return .missing }
        let isKnownAbsent = [SymptomTracker.Stage.faulted, .responding].contains { tracker.first(.no, in: $0) != nil }
        return isKnownAbsent ? .prevented : .missing
    }

    /// The response may change what a context symptom speaks of (a restart interrupts what kept running), so it must
    /// hold until the responders act. An absence is over when its window is, whoever acts meanwhile.
    private func judgeContext(_ symptom: Criteria.Symptom, _ tracker: SymptomTracker) -> Judgement {
        let isAbsence = symptom.isAbsence
        let stages: [SymptomTracker.Stage] = isAbsence ? [.faulted, .responding] : [.baseline, .faulted]
        for stage in stages {
            if let broken = tracker.first(.no, in: stage) { return (missingOrPrevented(tracker), nil, broken.evidence) }
        }
        let seen = tracker.first(.yes, in: .faulted) ?? (isAbsence ? tracker.first(.yes, in: .responding) : nil)
        guard let seen else { return (missingOrPrevented(tracker), nil, lastKnown(tracker, in: stages)) }
        if !isAbsence, tracker.first(.yes, in: .baseline) == nil {
            return (.missing, nil, "not known to be so before the fault; seen after it: \(seen.evidence)")
        }
        if isAbsence, !ledger.pagerTests.contains(where: { $0.received && $0.at >= seen.at }) {
            return (
                .missing, nil,
                "the pager was not shown to work afterwards, so its silence says nothing: \(seen.evidence)"
            )
        }
        return (.observed, seen, seen.evidence)
    }

    private func judgeResponse(_ symptom: Criteria.Symptom, _ tracker: SymptomTracker) -> Judgement {
        guard criteria.requires(symptom) else {
            return (.notLookedFor, nil, "shown only after: " + symptom.after.joined(separator: ", "))
        }
        for stage in [SymptomTracker.Stage.baseline, .faulted] {
            if let early = tracker.first(.yes, in: stage) {
                return (.early, early, "already there before the response: \(early.evidence)")
            }
        }
        guard let seen = tracker.first(.yes, in: .responding) else {
            return (.missing, nil, lastKnown(tracker, in: [.responding]))
        }
        guard [SymptomTracker.Stage.baseline, .faulted].contains(where: { tracker.first(.no, in: $0) != nil }) else {
            return (.missing, nil, "not known to be absent before the response; seen after it: \(seen.evidence)")
        }
        return (.observed, seen, seen.evidence)
    }

    /// Something that was wrong already: seen before the fault, and so when the fault came.
    /// - Parameter known: What was last known of it when the first injection started, or without one at the end.
    private func judgeLatent(_ tracker: SymptomTracker, known: Truth?) -> Judgement {
        guard let seen = tracker.first(.yes, in: .baseline) else {
            let evidence = lastKnown(tracker, in: [.baseline])
            if criteria.isFix, tracker.first(.no, in: .baseline) != nil { return (.prevented, nil, evidence) }
            return (.missing, nil, evidence)
        }
        guard known == .yes else {
            let broken = tracker.first(.no, in: .baseline)?.evidence ?? "unknown"
            return (.missing, nil, "it held for a while, and no longer when the fault came: \(broken)")
        }
        return (.observed, seen, seen.evidence)
    }

    private func lastKnown(_ tracker: SymptomTracker, in stages: [SymptomTracker.Stage]) -> String {
        if let held = stages.compactMap(tracker.longestHeld).max() {
            return "its checks held together for \(Nanoseconds.text(held)); "
                + (held < tracker.needed
                    ? "\(Nanoseconds.text(tracker.needed)) are needed" : "not every probe had looked again meanwhile")
        }
        for truth in [Truth.no, .unknown] {
            for stage in stages {
                if let sighting = tracker.first(truth, in: stage) {
                    return (truth == .no ? "" : "unknown: ") + sighting.evidence
                }
            }
        }
        return "never looked for"
    }
}
