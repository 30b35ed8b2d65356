import GRDB

/// How the history's tables came to be. A migration that was released is never changed; what is new is a migration of its own.
enum HistorySchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 runs, steps, facts") { db in
            try makeRuns(db)
            try db.create(table: "step") { table in
                table.column("run", .text).notNull().references("run", onDelete: .cascade)
                table.column("position", .integer).notNull()
                table.column("name", .text).notNull()
                table.column("role", .text).notNull()
                table.column("took", .double)
                table.column("passed", .boolean).notNull()
                table.column("simulated", .boolean).notNull()
                table.primaryKey(["run", "position"])
            }
            try db.create(table: "fact") { table in
                table.column("run", .text).notNull().references("run", onDelete: .cascade)
                table.column("fact", .text).notNull()
                table.column("finding", .text).notNull()
                table.primaryKey(["run", "fact"])
            }
        }
        migrator.registerMigration("2 nights, fix pairs, accepted changes") { db in
            try db.create(table: "night") { table in
                table.primaryKey("id", .text)
                table.column("started", .text).notNull()
                table.column("exitCode", .integer).notNull()
                table.column("commit", .text).notNull()
            }
            try db.create(table: "nightRun") { table in
                table.column("night", .text).notNull().references("night", onDelete: .cascade)
                table.column("run", .text).notNull()
                table.primaryKey(["night", "run"])
            }
            try db.create(table: "fixPair") { table in
                table.autoIncrementedPrimaryKey("id")
                table.column("started", .text).notNull()
                table.column("scenario", .text).notNull()
                table.column("fix", .text).notNull()
                table.column("variant", .text).notNull()
                table.column("verdict", .text).notNull()
                table.column("reason", .text).notNull()
                table.column("commit", .text).notNull()
                table.column("took", .double).notNull()
                table.uniqueKey(["started", "scenario", "fix", "variant"])
            }
            // From when on a scenario's times count, because somebody said that a change of them is meant.
            try db.create(table: "accepted") { table in
                table.column("scenario", .text).notNull()
                table.column("arm", .text).notNull()
                table.column("since", .text).notNull()
                table.primaryKey(["scenario", "arm"])
            }
        }
        return migrator
    }

    private static func makeRuns(_ db: Database) throws {
        try db.create(table: "run") { table in
            table.primaryKey("id", .text)
            for name in ["started", "scenario", "incident", "arm", "variant", "size"] {
                table.column(name, .text).notNull()
            }
            table.column("timeScale", .double).notNull()
            for name in ["seed", "machine", "commit", "outcome"] { table.column(name, .text).notNull() }
            table.column("exitCode", .integer).notNull()
            table.column("reason", .text).notNull()
            for name in ["ttd", "tta", "ttm", "ttr"] {
                table.column(name, .double)
                table.column("\(name)Censored", .boolean).notNull()
            }
            table.column("recoverBudget", .double)
            table.column("precision", .double).notNull()
            table.column("length", .double).notNull()
        }
        try db.create(index: "runByScenario", on: "run", columns: ["scenario", "arm", "started"])
    }
}

extension HistoryRun: FetchableRecord, PersistableRecord {
    /// Name of its table.
    public static var databaseTableName: String { "run" }
}

extension HistoryStep: FetchableRecord, PersistableRecord {
    /// Name of its table.
    public static var databaseTableName: String { "step" }
}

extension HistoryFact: FetchableRecord, PersistableRecord {
    /// Name of its table.
    public static var databaseTableName: String { "fact" }
}
