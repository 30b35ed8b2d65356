/// Comparisons over the last sample of each target of a scope, with baselines and moments.
struct TargetMatcher: Sendable {
    private let comparisons: [Comparison]
    private(set) var targets: Targets
    /// Last value of each target, whether or not it still counts.
    private var lastValues: [JSON?]
    /// Fixed when the first injection starts; nil before.
    private var baselines: [JSON?]?
    private var moments: [Comparison.Moment: Double] = [:]
    private var memos: [PatternMemo]
    private var truths: [Truth]

    init(comparisons: [Comparison], targets: Targets) {
        self.comparisons = comparisons
        self.targets = targets
        self.lastValues = targets.names.map { _ in nil }
        self.memos = targets.names.map { _ in PatternMemo() }
        self.truths = targets.names.map { _ in .unknown }
    }

    mutating func observe(target: Int, look: Look) {
        targets.observe(target: target, look: look)
        if let value = look.value { lastValues[target] = value }
        compare(target)
    }

    mutating func runMoved(to progress: RunProgress) {
        if progress.injectStarted != nil, baselines == nil { baselines = lastValues }
        moments = progress.moments
        for target in targets.names.indices { compare(target) }
    }

    private mutating func compare(_ target: Int) {
        guard let value = targets.looks[target]?.value else {
            truths[target] = .unknown
            return
        }
        let baseline = if let baselines { baselines[target] } else { value as JSON? }
        let context = ComparisonContext(baseline: baseline, moments: moments)
        var memo = memos[target]
        truths[target] = comparisons.map { $0.holds(in: value, context: context, memo: &memo) }.conjunction
        memos[target] = memo
    }

    /// Whether the target's last sample satisfies every comparison; unknown when it is stale or there is none.
    func truth(_ target: Int, at now: Int64) -> Truth {
        targets.fresh(target, at: now) == nil ? .unknown : truths[target]
    }

    /// `s0-t3-1 .status 403`: what the comparisons looked at, for a few targets.
    func observed(at now: Int64, only wanted: Truth? = nil) -> String {
        let shown = targets.names.indices.filter { wanted == nil || truth($0, at: now) == wanted }
        let texts = shown.prefix(3).map { "\(targets.names[$0]) \(observed(target: $0, at: now))" }
        return texts.joined(separator: ", ") + (shown.count > 3 ? ", …" : "")
    }

    private func observed(target: Int, at now: Int64) -> String {
        guard let look = targets.fresh(target, at: now) else { return "not seen lately" }
        guard let value = look.value else { return "gave no answer" }
        var paths: [String] = []
        for comparison in comparisons where !paths.contains(comparison.path) { paths.append(comparison.path) }
        return paths.map { path in
            let found = JSONPath(path)?.value(in: value)
            return "\(path) \(found.map { shortened($0.scalarText, to: 48) } ?? "missing")"
        }.joined(separator: " ")
    }
}

/// One line of `text`, at most `limit` characters, with `…` where it was cut.
func shortened(_ text: String, to limit: Int) -> String {
    let line = text.split(omittingEmptySubsequences: true) { $0.isWhitespace }.joined(separator: " ")
    return line.count <= limit ? line : line.prefix(limit - 1) + "…"
}
