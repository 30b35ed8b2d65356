/// Follows one symptom through the stages of a run: where it was seen, where it was seen not to be.
public struct SymptomTracker: Sendable, Hashable {
    /// Parts of a run that symptoms are judged by.
    public enum Stage: Int, Sendable, Hashable, CaseIterable {
        /// Before the baseline phase: nothing counts.
        case settling
        /// Until the first injection starts.
        case baseline
        /// Until the response's first act.
        case faulted
        /// Until observation stops.
        case responding
    }

    /// The first moment of a truth in a stage.
    public struct Sighting: Sendable, Hashable {
        /// Monotonic nanoseconds.
        public var at: Int64
        /// The observed values, in words.
        public var evidence: String
    }

    private var sightings: [Stage: [Truth: Sighting]] = [:]

    /// When `truth` was first so in `stage`; nil when it never was.
    public func first(_ truth: Truth, in stage: Stage) -> Sighting? { sightings[stage]?[truth] }

    mutating func note(_ truth: Truth, in stage: Stage, at now: Int64, evidence: () -> String) {
        guard sightings[stage]?[truth] == nil else { return }
        sightings[stage, default: [:]][truth] = Sighting(at: now, evidence: evidence())
    }
}
