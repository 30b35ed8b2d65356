import Consensus
import Foundation
import GRDB

/// The state after the last irreversible block, in a file of its own, with a mark that stands while a node has it open.
/// It can always be made again from the block log.
final class StateFile: Sendable {
    private static let tables =
        "CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY CHECK (id = 0), encoded BLOB NOT NULL);"

    private let file: SQLiteFile
    var path: String { file.path }
    /// Whether the mark stood when the file was opened: the node before did not end in order.
    let wasDirty: Bool

    /// Opens or creates the file and sets the mark.
    /// - Parameter refusesDirty: throws when the mark stands already, and leaves it.
    init(path: String, genesis: [UInt8], refusesDirty: Bool) throws(DPoSFailure) {
        do {
            file = try SQLiteFile(path: path, tables: Self.tables, genesis: genesis)
            wasDirty = try file.read {
                try String.fetchOne($0, sql: "SELECT value FROM meta WHERE key = 'dirty'") == "yes"
            }
        } catch {
            throw Self.failure(error, path, genesis)
        }
        guard !wasDirty || !refusesDirty else {
            file.close()
            throw .dirty(file: path)
        }
        try mark("yes")
    }

    private static func failure(_ trouble: SQLiteFile.Trouble, _ path: String, _ genesis: [UInt8]) -> DPoSFailure {
        switch trouble {
        case .corrupt(let finding): .corruptState(file: path, finding: finding)
        case .cannotUse(let reason): .cannotWrite(file: path, reason: reason)
        case .otherGenesis(let found): .otherGenesis(file: path, found: found, expected: genesis.hex)
        }
    }

    private func mark(_ value: String) throws(DPoSFailure) {
        do {
            try file.write {
                try $0.execute(sql: "INSERT OR REPLACE INTO meta VALUES ('dirty', ?)", arguments: [value])
            }
        } catch {
            throw Self.failure(error, path, [])
        }
    }

    /// The stored state; nil in a new file.
    func state() throws(DPoSFailure) -> DPoS.ChainState? {
        let bytes: [UInt8]?
        do {
            bytes = try file.read { try Data.fetchOne($0, sql: "SELECT encoded FROM state").map { Array($0) } }
        } catch {
            throw Self.failure(error, path, [])
        }
        do {
            return try bytes.map { try DPoS.ChainState(decoding: $0) }
        } catch {
            throw .corruptState(file: path, finding: "\(error)")
        }
    }

    /// Replaces the stored state.
    func store(_ state: DPoS.ChainState) throws(DPoSFailure) {
        do {
            try file.write {
                try $0.cachedStatement(sql: "INSERT OR REPLACE INTO state VALUES (0, ?)")
                    .execute(arguments: [Data(state.encoded)])
            }
        } catch {
            throw Self.failure(error, path, [])
        }
    }

    /// Takes the mark away and closes the file: the node ends in order.
    func close() {
        try? mark("no")
        file.close()
    }

    /// Closes the file and leaves the mark: the node failed.
    func abandon() { file.close() }
}
