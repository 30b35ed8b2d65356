import Foundation
import GRDB

/// One SQLite database of one file, opened the way `BlockStore` opens its own: a rollback journal, no waiting for the
/// disk, little memory, and a check of the whole file.
final class SQLiteFile: Sendable {
    /// What went wrong with the file, before it is known which of the node's files it is.
    enum Trouble: Error {
        case corrupt(String)
        case cannotUse(String)
        case otherGenesis(found: String)
    }

    /// Pages kept in memory, in KiB; small because dozens of nodes share a machine.
    private static let cacheKiB = 256

    let path: String
    private let queue: DatabaseQueue

    /// Opens or creates the file, with its tables, for the chain of one genesis.
    /// - Parameters:
    ///   - tables: SQL that makes the tables if they are not there.
    ///   - genesis: id of the genesis; a file of another one is refused.
    init(path: String, tables: String, genesis: [UInt8]) throws(Trouble) {
        self.path = path
        var configuration = GRDB.Configuration()
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = TRUNCATE")
            try database.execute(sql: "PRAGMA synchronous = OFF")
            try database.execute(sql: "PRAGMA cache_size = -\(Self.cacheKiB)")
        }
        do {
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.write { database in
                let finding = try String.fetchOne(database, sql: "PRAGMA quick_check(1)") ?? "no answer"
                guard finding == "ok" else { throw Trouble.corrupt(finding) }
                try database.execute(
                    sql: "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
                        + tables)
                let found = try String.fetchOne(database, sql: "SELECT value FROM meta WHERE key = 'genesis'")
                guard found == nil || found == genesis.hex else { throw Trouble.otherGenesis(found: found ?? "") }
                try database.execute(sql: "INSERT OR IGNORE INTO meta VALUES ('genesis', ?)", arguments: [genesis.hex])
            }
        } catch {
            throw Self.trouble(error)
        }
    }

    private static func trouble(_ error: any Error) -> Trouble {
        if let trouble = error as? Trouble { return trouble }
        guard let failure = error as? DatabaseError else { return .cannotUse("\(error)") }
        let isCorrupt = [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(failure.resultCode.primaryResultCode)
        let text = failure.message ?? "\(failure.resultCode)"
        return isCorrupt ? .corrupt(text) : .cannotUse(text)
    }

    /// Runs `body` in one transaction: all of it is stored, or nothing.
    func write(_ body: (Database) throws -> Void) throws(Trouble) {
        do {
            try queue.writeWithoutTransaction { database in
                try database.inTransaction(.immediate) {
                    try body(database)
                    return .commit
                }
            }
        } catch {
            throw Self.trouble(error)
        }
    }

    /// Reads; waits for the file.
    func read<Value>(_ body: (Database) throws -> Value) throws(Trouble) -> Value {
        do {
            return try queue.read(body)
        } catch {
            throw Self.trouble(error)
        }
    }

    /// Closes the file; nothing may be read or written afterwards.
    func close() {
        // A reader that is still busy keeps it open until the process ends, which is as good.
        try? queue.close()
    }

    /// The file and its journal.
    static func files(of path: String) -> [String] { [path, path + "-journal"] }
}
