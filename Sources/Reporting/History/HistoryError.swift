/// Why the history could not be read or written. A run's verdict never depends on it.
public enum HistoryError: Error, Sendable, Hashable, CustomStringConvertible {
    case cannotUse(path: String, reason: String)
    case newer(path: String)

    /// A full sentence with what to do next.
    public var description: String {
        switch self {
        case .cannotUse(let path, let reason):
            "cannot use the history \(path): \(reason). The run folders hold everything: move the file away, and 'firedrill history' "
                + "makes it again from them."
        case .newer(let path):
            "the history \(path) was written by a newer Firedrill. Use that one, or move the file away and 'firedrill history' makes it "
                + "again from the run folders."
        }
    }
}
