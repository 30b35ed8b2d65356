/// Which looks can still change what a run says.
extension PhaseClock {
    /// Whether a look of `probe` at `target` may still decide anything. The steady state and what users lose are awaited
    /// to the end, at the targets that they read; a symptom until its finding stands (`FactFinding` says by which rules).
    /// Before the fault everything is.
    public func awaits(_ probe: String, at target: String) -> Bool {
        guard let stage, stage.rawValue >= SymptomTracker.Stage.faulted.rawValue else { return true }
        if (criteria.steadyState + criteria.impact).contains(where: { $0.reads(probe, at: target) }) { return true }
        return criteria.symptoms.indices.contains { index in
            criteria.symptoms[index].checks.contains { $0.reads(probe, at: target) } && !isDecided(index, in: stage)
        }
    }

    /// Whether nothing that is seen from now on changes the symptom's finding.
    private func isDecided(_ index: Int, in stage: SymptomTracker.Stage) -> Bool {
        let (symptom, tracker) = (criteria.symptoms[index], symptoms[index])
        func isSeen(in stage: SymptomTracker.Stage) -> Bool { tracker.first(.yes, in: stage) != nil }
        // What differs between hosts is shown host by host: a picture that stops in the outage would say that it stayed so.
        if symptom.kind != .response || criteria.requires(symptom), symptom.checks.contains(where: \.isDistinct) {
            return false
        }
        switch symptom.kind {
        case .latent: return tracker.isOver(.baseline, in: stage)
        case .onset: return isSeen(in: .baseline) || isSeen(in: .faulted)
        // An absence is judged to the end of its window, and what a fix prevented wherever it was seen not to be.
        case .context where symptom.isAbsence || criteria.isFix: return false
        case .context: return tracker.isOver(.faulted, in: stage)
        case .response:
            return !criteria.requires(symptom) || isSeen(in: .baseline) || isSeen(in: .faulted)
                || isSeen(in: .responding)
        }
    }
}

extension Check {
    /// Whether the check reads what the probe sees at the target.
    func reads(_ probe: String, at target: String) -> Bool {
        self.probe == probe && scopes.values.contains { $0.contains(target) }
    }

    fileprivate var isDistinct: Bool { if case .distinct = predicate { true } else { false } }
}
