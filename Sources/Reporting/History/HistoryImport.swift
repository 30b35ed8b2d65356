import FoundationEssentials
import Timeline

/// Brings the history up to date with the run folders.
public struct HistoryImport: Sendable {
    /// `.firedrill` of a root.
    let folder: String
    let store: HistoryStore

    /// Opens, or makes, the history of `folder`, which is a root's `.firedrill`.
    public init(folder: String) throws(HistoryError) {
        self.folder = folder
        store = try HistoryStore(path: folder + "/history.sqlite")
    }

    /// The history that is kept.
    public var history: HistoryStore { store }

    /// Takes in every finished run that is not there yet.
    /// - Returns: a sentence for every run folder that could not be read; the others are in.
    public func catchUp() throws(HistoryError) -> [String] {
        let known = try store.runIDs()
        var problems: [String] = []
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/runs")) ?? []
        for name in names.sorted() where !known.contains(name) {
            let run = "\(folder)/runs/\(name)"
            // No verdict: it goes on, was kept up only, or ended without one.
            guard FileManager.default.fileExists(atPath: run + "/verdict.json") else { continue }
            do {
                let criteria = try RunRecord.criteria(in: run)
                let events = try RunRecord.events(in: run).events
                let verdict = Judge.verdict(criteria: criteria, events: events)
                try store.keep(
                    HistoryRecord(
                        id: name, verdict: verdict, criteria: criteria, events: events,
                        machine: Machine.className(in: run)))
            } catch let error as HistoryError {
                throw error
            } catch {
                problems.append("\(run) is left out of the history: \(error)")
            }
        }
        return problems
    }
}
