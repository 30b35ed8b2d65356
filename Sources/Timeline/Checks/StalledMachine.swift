/// `stalled`: a value that had been rising is constant on every target that answers, for a while.
struct StalledMachine: CheckMachine {
    private let value: JSONPath?
    private let lasting: Int64
    private let answering: Int
    private var targets: Targets
    private var heights: [Int64?]
    private var lastRise: Int64?
    /// Since when at least `answering` targets have answered without a gap.
    private var answeredSince: Int64?

    init(value: String, lasting: Int64, answering: Int, targets: Targets) {
        self.value = JSONPath(value)
        self.lasting = lasting
        // Nothing is shown about targets that do not answer, so at least one must.
        self.answering = max(1, answering)
        self.targets = targets
        self.heights = targets.names.map { _ in nil }
    }

    mutating func observe(target: Int, look: Look) {
        targets.observe(target: target, look: look)
        guard let height = height(in: look) else { return }
        if let previous = heights[target], height > previous { lastRise = look.ended }
        heights[target] = height
    }

    private func height(in look: Look?) -> Int64? { look?.value.flatMap { value?.value(in: $0)?.height } }

    private func answers(at now: Int64) -> [Int64] {
        targets.names.indices.compactMap { height(in: targets.fresh($0, at: now)) }
    }

    mutating func assess(at now: Int64) -> Assessment {
        if answers(at: now).count < answering {
            answeredSince = nil
        } else if answeredSince == nil {
            answeredSince = now
        }
        let nextStale = targets.nextStale(after: now)
        guard let lastRise else { return Assessment(truth: .unknown, changesAt: nextStale) }
        if now < lastRise + lasting {
            return Assessment(truth: .no, changesAt: earliest(lastRise + lasting, nextStale))
        }
        guard let answeredSince else { return Assessment(truth: .unknown, changesAt: nextStale) }
        guard now >= answeredSince + lasting else {
            return Assessment(truth: .unknown, changesAt: earliest(answeredSince + lasting, nextStale))
        }
        return Assessment(truth: .yes, changesAt: nextStale)
    }

    func evidence(at now: Int64) -> String {
        let answers = answers(at: now)
        let who = "\(answers.count) of \(targets.count) answer"
        guard let lastRise, let low = answers.min(), let high = answers.max() else {
            return lastRise == nil ? "no rise seen yet; \(who)" : who
        }
        let at = low == high ? "at \(high)" : "at \(low) to \(high)"
        return "\(at), no rise for \(Nanoseconds.text(now - lastRise)); \(who)"
    }
}
