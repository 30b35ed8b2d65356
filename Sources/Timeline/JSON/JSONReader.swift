/// A strict reader of JSON text (RFC 8259) with limits, for text that other programs wrote.
///
/// Stricter than the specification asks: a key given twice is an error, because two readers would see two values.
public struct JSONReader {
    /// What is refused before it costs memory or stack.
    public struct Limits: Sendable, Hashable {
        /// Longest accepted text, in bytes.
        public var bytes: Int
        /// Deepest accepted nesting of arrays and objects.
        public var depth: Int

        /// 4 MiB and 64 levels: more than any probe or event needs.
        public init(bytes: Int = 4 << 20, depth: Int = 64) {
            self.bytes = bytes
            self.depth = depth
        }
    }

    /// Why a text is not the JSON that was expected.
    public enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
        case tooLong(bytes: Int, limit: Int)
        case tooDeep(limit: Int)
        case endsEarly
        case unexpected(byte: UInt8, offset: Int)
        case badNumber(offset: Int)
        case badString(offset: Int)
        case duplicateKey(String)
        case trailingText(offset: Int)

        /// A full sentence, or the part of one that says what is wrong.
        public var description: String {
            switch self {
            case .tooLong(let bytes, let limit): "the JSON text has \(bytes) bytes; at most \(limit) are read"
            case .tooDeep(let limit): "the JSON text nests deeper than \(limit) levels"
            case .endsEarly: "the JSON text ends in the middle of a value"
            case .unexpected(let byte, let offset):
                "byte \(offset) of the JSON text is 0x\(String(byte, radix: 16)), which fits nothing there"
            case .badNumber(let offset): "the number at byte \(offset) of the JSON text is malformed or out of range"
            case .badString(let offset):
                "the string at byte \(offset) of the JSON text holds a bad escape, control character or UTF-8 sequence"
            case .duplicateKey(let key): "the JSON text gives the key '\(key)' twice in one object"
            case .trailingText(let offset): "something follows the JSON value, at byte \(offset)"
            }
        }
    }

    private var bytes: [UInt8]
    private var offset = 0
    private let depthLimit: Int

    private init(bytes: [UInt8], depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    /// Reads the one value that `bytes` holds, blank space around it allowed.
    public static func read(_ bytes: some Collection<UInt8>, limits: Limits = .init()) throws(Failure) -> JSON {
        guard bytes.count <= limits.bytes else { throw .tooLong(bytes: bytes.count, limit: limits.bytes) }
        var reader = JSONReader(bytes: Array(bytes), depthLimit: limits.depth)
        let value = try reader.value(depth: 0)
        reader.skipBlanks()
        guard reader.offset == reader.bytes.count else { throw .trailingText(offset: reader.offset) }
        return value
    }

    private mutating func value(depth: Int) throws(Failure) -> JSON {
        guard depth <= depthLimit else { throw .tooDeep(limit: depthLimit) }
        skipBlanks()
        switch try peek() {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", is: .bool(true))
        case UInt8(ascii: "f"): return try word("false", is: .bool(false))
        case UInt8(ascii: "n"): return try word("null", is: .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case let byte: throw .unexpected(byte: byte, offset: offset)
        }
    }

    private mutating func object(depth: Int) throws(Failure) -> JSON {
        offset += 1
        var members: [String: JSON] = [:]
        skipBlanks()
        if try peek() == UInt8(ascii: "}") {
            offset += 1
            return .object(members)
        }
        while true {
            skipBlanks()
            try need(UInt8(ascii: "\""), consuming: false)
            let key = try string()
            skipBlanks()
            try need(UInt8(ascii: ":"))
            let member = try value(depth: depth + 1)
            guard members.updateValue(member, forKey: key) == nil else { throw .duplicateKey(key) }
            if try endsList(with: UInt8(ascii: "}")) { return .object(members) }
        }
    }

    private mutating func array(depth: Int) throws(Failure) -> JSON {
        offset += 1
        var elements: [JSON] = []
        skipBlanks()
        if try peek() == UInt8(ascii: "]") {
            offset += 1
            return .array(elements)
        }
        while true {
            elements.append(try value(depth: depth + 1))
            if try endsList(with: UInt8(ascii: "]")) { return .array(elements) }
        }
    }

    /// Consumes a comma (false) or the closing byte (true).
    private mutating func endsList(with closing: UInt8) throws(Failure) -> Bool {
        skipBlanks()
        let byte = try peek()
        guard byte == closing || byte == UInt8(ascii: ",") else { throw .unexpected(byte: byte, offset: offset) }
        offset += 1
        return byte == closing
    }

    private mutating func number() throws(Failure) -> JSON {
        let start = offset
        var isWhole = true
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"): break
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): isWhole = false
            default: return try number(from: start, isWhole: isWhole)
            }
            offset += 1
        }
        return try number(from: start, isWhole: isWhole)
    }

    private func number(from start: Int, isWhole: Bool) throws(Failure) -> JSON {
        let text = bytes[start..<offset]
        guard Self.isNumber(text) else { throw .badNumber(offset: start) }
        let characters = String(decoding: text, as: UTF8.self)
        if isWhole, let value = Int64(characters) { return .int(value) }
        guard let value = Double(characters), value.isFinite else { throw .badNumber(offset: start) }
        return .double(value)
    }

    /// The grammar of RFC 8259 section 6: no leading zero, digits on both sides of the point, digits in the exponent.
    private static func isNumber(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        func digits(_ rest: inout ArraySlice<UInt8>) -> Int {
            let count = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
            rest = rest.dropFirst(count)
            return count
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let startsWithZero = rest.first == UInt8(ascii: "0")
        let whole = digits(&rest)
        guard whole > 0, !(startsWithZero && whole > 1) else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            guard digits(&rest) > 0 else { return false }
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            guard digits(&rest) > 0 else { return false }
        }
        return rest.isEmpty
    }

    private mutating func string() throws(Failure) -> String {
        let start = offset
        offset += 1
        var content: [UInt8] = []
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else { throw .badString(offset: start) }
                return text
            case UInt8(ascii: "\\"):
                content.append(contentsOf: Array(String(try escape(from: start)).utf8))
            case 0..<0x20:
                throw .badString(offset: start)
            default:
                content.append(byte)
            }
        }
        throw .endsEarly
    }

    private mutating func escape(from start: Int) throws(Failure) -> Character {
        let byte = try peek()
        offset += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let unit = try hexUnit(from: start)
            if let scalar = Unicode.Scalar(unit) { return Character(scalar) }
            // A high surrogate must be followed by an escaped low one.
            guard (0xD800..<0xDC00).contains(unit), offset + 1 < bytes.count,
                bytes[offset] == UInt8(ascii: "\\"), bytes[offset + 1] == UInt8(ascii: "u")
            else { throw .badString(offset: start) }
            offset += 2
            let low = try hexUnit(from: start)
            guard (0xDC00..<0xE000).contains(low) else { throw .badString(offset: start) }
            let scalar = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
            guard let character = Unicode.Scalar(scalar) else { throw .badString(offset: start) }
            return Character(character)
        default: throw .badString(offset: start)
        }
    }

    private mutating func hexUnit(from start: Int) throws(Failure) -> UInt16 {
        guard offset + 4 <= bytes.count else { throw .endsEarly }
        let digits = bytes[offset..<(offset + 4)]
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw .badString(offset: start) }
        offset += 4
        return unit
    }

    private mutating func word(_ text: StaticString, is value: JSON) throws(Failure) -> JSON {
        for expected in text.description.utf8 { try need(expected) }
        return value
    }

    private mutating func need(_ expected: UInt8, consuming: Bool = true) throws(Failure) {
        let byte = try peek()
        guard byte == expected else { throw .unexpected(byte: byte, offset: offset) }
        if consuming { offset += 1 }
    }

    private func peek() throws(Failure) -> UInt8 {
        guard offset < bytes.count else { throw .endsEarly }
        return bytes[offset]
    }

    private mutating func skipBlanks() {
        while offset < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[offset]) { offset += 1 }
    }
}
