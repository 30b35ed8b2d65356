/// The state of a run's measurement: fed with events in order, it evaluates every check and keeps the stamps from which
/// times are derived. The replay asks it live whether the baseline has held and the network has recovered; the judge
/// asks it afterwards. A value: no clock, no I/O.
public struct PhaseClock: Sendable {
    /// What the run is measured by.
    public let criteria: Criteria
    /// Every check of the criteria, up to the last event before observation stopped.
    public private(set) var evaluator: Evaluator
    /// The moments that have come.
    public private(set) var stamps = Stamps()
    /// Every steady-state check, in every scope.
    public private(set) var steady: WindowTracker
    /// Every impact check, in every scope.
    public private(set) var impact: WindowTracker
    /// Steady state and impact of each scope by name; a check that names no scope (`all`) is part of the two above
    /// only.
    public private(set) var scopes: [String: Scope]
    /// One per symptom of the criteria.
    public private(set) var symptoms: [SymptomTracker]
    /// What was last known of each symptom when the first injection started, in the order of `symptoms`; empty before.
    public private(set) var knownAtFault: [Truth?] = []
    /// The part of the run that has been reached; nil once observation stopped.
    public private(set) var stage: SymptomTracker.Stage? = .settling

    private let affected: Set<String>
    private var firing: Set<String> = []
    private var firedBefore: Set<String> = []

    /// What is tracked for one scope, such as a shard.
    public struct Scope: Sendable, Hashable {
        /// Its steady state.
        public var steady: WindowTracker
        /// What its users lose.
        public var impact: WindowTracker
    }

    /// A clock that has seen nothing yet.
    public init(_ criteria: Criteria) {
        let tracker = WindowTracker(hold: Nanoseconds.span(criteria.hold))
        self.criteria = criteria
        evaluator = Evaluator(criteria)
        steady = tracker
        impact = tracker
        affected = Set(criteria.affected)
        symptoms = criteria.symptoms.map { SymptomTracker(needed: Nanoseconds.span(criteria.certainty(of: $0))) }
        let names = Set((criteria.steadyState + criteria.impact).flatMap(\.scopes.keys)).subtracting(["all"])
        scopes = Dictionary(uniqueKeysWithValues: names.map { ($0, Scope(steady: tracker, impact: tracker)) })
    }

    // MARK: What the replay asks

    /// The steady state has held for `hold` up to now, with the whole window in the baseline phase or before.
    public var hasHeldBaseline: Bool { steady.hasHeld(at: evaluator.now) }

    /// Something broke after the injection started, and every check has held for `hold` since.
    public var hasRecovered: Bool { steady.returnedAt != nil }

    /// What users lost has come back, and has stayed for `hold`; also true when they lost nothing.
    public var hasMitigated: Bool { impact.downAt == nil || impact.returnedAt != nil }

    /// Whether a symptom's checks hold at this moment, for however short a time.
    public func shows(symptom index: Int) -> Truth { evaluator.truth(of: .symptom(index)) }

    /// When the measurement may change by time alone (monotonic nanoseconds); nil when only an event can change it.
    public var nextDeadline: Int64? {
        guard stage != nil else { return nil }
        let trackers = [steady, impact] + scopes.values.flatMap { [$0.steady, $0.impact] }
        return (trackers.map(\.nextDeadline) + symptoms.map(\.nextDeadline) + [evaluator.nextChange]).compactMap { $0 }
            .filter { $0 > evaluator.now }.min()
    }

    /// Whether a symptom's checks have been seen to hold together, for as long as they must, since the baseline began,
    /// and hold now.
    public func hasShown(symptom index: Int) -> Bool {
        shows(symptom: index) == .yes && symptoms[index].first(.yes, in: .baseline) != nil
    }

    // MARK: Feeding

    /// Lets time pass without events, up to `time` in monotonic nanoseconds.
    public mutating func advance(to time: Int64) {
        let time = Nanoseconds.moment(time)
        while let next = nextDeadline, next <= time {
            evaluator.advance(to: next)
            update()
        }
        guard stage != nil, time > evaluator.now else { return }
        evaluator.advance(to: time)
        update()
    }

    /// Takes in the next event.
    public mutating func apply(_ event: Event) {
        advance(to: event.monotonic)
        let now = stage == nil ? max(evaluator.now, Nanoseconds.moment(event.monotonic)) : evaluator.now
        stamp(event.body, at: now)
        guard stage != nil else { return }
        evaluator.apply(event)
        move(event.body, at: now)
        update()
    }

    /// Stamps that count whether or not observation has stopped.
    private mutating func stamp(_ body: Event.Body, at now: Int64) {
        switch body {
        case .runStarted: stamps.runStarted = stamps.runStarted ?? now
        case .phase(.teardown): stamps.teardownStarted = stamps.teardownStarted ?? now
        case .fault(_, _, .undone, _), .fault(_, _, .superseded, _), .fault(_, _, .closed, _): stamps.clean = now
        case .runEnded: stamps.runEnded = now
        default: break
        }
    }

    private mutating func move(_ body: Event.Body, at now: Int64) {
        switch body {
        case .phase(.baseline) where stage == .settling:
            stamps.baselineStarted = now
            stage = .baseline
        case .fault(_, _, .injectStarted, _) where stamps.injectStarted == nil: startFault(at: now)
        case .fault(_, _, .injectCompleted, _) where stamps.injectStarted != nil:
            stamps.injectCompleted = stamps.injectCompleted ?? now
        case .fault(_, _, .proven, _) where stamps.injectCompleted != nil: stamps.effect = stamps.effect ?? now
        case .signal(let source, let id, let names, let summary, let resolved):
            take(signal: source, id: id, names: names, summary: summary, resolved: resolved, at: now)
        case .responder(.acknowledged, _): stamps.acknowledged = stamps.acknowledged ?? now
        case .responder(.firstAct, _) where stamps.firstAct == nil:
            stamps.firstAct = now
            if stage == .faulted { stage = .responding }
        // Whatever clean-up heals is not recovered, also when the freeze itself was lost.
        case .frozen, .phase(.cleanup), .phase(.collect), .phase(.teardown), .runEnded, .fault(_, _, .undoStarted, _):
            stamps.frozen = now
            update()
            stage = nil
        default: break
        }
    }

    private mutating func startFault(at now: Int64) {
        // What this very event changed is the fault's doing: the trackers still hold the moment before.
        stamps.injectStarted = now
        stamps.steadyBeforeFault = steady.truth == .yes ? steady.since : nil
        firedBefore = firing
        knownAtFault = symptoms.map(\.lastKnown)
        beginTracking(at: now)
        stage = .faulted
    }

    private mutating func beginTracking(at now: Int64) {
        steady.begin(at: now)
        impact.begin(at: now)
        for name in scopes.keys {
            scopes[name]?.steady.begin(at: now)
            scopes[name]?.impact.begin(at: now)
        }
    }

    private mutating func take(
        signal source: Event.SignalSource, id: String, names: [String], summary: String, resolved: Bool, at now: Int64
    ) {
        if source == .alert, resolved {
            firing.remove(id)
            firedBefore.remove(id)
        }
        guard !resolved else { return }
        if source == .alert { firing.insert(id) }
        guard stamps.injectStarted != nil, stamps.signal == nil else { return }
        if source == .alert {
            let namesAffected = affected.isEmpty ? !names.isEmpty : !affected.isDisjoint(with: names)
            guard namesAffected, !firedBefore.contains(id) else { return }
        }
        stamps.signal = .init(at: now, source: source, summary: summary)
    }

    /// Carries the evaluator's truths into the trackers.
    private mutating func update() {
        guard let stage else { return }
        let now = evaluator.now
        steady.update(evaluator.truth(of: .steadyState), at: now)
        impact.update(evaluator.truth(of: .impact), at: now)
        for name in scopes.keys {
            scopes[name]?.steady.update(evaluator.truth(of: .steadyState, scope: name), at: now)
            scopes[name]?.impact.update(evaluator.truth(of: .impact, scope: name), at: now)
        }
        if steady.truth == .yes { stamps.firstSteady = stamps.firstSteady ?? now }
        if criteria.arm == .noFault, steady.begin == nil, stamps.baselineStarted != nil, steady.hasHeld(at: now) {
            // Without a fault, breaks count from the end of the baseline.
            stamps.steadyBeforeFault = steady.since
            beginTracking(at: now)
        }
        for index in symptoms.indices {
            symptoms[index].note(
                evaluator.truth(of: .symptom(index)), in: stage, at: now,
                hasLooked: { evaluator.hasLooked(for: .symptom(index), since: $0) },
                evidence: {
                    Self.evidence(evaluator.findings(of: .symptom(index)), ofKind: criteria.symptoms[index].kind)
                })
        }
    }

    /// What a symptom's checks say; of a latent condition that does not hold, only what those say that do not.
    private static func evidence(_ findings: [Finding], ofKind kind: Criteria.Symptom.Kind) -> String {
        let failing = findings.filter { $0.truth != .yes }
        return evidence(kind == .latent && !failing.isEmpty ? failing : findings)
    }

    /// Findings as one line: check by check, a few scopes each.
    static func evidence(_ findings: [Finding]) -> String {
        var checks: [String] = []
        for finding in findings where !checks.contains(finding.check) { checks.append(finding.check) }
        return checks.map { check in
            let found = findings.filter { $0.check == check }
            let texts = found.prefix(4).map { $0.scope == "all" ? $0.evidence : "\($0.scope) \($0.evidence)" }
            return "\(check): " + texts.joined(separator: " | ") + (found.count > 4 ? " | …" : "")
        }.joined(separator: "; ")
    }
}
