import Crypto

/// The checksums that S3 clients may send with an upload (S3, "Checking object integrity").
enum ChecksumAlgorithm: String, Sendable, CaseIterable {
    case crc32, crc32c, crc64nvme, sha1, sha256

    /// Header or trailer field in lower case.
    var field: String { "x-amz-checksum-\(rawValue)" }
}

/// A checksum over bytes that come in pieces.
struct Checksum {
    private enum State {
        case crc32(UInt32, table: [UInt32])
        case crc64(UInt64)
        case sha1(Insecure.SHA1)
        case sha256(SHA256)
    }

    /// Reflected polynomials.
    private static let crc32Table = table32(0xEDB8_8320)
    private static let crc32cTable = table32(0x82F6_3B78)
    private static let crc64Table: [UInt64] = (0..<256).map { index in
        (0..<8).reduce(UInt64(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x9A6C_9329_AC4B_C9B5 : value >> 1 }
    }

    private var state: State

    init(_ algorithm: ChecksumAlgorithm) {
        state =
            switch algorithm {
            case .crc32: .crc32(.max, table: Self.crc32Table)
            case .crc32c: .crc32(.max, table: Self.crc32cTable)
            case .crc64nvme: .crc64(.max)
            case .sha1: .sha1(Insecure.SHA1())
            case .sha256: .sha256(SHA256())
            }
    }

    mutating func update(_ bytes: [UInt8]) {
        switch state {
        case .crc32(var value, let table):
            table.withUnsafeBufferPointer { table in
                bytes.withUnsafeBufferPointer {
                    for byte in $0 { value = value >> 8 ^ table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] }
                }
            }
            state = .crc32(value, table: table)
        case .crc64(var value):
            Self.crc64Table.withUnsafeBufferPointer { table in
                bytes.withUnsafeBufferPointer {
                    for byte in $0 { value = value >> 8 ^ table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] }
                }
            }
            state = .crc64(value)
        case .sha1(var hash):
            hash.update(data: bytes)
            state = .sha1(hash)
        case .sha256(var hash):
            hash.update(data: bytes)
            state = .sha256(hash)
        }
    }

    /// Base64 of the checksum, most significant byte first, as the header fields carry it.
    var base64: String {
        switch state {
        case .crc32(let value, _): Base64.encode(Self.bytes(~value))
        case .crc64(let value): Base64.encode(Self.bytes(~value))
        case .sha1(let hash): Base64.encode(Array(hash.finalize()))
        case .sha256(let hash): Base64.encode(Array(hash.finalize()))
        }
    }

    private static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }

    private static func table32(_ polynomial: UInt32) -> [UInt32] {
        (0..<256).map { index in
            (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1 }
        }
    }
}

/// Base64 of RFC 4648 section 4.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var out: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let value = group.reduce(0) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
            for index in 0..<4 {
                out.append(index <= group.count ? alphabet[Int(value >> UInt32(18 - 6 * index) & 63)] : 0x3D)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
