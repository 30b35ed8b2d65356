import Foundation
import Testing

@testable import Timeline

@Suite("Run folders")
struct RunRecordTests {
    private struct PlanFile: Encodable {
        var format = 1
        var criteria: Criteria
    }

    private func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "firedrill-run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    @Test("criteria survive plan.json, and a run judged from its folder is the run judged live")
    func roundTrip() throws {
        try withFolder { folder in
            var criteria = Criteria.synthetic()
            criteria.probes = [
                "head": .init(interval: DurationText(.milliseconds(500)), timeout: DurationText(.seconds(1)))
            ]
            criteria.affected = ["a0"]
            try JSONEncoder().encode(PlanFile(criteria: criteria)).write(to: folder.appending(path: "plan.json"))
            let events = SyntheticRun.runbook().events
            var writer = try EventLogWriter(path: folder.appending(path: "events.jsonl").path)
            for event in events { try writer.append(event.body, monotonic: event.monotonic, wall: event.wall) }
            #expect(try RunRecord.criteria(in: folder.path) == criteria)
            let again = try RunRecord.events(in: folder.path).events
            #expect(again == events)
            #expect(
                Judge.verdict(criteria: try RunRecord.criteria(in: folder.path), events: again).encoded()
                    == Judge.verdict(criteria: criteria, events: events).encoded())
        }
    }

    @Test("a folder that is no run folder, and a plan without criteria, are named")
    func broken() throws {
        try withFolder { folder in
            let missing = #expect(throws: RunRecord.Failure.self) { try RunRecord.criteria(in: folder.path) }
            #expect(missing?.description.contains("plan.json") == true)
            try Data(#"{"criteria":{"scenario":"x"}}"#.utf8).write(to: folder.appending(path: "plan.json"))
            let partial = #expect(throws: RunRecord.Failure.self) { try RunRecord.criteria(in: folder.path) }
            #expect(partial?.description.contains("criteria.incident") == true, "\(partial?.description ?? "")")
        }
    }
}
