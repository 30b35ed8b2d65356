/// Why a JSON text was refused.
enum JSONFailure: Error, Equatable, CustomStringConvertible {
    case invalid(what: String, offset: Int)
    case tooDeep(limit: Int)
    case duplicate(name: String)

    var description: String {
        switch self {
        case .invalid(let what, let offset): "The text is not valid JSON: \(what) at byte \(offset)."
        case .tooDeep(let limit): "The JSON is nested deeper than \(limit) levels."
        case .duplicate(let name): "The JSON has the name '\(name)' twice in one object."
        }
    }
}

extension JSON {
    /// Parses a whole JSON text strictly: valid UTF-8, no trailing data, no duplicate names.
    /// - Parameters:
    ///   - bytes: the text; its size must have been limited by whoever read it.
    ///   - depth: how many arrays and objects may be nested.
    static func parse(_ bytes: [UInt8], depth: Int = 16) throws(JSONFailure) -> JSON {
        var parser = JSONParser(bytes: bytes, depthLimit: depth)
        return try parser.document()
    }
}

private struct JSONParser {
    let bytes: [UInt8]
    let depthLimit: Int
    var index = 0

    init(bytes: [UInt8], depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    mutating func document() throws(JSONFailure) -> JSON {
        let value = try value(depth: 0)
        skipSpace()
        guard index == bytes.count else { throw invalid("there is something after the value") }
        return value
    }

    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    private func invalid(_ what: String) -> JSONFailure { .invalid(what: what, offset: index) }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        index += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONFailure) -> JSON {
        guard depth <= depthLimit else { throw .tooDeep(limit: depthLimit) }
        skipSpace()
        switch current {
        case 0x7B: return try object(depth: depth)
        case 0x5B: return try array(depth: depth)
        case 0x22: return .string(try string())
        case 0x74: return try word("true", .bool(true))
        case 0x66: return try word("false", .bool(false))
        case 0x6E: return try word("null", .null)
        case 0x2D, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39: return try number()
        case nil: throw invalid("the text ends where a value is expected")
        default: throw invalid("there is no value")
        }
    }

    private mutating func word(_ word: String, _ value: JSON) throws(JSONFailure) -> JSON {
        guard bytes[index...].starts(with: word.utf8) else { throw invalid("there is an unknown word") }
        index += word.utf8.count
        return value
    }

    private mutating func object(depth: Int) throws(JSONFailure) -> JSON {
        index += 1
        var members: [JSON.Member] = []
        var names: Set<String> = []
        skipSpace()
        if take(0x7D) { return .object([]) }
        while true {
            skipSpace()
            guard current == 0x22 else { throw invalid("a name in quotes is expected") }
            let name = try string()
            guard names.insert(name).inserted else { throw .duplicate(name: name) }
            skipSpace()
            guard take(0x3A) else { throw invalid("a colon is expected") }
            members.append(JSON.Member(name: name, value: try value(depth: depth + 1)))
            skipSpace()
            if take(0x7D) { return .object(members) }
            guard take(0x2C) else { throw invalid("a comma or '}' is expected") }
        }
    }

    private mutating func array(depth: Int) throws(JSONFailure) -> JSON {
        index += 1
        var items: [JSON] = []
        skipSpace()
        if take(0x5D) { return .array([]) }
        while true {
            items.append(try value(depth: depth + 1))
            skipSpace()
            if take(0x5D) { return .array(items) }
            guard take(0x2C) else { throw invalid("a comma or ']' is expected") }
        }
    }

    private mutating func digits() -> Int {
        let start = index
        while let byte = current, (0x30...0x39).contains(byte) { index += 1 }
        return index - start
    }

    private mutating func number() throws(JSONFailure) -> JSON {
        let start = index
        _ = take(0x2D)
        if take(0x30) {
            // A leading zero stands alone.
        } else if digits() == 0 {
            throw invalid("a number has no digits")
        }
        if take(0x2E), digits() == 0 { throw invalid("a number ends with its point") }
        if take(0x65) || take(0x45) {
            if !take(0x2B) { _ = take(0x2D) }
            if digits() == 0 { throw invalid("a number has an empty exponent") }
        }
        return .number(String(decoding: bytes[start..<index], as: UTF8.self))
    }

    private mutating func string() throws(JSONFailure) -> String {
        index += 1
        var out: [UInt8] = []
        while let byte = current {
            index += 1
            switch byte {
            case 0x22:
                guard let text = String(validating: out, as: UTF8.self) else { throw invalid("a string is not UTF-8") }
                return text
            case 0x5C: try escape(into: &out)
            case 0x00..<0x20: throw invalid("a string has an unescaped control character")
            default: out.append(byte)
            }
        }
        throw invalid("a string does not end")
    }

    private mutating func escape(into out: inout [UInt8]) throws(JSONFailure) {
        guard let byte = current else { throw invalid("a string does not end") }
        index += 1
        switch byte {
        case 0x22, 0x5C, 0x2F: out.append(byte)
        case 0x62: out.append(0x08)
        case 0x66: out.append(0x0C)
        case 0x6E: out.append(0x0A)
        case 0x72: out.append(0x0D)
        case 0x74: out.append(0x09)
        case 0x75:
            var code = try hex4()
            if (0xD800..<0xDC00).contains(code) {
                guard take(0x5C), take(0x75) else { throw invalid("half of a surrogate pair is missing") }
                let low = try hex4()
                guard (0xDC00..<0xE000).contains(low) else { throw invalid("half of a surrogate pair is missing") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw invalid("half of a surrogate pair is missing") }
            out += Array(String(Character(scalar)).utf8)
        default: throw invalid("there is an unknown escape")
        }
    }

    private mutating func hex4() throws(JSONFailure) -> UInt32 {
        guard index + 4 <= bytes.count,
            bytes[index..<index + 4].allSatisfy({ ($0 as UInt8).isHexDigit }),
            let code = UInt32(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
        else { throw invalid("\\u needs four hexadecimal digits") }
        index += 4
        return code
    }
}

extension UInt8 {
    /// True for 0-9, a-f and A-F.
    var isHexDigit: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }
}
