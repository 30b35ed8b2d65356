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
        keep(verdict, events)
        return verdict
    }

    /// Takes the run into the history of its root. That it cannot be must not cost the verdict: the run folder has
    /// everything, and the next look at the history takes it in.
    private func keep(_ verdict: Verdict, _ events: [Event]) {
        let place = URL(fileURLWithPath: folder.path)
        let runs = place.deletingLastPathComponent()
        guard runs.lastPathComponent == "runs", runs.deletingLastPathComponent().lastPathComponent == ".firedrill"
        else {
            return
        }
        do {
            try History.open(runs.deletingLastPathComponent().path).history.keep(
                HistoryRecord(
                    id: place.lastPathComponent, verdict: verdict, criteria: criteria, events: events,
                    machine: Machine.className(in: folder.path)))
        } catch {
            Stop.printError("note: \(error)")
        }
    }
}
