/// What a comparison may refer to besides the sample itself.
struct ComparisonContext {
    /// The target's last sample before the fault; before the fault, the sample itself.
    var baseline: JSON?
    /// Unix seconds of the moments that have come.
    var moments: [Comparison.Moment: Double]
}

extension Comparison {
    /// Whether `sample` satisfies this comparison, without a run around it: `$baseline` is unknown, and no moment has
    /// come.
    public func holds(in sample: JSON) -> Truth {
        var memo = PatternMemo()
        return holds(in: sample, context: .init(baseline: nil, moments: [:]), memo: &memo)
    }

    /// A path that leads nowhere compares equal to null and is unknown to every other operation. So are an order
    /// between values that have none and a pattern that is not a regular expression.
    func holds(in sample: JSON, context: ComparisonContext, memo: inout PatternMemo) -> Truth {
        guard let path = JSONPath(path) else { return .unknown }
        let left = path.value(in: sample)
        switch operand {
        case .value(let right): return compare(left, right)
        case .baseline:
            guard let baseline = context.baseline else { return .unknown }
            return compare(left, path.value(in: baseline))
        case .moment(let moment): return compare(left, .double(context.moments[moment] ?? .infinity))
        case .pattern(let pattern):
            guard let text = left?.scalarText, let matches = memo.matches(pattern, in: text) else { return .unknown }
            return Truth(operation == .matchesNot ? !matches : matches)
        }
    }

    private func compare(_ left: JSON?, _ right: JSON?) -> Truth {
        switch operation {
        case .equal: return Self.areEqual(left, right)
        case .notEqual: return !Self.areEqual(left, right)
        case .less: return Self.areOrdered(left, right) { $0 < $1 }
        case .lessOrEqual: return Self.areOrdered(left, right) { $0 <= $1 }
        case .greater: return Self.areOrdered(left, right) { $0 > $1 }
        case .greaterOrEqual: return Self.areOrdered(left, right) { $0 >= $1 }
        case .matches, .matchesNot: return .unknown
        }
    }

    private static func areEqual(_ left: JSON?, _ right: JSON?) -> Truth {
        switch (left, right) {
        case (nil, nil): return .unknown
        case (nil, .null?), (.null?, nil): return .yes
        case (nil, _), (_, nil): return .unknown
        case (let left?, let right?):
            if let left = left.numeric, let right = right.numeric { return Truth(left == right) }
            return Truth(left == right)
        }
    }

    private static func areOrdered(_ left: JSON?, _ right: JSON?, by isOrdered: (Double, Double) -> Bool) -> Truth {
        guard let left = left?.numeric, let right = right?.numeric else { return .unknown }
        return Truth(isOrdered(left, right))
    }
}

extension JSON {
    /// The number itself; texts are not numbers.
    var numeric: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    /// A block height: a number, or a text of decimal or `0x` hexadecimal digits, as some RPC dialects give it.
    var height: Int64? {
        switch self {
        case .int(let value): value
        case .double(let value): Int64(exactly: value)
        case .string(let text): text.hasPrefix("0x") ? Int64(text.dropFirst(2), radix: 16) : Int64(text)
        default: nil
        }
    }

    /// A text as it is, anything else as JSON text.
    var scalarText: String {
        if case .string(let text) = self { return text }
        return text()
    }
}

/// Remembers the last answer of each pattern: probes mostly see the same text again, and matching it is the dear part.
struct PatternMemo: Sendable, Hashable {
    private struct Answer: Hashable {
        var text: String
        var matches: Bool
    }

    /// Longest text that is matched, in bytes; the rest is cut off, so that a host cannot make the judge slow.
    static let textLimit = 16 << 10

    private var answers: [String: Answer] = [:]

    /// Whether `pattern` is found in `text`; nil when it is not a regular expression.
    mutating func matches(_ pattern: String, in text: String) -> Bool? {
        let text =
            text.utf8.count <= Self.textLimit ? text : String(decoding: text.utf8.prefix(Self.textLimit), as: UTF8.self)
        if let answer = answers[pattern], answer.text == text { return answer.matches }
        guard let regex = try? Regex(pattern) else { return nil }
        let matches = text.firstMatch(of: regex) != nil
        answers[pattern] = Answer(text: text, matches: matches)
        return matches
    }
}
