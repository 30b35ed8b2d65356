import Timeline

/// Typed values from raw scalar text: `no` is text and never a boolean, `1:30` is no number, `010` is no integer.
enum Scalars {
    static func text(_ value: YAMLValue, what: String, sink: Sink) -> Located<String>? {
        guard case .scalar(let text, _) = value.content else {
            sink.error(
                "'\(Quote.short(what))' must be a single value, and this is \(value.kindName)", at: value.at,
                remedy: "Write one value.")
            return nil
        }
        guard !text.unicodeScalars.contains("\0") else {
            sink.error("'\(Quote.short(what))' holds a NUL character", at: value.at, remedy: "Remove it.")
            return nil
        }
        return Located(value: text, at: value.at)
    }

    static func name(_ value: YAMLValue, what: String, sink: Sink) -> Located<String>? {
        guard let text = text(value, what: what, sink: sink) else { return nil }
        guard isName(text.value) else {
            sink.error(
                "'\(Quote.short(text.value))' is not a name", at: text.at,
                remedy: "Names are lower-case letters, digits and hyphens, at most 63, without a hyphen at either end.")
            return nil
        }
        return text
    }

    static func isName(_ text: String) -> Bool {
        guard (1...63).contains(text.utf8.count), text.first != "-", text.last != "-" else { return false }
        return text.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || isDigit($0) || $0 == UInt8(ascii: "-")
        }
    }

    /// `[A-Z_][A-Z0-9_]*`, at most 63: what may reach a script as environment (DESIGN section 5).
    static func isVariable(_ text: String) -> Bool {
        guard (1...63).contains(text.utf8.count), let first = text.utf8.first, !isDigit(first) else { return false }
        return text.utf8.allSatisfy {
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || isDigit($0) || $0 == UInt8(ascii: "_")
        }
    }

    static func isIdentifier(_ text: String) -> Bool { text == text.lowercased() && isVariable(text.uppercased()) }

    /// `H1-S3`: an incident's id and a fact's letter and number.
    static func isFactID(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, isIncidentID(String(parts[0])), let letter = parts[1].first else { return false }
        let number = parts[1].dropFirst()
        return "LFSTRXC".contains(letter) && (1...3).contains(number.count) && number.utf8.allSatisfy(isDigit)
            && number.first != "0"
    }

    /// `H1`: one to four capitals and one to three digits.
    static func isIncidentID(_ text: String) -> Bool {
        let letters = text.prefix { ("A"..."Z").contains($0) }
        let digits = text.dropFirst(letters.count)
        return (1...4).contains(letters.count) && (1...3).contains(digits.count) && digits.utf8.allSatisfy(isDigit)
    }

    static func boolean(_ value: YAMLValue, what: String, sink: Sink) -> Bool? {
        guard let text = text(value, what: what, sink: sink) else { return nil }
        switch text.value {
        case "true": return true
        case "false": return false
        default:
            sink.error(
                "'\(what)' must be true or false, and this is '\(Quote.short(text.value))'", at: text.at,
                remedy: "Write true or false.")
            return nil
        }
    }

    static func duration(_ value: YAMLValue, what: String, sink: Sink) -> Located<DurationText>? {
        guard let text = text(value, what: what, sink: sink) else { return nil }
        guard let duration = DurationText(text.value) else {
            sink.error(
                "'\(Quote.short(what))' must be a duration with units, and this is '\(Quote.short(text.value))'",
                at: text.at, remedy: "Write for example 500ms, 30s, 5m or 1h30m.")
            return nil
        }
        return Located(value: duration, at: text.at)
    }

    static func integer(
        _ value: YAMLValue, range: ClosedRange<Int>, what: String, sink: Sink
    ) -> Located<Int>? {
        guard let text = text(value, what: what, sink: sink) else { return nil }
        guard let number = plainInteger(text.value) else {
            sink.error(
                "'\(what)' must be a whole number, and this is '\(Quote.short(text.value))'", at: text.at,
                remedy: "Write digits only, without a leading zero.")
            return nil
        }
        guard range.contains(number) else {
            sink.error(
                "'\(what)' must be between \(range.lowerBound) and \(range.upperBound), and this is \(number)",
                at: text.at, remedy: "Write a number in that range.")
            return nil
        }
        return Located(value: number, at: text.at)
    }

    /// Decimal digits without a leading zero, with an optional minus; nil for anything else, or out of range.
    static func plainInteger(_ text: some StringProtocol) -> Int? {
        let digits = text.first == "-" ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy(isDigit), digits.first != "0" || digits.count == 1 else {
            return nil
        }
        return Int(text)
    }

    static func number(
        _ value: YAMLValue, range: ClosedRange<Double>, what: String, sink: Sink
    ) -> Located<Double>? {
        guard let text = text(value, what: what, sink: sink) else { return nil }
        guard let number = plainNumber(text.value), range.contains(number) else {
            sink.error(
                "'\(what)' must be a number between \(range.lowerBound) and \(range.upperBound), and this is "
                    + "'\(Quote.short(text.value))'", at: text.at, remedy: "Write for example 30 or 2.5.")
            return nil
        }
        return Located(value: number, at: text.at)
    }

    /// `12`, `-0.5`: an integer with an optional fraction; nil for anything else.
    static func plainNumber(_ text: String) -> Double? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, text.utf8.count <= 32, plainInteger(whole) != nil || whole == "-0" else {
            return nil
        }
        if parts.count == 2, parts[1].isEmpty || !parts[1].utf8.allSatisfy(isDigit) { return nil }
        return Double(text)
    }

    static func choice(_ value: YAMLValue, among choices: [String], what: String, sink: Sink) -> Located<String>? {
        guard let text = text(value, what: what, sink: sink) else { return nil }
        guard choices.contains(text.value) else {
            sink.error(
                "'\(what)' cannot be '\(Quote.short(text.value))'", at: text.at,
                remedy: NearMiss.hint(for: text.value, among: choices, noun: "value"))
            return nil
        }
        return text
    }

    static func checkMapKey(_ key: Located<String>, rule: ValueType.MapKey, in what: String, sink: Sink) -> Bool {
        let (isValid, remedy) =
            switch rule {
            case .name: (isName(key.value), "Names are lower-case letters, digits and hyphens.")
            case .identifier: (isIdentifier(key.value), "Names here are lower-case letters, digits and underscores.")
            case .variable: (isVariable(key.value), "Variables are capitals, digits and underscores.")
            case .factID: (isFactID(key.value), "Fact ids look like H1-S3.")
            case .header:
                (
                    !key.value.isEmpty
                        && key.value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") },
                    "Header names are printable ASCII without colons."
                )
            case .path: (HostPath.isValid(key.value), "Paths are absolute, such as /srv/data.")
            }
        if !isValid {
            sink.error("'\(Quote.short(key.value))' cannot be a key of '\(what)'", at: key.at, remedy: remedy)
        }
        return isValid
    }

    /// A YAML value as JSON: quoted scalars are text; plain ones are null, a boolean or a number only when spelled as
    /// JSON does.
    static func json(_ value: YAMLValue) -> JSON {
        switch value.content {
        case .sequence(let items): .array(items.map(json))
        case .mapping(let entries):
            .object(Dictionary(entries.map { ($0.key.value, json($0.value)) }, uniquingKeysWith: { first, _ in first }))
        case .scalar(let text, let quoted): quoted ? .string(text) : plainJSON(text)
        }
    }

    private static func plainJSON(_ text: String) -> JSON {
        switch text {
        case "null", "": .null
        case "true": .bool(true)
        case "false": .bool(false)
        default: plainInteger(text).map { .int(Int64($0)) } ?? plainNumber(text).map(JSON.double) ?? .string(text)
        }
    }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
