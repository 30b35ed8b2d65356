/// A 20-byte account address, written as bech32 with the prefix `one` or as `0x` and hexadecimal.
struct AccountAddress: Hashable, Sendable {
    static let byteCount = 20

    /// Twenty zeros: nobody's.
    static let zero = AccountAddress(unchecked: [UInt8](repeating: 0, count: byteCount))

    let bytes: [UInt8]

    private init(unchecked bytes: [UInt8]) {
        self.bytes = bytes
    }

    init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Reads either spelling; nil when it is neither or its checksum is wrong.
    init?(_ text: String) {
        if text.hasPrefix("0x") {
            guard let bytes = [UInt8](hex: text), bytes.count == Self.byteCount else { return nil }
            self.bytes = bytes
        } else {
            guard let bytes = Bech32.decode(text, prefix: "one"), bytes.count == Self.byteCount else { return nil }
            self.bytes = bytes
        }
    }

    /// The `one1...` spelling.
    var bech32: String { Bech32.encode(bytes, prefix: "one") }

    /// The `0x...` spelling in lower case.
    var hex: String { "0x" + bytes.hex }
}

/// Bech32 as in BIP 173: a prefix, `1`, groups of five bits, and a checksum of six characters.
enum Bech32 {
    private static let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
    private static let generator: [UInt32] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
    private static let checksumLength = 6

    static func encode(_ bytes: [UInt8], prefix: String) -> String {
        let groups = regroup(bytes, from: 8, to: 5, padding: true) ?? []
        let zeros = [UInt8](repeating: 0, count: checksumLength)
        let polymod = polymod(expand(prefix) + groups + zeros) ^ 1
        let checksum = (0..<checksumLength).map { UInt8(truncatingIfNeeded: polymod >> (5 * (5 - $0))) & 31 }
        return prefix + "1" + String(decoding: (groups + checksum).map { alphabet[Int($0)] }, as: UTF8.self)
    }

    static func decode(_ text: String, prefix: String) -> [UInt8]? {
        let lowered = text.lowercased()
        guard text == lowered || text == text.uppercased(), lowered.hasPrefix(prefix + "1") else { return nil }
        var groups: [UInt8] = []
        for character in lowered.utf8.dropFirst(prefix.utf8.count + 1) {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            groups.append(UInt8(value))
        }
        guard groups.count >= checksumLength, polymod(expand(prefix) + groups) == 1 else { return nil }
        return regroup(Array(groups.dropLast(checksumLength)), from: 5, to: 8, padding: false)
    }

    private static func expand(_ prefix: String) -> [UInt8] {
        prefix.utf8.map { $0 >> 5 } + [0] + prefix.utf8.map { $0 & 31 }
    }

    private static func polymod(_ values: [UInt8]) -> UInt32 {
        var check: UInt32 = 1
        for value in values {
            let top = check >> 25
            check = (check & 0x1ff_ffff) << 5 ^ UInt32(value)
            for (bit, term) in generator.enumerated() where (top >> bit) & 1 == 1 { check ^= term }
        }
        return check
    }

    private static func regroup(_ values: [UInt8], from: Int, to: Int, padding: Bool) -> [UInt8]? {
        var accumulator = 0
        var bits = 0
        var result: [UInt8] = []
        for value in values {
            accumulator = (accumulator << from | Int(value)) & 0xfff
            bits += from
            while bits >= to {
                bits -= to
                result.append(UInt8(accumulator >> bits & (1 << to - 1)))
            }
        }
        let rest = accumulator << (to - bits) & (1 << to - 1)
        if padding {
            if bits > 0 { result.append(UInt8(rest)) }
        } else if bits >= from || rest != 0 {
            return nil
        }
        return result
    }
}
