/// What is known about a condition. Unknown stays unknown: it is neither evidence for nor against.
public enum Truth: String, Sendable, Hashable, Codable {
    case yes, no, unknown

    /// A known value.
    public init(_ value: Bool) { self = value ? .yes : .no }

    /// The opposite; unknown stays unknown.
    public static prefix func ! (value: Truth) -> Truth {
        switch value {
        case .yes: .no
        case .no: .yes
        case .unknown: .unknown
        }
    }
}

extension Sequence<Truth> {
    /// `no` when any is no, else `unknown` when any is unknown, else `yes`; an empty list says nothing: unknown.
    public var conjunction: Truth {
        var result = Truth.unknown
        var isEmpty = true
        for truth in self {
            if truth == .no { return .no }
            if isEmpty { result = truth } else if truth == .unknown { result = .unknown }
            isEmpty = false
        }
        return result
    }
}
