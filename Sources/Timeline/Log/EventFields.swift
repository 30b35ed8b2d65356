/// Why a line of `events.jsonl` is not an event.
public enum EventFormatError: Error, Sendable, Hashable, CustomStringConvertible {
    case notAnObject
    case missing(field: String, type: String)
    case wrong(field: String, type: String, expected: String)
    case unknownType(String)
    case unknownFields([String], type: String)

    /// A full sentence, or the part of one that says what is wrong.
    public var description: String {
        switch self {
        case .notAnObject: "an event is a JSON object"
        case .missing(let field, let type): "the field '\(field)' of the event '\(type)' is missing"
        case .wrong(let field, let type, let expected):
            "the field '\(field)' of the event '\(type)' should be \(expected)"
        case .unknownType(let type): "there is no event type '\(type)'; this log may come from a newer Firedrill"
        case .unknownFields(let fields, let type):
            "the event '\(type)' has no field \(fields.map { "'\($0)'" }.joined(separator: ", "))"
        }
    }
}

/// The fields of one event line while it is read: each is taken once, and none may be left over.
struct EventFields {
    private var members: [String: JSON]
    var type = "?"

    init(_ json: JSON) throws(EventFormatError) {
        guard case .object(let members) = json else { throw .notAnObject }
        self.members = members
    }

    mutating func text(_ field: String) throws(EventFormatError) -> String {
        guard case .string(let value) = try take(field) else {
            throw .wrong(field: field, type: type, expected: "text")
        }
        return value
    }

    mutating func optionalText(_ field: String) throws(EventFormatError) -> String? {
        members[field] == nil ? nil : try text(field)
    }

    mutating func integer(_ field: String) throws(EventFormatError) -> Int64 {
        guard case .int(let value) = try take(field) else {
            throw .wrong(field: field, type: type, expected: "a whole number")
        }
        return value
    }

    mutating func optionalInteger(_ field: String) throws(EventFormatError) -> Int64? {
        members[field] == nil ? nil : try integer(field)
    }

    mutating func flag(_ field: String) throws(EventFormatError) -> Bool {
        guard case .bool(let value) = try take(field) else {
            throw .wrong(field: field, type: type, expected: "true or false")
        }
        return value
    }

    mutating func texts(_ field: String) throws(EventFormatError) -> [String] {
        guard case .array(let elements) = try take(field) else {
            throw .wrong(field: field, type: type, expected: "a list of texts")
        }
        var texts: [String] = []
        for element in elements {
            guard case .string(let value) = element else {
                throw .wrong(field: field, type: type, expected: "a list of texts")
            }
            texts.append(value)
        }
        return texts
    }

    mutating func duration(_ field: String) throws(EventFormatError) -> DurationText {
        guard let value = DurationText(try text(field)) else {
            throw .wrong(field: field, type: type, expected: "a duration such as 1s500ms")
        }
        return value
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ field: String, of choices: Choice.Type
    ) throws(EventFormatError) -> Choice where Choice.RawValue == String {
        guard let value = Choice(rawValue: try text(field)) else {
            let known = choices.allCases.map(\.rawValue).joined(separator: ", ")
            throw .wrong(field: field, type: type, expected: "one of \(known)")
        }
        return value
    }

    mutating func seed(_ field: String) throws(EventFormatError) -> UInt64 {
        guard let value = UInt64(exactly: try take(field)) else {
            throw .wrong(field: field, type: type, expected: "a whole number from 0 to 2^64 - 1")
        }
        return value
    }

    mutating func json(_ field: String) -> JSON? { members.removeValue(forKey: field) }

    func finish() throws(EventFormatError) {
        guard members.isEmpty else { throw .unknownFields(members.keys.sorted(), type: type) }
    }

    private mutating func take(_ field: String) throws(EventFormatError) -> JSON {
        guard let value = members.removeValue(forKey: field) else { throw .missing(field: field, type: type) }
        return value
    }
}

extension UInt64 {
    /// Reads what `JSON(seed)` wrote: a number, or decimal digits where the number is beyond `Int64`.
    init?(exactly json: JSON) {
        switch json {
        case .int(let value) where value >= 0: self = UInt64(value)
        case .string(let digits): self.init(digits)
        default: return nil
        }
    }
}

extension JSON {
    /// A seed as a number, or as decimal digits in a string where many JSON readers would lose digits.
    init(_ seed: UInt64) { self = Int64(exactly: seed).map { .int($0) } ?? .string(String(seed)) }

    init(_ texts: [String]) { self = .array(texts.map { .string($0) }) }
}
