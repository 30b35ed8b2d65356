/// Why a DPoS node does not start or cannot go on. A dialect may give each its own exit code and words.
enum DPoSFailure: Error, CustomStringConvertible {
    /// Wrong arguments, configuration or genesis file.
    case usage(String)
    /// A listening address or the log file cannot be used.
    case unavailable(String)
    /// The state was not closed in order; only with `Flavour.refusesDirtyState`.
    case dirty(file: String)
    /// The data belong to another genesis, so to another chain.
    case otherGenesis(file: String, found: String, expected: String)
    /// The state file is damaged, or does not fit the block log.
    case corruptState(file: String, finding: String)
    /// The block log is damaged.
    case corruptBlocks(file: String, finding: String)
    /// A file cannot be opened or written.
    case cannotWrite(file: String, reason: String)
    /// A node that ran could not go on.
    indirect case whileRunning(DPoSFailure)

    var description: String {
        switch self {
        case .usage(let text), .unavailable(let text): text
        case .dirty(let file): "state \(file) was not closed in order: replay required."
        case .otherGenesis(let file, let found, let expected):
            "\(file) belongs to the chain with genesis \(found), not \(expected); correct the genesis file or remove the data."
        case .corruptState(let file, let finding):
            "state \(file) is corrupt (\(finding)); replay the block log, or remove all data to sync again."
        case .corruptBlocks(let file, let finding):
            "block log \(file) is corrupt (\(finding)); hard replay, or remove all data to sync again."
        case .cannotWrite(let file, let reason): "\(file) cannot be used: \(reason)."
        case .whileRunning(let failure): failure.description
        }
    }

    /// Exit code unless the dialect has its own.
    var exitCode: Int32 {
        switch self {
        case .usage: NodeExit.usage.rawValue
        case .unavailable: NodeExit.unavailable.rawValue
        case .dirty, .otherGenesis, .corruptState, .corruptBlocks, .cannotWrite: NodeExit.database.rawValue
        case .whileRunning(let failure): failure.exitCode
        }
    }
}
