/// Durations as people and files write them: `500ms`, `30s`, `5m`, `1h30m`. A bare number is refused, because a
/// number in a file carries its unit.
public struct DurationText: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The duration itself: whole milliseconds, never negative, at most 366 days. What is written reads back as the
    /// same value, so a run judged from its files is the run as it was.
    public let duration: Duration

    /// The longest duration, a leap year.
    private static let longest = Duration.seconds(366 * 86_400)

    /// `duration` rounded to the nearest millisecond and kept within 0 ... 366 days.
    public init(_ duration: Duration) {
        let kept = min(max(duration, .zero), Self.longest)
        self.duration = .milliseconds((kept + .microseconds(500)).milliseconds)
    }

    /// Reads `text` as one or more `<digits>[.<digits>]<unit>` parts in falling unit order (`d h m s ms`, each at most
    /// once), down to whole milliseconds. Returns nil for anything else.
    public init?(_ text: String) {
        let units: [(name: String, seconds: Double)] = [
            ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1), ("ms", 0.001),
        ]
        var rest = Substring(text)
        var nextUnit = 0
        var total = 0.0
        guard !rest.isEmpty, text.utf8.count <= 32 else { return nil }
        while !rest.isEmpty {
            let number = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard number.first != ".", number.last != ".", let value = Double(number),
                let index = units.firstIndex(where: { $0.name == unit }), index >= nextUnit
            else { return nil }
            nextUnit = index + 1
            total += value * units[index].seconds
        }
        guard total <= Self.longest.inSeconds else { return nil }
        let milliseconds = total * 1_000
        // A finer part would be lost without a word.
        guard abs(milliseconds - milliseconds.rounded()) < 1e-3 else { return nil }
        self.duration = .milliseconds(Int64(milliseconds.rounded()))
    }

    /// Reads the text of `description`; throws `DecodingError` for anything else.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = DurationText(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is not a duration such as 30s or 5m")
            )
        }
        self = value
    }

    /// Writes the text of `description`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// The shortest exact text: `1h30m`, `2.5s` becomes `2s500ms`.
    public var description: String {
        var milliseconds = duration.milliseconds
        if milliseconds == 0 { return "0s" }
        var text = ""
        for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)]
            as [(String, Int64)]
        {
            if milliseconds >= size {
                text += "\(milliseconds / size)\(unit)"
                milliseconds %= size
            }
        }
        return text
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero.
    public var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }

    /// Whole nanoseconds, rounded towards zero.
    public var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }

    /// Seconds as a floating-point number, for arithmetic and display only.
    public var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
