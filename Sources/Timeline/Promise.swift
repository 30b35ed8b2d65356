/// What a fix promises of a replay: one or more terms, all of which must hold.
public struct Promise: Sendable, Hashable, Codable {
    /// At least one.
    public var terms: [Term]

    /// - Parameter terms: at least one; all must hold.
    public init(terms: [Term]) { self.terms = terms }

    /// One promise. Durations are incident time from the completed injection.
    public enum Term: Sendable, Hashable, Codable {
        /// Neither user impact nor a break of the steady state while the network was watched.
        case noOutage
        case atMost(Measure, DurationText)
        /// The first signal is an alert, and comes within this time.
        case alert(DurationText)
        /// At most this share of what the control took; a run alone cannot tell.
        case share(Measure, Double)
    }

    /// The times of DESIGN section 1.
    public enum Measure: String, Sendable, Hashable, Codable, CaseIterable {
        case ttd, tta, ttm, ttr

        /// As in the middle of a sentence.
        public var words: String {
            switch self {
            case .ttd: "the time to detect"
            case .tta: "the time to act"
            case .ttm: "the time to mitigate"
            case .ttr: "the time to recover"
            }
        }
    }

    /// Whether the fix promises that nothing breaks.
    public var promisesNoOutage: Bool { terms.contains(.noOutage) }
}

extension Promise: CustomStringConvertible {
    /// As definition files write it: `no-outage and ttr<=10m`.
    public var description: String { terms.map(\.description).joined(separator: " and ") }
}

extension Promise.Term: CustomStringConvertible {
    /// As definition files write it.
    public var description: String {
        switch self {
        case .noOutage: "no-outage"
        case .atMost(let measure, let limit): "\(measure.rawValue)<=\(limit)"
        case .alert(let limit): "alert<=\(limit)"
        case .share(let measure, let share):
            "\(measure.rawValue)<=\(share)x"
        }
    }
}

extension Promise.Term {
    /// What a run shows of a term.
    public enum Finding: Sendable, Hashable {
        case met
        /// A full sentence says why not.
        case missed(String)
        /// The run cannot tell; a full sentence says why.
        case unknown(String)
    }

    /// Judges a term by one run. A `share` is unknown here: it takes a control.
    public func finding(in verdict: Verdict) -> Finding {
        switch self {
        case .noOutage:
            switch verdict.outage {
            case false: return .met
            case true: return .missed("There was an outage, and none was expected.")
            case nil: return .unknown("Whether there was an outage is not known.")
            }
        case .atMost(let measure, let limit): return Self.finding(of: measure, limit, in: verdict)
        case .alert(let limit):
            let time = verdict.times.detect
            guard time.source == Event.SignalSource.report.rawValue, !time.isCensored else {
                return Self.finding(of: .ttd, limit, in: verdict)
            }
            return .missed("The first signal was a report, and an alert was expected.")
        case .share: return .unknown("How it compares is told only beside a control: use 'firedrill validate'.")
        }
    }

    private static func finding(
        of measure: Promise.Measure, _ limit: DurationText, in verdict: Verdict
    ) -> Finding {
        let time = verdict.times[measure]
        guard let incident = time.incident else {
            // Nothing to mitigate or to recover from is better than what was promised; nothing to detect is not.
            if verdict.outage != nil, measure == .ttm || measure == .ttr { return .met }
            return .unknown("\(measure.words.capitalizedFirst) could not be measured: \(time.source).")
        }
        let text = DurationText(.milliseconds(Int64(min(incident, 3e7) * 1_000)))
        guard time.isCensored else {
            return incident <= limit.duration.inSeconds
                ? .met : .missed("\(measure.words.capitalizedFirst) was \(text), and at most \(limit) was expected.")
        }
        if verdict.outage == false {
            return .unknown("Nothing broke, so \(measure.words) says nothing.")
        }
        // One look less than the limit is the limit, as for the horizon.
        let waited = incident + verdict.precision * verdict.timeScale >= limit.duration.inSeconds
        return waited
            ? .missed("\(measure.words.capitalizedFirst) was longer than \(text), and at most \(limit) was expected.")
            : .unknown("Observation stopped \(text) after the fault, before the limit of \(limit).")
    }
}

extension Verdict.Times {
    /// The time that a measure names.
    public subscript(_ measure: Promise.Measure) -> Verdict.Time {
        switch measure {
        case .ttd: detect
        case .tta: act
        case .ttm: mitigate
        case .ttr: recover
        }
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
