/// An amount of one of the chain's three assets.
struct SteemAsset: Hashable, Sendable {
    /// The assets, by the name in their text form.
    enum Symbol: String, Sendable, CaseIterable {
        case steem = "STEEM"
        case sbd = "SBD"
        case vests = "VESTS"

        /// Digits after the point.
        var precision: Int { self == .vests ? 6 : 3 }

        /// The numeric identifier in the newer JSON form.
        var identifier: String {
            switch self {
            case .sbd: "@@000000013"
            case .steem: "@@000000021"
            case .vests: "@@000000037"
            }
        }
    }

    private static let nameBytes = 7
    /// Longer text is no amount: 19 digits, a point, a space, a name.
    private static let longestText = 32

    /// In the smallest unit: 1000 is 1.000 STEEM.
    var amount: Int64
    var symbol: Symbol

    init(_ amount: Int64, _ symbol: Symbol) {
        self.amount = amount
        self.symbol = symbol
    }

    /// Reads `0.100 STEEM`; nil when the digits after the point are not as many as the asset has.
    init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.longestText, words.count == 2, let symbol = Symbol(rawValue: String(words[1]))
        else { return nil }
        let parts = words[0].split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == symbol.precision, !parts[0].isEmpty,
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let amount = Int64(parts[0] + parts[1])
        else { return nil }
        self.init(amount, symbol)
    }

    /// Reads either JSON form: the text, or an object with `amount`, `precision` and `nai`.
    init?(json: JSON?) {
        if let text = json?.text {
            self.init(text)
        } else {
            guard let amount = json?["amount"]?.text.flatMap(Int64.init), amount >= 0,
                let symbol = Symbol.allCases.first(where: { $0.identifier == json?["nai"]?.text }),
                json?["precision"]?.integer == symbol.precision
            else { return nil }
            self.init(amount, symbol)
        }
    }

    /// Such as `0.100 STEEM`.
    var text: String {
        let digits = String(amount)
        let padded = String(repeating: "0", count: max(0, symbol.precision + 1 - digits.count)) + digits
        return padded.dropLast(symbol.precision) + "." + padded.suffix(symbol.precision) + " " + symbol.rawValue
    }

    func json(_ style: SteemStyle) -> JSON {
        switch style {
        case .condenser: .string(text)
        case .appbase:
            .make([
                "amount": .string(String(amount)), "precision": .int(symbol.precision),
                "nai": .string(symbol.identifier),
            ])
        }
    }

    func pack(_ writer: inout GrapheneWriter) {
        writer.integer(amount)
        writer.integer(UInt8(symbol.precision))
        let name = Array(symbol.rawValue.utf8)
        writer.fixed(name + [UInt8](repeating: 0, count: Self.nameBytes - name.count))
    }

    init(unpack reader: inout GrapheneReader) throws {
        amount = try reader.integer()
        let precision = Int(try reader.integer(UInt8.self))
        let name = try reader.fixed(Self.nameBytes)
        let text = String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
        guard let symbol = Symbol(rawValue: text), symbol.precision == precision,
            name.dropFirst(text.utf8.count).allSatisfy({ $0 == 0 })
        else { throw ByteReader.Malformed() }
        self.symbol = symbol
    }
}

/// The two forms in which the chain's interfaces write the same thing.
enum SteemStyle: Sendable {
    /// `condenser_api` and the older `call`: amounts as text, operations as pairs.
    case condenser
    /// `database_api`, `block_api`, `network_broadcast_api`: amounts and operations as objects.
    case appbase
}
