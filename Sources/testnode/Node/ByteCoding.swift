/// Appends fixed-width, big-endian values: the encoding of everything the node sends or stores.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    init(reserving capacity: Int = 256) {
        bytes.reserveCapacity(capacity)
    }

    mutating func byte(_ value: UInt8) {
        bytes.append(value)
    }

    mutating func integer(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Bytes whose length the reader knows.
    mutating func fixed(_ value: some Sequence<UInt8>) {
        bytes.append(contentsOf: value)
    }

    /// Bytes preceded by their length as 32 bits.
    mutating func counted(_ value: some Collection<UInt8>) {
        integer(UInt32(value.count))
        bytes.append(contentsOf: value)
    }
}

/// Reads what `ByteWriter` wrote. Input comes from peers, so every read checks what is left.
struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: some Collection<UInt8>) {
        self.bytes = ArraySlice(bytes)
        position = self.bytes.startIndex
    }

    /// The input ended early, or a length in it was larger than what the reader allows.
    struct Malformed: Error {}

    var remaining: Int { bytes.endIndex - position }

    mutating func fixed(_ count: Int) throws -> [UInt8] {
        guard count >= 0, count <= remaining else { throw Malformed() }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    mutating func byte() throws -> UInt8 {
        guard remaining > 0 else { throw Malformed() }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func integer<T: FixedWidthInteger>(_ type: T.Type = T.self) throws -> T {
        let count = MemoryLayout<T>.size
        guard count <= remaining else { throw Malformed() }
        defer { position += count }
        return bytes[position..<position + count].reduce(0) { ($0 << 8) | T(truncatingIfNeeded: $1) }
    }

    mutating func counted(limit: Int) throws -> [UInt8] {
        let count = Int(try integer(UInt32.self))
        guard count <= limit else { throw Malformed() }
        return try fixed(count)
    }

    mutating func text(limit: Int) throws -> String {
        guard let text = String(validating: try counted(limit: limit), as: UTF8.self) else { throw Malformed() }
        return text
    }

    /// Refuses trailing bytes: a message says exactly what its type says.
    func end() throws {
        guard remaining == 0 else { throw Malformed() }
    }
}

extension Array where Element == UInt8 {
    /// Reads hexadecimal of an even number of digits, with or without `0x`; nil for anything else.
    init?(hex text: some StringProtocol) {
        let digits = Array(text.utf8.dropFirst(text.hasPrefix("0x") ? 2 : 0))
        guard digits.count.isMultiple(of: 2) else { return nil }
        self.init()
        reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Self.value(of: digits[index]), let low = Self.value(of: digits[index + 1]) else {
                return nil
            }
            append(high << 4 | low)
        }
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
