import Timeline

/// The values of a runbook's visible lines: `Strategy:`, `Until:`, `Expect:` and `Rollback:`.
enum StepLine {
    private static let mostHostsAtOnce = 1_000

    /// `parallel`, `parallel 4`, `rolling 1`, each with an optional `max-fail 1`, in words apart by spaces or commas.
    static func strategy(_ text: String) throws(ExpressionError) -> StepPlan.Strategy {
        let help = "Write 'parallel', 'parallel 4' or 'rolling 1', and after it perhaps 'max-fail 1'."
        var words = text.split { $0 == " " || $0 == "," }.map(String.init)[...]
        var kind = "parallel"
        if let first = words.first, first != "max-fail" {
            guard first == "parallel" || first == "rolling" else {
                throw ExpressionError(
                    "the strategy '\(Quote.short(first))' does not exist",
                    remedy: [
                        NearMiss.closest(to: first, among: ["parallel", "rolling", "max-fail"]).map {
                            "Did you mean '\($0)'?"
                        }, help,
                    ]
                    .compactMap { $0 }.joined(separator: " "))
            }
            kind = first
            words.removeFirst()
        }
        var size: Int?
        if let first = words.first, first != "max-fail" {
            size = try count(first, help: help, from: 1)
            words.removeFirst()
        }
        var maxFail = 0
        if words.first == "max-fail" {
            words.removeFirst()
            maxFail = try count(words.popFirst() ?? "", help: help, from: 0)
        }
        if let extra = words.first {
            throw ExpressionError("'\(Quote.short(extra))' is not expected in a strategy", remedy: help)
        }
        if kind == "rolling" {
            guard let size else { throw ExpressionError("'rolling' needs the number of hosts at a time", remedy: help) }
            return .rolling(batch: size, maxFail: maxFail)
        }
        return .parallel(limit: size, maxFail: maxFail)
    }

    private static func count(_ text: String, help: String, from lowest: Int) throws(ExpressionError) -> Int {
        guard let number = Scalars.plainInteger(text), (lowest...mostHostsAtOnce).contains(number) else {
            throw ExpressionError("'\(Quote.short(text))' is not a number of hosts", remedy: help)
        }
        return number
    }

    /// `every 1s for 5m` with an optional `, hold 10s`. Wall times, never scaled.
    static func until(_ text: String) throws(ExpressionError) -> StepPlan.Until {
        let help = "Write for example 'every 1s for 5m, hold 10s'."
        let words = text.split { $0 == " " || $0 == "," }.map(String.init)
        guard words.count == 4 || words.count == 6, words[0] == "every", words[2] == "for",
            words.count == 4 || words[4] == "hold"
        else { throw ExpressionError("'\(Quote.short(text))' does not say how often and how long", remedy: help) }
        let every = try duration(words[1], help: help)
        let atMost = try duration(words[3], help: help)
        let hold = words.count == 6 ? try duration(words[5], help: help) : nil
        guard every.duration >= .milliseconds(100) else {
            throw ExpressionError("'every \(every)' is shorter than 100ms", remedy: "Look less often.")
        }
        guard atMost.duration >= every.duration, hold.map({ $0.duration <= atMost.duration }) ?? true else {
            throw ExpressionError("'for \(atMost)' is shorter than the interval or the hold", remedy: help)
        }
        return StepPlan.Until(every: every, atMost: atMost, hold: hold)
    }

    private static func duration(_ text: String, help: String) throws(ExpressionError) -> DurationText {
        guard let duration = DurationText(text), duration.duration > .zero else {
            throw ExpressionError("'\(Quote.short(text))' is not a duration", remedy: help)
        }
        return duration
    }

    /// `exit 0`, `stdout ~ /re/` or `json .path == value`.
    static func expectation(_ text: String) throws(ExpressionError) -> StepPlan.Expectation {
        let help = "Write 'exit 0', 'stdout ~ /pattern/' or 'json .path == value'."
        let word = text.prefix { $0 != " " }
        let rest = String(text.dropFirst(word.count).drop { $0 == " " })
        switch word {
        case "exit":
            guard let code = Scalars.plainInteger(rest), (0...255).contains(code) else {
                throw ExpressionError(
                    "'\(Quote.short(rest))' is not an exit code", remedy: "Write a number from 0 to 255.")
            }
            return .exit(Int32(code))
        case "stdout":
            guard rest.first == "~", let pattern = Pattern.body(of: rest.dropFirst().drop { $0 == " " }) else {
                throw ExpressionError("'\(Quote.short(text))' has no pattern", remedy: "Write 'stdout ~ /pattern/'.")
            }
            try Pattern.check(pattern)
            return .stdout(pattern: pattern)
        case "json":
            let comparison = try ComparisonParser.parse(rest)
            if case .value = comparison.operand { return .json(comparison) }
            if case .pattern = comparison.operand { return .json(comparison) }
            throw ExpressionError(
                "a step has no baseline and no moments to compare with", remedy: "Compare with a value.")
        default:
            throw ExpressionError(
                "'\(Quote.short(text))' is not an expectation",
                remedy: NearMiss.closest(to: String(word), among: ["exit", "stdout", "json"]).map {
                    "Did you mean '\($0)'?"
                } ?? help)
        }
    }
}

/// `0..3`: whole numbers from the first to the last.
enum NumberRange {
    private static let mostNumbers = 250

    static func parse(_ text: String) throws(ExpressionError) -> [String] {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1].isEmpty, let first = Scalars.plainInteger(parts[0]),
            let last = Scalars.plainInteger(parts[2]), first >= 0, last >= first
        else {
            throw ExpressionError(
                "'\(Quote.short(text))' is not a range", remedy: "Write for example 1..4, or a list [a, b].")
        }
        guard last - first < mostNumbers else {
            throw ExpressionError(
                "the range \(text) has more than \(mostNumbers) numbers", remedy: "Write a smaller one.")
        }
        return (first...last).map(String.init)
    }
}
