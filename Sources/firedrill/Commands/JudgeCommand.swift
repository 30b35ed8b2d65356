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
            let inside = "\(place.rootPath)/.firedrill/runs/\(run)"
            let path = FileManager.default.fileExists(atPath: inside) ? inside : run
            let folder = RunFolder(path: URL(fileURLWithPath: path).standardizedFileURL.path)
            let log = try RunRecord.events(in: folder.path)
            if log.tornBytes > 0 { Stop.printError("note: the last line of events.jsonl is torn and was left out (\(log.tornBytes) bytes)") }
            let verdict = try RunResult(folder: folder, criteria: try RunRecord.criteria(in: folder.path)).write(log.events)
            if json {
                print(verdict.encoded(), terminator: "")
            } else {
                let style = TerminalStyle.detect(descriptor: STDOUT_FILENO, environment: ProcessInfo.processInfo.environment)
                print(Summary(verdict, runFolder: folder.path, style: style).lines.joined(separator: "\n"))
            }
            return verdict.exitCode
        }
    }
}
