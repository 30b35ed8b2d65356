import Glibc

/// The node's log: one JSON object per line, each written with a single append, so that lines are whole and at once
/// visible to whoever reads the file. Every line has `level`, `message`, `ip`, `wall` (nanoseconds since 1970) and
/// `mono` (nanoseconds of CLOCK_MONOTONIC, the same clock on all hosts of a testnet).
struct NodeLog: Sendable {
    /// How bad it is.
    enum Level: String, Sendable {
        case info
        case warn
        case error
    }

    /// The log file cannot be written.
    struct Failure: Error, CustomStringConvertible {
        var path: String
        var code: Int32
        var description: String { "log file \(path) cannot be opened: \(String(cString: strerror(code)))." }
    }

    private let descriptor: Int32
    private let ip: String

    /// Opens the file for appending, making it if it is not there.
    init(path: String, ip: String) throws(Failure) {
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure(path: path, code: errno) }
        self.ip = ip
    }

    /// Appends one line. A full disk loses lines, not the node.
    func write(_ level: Level, _ message: String, _ fields: KeyValuePairs<String, JSON?> = [:]) {
        var members: [JSON.Member] = [
            .init(name: "level", value: .string(level.rawValue)), .init(name: "message", value: .string(message)),
        ]
        if case .object(let more) = JSON.make(fields) { members += more }
        members += [
            .init(name: "ip", value: .string(ip)), .init(name: "wall", value: .int(EventLoop.wallNanoseconds())),
            .init(name: "mono", value: .int(EventLoop.monotonicNanoseconds())),
        ]
        let line = Array((JSON.object(members).line + "\n").utf8)
        _ = line.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }
}
