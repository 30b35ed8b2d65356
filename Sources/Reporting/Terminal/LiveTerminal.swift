import Glibc

/// Redraws a block of lines in place at a terminal, at most ten times a second, and leaves the cursor as it found it.
///
/// Writing blocks for as long as the terminal takes; a terminal that is gone is not an error, because the run goes on.
public struct LiveTerminal: ~Copyable {
    /// Shortest time between two drawings, nanoseconds: 10 Hz.
    public static let interval: Int64 = 100_000_000

    private let descriptor: Int32
    private var drawnLines = 0
    private var drawnAt: Int64?
    private var isCursorHidden = false

    /// A display on an open descriptor, which must be a terminal.
    public init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { if isCursorHidden { Self.write("\u{1b}[?25h", to: descriptor) } }

    /// Rows of the terminal that a block may take: all but the last, 23 when the terminal does not say.
    public var height: Int {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 1 else { return 23 }
        return Int(size.ws_row) - 1
    }

    /// Whether `draw` at `now` (monotonic nanoseconds) would draw.
    public func isDue(now: Int64) -> Bool { drawnAt.map { now - $0 >= Self.interval } ?? true }

    /// Replaces the last block by `lines`, none wider than the terminal. Drops the drawing when it is too early.
    public mutating func draw(_ lines: [String], now: Int64) {
        guard isDue(now: now) else { return }
        drawnAt = now
        Self.write(Self.frame(lines, replacing: drawnLines, hidesCursor: !isCursorHidden), to: descriptor)
        drawnLines = lines.count
        isCursorHidden = true
    }

    /// Takes the block away and shows the cursor again, before something else is printed.
    public mutating func clear() {
        guard isCursorHidden else { return }
        Self.write(Self.frame([], replacing: drawnLines, hidesCursor: false) + "\u{1b}[?25h", to: descriptor)
        drawnLines = 0
        isCursorHidden = false
    }

    /// Bytes that replace the block of `count` lines above the cursor by `lines`.
    static func frame(_ lines: [String], replacing count: Int, hidesCursor: Bool) -> String {
        let up = count > 0 ? "\r\u{1b}[\(count)A" : "\r"
        // Each line clears its own rest and the last step clears what the old block had more, so nothing flickers.
        return (hidesCursor ? "\u{1b}[?25l" : "") + up + lines.map { $0 + "\u{1b}[K\n" }.joined() + "\u{1b}[J"
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
