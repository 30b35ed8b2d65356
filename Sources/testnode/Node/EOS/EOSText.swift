import Foundation

/// How EOSIO writes values in JSON.
enum EOSText {
    /// Longest account name, in characters.
    static let longestName = 12

    /// A moment as `2018-06-12T22:55:00.500`: UTC, no zone, milliseconds.
    ///
    /// - Parameter nanoseconds: since 1970.
    static func time(nanoseconds: Int64) -> String {
        let milliseconds = nanoseconds / 1_000_000
        var seconds = time_t(milliseconds / 1000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func padded(_ number: some BinaryInteger, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = "\(padded(parts.tm_year + 1900, 4))-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))"
        let clock = "\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))"
        return "\(date)T\(clock).\(padded(milliseconds % 1000, 3))"
    }

    /// Whole tokens as an asset with four decimals, such as `1000.0000 EOS`.
    static func asset(_ tokens: UInt64) -> String { "\(tokens).0000 EOS" }

    /// A signature as `SIG_K1_…`: base 58 of its 65 bytes and a checksum of four, which is of RIPEMD-160 over the bytes
    /// and `K1`.
    static func signature(_ bytes: [UInt8]) -> String {
        "SIG_K1_" + Base58.encode(bytes + RIPEMD160.hash(bytes + Array("K1".utf8)).prefix(4))
    }

    /// A public key as `EOS…`; empty bytes are the null key.
    static func key(_ bytes: [UInt8]) -> String {
        (bytes.isEmpty ? PublicKey.null : PublicKey(bytes: bytes) ?? .null).text(.eos)
    }

    /// Whether a text can be an account's name: at most 12 of `a`…`z`, `1`…`5` and `.`.
    static func isName(_ text: String) -> Bool {
        (1...longestName).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "1")...UInt8(ascii: "5"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    /// What a transaction's header refers to a block by: bytes 8 to 11 of the id, little endian.
    static func reference(prefixOf id: [UInt8]) -> UInt32 {
        guard id.count >= 12 else { return 0 }
        return (0..<4).reduce(0) { $0 | UInt32(id[8 + $1]) << UInt32(8 * $1) }
    }
}
