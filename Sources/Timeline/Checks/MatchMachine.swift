/// `match`: enough of the targets' last samples satisfy every comparison.
struct MatchMachine: CheckMachine {
    private let quantifier: Check.Quantifier
    private var matcher: TargetMatcher

    init(comparisons: [Comparison], quantifier: Check.Quantifier, targets: Targets) {
        self.quantifier = quantifier
        self.matcher = TargetMatcher(comparisons: comparisons, targets: targets)
    }

    mutating func observe(target: Int, look: Look) { matcher.observe(target: target, look: look) }
    mutating func runMoved(to progress: RunProgress) { matcher.runMoved(to: progress) }

    mutating func assess(at now: Int64) -> Assessment {
        Assessment(truth: quantifier.truth(of: truths(at: now)), changesAt: matcher.targets.nextStale(after: now))
    }

    private func truths(at now: Int64) -> [Truth] {
        matcher.targets.names.indices.map { matcher.truth($0, at: now) }
    }

    func evidence(at now: Int64) -> String {
        let truths = truths(at: now)
        let matching = truths.count { $0 == .yes }
        let unknown = truths.count { $0 == .unknown }
        let counts = "\(matching) of \(truths.count) match" + (unknown > 0 ? ", \(unknown) unknown" : "")
        // The targets that decided: those that match, or where none does, whatever there is.
        let observed = matcher.observed(at: now, only: matching > 0 ? .yes : nil)
        return observed.isEmpty ? counts : "\(counts) (\(observed))"
    }
}

extension Check.Quantifier {
    /// Decides from the targets' truths; unknown ones count for whichever side would need them. No target decides
    /// nothing.
    func truth(of truths: [Truth]) -> Truth {
        let matching = truths.count { $0 == .yes }
        let possible = truths.count { $0 != .no }
        guard !truths.isEmpty else { return .unknown }
        func between(_ low: Int, _ high: Int) -> Truth {
            if matching > high || possible < low { return .no }
            return matching >= low && possible <= high ? .yes : .unknown
        }
        switch self {
        case .all: return between(truths.count, truths.count)
        case .any: return between(1, truths.count)
        case .none: return between(0, 0)
        case .atLeast(let count): return between(count, .max)
        case .atMost(let count): return between(0, count)
        }
    }
}
