import Foundation
import Glibc

/// A contained part that ended without saying why in the record: what can still be told.
struct LostReplay {
    let status: Int32
    /// Path of the file that holds what it printed.
    let log: String

    /// Less room than this, in bytes, and a run cannot have gone on.
    private static let leastRoom: UInt64 = 64 << 10
    /// The end of what was printed that is quoted, in bytes.
    private static let quoted = 400

    /// Whether the file system of `path` is full.
    static func isFull(_ path: String) -> Bool {
        var room = statvfs()
        return statvfs(path, &room) == 0 && UInt64(room.f_bavail) * UInt64(room.f_frsize) < leastRoom
    }

    /// A sentence or two for the record.
    var reason: String {
        let printed =
            FileManager.default.contents(atPath: log).map { String(decoding: $0.suffix(Self.quoted), as: UTF8.self) }
            ?? ""
        let words = printed.split(whereSeparator: \.isNewline).joined(separator: " / ")
        return
            "The contained process ended with status \(status)\(words.isEmpty ? " and printed nothing" : ": \(words)"). "
            + "Run 'firedrill doctor' to test what this machine allows; all that it printed is in \(log)."
    }
}
