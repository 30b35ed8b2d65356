import Glibc

/// Why `events.jsonl` could not be written or read.
public enum EventLogError: Error, Sendable, Hashable, CustomStringConvertible {
    case cannotOpen(path: String, reason: String)
    case cannotWrite(path: String, reason: String)
    case wroteInPart(path: String, written: Int, of: Int)
    case cannotRead(path: String, reason: String)
    case lineTooLong(path: String, line: Int, limit: Int)
    case brokenLine(path: String, line: Int, reason: String)
    case outOfOrder(path: String, line: Int, found: Int, expected: Int)
    case closed(path: String)

    /// A full sentence, or the part of one that says what is wrong.
    public var description: String {
        switch self {
        case .cannotOpen(let path, let reason): "cannot open \(path): \(reason)"
        case .cannotWrite(let path, let reason):
            "cannot append to \(path): \(reason); free space or choose another root folder, then run again"
        case .wroteInPart(let path, let written, let all):
            "\(path) took \(written) of \(all) bytes of an event; the disk is probably full"
        case .cannotRead(let path, let reason): "cannot read \(path): \(reason)"
        case .lineTooLong(let path, let line, let limit): "\(path):\(line): the line is longer than \(limit) bytes"
        case .brokenLine(let path, let line, let reason):
            "\(path):\(line): not an event: \(reason); the file was damaged or edited, so the run cannot be judged"
        case .outOfOrder(let path, let line, let found, let expected):
            "\(path):\(line): event number \(found) where \(expected) belongs; lines are missing or out of order"
        case .closed(let path): "\(path) is already closed"
        }
    }

    /// The system's words for the present `errno`.
    static func reason() -> String { String(cString: strerror(errno)) }
}

/// Appends events to `events.jsonl`, one line and one write(2) each, so that a kill loses at most the line in flight.
///
/// Not safe to share: one task owns a log. Writing blocks for as long as the disk takes.
public struct EventLogWriter: ~Copyable {
    /// Longest line that is written; a longer event is refused, so that every reader can have the same limit.
    public static let lineLimit = 1 << 20

    /// The file that is written.
    public let path: String
    /// The number that the next event gets.
    public private(set) var nextSequence: Int
    private let descriptor: Int32

    /// Opens `path` for appending and creates it (mode 0644) when it is not there. `nextSequence` is 0 for a new log.
    public init(path: String, nextSequence: Int = 0) throws(EventLogError) {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .cannotOpen(path: path, reason: EventLogError.reason()) }
        self.path = path
        self.nextSequence = nextSequence
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Appends one event and returns it as written. With `durable` it is on the disk (fdatasync) before this returns:
    /// for intents, which must survive the loss of the machine.
    @discardableResult
    public mutating func append(
        _ body: Event.Body, monotonic: Int64, wall: String, durable: Bool = false
    ) throws(EventLogError) -> Event {
        let event = Event(sequence: nextSequence, monotonic: monotonic, wall: wall, body: body)
        let bytes = Array((event.line + "\n").utf8)
        guard bytes.count <= Self.lineLimit else {
            throw .lineTooLong(path: path, line: nextSequence + 1, limit: Self.lineLimit)
        }
        var written = Glibc.write(descriptor, bytes, bytes.count)
        while written < 0, errno == EINTR { written = Glibc.write(descriptor, bytes, bytes.count) }
        guard written >= 0 else { throw .cannotWrite(path: path, reason: EventLogError.reason()) }
        guard written == bytes.count else {
            // Takes the torn line back, so that a later event (the run's end) does not continue it.
            let end = lseek(descriptor, 0, SEEK_END)
            if end >= written { _ = ftruncate(descriptor, end - written) }
            throw .wroteInPart(path: path, written: written, of: bytes.count)
        }
        nextSequence += 1
        if durable, fdatasync(descriptor) != 0 { throw .cannotWrite(path: path, reason: EventLogError.reason()) }
        return event
    }
}
