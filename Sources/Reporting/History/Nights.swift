import GRDB

/// One night as the history keeps it.
public struct HistoryNight: Sendable, Hashable, Codable, FetchableRecord, PersistableRecord {
    /// Name of its table.
    public static var databaseTableName: String { "night" }
    /// Name of the night's folder.
    public var id: String
    /// RFC 3339 UTC.
    public var started: String
    /// As `ExitCode`.
    public var exitCode: Int
    /// Commit of the root folder; empty when it is no repository.
    public var commit: String

    /// All parts as given.
    public init(id: String, started: String, exitCode: Int, commit: String) {
        self.id = id
        self.started = started
        self.exitCode = exitCode
        self.commit = commit
    }
}

/// What one pair of runs said about a fix.
public struct HistoryPair: Sendable, Hashable, Codable, FetchableRecord, PersistableRecord {
    /// Name of its table.
    public static var databaseTableName: String { "fixPair" }
    /// RFC 3339 UTC.
    public var started: String
    /// Name of the scenario.
    public var scenario: String
    /// Ids joined by `+`.
    public var fix: String
    /// Variant of the fault; empty for the scenario's own faults.
    public var variant: String
    /// `works`, `does-not-work` or `inconclusive`.
    public var verdict: String
    /// A sentence.
    public var reason: String
    /// Commit of the root folder; empty when it is no repository.
    public var commit: String
    /// Wall seconds that the pair took.
    public var took: Double

    /// All parts as given.
    public init(
        started: String, scenario: String, fix: String, variant: String, verdict: String, reason: String,
        commit: String, took: Double
    ) {
        self.started = started
        self.scenario = scenario
        self.fix = fix
        self.variant = variant
        self.verdict = verdict
        self.reason = reason
        self.commit = commit
        self.took = took
    }
}

extension HistoryStore {
    /// Keeps a night and which runs were part of it; one that is there already is replaced.
    public func keep(_ night: HistoryNight, runs: [String]) throws(HistoryError) {
        try write { db in
            try HistoryNight.deleteOne(db, key: night.id)
            try night.insert(db)
            for run in Set(runs) {
                try db.execute(sql: "INSERT INTO nightRun (night, run) VALUES (?, ?)", arguments: [night.id, run])
            }
        }
    }

    /// Nights by start, oldest first, the latest `limit`, each with its runs.
    public func nights(limit: Int) throws(HistoryError) -> [(night: HistoryNight, runs: Set<String>)] {
        try read { db in
            let nights = try HistoryNight.order(Column("started").desc, Column("id").desc).limit(limit).fetchAll(db)
            return try nights.reversed().map { night in
                let runs = try String.fetchSet(
                    db, sql: "SELECT run FROM nightRun WHERE night = ?", arguments: [night.id])
                return (night, runs)
            }
        }
    }

    /// Keeps a pair; the same one again changes nothing.
    public func keep(_ pair: HistoryPair) throws(HistoryError) {
        try write { db in try pair.insert(db, onConflict: .ignore) }
    }

    /// The latest pair of each fix and variant, by scenario and fix.
    public func latestPairs() throws(HistoryError) -> [HistoryPair] {
        try read { db in
            try HistoryPair.fetchAll(
                db,
                sql: """
                    SELECT started, scenario, fix, variant, verdict, reason, "commit", took, max(started)
                    FROM fixPair GROUP BY scenario, fix, variant ORDER BY scenario, fix, variant
                    """)
        }
    }

    /// Says that the times of a scenario's arm changed on purpose: earlier runs are no baseline any more.
    /// - Parameter since: RFC 3339 UTC; runs that started before do not count.
    public func accept(scenario: String, arm: String, since: String) throws(HistoryError) {
        try write { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO accepted (scenario, arm, since) VALUES (?, ?, ?)",
                arguments: [scenario, arm, since])
        }
    }

    /// From when on runs count, by scenario and arm (`scenario arm`).
    func accepted() throws(HistoryError) -> [String: String] {
        try read { db in
            let rows = try Row.fetchAll(db, sql: "SELECT scenario, arm, since FROM accepted")
            return Dictionary(rows.map { ("\($0["scenario"] as String) \($0["arm"] as String)", $0["since"]) }) { $1 }
        }
    }
}

extension HistoryStore {
    /// What the runs say, of one scenario or arm or of all.
    public func trend(scenario: String? = nil, arm: String? = nil) throws(HistoryError) -> Trend {
        Trend(runs: try runs(scenario: scenario, arm: arm), steps: try steps(), accepted: try accepted())
    }
}
