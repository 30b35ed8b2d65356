extension Verdict {
    /// A phase of the outage as the write-up has it and as this run had it.
    public struct Phase: Sendable, Hashable {
        /// Fact id, such as `H1-T5`.
        public var fact: String
        /// Where it begins and ends.
        public var from: Documented.End
        /// Where it ends.
        public var to: Documented.End
        /// Each value that the write-up gives; more than one when it contradicts itself.
        public var documented: [Value]
        /// Seconds of wall time; nil when an end never came.
        public var wall: Double?
        /// The same in incident time.
        public var incident: Double?
        /// Seconds of wall time within which the harness knows and controls this phase: see `PhaseComparison`.
        public var resolution: Double
        /// What the comparison says; the best of its values.
        public var result: Result
        /// Why there is no measured time; empty otherwise.
        public var reason: String

        /// One documented length of a phase.
        public struct Value: Sendable, Hashable {
            /// Incident seconds.
            public var incident: Double
            /// Incident seconds by which the measured phase may differ.
            public var tolerance: Double
            /// How the measured phase compares with it.
            public var result: Result
        }

        /// How a phase compares with the write-up.
        public enum Result: String, Sendable, Hashable, Codable {
            /// Within the tolerance.
            case matched
            /// Documented as shorter than its tolerance: this time scale cannot tell.
            case unresolvable
            /// Further apart than the tolerance, or it never happened.
            case missed
            /// Another arm than `as-documented`: shown beside the documented length, compared with nothing.
            case shown
        }
    }
}

/// Compares a run's phases with the documented ones (DESIGN section 3, scaled clock): within the larger of 10 % of the
/// documented length and the time scale times the phase's resolution; a phase that hangs on unsynchronised schedules
/// also has their spread, which its scenario states.
///
/// The resolution is the interval of the slowest probe that an end of the phase is read from, plus the work in the phase
/// that the scaled clock does not shorten and that the harness measured itself: the longest look of a measuring probe,
/// how late the step was begun that the phase starts with, and the last step begun in the phase, from the moment at
/// which it was due until it (or the phase) ended. Other steps run within the documented delays and add nothing.
struct PhaseComparison {
    let measuring: Measuring
    let facts: [Verdict.Fact]

    /// Part of the documented length by which a phase may differ.
    static let share = 0.1

    private var criteria: Criteria { measuring.criteria }
    private var clock: PhaseClock { measuring.clock }
    private var ledger: RunLedger { measuring.ledger }

    /// One per phase of the criteria, in their order. Other arms than `as-documented` have those that hang on no step of
    /// the people's, and nothing is expected of them.
    var phases: [Verdict.Phase] {
        guard let documented = criteria.documented, clock.stamps.injectCompleted != nil else { return [] }
        guard criteria.arm != .asDocumented else { return documented.phases.map { compare($0, documented) } }
        return documented.phases.filter { !$0.from.isStep && !$0.to.isStep }.map {
            var phase = compare($0, documented)
            phase.result = .shown
            for index in phase.documented.indices { phase.documented[index].result = .shown }
            return phase
        }
    }

    private func compare(_ phase: Documented.Phase, _ documented: Documented) -> Verdict.Phase {
        let (start, end) = (moment(of: phase.from), moment(of: phase.to))
        let resolution = resolution(of: phase, from: start, to: end, documented)
        var wall: Double?
        var reason = ""
        if let start, let end {
            if end >= start || phase.to == .signal || phase.to == .report {
                // A signal may come while the injection still runs; the outage had begun then.
                wall = Nanoseconds.seconds(max(0, end - start))
            } else {
                reason = "\(phase.to) came before \(phase.from)"
            }
        } else {
            reason = "\(start == nil ? phase.from : phase.to) never came"
        }
        let incident = wall.map { $0 * measuring.scale }
        let values = phase.documented.map { value -> Verdict.Phase.Value in
            let length = Nanoseconds.seconds(Nanoseconds.span(value))
            let spread = phase.spread.map { Nanoseconds.seconds(Nanoseconds.span($0)) } ?? 0
            let tolerance = max(length * Self.share, resolution * measuring.scale, spread)
            let result: Verdict.Phase.Result =
                if let incident {
                    length < max(length * Self.share, resolution * measuring.scale)
                        ? .unresolvable : abs(incident - length) <= tolerance ? .matched : .missed
                } else {
                    .missed
                }
            return .init(incident: length, tolerance: tolerance, result: result)
        }
        let results = values.map(\.result)
        let best: Verdict.Phase.Result =
            results.contains(.matched) ? .matched : results.contains(.unresolvable) ? .unresolvable : .missed
        return Verdict.Phase(
            fact: phase.fact, from: phase.from, to: phase.to, documented: values, wall: wall, incident: incident,
            resolution: resolution, result: best, reason: reason)
    }

    // MARK: Moments

    private func moment(of end: Documented.End) -> Int64? {
        switch end {
        case .onset: return clock.stamps.injectCompleted
        case .lastBlock(nil): return ledger.blockLogs.values.compactMap(\.lastBefore).min().map(Nanoseconds.moment)
        case .lastBlock(let scope?): return ledger.blockLogs[scope]?.lastBefore.map(Nanoseconds.moment)
        case .signal: return clock.stamps.signal?.at
        case .report: return ledger.firstReport
        case .step(let name): return ledger.steps.first { $0.name == name }?.startedAt
        case .symptom(let id):
            guard let onset = clock.stamps.injectCompleted,
                let at = facts.first(where: { $0.id == id && $0.isObserved })?.at
            else { return nil }
            return onset + Int64((at * 1e9).rounded())
        case .mitigated(nil): return measuring.returned(clock.impact)
        case .mitigated(let scope?): return clock.scopes[scope].flatMap { measuring.returned($0.impact) }
        case .recovered(nil): return measuring.returned(clock.steady)
        case .recovered(let scope?): return clock.scopes[scope].flatMap { measuring.returned($0.steady) }
        }
    }

    // MARK: Resolution

    private func resolution(
        of phase: Documented.Phase, from start: Int64?, to end: Int64?, _ documented: Documented
    ) -> Double {
        let interval = max(interval(of: phase.from, documented), interval(of: phase.to, documented))
        let look = phase.from.isProbed || phase.to.isProbed ? ledger.longestLook : 0
        return Nanoseconds.seconds(interval + look + lateness(of: phase.from, documented))
            + Nanoseconds.seconds(lastWork(from: start, to: end, documented))
    }

    private func interval(of end: Documented.End, _ documented: Documented) -> Int64 {
        func slowest(_ checks: [Check]) -> Int64 {
            checks.map { Nanoseconds.span(criteria.probes[$0.probe]?.interval ?? criteria.probeInterval) }.max() ?? 0
        }
        switch end {
        case .onset, .lastBlock, .step: return 0
        case .signal, .report: return Nanoseconds.span(documented.signalInterval)
        case .symptom(let id): return slowest(criteria.symptoms.first { $0.fact == id }?.checks ?? [])
        case .mitigated: return slowest(criteria.impact)
        case .recovered: return slowest(criteria.steadyState)
        }
    }

    /// When a step was due, monotonic nanoseconds.
    private func due(_ name: String, _ documented: Documented) -> Int64? {
        guard let onset = clock.stamps.injectCompleted, let step = documented.steps.first(where: { $0.name == name })
        else { return nil }
        return onset + Int64(Double(Nanoseconds.span(step.at)) / measuring.scale)
    }

    private func lateness(of end: Documented.End, _ documented: Documented) -> Int64 {
        guard case .step(let name) = end, let due = due(name, documented), let start = moment(of: end) else { return 0 }
        return max(0, start - due)
    }

    private func lastWork(from start: Int64?, to end: Int64?, _ documented: Documented) -> Int64 {
        guard let start, let end else { return 0 }
        let begun = ledger.steps.filter { step in step.startedAt.map { $0 >= start && $0 < end } ?? false }
        guard let last = begun.last, let began = last.startedAt else { return 0 }
        let due = min(began, due(last.name, documented) ?? began)
        return max(0, min(last.endedAt ?? end, end) - max(due, start))
    }
}

extension PhaseComparison {
    /// Lateness that nobody needs to know, nanoseconds: what starting a step takes.
    private static let leastLateness: Int64 = 500_000_000

    /// Sentences about steps that began later than they did at the time.
    var lateSteps: [String] {
        guard criteria.arm == .asDocumented, let documented = criteria.documented else { return [] }
        return documented.steps.compactMap { step in
            let late = lateness(of: .step(step.name), documented)
            guard late > Self.leastLateness else { return nil }
            let incident = Verdict.Phase.words(Nanoseconds.seconds(late) * measuring.scale)
            return "The step '\(step.name)' began \(incident) of incident time after it was due, "
                + "because the one before it had not ended."
        }
    }
}

extension Verdict {
    /// `4 phases matched, 1 unresolvable`.
    var phasesText: String {
        let matched = phases.count { $0.result == .matched }
        let unresolvable = phases.count { $0.result == .unresolvable }
        return "\(matched) phase\(matched == 1 ? "" : "s") within tolerance"
            + (unresolvable > 0 ? ", \(unresolvable) unresolvable" : "")
    }
}

extension Verdict.Phase {
    /// Incident seconds in words.
    static func words(_ seconds: Double) -> String {
        DurationText(.seconds(Int64(min(max(seconds, 0), 3e7).rounded()))).description
    }

    /// Why the run is not as documented; nil when this phase is.
    var complaint: String? {
        guard result == .missed else { return nil }
        let said = documented.map { "\(Self.words($0.incident)) \u{b1} \(Self.words($0.tolerance))" }
        let head = "The phase \(fact), from \(from) to \(to),"
        guard let incident else {
            return "\(head) was not measured: \(reason). Documented: \(said.joined(separator: " or "))."
        }
        return "\(head) took \(Self.words(incident)) of incident time; documented is \(said.joined(separator: " or "))."
    }
}

extension Documented.End {
    /// Whether it is the beginning of a step of the people's.
    fileprivate var isStep: Bool { if case .step = self { true } else { false } }

    /// Whether looks of a measuring probe say when it came.
    fileprivate var isProbed: Bool {
        switch self {
        case .symptom, .mitigated, .recovered: true
        case .onset, .lastBlock, .signal, .report, .step: false
        }
    }
}

extension Verdict.Phase {
    var json: JSON {
        .object([
            "fact": .string(fact), "from": .string(from.description), "to": .string(to.description),
            "documented": .array(
                documented.map {
                    .object([
                        "incident_s": .double($0.incident), "tolerance_s": .double($0.tolerance),
                        "result": .string($0.result.rawValue),
                    ])
                }), "wall_s": JSON(wall), "incident_s": JSON(incident), "resolution_s": .double(resolution),
            "result": .string(result.rawValue), "reason": .string(reason),
        ])
    }
}
