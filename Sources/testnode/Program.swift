import Glibc

/// What the programs of this binary share.
enum Program {
    /// Writes a message to standard error and ends the process: 64 for wrong usage or configuration, 1 for the rest.
    static func fail(_ message: String, status: Int32) -> Never {
        let bytes = Array((message + "\n").utf8)
        _ = write(2, bytes, bytes.count)
        exit(status)
    }
}
