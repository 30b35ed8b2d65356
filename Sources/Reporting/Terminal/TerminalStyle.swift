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
}
