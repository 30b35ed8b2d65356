import Timeline

/// Lines of a run's picture besides the heights: read from samples by what the criteria ask, whatever the chain.
struct SampleSeries {
    struct Point: Hashable {
        var at: Double
        var value: Double
    }

    struct Series {
        var name: String
        /// A value stays until the next point.
        var points: [Point] = []

        mutating func add(_ value: Double, at: Double) {
            if points.last?.value != value { points.append(Point(at: at, value: value)) }
        }
    }

    /// Per scope of the impact: which share of what users ask for they get, 0 ... 1. A target that gives no answer gives
    /// nothing; one that counts its own successes (`.good == 10`) gives their share.
    private(set) var success: [Series] = []
    /// Values that should agree and did not in some symptom, such as the view that each node is in: per host.
    private(set) var values: [Series] = []
    /// Where `values` are read: probe and path.
    private(set) var valueName = ""

    private struct Reader {
        var check: Check
        var series: Int
        var targets: [String]
        var latest: [String: Double] = [:]
    }

    private var readers: [Reader] = []
    private var valueProbe: (probe: String, path: JSONPath)?
    private var valueTargets: [String: Int] = [:]

    /// - Parameter shown: facts that this run was asked to show; values of others are left out.
    init(criteria: Criteria, shown: Set<String>) {
        for check in criteria.impact {
            for (scope, targets) in check.scopes.sorted(by: { $0.key < $1.key }) where !targets.isEmpty {
                let name = criteria.impact.count == 1 ? scope : scope == "all" ? check.id : "\(scope) \(check.id)"
                readers.append(Reader(check: check, series: success.count, targets: targets))
                success.append(Series(name: name))
            }
        }
        for symptom in criteria.symptoms where shown.contains(symptom.fact) && valueProbe == nil {
            for check in symptom.checks {
                guard case .distinct(let value, _, _, _, _) = check.predicate, let path = JSONPath(value) else {
                    continue
                }
                valueProbe = (check.probe, path)
                valueName = "\(check.probe) \(value)"
                for target in Set(check.scopes.values.joined()).sorted() {
                    valueTargets[target] = values.count
                    values.append(Series(name: target))
                }
                break
            }
        }
    }

    mutating func apply(probe: String, target: String, value: JSON?, at: Double) {
        for index in readers.indices
        where readers[index].check.probe == probe && readers[index].targets.contains(target) {
            readers[index].latest[target] = Self.share(of: value, readers[index].check)
            let latest = readers[index].latest.values
            success[readers[index].series].add(latest.reduce(0, +) / Double(latest.count), at: at)
        }
        if let valueProbe, valueProbe.probe == probe, let index = valueTargets[target], let value {
            if let number = valueProbe.path.value(in: value).flatMap(Self.number) { values[index].add(number, at: at) }
        }
    }

    private static func share(of value: JSON?, _ check: Check) -> Double {
        guard let value else { return 0 }
        guard case .match(let comparisons, _) = check.predicate else { return 1 }
        if comparisons.count == 1, case .value(let operand) = comparisons[0].operand, let whole = number(operand),
            whole > 1,
            [.equal, .greaterOrEqual].contains(comparisons[0].operation)
        {
            let seen = JSONPath(comparisons[0].path)?.value(in: value).flatMap(number) ?? 0
            return min(1, max(0, seen / whole))
        }
        return comparisons.allSatisfy { $0.holds(in: value) == .yes } ? 1 : 0
    }

    private static func number(_ json: JSON) -> Double? {
        switch json {
        case .int(let value): Double(value)
        case .double(let value) where value.isFinite: value
        case .string(let text): Double(text)
        default: nil
        }
    }
}
