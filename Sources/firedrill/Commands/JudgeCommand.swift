import ArgumentParser
import Foundation
import Replay
import Reporting
import Timeline

struct JudgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "judge",
        abstract: "Computes a run's verdict again from its plan and events.",
        discussion: """
            Writes verdict.json, junit.xml and report.html anew; the same plan and events give the same bytes. The exit
            code is the verdict's.
            """)

    @Argument(help: "A run folder, or its name under .firedrill/runs.") var run: String
    @Flag(help: "Print the verdict as JSON.") var json = false
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        try await Stop.reporting {
            let folder = try find()
            let log = try RunRecord.events(in: folder.path)
            if log.tornBytes > 0 {
                Stop.printError("note: the last line of events.jsonl is torn and was left out (\(log.tornBytes) bytes)")
            }
            let criteria = try RunRecord.criteria(in: folder.path)
            guard !criteria.incident.isEmpty else {
                throw Stop(
                    "\(folder.path) belongs to a network that was only kept up: there is nothing to judge", .usage)
            }
            let verdict = Judge.verdict(criteria: criteria, events: log.events)
            do {
                _ = try RunResult(folder: folder, criteria: criteria).write(log.events)
            } catch {
                Stop.printError("note: the verdict could not be written: \(error)")
            }
            if json { print(verdict.encoded(), terminator: "") } else { verdict.printSummary(folder: folder) }
            return verdict.exitCode
        }
    }

    private func find() throws -> RunFolder {
        let candidates = run.isEmpty ? [] : ["\(place.rootPath)/.firedrill/runs/\(run)", run]
        guard let path = candidates.first(where: { FileManager.default.fileExists(atPath: $0 + "/plan.json") }) else {
            throw Stop("'\(run)' is no run folder; ls \(place.rootPath)/.firedrill/runs lists them", .usage)
        }
        return RunFolder(path: URL(fileURLWithPath: path).standardizedFileURL.path)
    }
}
