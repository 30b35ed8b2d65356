/// How the process ends.
enum NodeExit: Int32, Sendable {
    /// Asked to stop by SIGTERM or SIGINT.
    case stopped = 0
    /// Wrong arguments, configuration or genesis file.
    case usage = 64
    /// The listening address or the log file cannot be used.
    case unavailable = 69
    /// The database is corrupt, belongs to another network, or cannot be written.
    case database = 74
}

/// Why a node does not start or cannot go on, with the exit code.
struct NodeFailure: Error, CustomStringConvertible {
    var exit: NodeExit
    var description: String
}
