import Foundation
import Replay
import Reporting
import Timeline

/// What is derived from a finished run: its verdict and reports. Computed from plan and events on disk, however often.
struct RunResult {
    let folder: RunFolder
    let criteria: Criteria

    /// Judges `events` and writes `verdict.json`, `junit.xml` and `report.html`.
    func write(_ events: [Event]) throws -> Verdict {
        let verdict = Judge.verdict(criteria: criteria, events: events)
        let plan = FileManager.default.contents(atPath: folder.plan).map { Array($0) } ?? []
        try ReportFiles.write(
            verdict, criteria: criteria, events: events, scripts: ReportFiles.scripts(inPlan: plan), into: folder.path)
        return verdict
    }
}
