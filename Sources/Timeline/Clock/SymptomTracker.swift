/// Follows one symptom through the stages of a run: where it was seen, where it was seen not to be.
///
/// A symptom is seen once its checks have held together, without a gap, for a while: samples of different moments may
/// make them hold for as long as it takes the slowest probe to look again.
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
        /// Monotonic nanoseconds; of a symptom that is there, when its checks began to hold together in this stage.
        public var at: Int64
        /// The stage in which it was certain: a later one when the checks had not held for long enough before.
        public var certainIn: Stage
        /// The observed values when it was certain, in words.
        public var evidence: String
    }

    /// Nanoseconds for which the checks must hold together.
    let needed: Int64
    private var sightings: [Stage: [Truth: Sighting]] = [:]
    /// First note of each stage, monotonic nanoseconds.
    private var entered: [Stage: Int64] = [:]
    /// Since when the checks have held together; nil while they do not.
    private var heldSince: Int64?
    /// The stage in which they began to.
    private var heldStage = Stage.settling
    /// What was last known of all checks together; nil before anything was.
    private(set) var lastKnown: Truth?
    /// Longest time for which the checks held together, noted in each stage; nanoseconds.
    private var longestHeld: [Stage: Int64] = [:]

    init(needed: Int64) { self.needed = needed }

    /// When `truth` was first so in `stage`; nil when it never was.
    public func first(_ truth: Truth, in stage: Stage) -> Sighting? { sightings[stage]?[truth] }

    /// Nanoseconds for which the checks held together at most, as noted in `stage`; nil when they never did.
    func longestHeld(in stage: Stage) -> Int64? { longestHeld[stage] }

    /// When time alone may make the symptom certain (monotonic nanoseconds).
    var nextDeadline: Int64? { heldSince.map { $0 + needed } }

    /// Whether what comes in `current` or later can add nothing to `stage`: it is over, and nothing that began to hold
    /// in it waits to become certain.
    func isOver(_ stage: Stage, in current: Stage) -> Bool {
        guard current.rawValue > stage.rawValue else { return false }
        return first(.yes, in: stage) != nil || heldSince == nil || heldStage.rawValue > stage.rawValue
    }

    /// Takes in what is true of all checks together at `now`, which never runs backwards.
    /// - Parameter hasLooked: Whether everything was looked at anew since a moment (monotonic nanoseconds).
    mutating func note(
        _ truth: Truth, in stage: Stage, at now: Int64, hasLooked: (Int64) -> Bool, evidence: () -> String
    ) {
        entered[stage] = entered[stage] ?? now
        if truth != .unknown { lastKnown = truth }
        guard truth == .yes else {
            heldSince = nil
            guard sightings[stage]?[truth] == nil else { return }
            sightings[stage, default: [:]][truth] = Sighting(at: now, certainIn: stage, evidence: evidence())
            return
        }
        if heldSince == nil { (heldSince, heldStage) = (now, stage) }
        guard let since = heldSince, sightings[stage]?[.yes] == nil else { return }
        longestHeld[stage] = max(longestHeld[stage] ?? 0, now - since)
        guard now >= since + needed, hasLooked(since) else { return }
        let text = evidence()
        // Checks that began to hold in an earlier stage were true there, although nobody could be certain of it then.
        for earlier in Stage.allCases
        where (heldStage.rawValue...stage.rawValue).contains(earlier.rawValue) && sightings[earlier]?[.yes] == nil {
            guard let start = entered[earlier] else { continue }
            sightings[earlier, default: [:]][.yes] = Sighting(at: max(since, start), certainIn: stage, evidence: text)
        }
    }
}
