/// Which looks can still change what a run says.
extension PhaseClock {
    /// Whether a look of `probe` at `target` may still decide anything. The steady state and what users lose are awaited
    /// to the end; a symptom until its finding stands (`FactFinding` says by which rules). Before the fault everything is.
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
        switch symptom.kind {
        case .latent: return tracker.isOver(.baseline, in: stage)
        case .onset: return isSeen(in: .baseline) || isSeen(in: .faulted)
        case .context: return tracker.isOver(.faulted, in: stage)
        case .response:
            return !criteria.requires(symptom) || isSeen(in: .baseline) || isSeen(in: .faulted)
                || isSeen(in: .responding)
        }
    }
}

extension Check {
    /// Whether the check reads what the probe sees at the target.
    fileprivate func reads(_ probe: String, at target: String) -> Bool {
        self.probe == probe && scopes.values.contains { $0.contains(target) }
    }
}
