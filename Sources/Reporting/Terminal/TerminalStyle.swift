import Glibc

/// What a terminal, or the file behind the same descriptor, can show.
public struct TerminalStyle: Sendable, Hashable {
    /// Colours may be used. Nothing is ever told by colour alone.
    public var usesColour: Bool
    /// Columns.
    public var width: Int

    /// Narrowest width that anything is laid out for, in columns.
    public static let minimumWidth = 40

    /// A style for tests and files: no colour, unless told otherwise.
    public init(usesColour: Bool = false, width: Int = 110) {
        self.usesColour = usesColour
        self.width = max(width, Self.minimumWidth)
    }

    /// The style for an open descriptor. Colours need a terminal, a `TERM` that is not `dumb`, and `NO_COLOR`
    /// (no-color.org) absent or empty.
    public static func detect(descriptor: Int32, environment: [String: String]) -> TerminalStyle {
        guard isatty(descriptor) == 1 else { return TerminalStyle() }
        var size = winsize()
        let hasSize = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        let mayColour = (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
        return TerminalStyle(usesColour: mayColour, width: hasSize ? Int(size.ws_col) : 80)
    }

    enum Colour: Int {
        case red = 31
        case green = 32
        case yellow = 33
    }

    func paint(_ text: String, _ colour: Colour) -> String {
        usesColour ? "\u{1b}[1;\(colour.rawValue)m\(text)\u{1b}[0m" : text
    }

    /// `text` without control characters, in lines that fit and begin with `indent` spaces.
    func wrapped(_ text: String, indent: Int) -> [String] {
        let space = String(repeating: " ", count: indent)
        return Text.wrapped(Text.harmless(text), to: width - indent).map { space + $0 }
    }

    /// One line of parts, painted; when it does not fit, several plain ones, the further ones moved in by `indent`.
    func row(_ parts: [(String, Colour?)], indent: Int = 4) -> [String] {
        let plain = Text.harmless(parts.map(\.0).joined())
        guard plain.count > width else {
            return [
                parts.map { text, colour in colour.map { paint(Text.harmless(text), $0) } ?? Text.harmless(text) }
                    .joined()
            ]
        }
        let space = String(repeating: " ", count: indent)
        let margin = String(plain.prefix { $0 == " " })
        let lines = Text.wrapped(plain, to: width - max(indent, margin.count))
        return lines.enumerated().map { ($0 == 0 ? margin : space) + $1 }
    }
}
