import ArgumentParser
import Definitions
import Foundation
import Replay
import Timeline

struct FaultsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faults",
        abstract: "Lists the faults that runs under the root have left open.",
        discussion: """
            A fault is open from the moment its intent is written down until its undo is proven. One line each: run,
            testnet, host, fault, how far it got, its age, the host's lease, and what became of the network.

            Examples:
              firedrill faults
              firedrill faults --json
              firedrill heal --all
            """)

    @Flag(help: "Print JSON.") var json = false
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        try await Stop.reporting {
            let runs = try RunFaults.all(root: place.rootPath)
            for run in runs where run.damagedLines > 0 {
                Stop.printError(
                    "note: \(run.folder.journal) has \(run.damagedLines) damaged lines, which were left out")
            }
            let table = FaultTable(runs)
            print(json ? try table.json : table.lines.joined(separator: "\n"))
            return .passed
        }
    }
}

struct HealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "heal",
        abstract: "Undoes what runs have left open, from their journals alone.",
        discussion: """
            Undo compares first: what the runbook or a person has changed since is left alone and recorded as superseded.
            Where the network is gone, nothing is left to undo, and the record is closed as 'gone with its testnet'. A run
            that goes on is not touched. Healing twice does no harm. What killed runs left on the disk is removed.

            Examples:
              firedrill heal --all
              firedrill heal --run 20260131T100000Z-harmony-release-bucket-runbook

            Exits 0 when nothing is open any more, 1 when something still is (it stays on record and can be tried again).
            """)

    @Option(help: "A run's name, as 'firedrill faults' prints it, or its folder.") var run: String?
    @Flag(help: "Every run under the root.") var all = false
    @OptionGroup var place: PlaceOptions

    func validate() throws {
        guard all != (run != nil) else { throw ValidationError("Name one run with --run, or all of them with --all.") }
    }

    func run() async throws {
        try await Stop.reporting {
            let runs = try RunFaults.all(root: place.rootPath)
            let chosen = try runs.filter { try isChosen($0) && !$0.faults.isEmpty }
            defer { RunLock.sweep(root: place.rootPath) }
            guard !chosen.isEmpty else {
                print("nothing is open")
                return .passed
            }
            var isWhole = true
            for run in chosen { isWhole = await HealSession(run: run).heal() && isWhole }
            return isWhole ? .passed : .failed
        }
    }

    private func isChosen(_ faults: RunFaults) throws -> Bool {
        guard let run else { return true }
        let folder = URL(fileURLWithPath: run).standardizedFileURL.resolvingSymlinksInPath().path
        if faults.name == run || faults.folder.path == folder { return true }
        let known = "\(place.rootPath)/.firedrill/runs/\(run)"
        guard FileManager.default.fileExists(atPath: known) || FileManager.default.fileExists(atPath: folder) else {
            throw Stop("'\(run)' is no run under \(place.rootPath); 'firedrill faults' lists what is open", .usage)
        }
        return false
    }
}
