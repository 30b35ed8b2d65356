/// Bounds on what is read from other nodes.
public enum Limits {
    /// Most bytes of a block's payload.
    public static let payloadBytes = 65_536
    /// Most bytes of one signature.
    public static let signatureBytes = 128
    /// Most bytes of a hash.
    public static let hashBytes = 64
    /// Most bytes of an encoded message, block or vote record.
    public static let encodedBytes = 262_144
}

/// Why bytes are not a message, block or vote record.
public enum DecodingError: Error, Hashable, CustomStringConvertible {
    case tooLong(bytes: Int)
    case truncated(at: Int)
    case fieldTooLong(at: Int, length: Int, limit: Int)
    case unknownTag(at: Int, value: UInt8)
    case indexOutOfRange(at: Int, value: Int)
    case inconsistentAggregate(at: Int)
    case trailingBytes(count: Int)

    /// One sentence for people.
    public var description: String {
        switch self {
        case .tooLong(let bytes): "The input has \(bytes) bytes; at most \(Limits.encodedBytes) are read."
        case .truncated(let offset): "The input ends inside a field that begins at byte \(offset)."
        case .fieldTooLong(let offset, let length, let limit):
            "The field at byte \(offset) claims \(length) bytes; its limit is \(limit)."
        case .unknownTag(let offset, let value): "The tag \(value) at byte \(offset) is not known to this version."
        case .indexOutOfRange(let offset, let value):
            "The validator index \(value) at byte \(offset) is beyond \(Committee.maximumSize) validators."
        case .inconsistentAggregate(let offset):
            "The aggregate at byte \(offset) has another number of signatures than its bitmap has bits."
        case .trailingBytes(let count): "\(count) bytes follow the end of the value."
        }
    }
}

/// Writes integers little endian, and byte strings with a length in front.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ value: UInt8) { bytes.append(value) }

    mutating func write(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func write(index: ValidatorIndex) { write(UInt16(truncatingIfNeeded: index)) }

    mutating func write(string: [UInt8]) {
        write(UInt32(truncatingIfNeeded: string.count))
        bytes.append(contentsOf: string)
    }

    mutating func write<Value>(optional value: Value?, _ body: (Value, inout ByteWriter) -> Void) {
        write(value == nil ? UInt8(0) : 1)
        if let value { body(value, &self) }
    }
}

/// Reads what `ByteWriter` wrote, never past the end and never more than a field's limit.
struct ByteReader {
    private let bytes: [UInt8]
    private(set) var offset = 0

    init(_ bytes: [UInt8]) throws(DecodingError) {
        guard bytes.count <= Limits.encodedBytes else { throw .tooLong(bytes: bytes.count) }
        self.bytes = bytes
    }

    mutating func integer<Value: FixedWidthInteger>(_: Value.Type = Value.self) throws(DecodingError) -> Value {
        let size = MemoryLayout<Value>.size
        guard bytes.count - offset >= size else { throw .truncated(at: offset) }
        let raw = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
        offset += size
        return Value(littleEndian: raw)
    }

    mutating func index() throws(DecodingError) -> ValidatorIndex {
        let start = offset
        let value = Int(try integer(UInt16.self))
        guard value < Committee.maximumSize else { throw .indexOutOfRange(at: start, value: value) }
        return value
    }

    mutating func string(limit: Int) throws(DecodingError) -> [UInt8] {
        let start = offset
        let length = Int(try integer(UInt32.self))
        guard length <= limit else { throw .fieldTooLong(at: start, length: length, limit: limit) }
        guard bytes.count - offset >= length else { throw .truncated(at: start) }
        defer { offset += length }
        return Array(bytes[offset..<offset + length])
    }

    mutating func optional<Value>(
        _ body: (inout ByteReader) throws(DecodingError) -> Value
    ) throws(DecodingError) -> Value? {
        let start = offset
        switch try integer(UInt8.self) {
        case 0: return nil
        case 1: return try body(&self)
        case let tag: throw .unknownTag(at: start, value: tag)
        }
    }

    func finish() throws(DecodingError) {
        guard offset == bytes.count else { throw .trailingBytes(count: bytes.count - offset) }
    }
}
