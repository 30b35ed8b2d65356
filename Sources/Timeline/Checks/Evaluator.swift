/// What one check says about one scope.
public struct Finding: Sendable, Hashable {
    /// Id of the check.
    public var check: String
    /// Name of the scope; `all` for a check without scopes.
    public var scope: String
    /// What is known.
    public var truth: Truth
    /// Monotonic nanoseconds since which it is so.
    public var since: Int64
    /// The observed values, in words.
    public var evidence: String
}

/// Evaluates the checks of a plan's criteria over events, in order: the same code live and when a run is judged.
///
/// The cost of an event is that of the checks that read its probe and target. Between events truths also change by time
/// alone (a sample goes stale, a window fills); `nextChange` says when to look again.
public struct Evaluator: Sendable {
    /// A list of checks in the criteria.
    public enum Group: Sendable, Hashable {
        case steadyState, impact
        /// By position in `Criteria.symptoms`.
        case symptom(Int)
    }

    /// Monotonic nanoseconds up to which everything is evaluated.
    public private(set) var now: Int64 = 0
    private var instances: [Instance] = []
    private var groups: [Group: [Int]] = [:]
    /// Instances that read a probe, with the position of each target.
    private var readers: [String: [String: [(instance: Int, target: Int)]]] = [:]
    private var progress = RunProgress()
    /// Ids of pages that are firing.
    private var firing: Set<String> = []
    private var firedBefore: Set<String> = []

    private struct Instance: Sendable {
        var check: String
        var scope: String
        var machine: any CheckMachine
        var truth = Truth.unknown
        var since: Int64 = 0
        var changesAt: Int64?
    }

    /// Evaluates every check of `criteria` in every scope that it names.
    public init(_ criteria: Criteria) {
        for check in criteria.steadyState { add(check, to: .steadyState, criteria) }
        for check in criteria.impact { add(check, to: .impact, criteria) }
        for (index, symptom) in criteria.symptoms.enumerated() {
            for check in symptom.checks { add(check, to: .symptom(index), criteria) }
        }
    }

    private mutating func add(_ check: Check, to group: Group, _ criteria: Criteria) {
        // Left out, a check without scopes would leave the decision to the others of its group.
        let scopes = check.scopes.isEmpty ? ["all": []] : check.scopes
        for (scope, names) in scopes.sorted(by: { $0.key < $1.key }) {
            let machine = Self.machine(for: check, targets: names, group: group, criteria)
            for (target, name) in names.enumerated() {
                readers[check.probe, default: [:]][name, default: []].append((instances.count, target))
            }
            groups[group, default: []].append(instances.count)
            instances.append(Instance(check: check.id, scope: scope, machine: machine))
        }
    }

    private static func machine(
        for check: Check, targets names: [String], group: Group, _ criteria: Criteria
    ) -> any CheckMachine {
        let timing =
            criteria.probes[check.probe] ?? .init(interval: criteria.probeInterval, timeout: criteria.probeInterval)
        let targets = Targets(names: names, staleAfter: Nanoseconds.span(timing.staleAfter))
        switch check.predicate {
        case .advancing(let value, let hash, let quorum, let within):
            return AdvancingMachine(
                height: value, hash: hash, quorum: quorum, within: Nanoseconds.span(within), targets: targets)
        case .stalled(let value, let lasting, let answering):
            return StalledMachine(
                value: value, lasting: Nanoseconds.span(lasting), answering: answering, targets: targets)
        case .match(let comparisons, let quantifier):
            return MatchMachine(comparisons: comparisons, quantifier: quantifier, targets: targets)
        case .distinct(let value, let atLeast, let matching, let answering, let lasting):
            return DistinctMachine(
                value: value, atLeast: atLeast, matching: matching, answering: answering,
                lasting: Nanoseconds.span(lasting), targets: targets)
        case .pages(let atLeast, let firstAlone):
            return PagesMachine(atLeast: atLeast, firstAlone: firstAlone, targets: names)
        case .quiet(let lasting):
            let isSymptom = group != .steadyState && group != .impact
            return QuietMachine(lasting: Nanoseconds.span(lasting), startsAtFault: isSymptom)
        }
    }

    /// When a truth may next change by time alone: monotonic nanoseconds after `now`; nil when only an event can.
    public var nextChange: Int64? { instances.compactMap(\.changesAt).min() }

    /// Lets time pass without events. A `time` in the past does nothing.
    public mutating func advance(to time: Int64) {
        let time = Nanoseconds.moment(time)
        while let next = nextChange, next <= time {
            now = max(now, next)
            for index in instances.indices where instances[index].changesAt.map({ $0 <= now }) ?? false {
                assess(index)
            }
        }
        now = max(now, time)
    }

    /// Takes in one event, after letting time pass up to it.
    public mutating func apply(_ event: Event) {
        advance(to: event.monotonic)
        switch event.body {
        case .sample(let probe, let target, _, let value, _):
            for (instance, position) in readers[probe]?[target] ?? [] {
                instances[instance].machine.observe(target: position, look: Look(ended: now, value: value))
                assess(instance)
            }
        case .signal(let source, let id, let names, _, let resolved):
            apply(signal: source, id: id, names: names, resolved: resolved)
        case .pagerTest(_, let received, _):
            updateAll { [now] in $0.observePagerTest(received: received, at: now) }
        case .fault(_, _, .injectStarted, _) where progress.injectStarted == nil:
            progress.injectStarted = now
            firedBefore = firing
            move()
        case .fault(_, _, .injectCompleted, _) where progress.injectStarted != nil && progress.injectCompleted == nil:
            progress.injectCompleted = now
            progress.moments[.injected] = unixSeconds(ofLabel: event.wall)
            move()
        case .responder(.firstAct, _) where progress.moments[.response] == nil:
            progress.moments[.response] = unixSeconds(ofLabel: event.wall)
            move()
        default: break
        }
    }

    private mutating func apply(signal source: Event.SignalSource, id: String, names: [String], resolved: Bool) {
        let signal = RunSignal(
            source: source, id: id, names: names, resolved: resolved, wasFiringBefore: firedBefore.contains(id))
        if source == .alert {
            if resolved {
                firing.remove(id)
                firedBefore.remove(id)
            } else {
                firing.insert(id)
            }
        }
        updateAll { [now] in $0.observe(signal: signal, at: now) }
    }

    private mutating func move() {
        updateAll { [progress] in $0.runMoved(to: progress) }
    }

    private mutating func updateAll(_ change: (inout any CheckMachine) -> Void) {
        for index in instances.indices {
            change(&instances[index].machine)
            assess(index)
        }
    }

    private mutating func assess(_ index: Int) {
        let assessment = instances[index].machine.assess(at: now)
        // A machine that asked for a moment that has passed would hold up time for ever.
        instances[index].changesAt = assessment.changesAt.flatMap { $0 > now ? $0 : nil }
        guard assessment.truth != instances[index].truth else { return }
        instances[index].truth = assessment.truth
        instances[index].since = now
    }

    /// Whether every check of the group holds, in one scope or (nil) in all. No check at all is unknown.
    public func truth(of group: Group, scope: String? = nil) -> Truth {
        (groups[group] ?? []).lazy.map { instances[$0] }
            .filter { scope == nil || $0.scope == scope }.map(\.truth).conjunction
    }

    /// What each check of the group says, in the order of the criteria and the scopes' names.
    public func findings(of group: Group, scope: String? = nil) -> [Finding] {
        (groups[group] ?? []).map { instances[$0] }.filter { scope == nil || $0.scope == scope }.map {
            Finding(
                check: $0.check, scope: $0.scope, truth: $0.truth, since: $0.since,
                evidence: $0.machine.evidence(at: now))
        }
    }

    /// The agreed height per scope, of the steady state's `advancing` checks.
    public var heights: [String: Int64] {
        var heights: [String: Int64] = [:]
        for index in groups[.steadyState] ?? [] {
            guard let machine = instances[index].machine as? AdvancingMachine else { continue }
            heights[instances[index].scope] = machine.agreedHeight
        }
        return heights
    }
}
