import Definitions
import Foundation
import Timeline

/// One line of `journal.jsonl`: an intent, or how far it got. Enough to undo a fault from another process.
public struct JournalEntry: Sendable, Hashable, Codable {
    /// Name of the record, the same as on the host.
    public var record: String
    /// Id of the fault.
    public var fault: String
    /// Name of the host.
    public var host: String
    /// Nonce of the run, as in the host's marker.
    public var run: String
    /// Id of the testnet, as in the host's marker.
    public var testnet: String
    /// RFC 3339 UTC, for people.
    public var wall: String
    /// How far it got.
    public var stage: Stage
    /// SHA-256 of the fingerprint before (in `intended`) or after (in `injected`).
    public var fingerprint: String?
    /// What was planned, with everything that undo needs; in `intended` only.
    public var plan: FaultPlan?
    /// Why, for `undoFailed`; how, for a `closed` without an undo.
    public var reason: String?

    /// How far a fault got on a host, in order.
    public enum Stage: String, Sendable, Hashable, Codable {
        case intended, armed, injecting, injected, undone, superseded, undoFailed, closed
    }
}

/// Why the journal could not be written or read.
public enum JournalError: Error, Sendable, Hashable, CustomStringConvertible {
    case cannotWrite(path: String, reason: String)
    case cannotRead(path: String, reason: String)
    case brokenLine(path: String, line: Int)

    /// A full sentence with what to do next.
    public var description: String {
        switch self {
        case .cannotWrite(let path, let reason):
            "The journal \(path) cannot be written: \(reason). No fault is injected without it; free space or fix the folder, then run again."
        case .cannotRead(let path, let reason): "The journal \(path) cannot be read: \(reason)."
        case .brokenLine(let path, let line):
            "\(path):\(line): this line of the journal is damaged. The hosts keep records of their own, and their leases undo what is open."
        }
    }
}

/// The run's own record of faults: append-only, on the disk (fsync) before `append` returns. Mode 0600, because undo
/// may need secrets.
public actor Journal {
    /// A longer file is refused when read.
    public static let sizeLimit = 64 << 20

    private let executor = BlockingExecutor(label: "firedrill.journal")
    private let path: String
    private let descriptor: Int32

    /// A queue of its own: fsync blocks.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Opens `path` for appending, creating it if need be. What a killed writer left of a line is cut off, so that the
    /// next entry does not continue it.
    /// - Throws: `JournalError.cannotWrite`.
    public init(path: String) throws(JournalError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: String(cString: strerror(errno))) }
        Self.cutTornLine(descriptor)
        // The file's name must survive too.
        let folder = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    deinit { close(descriptor) }

    private static func cutTornLine(_ descriptor: Int32) {
        var end = lseek(descriptor, 0, SEEK_END)
        var byte: UInt8 = 0
        let size = end
        while end > 0, pread(descriptor, &byte, 1, end - 1) == 1, byte != UInt8(ascii: "\n") { end -= 1 }
        if end < size { _ = ftruncate(descriptor, end) }
    }

    /// Appends one entry; it is on the disk when this returns.
    /// - Throws: `JournalError.cannotWrite`; the caller then must not go on to change anything.
    public func append(_ entry: JournalEntry) throws(JournalError) {
        guard var line = Self.encoded(entry) else {
            throw .cannotWrite(path: path, reason: "the entry cannot be encoded")
        }
        line.append(UInt8(ascii: "\n"))
        var written = 0
        while written < line.count {
            let count = line.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, line.count - written) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let error = JournalError.cannotWrite(path: path, reason: String(cString: strerror(errno)))
                // Takes a torn line back, so that a later entry (the undo's) does not continue it.
                let end = lseek(descriptor, 0, SEEK_END)
                if end >= written { _ = ftruncate(descriptor, end - off_t(written)) }
                throw error
            }
            written += count
        }
        guard fsync(descriptor) == 0 else { throw .cannotWrite(path: path, reason: String(cString: strerror(errno))) }
    }

    /// One line of the file, without its end.
    static func encoded(_ entry: JournalEntry) -> [UInt8]? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try? Array(encoder.encode(entry))
    }

    /// Reads all entries. A last line without its end was being written when the writer died: it is left out.
    /// - Throws: `JournalError.cannotRead`, or `.brokenLine` for a damaged line that is not the last.
    public static func read(path: String) throws(JournalError) -> [JournalEntry] {
        var entries: [JournalEntry] = []
        for (index, line) in try lines(path: path).enumerated() {
            guard let entry = line.entry else { throw .brokenLine(path: path, line: index + 1) }
            entries.append(entry)
        }
        return entries
    }

    /// Every whole line as it stands, with its entry unless it is damaged.
    static func lines(path: String) throws(JournalError) -> [(text: Data, entry: JournalEntry?)] {
        let data: Data
        do {
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
            guard size <= sizeLimit else {
                throw JournalError.cannotRead(path: path, reason: "it is larger than \(sizeLimit) bytes")
            }
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch let error as JournalError {
            throw error
        } catch {
            throw .cannotRead(path: path, reason: error.localizedDescription)
        }
        let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // What follows the last line feed is nothing, or torn.
        return lines.dropLast().map { ($0, try? JSONDecoder().decode(JournalEntry.self, from: $0)) }
    }
}
