extension JSON {
    /// How a value is written as text.
    public struct TextStyle: Sendable, Hashable {
        /// Digits after the point of every `.double`; nil writes the shortest text that reads back as the same number.
        public var decimals: Int?
        /// Spaces per level of nesting; nil writes one line.
        public var indent: Int?
        /// Keys of the outermost object that come first, in this order; all others follow sorted.
        public var leadingKeys: [String]

        /// One line, shortest numbers, every key sorted, unless told otherwise.
        public init(decimals: Int? = nil, indent: Int? = nil, leadingKeys: [String] = []) {
            self.decimals = decimals
            self.indent = indent
            self.leadingKeys = leadingKeys
        }
    }

    /// The same text for the same value, always: keys sorted by their Unicode scalars, numbers in one format.
    /// A number that is not finite, which JSON cannot say, is written as null.
    public func text(_ style: TextStyle = .init()) -> String {
        var out = ""
        write(to: &out, style: style, level: 0)
        return out
    }

    private func write(to out: inout String, style: TextStyle, level: Int) {
        switch self {
        case .null: out += "null"
        case .bool(let value): out += value ? "true" : "false"
        case .int(let value): out += String(value)
        case .double(let value): out += Self.numberText(value, decimals: style.decimals)
        case .string(let value): Self.write(string: value, to: &out)
        case .array(let elements):
            Self.writeList(elements, open: "[", close: "]", to: &out, style: style, level: level) { element, out in
                element.write(to: &out, style: style, level: level + 1)
            }
        case .object(let members):
            let leading = level == 0 ? style.leadingKeys.filter { members[$0] != nil } : []
            let rest = members.keys.filter { !leading.contains($0) }
                .sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
            Self.writeList(leading + rest, open: "{", close: "}", to: &out, style: style, level: level) { key, out in
                Self.write(string: key, to: &out)
                out += style.indent == nil ? ":" : ": "
                (members[key] ?? .null).write(to: &out, style: style, level: level + 1)
            }
        }
    }

    private static func writeList<Element>(
        _ elements: [Element], open: String, close: String, to out: inout String, style: TextStyle, level: Int,
        each: (Element, inout String) -> Void
    ) {
        func newLine(_ level: Int, _ out: inout String) {
            guard let indent = style.indent else { return }
            out += "\n" + String(repeating: " ", count: indent * level)
        }
        out += open
        for (index, element) in elements.enumerated() {
            if index > 0 { out += "," }
            newLine(level + 1, &out)
            each(element, &out)
        }
        if !elements.isEmpty { newLine(level, &out) }
        out += close
    }

    private static func write(string: String, to out: inout String) {
        out += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            // Controls would break a terminal, and the two separators break JavaScript readers.
            case "\u{0}"..<" ", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}":
                let hex = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: out.unicodeScalars.append(scalar)
            }
        }
        out += "\""
    }

    /// `value` with a fixed number of decimals, rounded half away from zero; or its shortest exact text.
    static func numberText(_ value: Double, decimals: Int?) -> String {
        guard value.isFinite else { return "null" }
        guard let decimals, abs(value) < 1e12 else { return "\(value)" }
        var scale: Int64 = 1
        for _ in 0..<decimals { scale *= 10 }
        let units = Int64((value * Double(scale)).rounded())
        let magnitude = units.magnitude
        let whole = "\(units < 0 ? "-" : "")\(magnitude / UInt64(scale))"
        guard decimals > 0 else { return whole }
        let fraction = String(magnitude % UInt64(scale))
        return whole + "." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }
}
