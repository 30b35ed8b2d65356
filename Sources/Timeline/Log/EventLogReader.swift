import Glibc

/// Reads `events.jsonl`, all at once or as it grows.
///
/// A line without its line feed at the end of the file is one that was being written: it is left alone and noted.
/// A broken line anywhere else is an error, because events after it would be judged without it.
public struct EventLogReader: Sendable {
    /// The file that is read.
    public let path: String
    /// Events read so far; the number that the next one must carry.
    public private(set) var nextSequence = 0
    /// Bytes at the end of the file that are not a whole line yet: 0 after a run that ended by itself.
    public var tornBytes: Int { pending.count }

    /// Bytes taken per read(2).
    private static let chunkSize = 1 << 16
    private var offset: off_t = 0
    private var pending: [UInt8] = []

    /// A reader at the start of the file, which need not exist before the first `readNew()`.
    public init(path: String) { self.path = path }

    /// What a whole file held.
    public struct Log: Sendable, Hashable {
        /// In the order of the file.
        public var events: [Event]
        /// Bytes of a torn last line that were ignored; 0 normally.
        public var tornBytes: Int
    }

    /// Reads the whole file.
    public static func readAll(path: String) throws(EventLogError) -> Log {
        var reader = EventLogReader(path: path)
        let events = try reader.readNew()
        return Log(events: events, tornBytes: reader.tornBytes)
    }

    /// Reads the events that were appended since the last call: at the end of the file it returns what there is.
    public mutating func readNew() throws(EventLogError) -> [Event] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotOpen(path: path, reason: EventLogError.reason()) }
        defer { close(descriptor) }
        var events: [Event] = []
        var chunk = [UInt8](repeating: 0, count: Self.chunkSize)
        while true {
            let count = pread(descriptor, &chunk, chunk.count, offset)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .cannotRead(path: path, reason: EventLogError.reason()) }
            guard count > 0 else { return events }
            offset += count
            try take(chunk[..<count], into: &events)
        }
    }

    /// Splits at line feeds; the rest stays pending.
    private mutating func take(_ bytes: ArraySlice<UInt8>, into events: inout [Event]) throws(EventLogError) {
        var rest = bytes
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            pending.append(contentsOf: rest[..<end])
            events.append(try event(from: pending))
            pending.removeAll(keepingCapacity: true)
            rest = rest[(end + 1)...]
        }
        pending.append(contentsOf: rest)
        guard pending.count <= EventLogWriter.lineLimit else {
            throw .lineTooLong(path: path, line: nextSequence + 1, limit: EventLogWriter.lineLimit)
        }
    }

    private mutating func event(from line: [UInt8]) throws(EventLogError) -> Event {
        let number = nextSequence + 1
        let event: Event
        do {
            event = try Event(json: JSONReader.read(line, limits: .init(bytes: EventLogWriter.lineLimit)))
        } catch {
            throw .brokenLine(path: path, line: number, reason: "\(error)")
        }
        guard event.sequence == nextSequence else {
            throw .outOfOrder(path: path, line: number, found: event.sequence, expected: nextSequence)
        }
        nextSequence += 1
        return event
    }
}
