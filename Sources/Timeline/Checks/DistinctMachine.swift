/// `distinct`: the targets that satisfy some comparisons show several different values, for a while.
struct DistinctMachine: CheckMachine {
    private let value: JSONPath?
    private let atLeast: Int
    private let answering: Int
    private let lasting: Int64
    private var matcher: TargetMatcher
    private var present = Truth.unknown
    private var presentSince: Int64 = 0
    /// What was true before `present`, within which `lasting` may not have passed yet.
    private var previous = Truth.unknown

    init(value: String, atLeast: Int, matching: [Comparison], answering: Int, lasting: Int64, targets: Targets) {
        self.value = JSONPath(value)
        self.atLeast = atLeast
        self.answering = max(1, answering)
        self.lasting = lasting
        // Without comparisons every target that shows a value counts.
        self.matcher = TargetMatcher(
            comparisons: matching.isEmpty
                ? [Comparison(path: value, operation: .notEqual, operand: .value(.null))] : matching,
            targets: targets)
    }

    mutating func observe(target: Int, look: Look) { matcher.observe(target: target, look: look) }
    mutating func runMoved(to progress: RunProgress) { matcher.runMoved(to: progress) }

    mutating func assess(at now: Int64) -> Assessment {
        let truth = presentTruth(at: now)
        if truth != present {
            (previous, present, presentSince) = (present, truth, now)
        }
        let nextStale = matcher.targets.nextStale(after: now)
        guard present == .yes, now < presentSince + lasting else {
            return Assessment(truth: present, changesAt: nextStale)
        }
        return Assessment(truth: previous, changesAt: earliest(presentSince + lasting, nextStale))
    }

    private func presentTruth(at now: Int64) -> Truth {
        let (values, unknown) = values(at: now)
        let different = Set(values).count
        if values.count >= answering, different >= atLeast { return .yes }
        return values.count + unknown < answering || different + unknown < atLeast ? .no : .unknown
    }

    private func values(at now: Int64) -> (values: [JSON], unknown: Int) {
        var values: [JSON] = []
        var unknown = 0
        for target in matcher.targets.names.indices {
            switch matcher.truth(target, at: now) {
            case .no: break
            case .unknown: unknown += 1
            case .yes:
                let found = matcher.targets.fresh(target, at: now)?.value.flatMap { value?.value(in: $0) }
                if let found { values.append(found) } else { unknown += 1 }
            }
        }
        return (values, unknown)
    }

    func evidence(at now: Int64) -> String {
        let values = values(at: now).values
        let shown = Set(values.map { shortened($0.scalarText, to: 24) }).sorted()
        let held = present == .yes ? ", for \(Nanoseconds.text(now - presentSince))" : ""
        return "\(values.count) of \(matcher.targets.count) show \(shown.count) values"
            + (shown.isEmpty ? "" : " (\(shown.prefix(5).joined(separator: ", ")))") + held
    }
}
