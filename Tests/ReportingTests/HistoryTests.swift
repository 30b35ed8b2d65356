import Foundation
import Testing
import Timeline

@testable import Reporting

/// A folder of its own that goes away with the test.
struct TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "firedrill-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}

@Suite("History")
struct HistoryTests {
    private func record(_ id: String, recovers: Bool = true, machine: String = "m") -> HistoryRecord {
        HistoryRecord(
            id: id, verdict: SampleRun.verdict(recovers: recovers), criteria: SampleRun.criteria(),
            events: SampleRun.events(recovers: recovers), machine: machine)
    }

    /// Writes what an import reads: plan, events, verdict.
    private func makeRun(_ name: String, in folder: String, hasEnded: Bool = true) throws {
        struct Plan: Encodable { var criteria: Criteria }
        let run = "\(folder)/runs/\(name)"
        try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
        try JSONEncoder().encode(Plan(criteria: SampleRun.criteria())).write(
            to: URL(fileURLWithPath: run + "/plan.json"))
        var log = try EventLogWriter(path: run + "/events.jsonl")
        for event in SampleRun.events() { try log.append(event.body, monotonic: event.monotonic, wall: event.wall) }
        if hasEnded { try Data("{}".utf8).write(to: URL(fileURLWithPath: run + "/verdict.json")) }
    }

    @Test("it keeps what a run was, its times, steps and facts, and gives them back the same") func keeps() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let store = try HistoryStore(path: folder.path + "/history.sqlite")
        let (passed, failed) = (record("a"), record("b", recovers: false))
        try store.keep(passed)
        try store.keep(failed)
        // A verdict may be computed again.
        try store.keep(passed)
        #expect(try store.record("a") == passed)
        #expect(try store.runIDs() == ["a", "b"])
        #expect(passed.run.outcome == "passed" && passed.run.recoverBudget == 20 && passed.run.machine == "m")
        #expect(passed.run.ttr.map { abs($0 - 10) < 1 } == true && !passed.run.ttrCensored)
        #expect(failed.run.ttrCensored && failed.run.exitCode == 1)
        #expect(passed.steps.map(\.name) == ["restart"] && passed.steps[0].took == 3)
        #expect(passed.facts.first { $0.fact == "T1-S1" }?.finding == "observed")
        // Opened again, it is the same.
        #expect(
            try HistoryStore(path: store.path).runs(scenario: "one-shard", arm: "runbook", limit: 1).map(\.id) == ["b"])
        #expect(try store.runs(scenario: "another").isEmpty)
    }

    @Test("catching up takes in every finished run once, and says which could not be read") func catchesUp() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try makeRun("one", in: folder.path)
        try makeRun("two", in: folder.path)
        try makeRun("still-going-on", in: folder.path, hasEnded: false)
        try makeRun("broken", in: folder.path)
        try Data("{".utf8).write(to: URL(fileURLWithPath: folder.path + "/runs/broken/plan.json"))
        try Data(#"{"class": "two cores\u001b[31m"}"#.utf8).write(
            to: URL(fileURLWithPath: folder.path + "/runs/one/machine.json"))
        let history = try HistoryImport(folder: folder.path)
        let problems = try history.catchUp()
        #expect(problems.count == 1 && problems[0].contains("/runs/broken "))
        #expect(try history.history.runIDs() == ["one", "two"])
        #expect(try history.history.record("one")?.run.machine == "two cores [31m")
        #expect(try history.history.record("two")?.run.machine == Machine.unknown)
        // What is in stays in when the folder goes.
        try FileManager.default.removeItem(atPath: folder.path + "/runs/one")
        #expect(try history.catchUp().count == 1)
        #expect(try history.history.runIDs() == ["one", "two"])
    }

    @Test("a file that is no history, or a newer one, is an error that says what to do") func unusable() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let path = folder.path + "/history.sqlite"
        try Data(repeating: 7, count: 8_192).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: HistoryError.self) { _ = try HistoryStore(path: path) }
        #expect(error?.description.contains("move the file away") == true)
        let newer = folder.path + "/newer.sqlite"
        let store = try HistoryStore(path: newer)
        try store.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('3 from the future')") }
        #expect(throws: HistoryError.newer(path: newer)) { _ = try HistoryStore(path: newer) }
    }

    @Test("nights, fix pairs and accepted changes are kept") func nights() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let store = try HistoryStore(path: folder.path + "/history.sqlite")
        for day in 1...3 {
            try store.keep(
                HistoryNight(id: "n\(day)", started: "2026-01-0\(day)T02:00:00.000Z", exitCode: 0, commit: "c"),
                runs: ["r\(day)"])
        }
        let latest = try store.nights(limit: 2)
        #expect(latest.map(\.night.id) == ["n2", "n3"] && latest.map(\.runs) == [["r2"], ["r3"]])
        func pair(_ day: Int, _ verdict: String) -> HistoryPair {
            HistoryPair(
                started: "2026-01-0\(day)T02:00:00.000Z", scenario: "s", fix: "f", variant: "", verdict: verdict,
                reason: "",
                commit: "c", took: 1)
        }
        for entry in [pair(2, "works"), pair(1, "inconclusive"), pair(2, "works")] { try store.keep(entry) }
        #expect(try store.latestPairs() == [pair(2, "works")])
        try store.accept(scenario: "s", arm: "runbook", since: "2026-01-02")
        try store.accept(scenario: "s", arm: "runbook", since: "2026-01-03")
        #expect(try store.accepted() == ["s runbook": "2026-01-03"])
    }

    @Test("two runs beside each other: what differs is named, and censored times are no term of a difference")
    func comparison() throws {
        let text = ComparisonText(record("a"), record("b", recovers: false, machine: "other"), style: TerminalStyle())
            .lines.joined(separator: "\n")
        #expect(text.contains("different series"))
        #expect(text.contains(/recover \(TTR\) +\d+\.\d s +> \d+\.\d s *\n/))
        #expect(text.contains(/restart +3.0 s +3.0 s +\+?0.0 s/))
        #expect(
            !ComparisonText(record("a"), record("c"), style: TerminalStyle()).lines.joined().contains(
                "different series"))
    }
}
