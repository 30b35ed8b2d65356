import Glibc

/// A log of JSON objects, one a line, each written with one system call so that lines never mix.
final class JSONLog: Sendable {
    static let standardError = JSONLog(descriptor: 2)

    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    /// Appends to a file, which is made if it is not there; nil with `errno` set if that fails.
    init?(path: String) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { return nil }
    }

    deinit { if descriptor != 2 { close(descriptor) } }

    /// Writes a line with the time put in front: `time` (ISO 8601), `wall_ns` and `mono_ns`.
    func write(_ entry: JSON) {
        let now = Timestamp.now()
        let stamp: [JSON.Member] = [
            .init(name: "time", value: .string(now.iso8601)), .init(name: "wall_ns", value: .int(now.nanoseconds)),
            .init(name: "mono_ns", value: .int(Timestamp.monotonicNanoseconds())),
        ]
        let bytes = Array((JSON.object(stamp + (entry.members ?? [])).line + "\n").utf8)
        _ = Glibc.write(descriptor, bytes, bytes.count)
    }
}
