extension Criteria {
    /// The part of a fix that is judged.
    public struct Fix: Sendable, Hashable, Codable {
        /// The arm that is played with the fix; never a fix.
        public var plays: Arm
        /// What must hold; nil: judged as the arm that it plays.
        public var expect: Promise?

        /// All parts as given.
        public init(plays: Arm, expect: Promise?) {
            self.plays = plays
            self.expect = expect
        }
    }

    /// The arm whose steps are taken: of a fix, the one that it plays.
    public var played: Arm { fix?.plays ?? arm }

    /// Whether a fix is played.
    public var isFix: Bool { if case .fix = arm { true } else { false } }

    /// Whether what the write-up saw must show: not under a fix, and not under another fault than the write-up's.
    var requiresSymptoms: Bool { !isFix && variant == nil }

    /// Whether this arm is inconclusive without the symptom.
    func requires(_ symptom: Symptom) -> Bool {
        switch (arm, symptom.kind) {
        // A fix may take away what was wrong before; another fault does not.
        case (.fix, .latent): return false
        case (_, .latent): return true
        case _ where !requiresSymptoms: return false
        case (.noFault, _), (.fix, _): return false
        case (.wrongResponse(let id), .response): return symptom.after.contains(id)
        case (_, .response): return false
        case (.faultOnly, _), (.asDocumented, _), (.runbook, _), (.wrongResponse, _): return true
        }
    }
}

extension Criteria.Symptom {
    /// Whether it says that nobody was told anything.
    var isAbsence: Bool { checks.contains { if case .quiet = $0.predicate { true } else { false } } }
}
