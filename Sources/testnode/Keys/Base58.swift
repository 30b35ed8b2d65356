/// Base 58 in Bitcoin's alphabet, in which the DPoS chains write keys.
enum Base58 {
    private static let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)

    /// Keys and signatures are at most 69 bytes, so longer text is none of them; decoding takes time with the square.
    private static let longestText = 128

    static func encode(_ bytes: [UInt8]) -> String {
        var digits: [UInt8] = []
        for byte in bytes.drop(while: { $0 == 0 }) {
            var carry = Int(byte)
            for index in digits.indices {
                carry += Int(digits[index]) << 8
                digits[index] = UInt8(carry % 58)
                carry /= 58
            }
            while carry > 0 {
                digits.append(UInt8(carry % 58))
                carry /= 58
            }
        }
        let zeros = [UInt8](repeating: 0, count: bytes.prefix { $0 == 0 }.count)
        return String(decoding: (zeros + digits.reversed()).map { alphabet[Int($0)] }, as: UTF8.self)
    }

    /// The bytes that `text` stands for; nil when a character is not in the alphabet or the text is overlong.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        guard text.utf8.count <= longestText else { return nil }
        var bytes: [UInt8] = []
        for character in text.utf8.drop(while: { $0 == alphabet[0] }) {
            guard var carry = alphabet.firstIndex(of: character) else { return nil }
            for index in bytes.indices {
                carry += Int(bytes[index]) * 58
                bytes[index] = UInt8(carry & 0xff)
                carry >>= 8
            }
            while carry > 0 {
                bytes.append(UInt8(carry & 0xff))
                carry >>= 8
            }
        }
        let zeros = [UInt8](repeating: 0, count: text.utf8.prefix { $0 == alphabet[0] }.count)
        return zeros + bytes.reversed()
    }
}
