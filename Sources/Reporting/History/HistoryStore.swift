import GRDB

/// The history of a root: one SQLite file beside the run folders, from which it can be made again at any time.
public struct HistoryStore: Sendable {
    /// How long another process' write is waited for.
    public static let busyLimit: Double = 10  // seconds

    /// Path of the file.
    public let path: String
    private let queue: DatabaseQueue

    /// Opens the history at `path`, makes it when there is none, and brings an older one up to date.
    public init(path: String) throws(HistoryError) {
        self.path = path
        var configuration = Configuration()
        configuration.busyMode = .timeout(Self.busyLimit)
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
            let isNewer = try queue.read { try HistorySchema.migrator.hasBeenSuperseded($0) }
            if isNewer { throw HistoryError.newer(path: path) }
            try HistorySchema.migrator.migrate(queue)
        } catch let error as HistoryError {
            throw error
        } catch {
            throw .cannotUse(path: path, reason: "\(error)")
        }
    }

    /// Keeps a run; one that is there already is replaced, because a verdict may have been computed again.
    public func keep(_ record: HistoryRecord) throws(HistoryError) {
        try write { db in
            // Not "insert or replace": its cascade would be the same, but says less.
            try HistoryRun.deleteOne(db, key: record.run.id)
            try record.run.insert(db)
            for step in record.steps { try step.insert(db) }
            for fact in record.facts { try fact.insert(db) }
        }
    }

    /// Names of the runs that are there.
    public func runIDs() throws(HistoryError) -> Set<String> {
        try read { try String.fetchSet($0, sql: "SELECT id FROM run") }
    }

    /// Runs by start, oldest first.
    /// - Parameters:
    ///   - scenario: only of this scenario.
    ///   - limit: only the latest so many.
    public func runs(scenario: String? = nil, arm: String? = nil, limit: Int? = nil) throws(HistoryError)
        -> [HistoryRun]
    {
        try read { db in
            var request = HistoryRun.order(Column("started").desc, Column("id").desc)
            if let scenario { request = request.filter(Column("scenario") == scenario) }
            if let arm { request = request.filter(Column("arm") == arm) }
            if let limit { request = request.limit(limit) }
            return try request.fetchAll(db).reversed()
        }
    }

    /// One run with its steps and facts; nil when it is not there.
    public func record(_ id: String) throws(HistoryError) -> HistoryRecord? {
        try read { db in
            guard let run = try HistoryRun.fetchOne(db, key: id) else { return nil }
            let steps = try HistoryStep.filter(Column("run") == id).order(Column("position")).fetchAll(db)
            let facts = try HistoryFact.filter(Column("run") == id).fetchAll(db)
            return HistoryRecord(run: run, steps: steps, facts: facts)
        }
    }

    /// Steps of all runs that took time of their own, by run.
    public func steps() throws(HistoryError) -> [String: [HistoryStep]] {
        let all = try read { db in
            try HistoryStep.filter(Column("took") != nil && Column("simulated") == false)
                .order(Column("run"), Column("position")).fetchAll(db)
        }
        return Dictionary(grouping: all, by: \.run)
    }

    func read<Value>(_ body: (Database) throws -> Value) throws(HistoryError) -> Value {
        do { return try queue.read(body) } catch { throw .cannotUse(path: path, reason: "\(error)") }
    }

    func write<Value>(_ body: (Database) throws -> Value) throws(HistoryError) -> Value {
        do { return try queue.write(body) } catch { throw .cannotUse(path: path, reason: "\(error)") }
    }
}

extension HistoryRecord {
    init(run: HistoryRun, steps: [HistoryStep], facts: [HistoryFact]) {
        self.run = run
        self.steps = steps
        self.facts = facts
    }
}
