/// How nodeos ends when it cannot start or go on: the exit codes of its `main` (`programs/nodeos/main.cpp`), and the lines
/// that operators look for.
enum EOSEnding: Int32, Sendable {
    /// `BAD_ALLOC`: what lies in the state's memory makes no sense.
    case badAlloc = 1
    /// `DATABASE_DIRTY`: the state was not closed in order, or a replay could not make it whole again.
    case databaseDirty = 2
    /// `OTHER_FAIL`, -2.
    case otherFailure = 254
    /// `INITIALIZE_FAIL`, -1: options or the configuration.
    case initializeFailure = 255

    private static let dirtyText = "database dirty flag set (likely due to unclean shutdown): replay required"

    /// Exit code and last words for a failure.
    static func of(_ failure: DPoSFailure) -> (code: Int32, text: String) {
        switch failure {
        // A running nodeos works on its state's memory: what it finds broken there is a bad allocation.
        case .whileRunning(.corruptState), .whileRunning(.corruptBlocks): (badAlloc.rawValue, "\(failure)\nbad alloc")
        case .whileRunning(let failure): of(failure)
        case .usage: (initializeFailure.rawValue, failure.description)
        case .dirty: (databaseDirty.rawValue, dirtyText)
        case .corruptState: (badAlloc.rawValue, "\(failure)\nbad alloc")
        case .corruptBlocks: (databaseDirty.rawValue, "\(failure)\n\(dirtyText)")
        case .unavailable, .otherGenesis, .cannotWrite: (otherFailure.rawValue, failure.description)
        }
    }
}
