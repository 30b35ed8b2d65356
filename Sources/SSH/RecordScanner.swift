/// Finds the bootstrap's records in a stream of output: `<nonce> <kind> <10 digits>\n`. The nonce is random and known
/// only to the bootstrap, so nothing a command prints can be mistaken for a record. A pure value; bytes may arrive cut
/// anywhere.
struct RecordScanner {
    struct Record: Equatable {
        /// One letter: what the record says.
        let kind: UInt8
        let number: Int
    }

    static let nonceLength = 32
    static let length = nonceLength + 3 + 10 + 1

    private let nonce: [UInt8]
    /// Bytes that may be the start of a record whose rest has not arrived.
    private var held: [UInt8] = []

    init(nonce: String) {
        precondition(nonce.utf8.count == Self.nonceLength)
        self.nonce = Array(nonce.utf8)
    }

    /// Takes the next bytes, hands out what is certainly output, and reports each record in its place.
    mutating func feed(
        _ bytes: UnsafeRawBufferPointer, output: (UnsafeRawBufferPointer) -> Void, record: (Record) -> Void
    ) {
        if held.isEmpty {
            scan(bytes, output: output, record: record)
        } else {
            let joined = held + bytes
            held = []
            joined.withUnsafeBytes { scan($0, output: output, record: record) }
        }
    }

    /// What was held back when the stream ended is output after all.
    mutating func finish(output: (UnsafeRawBufferPointer) -> Void) {
        let rest = held
        held = []
        rest.withUnsafeBytes(output)
    }

    private mutating func scan(
        _ bytes: UnsafeRawBufferPointer, output: (UnsafeRawBufferPointer) -> Void, record: (Record) -> Void
    ) {
        var start = 0
        while start < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
            guard let hit = Bytes.find(nonce, in: rest) else {
                let certain = rest.count - possiblePrefix(rest)
                if certain > 0 { output(UnsafeRawBufferPointer(rebasing: rest[..<certain])) }
                held = Array(rest[certain...])
                return
            }
            if hit > 0 { output(UnsafeRawBufferPointer(rebasing: rest[..<hit])) }
            guard rest.count - hit >= Self.length else {
                held = Array(rest[hit...])
                return
            }
            let candidate = UnsafeRawBufferPointer(rebasing: rest[hit..<(hit + Self.length)])
            if let found = Self.parse(candidate) { record(found) }
            start += hit + Self.length
        }
    }

    /// How many bytes at the end could be the beginning of the nonce.
    private func possiblePrefix(_ bytes: UnsafeRawBufferPointer) -> Int {
        var count = min(bytes.count, nonce.count - 1)
        while count > 0 {
            let tail = bytes[(bytes.count - count)...]
            if tail.first == nonce[0] && tail.elementsEqual(nonce[..<count]) { return count }
            count -= 1
        }
        return 0
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer) -> Record? {
        let space = UInt8(ascii: " ")
        let digits = bytes[(nonceLength + 3)..<(length - 1)]
        guard bytes[nonceLength] == space, bytes[nonceLength + 2] == space, bytes[length - 1] == Bytes.newline,
            let number = Int(String(decoding: digits, as: UTF8.self))
        else { return nil }
        return Record(kind: bytes[nonceLength + 1], number: number)
    }
}
