/// A path into a JSON value as definition files write it: `.a.b[0]`; `.` is the whole value.
public struct JSONPath: Sendable, Hashable {
    private enum Part: Hashable {
        case key(String)
        case index(Int)
    }

    private var parts: [Part]

    /// Nil when `text` is not a path: it starts with a point, keys are made of letters, digits, `_` and `-`,
    /// indexes are whole numbers in brackets.
    public init?(_ text: String) {
        parts = []
        guard text.first == "." else { return nil }
        if text == "." { return }
        var rest = Substring(text)
        while let first = rest.first {
            rest = rest.dropFirst()
            if first == "." {
                let key = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
                // `.[0]` indexes the whole value.
                if key.isEmpty, parts.isEmpty, rest.first == "[" { continue }
                guard !key.isEmpty else { return nil }
                parts.append(.key(String(key)))
                rest = rest.dropFirst(key.count)
            } else if first == "[" {
                let digits = rest.prefix { ("0"..."9").contains($0) }
                guard let index = Int(digits), rest.dropFirst(digits.count).first == "]" else { return nil }
                parts.append(.index(index))
                rest = rest.dropFirst(digits.count + 1)
            } else {
                return nil
            }
        }
    }

    /// What lies at the path; nil when nothing does, which differs from a null that does.
    public func value(in root: JSON) -> JSON? {
        var current = root
        for part in parts {
            switch (part, current) {
            case (.key(let key), .object(let members)):
                guard let member = members[key] else { return nil }
                current = member
            case (.index(let index), .array(let elements)):
                guard elements.indices.contains(index) else { return nil }
                current = elements[index]
            default: return nil
            }
        }
        return current
    }
}
