import Consensus
import Foundation
import GRDB

/// Why the database cannot be used. The node ends with `NodeExit.database` and does not touch the files.
enum StoreError: Error, CustomStringConvertible {
    case cannotOpen(path: String, reason: String)
    case corrupt(path: String, finding: String)
    case otherNetwork(path: String)
    case cannotWrite(path: String, reason: String)

    var description: String {
        switch self {
        case .cannotOpen(let path, let reason): "database \(path) cannot be opened: \(reason)."
        case .corrupt(let path, let finding):
            "database \(path) is corrupt (\(finding)); remove the directory to sync again, or restore a copy."
        case .otherNetwork(let path):
            "database \(path) belongs to another network or shard; remove the directory or correct the configuration."
        case .cannotWrite(let path, let reason): "database \(path) cannot be written: \(reason)."
        }
    }
}

/// Blocks, certificates and balances in SQLite, in the directory `harmony_db_<shard>`.
///
/// A rollback journal with `synchronous = OFF`: nothing waits for the disk, and a transaction survives any way the
/// process can die, or is rolled back at the next start (the kernel holds both files). Only a machine that loses power
/// could lose or damage it. No write-ahead log: it would hide damage to the one file that people copy and break.
final class BlockStore: Sendable {
    private static let schemaVersion = "1"
    /// Pages kept in memory per connection, in KiB; small because dozens of nodes share a machine.
    private static let cacheKiB = 256

    let path: String
    private let queue: DatabaseQueue

    /// Opens or creates the database and checks all of it (`PRAGMA quick_check`).
    init(directory: String, networkID: [UInt8], shard: Int) throws(StoreError) {
        path = directory + "/chain.sqlite"
        var configuration = GRDB.Configuration()
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = TRUNCATE")
            try database.execute(sql: "PRAGMA synchronous = OFF")
            try database.execute(sql: "PRAGMA cache_size = -\(Self.cacheKiB)")
        }
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.write { database in
                let finding = try String.fetchOne(database, sql: "PRAGMA quick_check(1)") ?? "no answer"
                guard finding == "ok" else { throw StoreError.corrupt(path: directory, finding: finding) }
                try Self.createTables(in: database)
                try Self.claim(database, path: directory, id: networkID.hex + "/\(shard)/" + Self.schemaVersion)
            }
        } catch let error as StoreError {
            throw error
        } catch let error as DatabaseError where Self.isCorruption(error) {
            throw .corrupt(path: directory, finding: error.message ?? "\(error.resultCode)")
        } catch {
            throw .cannotOpen(path: directory, reason: "\(error)")
        }
    }

    private static func isCorruption(_ error: DatabaseError) -> Bool {
        [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode.primaryResultCode)
    }

    private static func createTables(in database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS block (
                    number INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, parent BLOB NOT NULL,
                    view_id INTEGER NOT NULL, epoch INTEGER NOT NULL, time INTEGER NOT NULL, leader INTEGER,
                    signers BLOB NOT NULL, encoded BLOB NOT NULL);
                CREATE TABLE IF NOT EXISTS votes (id INTEGER PRIMARY KEY CHECK (id = 0), record BLOB NOT NULL);
                CREATE TABLE IF NOT EXISTS balance (
                    account BLOB NOT NULL, block INTEGER NOT NULL, amount BLOB NOT NULL,
                    PRIMARY KEY (account, block)) WITHOUT ROWID;
                """)
    }

    private static func claim(_ database: Database, path: String, id: String) throws {
        let stored = try String.fetchOne(database, sql: "SELECT value FROM meta WHERE key = 'network'")
        guard stored == nil || stored == id else { throw StoreError.otherNetwork(path: path) }
        try database.execute(sql: "INSERT OR IGNORE INTO meta VALUES ('network', ?)", arguments: [id])
    }

    /// Stores blocks and what they add to balances, all or nothing. Blocks follow on the head, in order.
    func append(_ blocks: [(block: StoredBlock, credits: [AccountAddress: UInt128])]) throws(StoreError) {
        try write { database in
            for (block, credits) in blocks {
                try Self.insert(block, into: database)
                for (account, amount) in credits { try Self.credit(account, amount, at: block.number, in: database) }
            }
        }
    }

    /// Stores the votes cast for the next block, so that a restarted validator does not vote against itself.
    func persist(votes: [UInt8]) throws(StoreError) {
        try write { database in
            try database.cachedStatement(sql: "INSERT OR REPLACE INTO votes VALUES (0, ?)")
                .execute(arguments: [Data(votes)])
        }
    }

    private func write(_ body: (Database) throws -> Void) throws(StoreError) {
        do {
            try queue.writeWithoutTransaction { database in
                try database.inTransaction(.immediate) {
                    try body(database)
                    return .commit
                }
            }
        } catch let error as DatabaseError where Self.isCorruption(error) {
            throw .corrupt(path: path, finding: error.message ?? "\(error.resultCode)")
        } catch {
            throw .cannotWrite(path: path, reason: "\(error)")
        }
    }

    /// Closes the database; nothing may be read or written afterwards.
    func close() {
        // A reader that is still busy keeps it open until the process ends, which is as good.
        try? queue.close()
    }

    private static func insert(_ block: StoredBlock, into database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
        try statement.execute(arguments: [
            Int64(bitPattern: block.number), Data(block.hash), Data(block.parentHash),
            Int64(bitPattern: block.viewID), Int64(bitPattern: block.epoch), Int64(bitPattern: block.time),
            block.leader, Data(block.signerBitmap), Data(block.encoded),
        ])
    }

    private static func credit(
        _ account: AccountAddress, _ amount: UInt128, at block: UInt64, in database: Database
    ) throws {
        let sum = try balance(of: account, at: block, in: database) + amount
        var writer = ByteWriter()
        writer.integer(sum)
        try database.cachedStatement(sql: "INSERT OR REPLACE INTO balance VALUES (?, ?, ?)")
            .execute(arguments: [Data(account.bytes), Int64(bitPattern: block), Data(writer.bytes)])
    }

    private static func balance(
        of account: AccountAddress, at block: UInt64, in database: Database
    ) throws -> UInt128 {
        let statement = try database.cachedStatement(
            sql: "SELECT amount FROM balance WHERE account = ? AND block <= ? ORDER BY block DESC LIMIT 1")
        let arguments: StatementArguments = [Data(account.bytes), Int64(bitPattern: block)]
        guard let data = try Data.fetchOne(statement, arguments: arguments) else { return 0 }
        var reader = ByteReader(data)
        return try reader.integer()
    }

    // MARK: Reading. Each call waits for the database.

    /// The block with the highest number; nil before the genesis block is stored.
    func head() throws -> StoredBlock? {
        try queue.read { try Self.block($0, "ORDER BY number DESC LIMIT 1", []) }
    }

    /// The last stored votes, if any.
    func votes() throws -> [UInt8]? {
        try queue.read { try Data.fetchOne($0, sql: "SELECT record FROM votes").map { Array($0) } }
    }

    /// Blocks from `number` on, at most `limit`.
    func blocks(from number: UInt64, limit: Int) throws -> [StoredBlock] {
        try queue.read { database in
            try Row.fetchAll(
                database.cachedStatement(sql: "SELECT * FROM block WHERE number >= ? ORDER BY number LIMIT ?"),
                arguments: [Int64(bitPattern: number), limit]
            ).map(Self.block(from:))
        }
    }

    /// What a starting node goes on from; stores the genesis block and the first balances in an empty database.
    func restore(
        _ genesis: Block, balances: [AccountAddress: UInt128]
    ) throws -> (head: Head, votes: VoteRecord?) {
        guard let stored = try head() else {
            try append([(StoredBlock(genesis: genesis), balances)])
            return (Head(genesis: genesis), nil)
        }
        do {
            let votes = try votes().map { try VoteRecord(decoding: $0) }
            guard !stored.encoded.isEmpty else { return (Head(genesis: genesis), votes) }
            return (Head(try CommittedBlock(decoding: stored.encoded)), votes)
        } catch let error as Consensus.DecodingError {
            throw StoreError.corrupt(path: path, finding: "block \(stored.number): \(error)")
        }
    }

    /// The block with this number.
    func block(number: UInt64) throws -> StoredBlock? {
        try queue.read { try Self.block($0, "WHERE number = ?", [Int64(bitPattern: number)]) }
    }

    /// The block with this hash.
    func block(hash: [UInt8]) throws -> StoredBlock? {
        try queue.read { try Self.block($0, "WHERE hash = ?", [Data(hash)]) }
    }

    /// Atto that `account` had after block `number`.
    func balance(of account: AccountAddress, at number: UInt64) throws -> UInt128 {
        try queue.read { try Self.balance(of: account, at: number, in: $0) }
    }

    private static func block(
        _ database: Database, _ condition: String, _ arguments: StatementArguments
    ) throws -> StoredBlock? {
        try Row.fetchOne(database.cachedStatement(sql: "SELECT * FROM block " + condition), arguments: arguments)
            .map(block(from:))
    }

    private static func block(from row: Row) -> StoredBlock {
        StoredBlock(
            number: UInt64(bitPattern: row["number"]), hash: Array(row["hash"] as Data),
            parentHash: Array(row["parent"] as Data), viewID: UInt64(bitPattern: row["view_id"]),
            epoch: UInt64(bitPattern: row["epoch"]), time: UInt64(bitPattern: row["time"]), leader: row["leader"],
            signerBitmap: Array(row["signers"] as Data), encoded: Array(row["encoded"] as Data))
    }
}
