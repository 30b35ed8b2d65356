import ArgumentParser
import Foundation
import Glibc
import Reporting
import Timeline

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Lists finished runs, the newest last.",
        discussion: """
            Every finished run is taken in from its run folder; what is in stays in when the folder is removed.

            Examples:
              firedrill history
              firedrill history harmony-release-bucket --arm runbook --limit 50
              firedrill history --json
              firedrill history --page        write .firedrill/index.html, as every night does
            """)

    @Argument(help: "Only runs of this scenario.") var scenario: String?
    @Option(help: "Only runs of this arm.") var arm: String?
    @Option(help: "At most so many runs, the latest.") var limit: Int = 20
    @Flag(help: "Print JSON.") var json = false
    @Flag(help: "Write the page over all runs instead, and print where it is.") var page = false
    @OptionGroup var place: PlaceOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
    }

    func run() async throws {
        try await Stop.reporting {
            let history = try History.open(place)
            if page {
                try IndexPage(history: history, folder: "\(place.rootPath)/.firedrill").write()
                print("\(place.rootPath)/.firedrill/index.html")
                return .passed
            }
            let runs = try history.runs(scenario: scenario, arm: arm, limit: limit)
            if json {
                try History.printJSON(runs)
            } else {
                print(HistoryText(runs, style: .standardOutput).lines.joined(separator: "\n"))
            }
            return .passed
        }
    }
}

struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Puts two runs beside each other: times, steps, and facts that came out differently.",
        discussion: """
            Example:
              firedrill compare 20260102T020000Z-harmony-release-bucket-runbook 20260103T020000Z-harmony-release-bucket-runbook

            A run is named by its folder, or by a beginning of its folder's name that only one run has.
            """)

    @Argument(help: "The first run, usually the older one.") var first: String
    @Argument(help: "The second run.") var second: String
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        try await Stop.reporting {
            let history = try History.open(place)
            let records = try [first, second].map { try find($0, history) }
            print(ComparisonText(records[0], records[1], style: .standardOutput).lines.joined(separator: "\n"))
            return .passed
        }
    }

    private func find(_ name: String, _ history: HistoryStore) throws -> HistoryRecord {
        let id = URL(fileURLWithPath: name).lastPathComponent
        if let record = try history.record(id) { return record }
        let similar = try history.runIDs().filter { !id.isEmpty && $0.hasPrefix(id) }.sorted()
        if similar.count == 1, let record = try history.record(similar[0]) { return record }
        guard similar.isEmpty else {
            throw Stop(
                "'\(name)' begins the names of \(similar.count) runs: \(similar.prefix(3).joined(separator: ", "))",
                .usage)
        }
        throw Stop("there is no run '\(name)' in the history; 'firedrill history' lists them", .usage)
    }
}

struct TrendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trend",
        abstract: "Tells which times to recover, and which steps, became longer.",
        discussion: """
            The latest runs of a scenario are compared with earlier ones of the same arm, size, scale and machine class.

            Examples:
              firedrill trend
              firedrill trend harmony-release-bucket --steps
              firedrill trend harmony-release-bucket --accept     a change is meant: start a new baseline

            Exits 1 when something became slower, else 0.
            """)

    @Argument(help: "Only this scenario.") var scenario: String?
    @Option(help: "Only this arm.") var arm: String?
    @Flag(help: "Also show steps that did not change.") var steps = false
    @Flag(help: "Start a new baseline for the scenario's arm: earlier runs do not count any more.") var accept = false
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        try await Stop.reporting {
            let history = try History.open(place)
            if accept {
                guard let scenario else { throw Stop("--accept needs a scenario", .usage) }
                let name = arm ?? "runbook"
                guard try !history.runs(scenario: scenario, arm: name, limit: 1).isEmpty else {
                    throw Stop("there is no run of '\(scenario)', arm \(name), in the history", .usage)
                }
                try history.accept(scenario: scenario, arm: name, since: SystemClock().wallLabel())
                print("\(scenario), \(name): a new baseline starts with the next run")
                return .passed
            }
            let trend = try history.trend(scenario: scenario, arm: arm)
            print(TrendText(trend, style: .standardOutput, showsSteps: steps).lines.joined(separator: "\n"))
            return trend.regressions.isEmpty ? .passed : .failed
        }
    }
}

/// The history of a root, brought up to date.
enum History {
    static func open(_ place: PlaceOptions) throws -> HistoryStore {
        let folder = "\(place.rootPath)/.firedrill"
        guard FileManager.default.fileExists(atPath: folder) else {
            throw Stop("there is no run under \(place.rootPath); 'firedrill run SCENARIO' makes one", .usage)
        }
        let history = try open(folder)
        for problem in try history.catchUp() { Stop.printError("note: \(problem)") }
        return history.history
    }

    /// The history of a `.firedrill` folder, as it is.
    static func open(_ folder: String) throws -> HistoryImport {
        let path = "\(folder)/history.sqlite"
        let isNew = !FileManager.default.fileExists(atPath: path)
        let history = try HistoryImport(folder: folder)
        // Made by root it belongs to whom the folder belongs to: the next run may be that user's own.
        var owner = stat()
        if isNew, geteuid() == 0, stat(folder, &owner) == 0 { lchown(path, owner.st_uid, owner.st_gid) }
        return history
    }

    static func printJSON(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }
}

extension TerminalStyle {
    /// What standard output can show.
    static var standardOutput: TerminalStyle {
        detect(descriptor: STDOUT_FILENO, environment: ProcessInfo.processInfo.environment)
    }
}
