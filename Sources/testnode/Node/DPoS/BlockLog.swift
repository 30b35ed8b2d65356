import Consensus
import Foundation
import GRDB

/// The blocks of a DPoS chain in one file: irreversible ones, and those above them on every fork. Also what this node
/// signed, so that it survives a rebuilt state.
final class BlockLog: Sendable {
    /// Where a block stands.
    enum Status: Int {
        case fork = 0
        case chain = 1
        case irreversible = 2
    }

    /// What one step of the engine changes.
    struct Change {
        var blocks: [DPoS.Block] = []
        var status: [(id: [UInt8], status: Status)] = []
        var records: [DPoS.SigningRecord] = []
        /// Everything on the chain up to this number is irreversible.
        var irreversible: UInt64?
        var discarded: [[UInt8]] = []

        var isEmpty: Bool {
            blocks.isEmpty && status.isEmpty && records.isEmpty && irreversible == nil && discarded.isEmpty
        }
    }

    private static let tables = """
        CREATE TABLE IF NOT EXISTS block (
            id BLOB PRIMARY KEY, number INTEGER NOT NULL, status INTEGER NOT NULL, encoded BLOB NOT NULL) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS block_number ON block (number, status);
        CREATE TABLE IF NOT EXISTS record (
            producer INTEGER PRIMARY KEY, slot INTEGER NOT NULL, number INTEGER NOT NULL, id BLOB NOT NULL,
            highest INTEGER NOT NULL, confirms_above INTEGER NOT NULL);
        """

    private let file: SQLiteFile
    var path: String { file.path }

    /// Opens or creates the log.
    init(path: String, genesis: [UInt8]) throws(DPoSFailure) {
        do {
            file = try SQLiteFile(path: path, tables: Self.tables, genesis: genesis)
        } catch {
            throw Self.failure(error, path, genesis)
        }
    }

    private static func failure(_ trouble: SQLiteFile.Trouble, _ path: String, _ genesis: [UInt8]) -> DPoSFailure {
        switch trouble {
        case .corrupt(let finding): .corruptBlocks(file: path, finding: finding)
        case .cannotUse(let reason): .cannotWrite(file: path, reason: reason)
        case .otherGenesis(let found): .otherGenesis(file: path, found: found, expected: genesis.hex)
        }
    }

    private func guarded<Value>(_ body: () throws(SQLiteFile.Trouble) -> Value) throws(DPoSFailure) -> Value {
        do { return try body() } catch { throw Self.failure(error, path, []) }
    }

    /// Stores one change, all or nothing.
    func store(_ change: Change) throws(DPoSFailure) {
        guard !change.isEmpty else { return }
        try guarded { () throws(SQLiteFile.Trouble) in
            try file.write { database in
                for block in change.blocks { try Self.insert(block, .fork, into: database) }
                for (id, status) in change.status {
                    try database.cachedStatement(sql: "UPDATE block SET status = ? WHERE id = ?")
                        .execute(arguments: [status.rawValue, Data(id)])
                }
                if let number = change.irreversible {
                    try database.cachedStatement(sql: "UPDATE block SET status = 2 WHERE status = 1 AND number <= ?")
                        .execute(arguments: [Int64(bitPattern: number)])
                }
                for id in change.discarded {
                    try database.cachedStatement(sql: "DELETE FROM block WHERE id = ?").execute(arguments: [Data(id)])
                }
                for record in change.records { try Self.insert(record, into: database) }
            }
        }
    }

    private static func insert(_ block: DPoS.Block, _ status: Status, into database: Database) throws {
        try database.cachedStatement(sql: "INSERT OR IGNORE INTO block VALUES (?, ?, ?, ?)").execute(
            arguments: [
                Data(block.id), Int64(bitPattern: block.number), status.rawValue, Data(block.encoded),
            ])
    }

    private static func insert(_ record: DPoS.SigningRecord, into database: Database) throws {
        try database.cachedStatement(sql: "INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?)").execute(
            arguments: [
                record.producer, Int64(bitPattern: record.slot), Int64(bitPattern: record.number), Data(record.id),
                Int64(bitPattern: record.highest), Int64(bitPattern: record.confirmsAbove),
            ])
    }

    /// Forgets which reversible blocks are on the chain, before the engine says so again.
    func resetChain() throws(DPoSFailure) {
        try guarded { () throws(SQLiteFile.Trouble) in
            try file.write { try $0.execute(sql: "UPDATE block SET status = 0 WHERE status = 1") }
        }
    }

    /// Appends blocks that are irreversible already, as a hard replay does.
    func append(irreversible blocks: [DPoS.Block]) throws(DPoSFailure) {
        try guarded { () throws(SQLiteFile.Trouble) in
            try file.write { database in
                for block in blocks { try Self.insert(block, .irreversible, into: database) }
            }
        }
    }

    /// Number of the last irreversible block; 0 for none.
    func lastIrreversible() throws(DPoSFailure) -> UInt64 {
        try guarded { () throws(SQLiteFile.Trouble) in
            try file.read { database in
                let number = try Int64.fetchOne(database, sql: "SELECT max(number) FROM block WHERE status = 2")
                return UInt64(bitPattern: number ?? 0)
            }
        }
    }

    /// Blocks of the present chain from `number` on, at most `limit`.
    func blocks(from number: UInt64, limit: Int, isIrreversible: Bool = false) throws(DPoSFailure) -> [DPoS.Block] {
        try decoded(
            "WHERE number >= ? AND status >= ? ORDER BY number LIMIT ?",
            [Int64(bitPattern: number), (isIrreversible ? Status.irreversible : .chain).rawValue, limit]
        ).map(\.block)
    }

    /// All blocks above the irreversible ones, on every fork.
    func reversible() throws(DPoSFailure) -> [DPoS.Block] {
        try decoded("WHERE status < 2 ORDER BY number", []).map(\.block)
    }

    /// The block with this number on the present chain.
    func block(number: UInt64) throws(DPoSFailure) -> (block: DPoS.Block, status: Status)? {
        try decoded("WHERE number = ? AND status >= 1", [Int64(bitPattern: number)]).first
    }

    /// What this node signed last, for each producer.
    func records() throws(DPoSFailure) -> [DPoS.SigningRecord] {
        try guarded { () throws(SQLiteFile.Trouble) in
            try file.read { database in
                try Row.fetchAll(database, sql: "SELECT * FROM record").map { row in
                    DPoS.SigningRecord(
                        producer: row["producer"], slot: UInt64(bitPattern: row["slot"]),
                        number: UInt64(bitPattern: row["number"]), id: Array(row["id"] as Data),
                        highest: UInt64(bitPattern: row["highest"]),
                        confirmsAbove: UInt64(bitPattern: row["confirms_above"]))
                }
            }
        }
    }

    private func decoded(
        _ condition: String, _ arguments: StatementArguments
    ) throws(DPoSFailure) -> [(block: DPoS.Block, status: Status)] {
        let rows = try guarded { () throws(SQLiteFile.Trouble) in
            try file.read { database in
                try Row.fetchAll(
                    database.cachedStatement(sql: "SELECT status, encoded FROM block " + condition),
                    arguments: arguments
                ).map { (status: $0["status"] as Int, encoded: Array($0["encoded"] as Data)) }
            }
        }
        var result: [(block: DPoS.Block, status: Status)] = []
        for row in rows {
            do {
                result.append((try DPoS.Block(decoding: row.encoded), Status(rawValue: row.status) ?? .fork))
            } catch {
                throw .corruptBlocks(file: path, finding: "\(error)")
            }
        }
        return result
    }

    /// Closes the file.
    func close() { file.close() }
}
