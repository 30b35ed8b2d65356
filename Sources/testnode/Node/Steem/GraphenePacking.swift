/// Packs values as the Graphene chains do: integers little endian, lengths as variable-length integers.
struct GrapheneWriter {
    private(set) var bytes: [UInt8] = []

    mutating func integer(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Seven bits a byte, the lowest first; the top bit says that more follow.
    mutating func variable(_ value: UInt32) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7f) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Bytes whose length the reader knows.
    mutating func fixed(_ value: some Sequence<UInt8>) {
        bytes.append(contentsOf: value)
    }

    /// UTF-8 preceded by its length.
    mutating func text(_ value: String) {
        variable(UInt32(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }
}

/// Reads what `GrapheneWriter` wrote. Input comes from clients and peers, so every read checks what is left.
struct GrapheneReader {
    private var reader: ByteReader

    init(_ bytes: some Collection<UInt8>) {
        reader = ByteReader(bytes)
    }

    mutating func integer<T: FixedWidthInteger>(_ type: T.Type = T.self) throws -> T {
        try reader.integer(T.self).byteSwapped
    }

    /// At most 32 bits; a longer or needlessly long encoding is refused.
    mutating func variable() throws -> UInt32 {
        var value: UInt64 = 0
        for index in 0..<5 {
            let byte = try reader.byte()
            value |= UInt64(byte & 0x7f) << UInt64(7 * index)
            if byte & 0x80 == 0 {
                guard value <= UInt32.max, byte != 0 || index == 0 else { throw ByteReader.Malformed() }
                return UInt32(value)
            }
        }
        throw ByteReader.Malformed()
    }

    mutating func fixed(_ count: Int) throws -> [UInt8] {
        try reader.fixed(count)
    }

    mutating func text(limit: Int) throws -> String {
        let count = Int(try variable())
        guard count <= limit, let text = String(validating: try reader.fixed(count), as: UTF8.self) else {
            throw ByteReader.Malformed()
        }
        return text
    }

    /// Refuses trailing bytes.
    func end() throws {
        try reader.end()
    }
}
