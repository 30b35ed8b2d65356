import ArgumentParser
import Foundation
import Reporting
import Timeline

struct MergeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Joins the parts of a night that several machines played into one result.",
        discussion: """
            Each DIR is the .firedrill folder of a machine that played a part (firedrill nightly --shard i/n), or a folder that
            holds it. Of each, the latest night is taken. Runs are copied into the root's .firedrill, the history takes them in,
            and all outputs are written for the joined night.

            Example:
              firedrill merge part-1/.firedrill part-2/.firedrill part-3/.firedrill

            Exits as the joined night would have: 3, 1, 2 and 0 in this order. A missing part makes it inconclusive.
            """)

    @Argument(help: "Folders of the parts.") var folders: [String]
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        try await Stop.reporting {
            let parts = try folders.map(NightPart.init)
            let root = place.rootPath
            try NightOutputs.make("\(root)/.firedrill")
            let folder = try NightOutputs.makeFolder(root: root, started: parts.map(\.night.started).min() ?? "")
            var nights: [Night] = []
            for part in parts { nights.append(try part.copy(into: "\(root)/.firedrill")) }
            let history = try History.open(place)
            for part in parts { try part.copyPairs(into: history) }
            var night = Night.merged(id: URL(fileURLWithPath: folder).lastPathComponent, nights)
            // With the runs of all parts in one history there may be more to see.
            for found in try NightRegressions.find(night.plays, history)
            where !night.regressions.contains(where: { $0.scenario == found.scenario && $0.measure == found.measure }) {
                night.regressions.append(found)
            }
            try NightOutputs(root: root, folder: folder).write(night)
            print(NightSummary(night).lines(.standardOutput).joined(separator: "\n"))
            print("\nNight  \(folder)\nRuns   \(root)/.firedrill/index.html")
            return night.exitCode
        }
    }
}

/// One machine's part of a night, as its `.firedrill` folder has it.
struct NightPart {
    /// A `.firedrill` folder.
    let folder: String
    let night: Night

    /// - Throws: `Stop` when there is no night in `path`.
    init(_ path: String) throws {
        let absolute = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
        let files = FileManager.default
        guard
            let folder = [absolute, absolute + "/.firedrill"].first(where: { files.fileExists(atPath: $0 + "/nights") })
        else {
            throw Stop("\(path) is no .firedrill folder with a night in it, nor does it hold one", .usage)
        }
        let names = ((try? files.contentsOfDirectory(atPath: folder + "/nights")) ?? []).sorted()
        guard let night = names.reversed().lazy.compactMap({ NightFiles.read("\(folder)/nights/\($0)") }).first else {
            throw Stop("no night in \(folder)/nights has a night.json that can be read", .usage)
        }
        self.folder = folder
        self.night = night
    }

    /// Copies the part's runs. Two machines may have begun the same run in the same second: the later one gets the part's name.
    /// - Returns: the night with the runs' names as they are now.
    func copy(into target: String) throws -> Night {
        var night = night
        let files = FileManager.default
        try files.createDirectory(atPath: target + "/runs", withIntermediateDirectories: true)
        for index in night.plays.indices {
            guard let run = night.plays[index].run, !run.contains("/"), run != ".." else { continue }
            let source = "\(folder)/runs/\(run)"
            guard files.fileExists(atPath: source) else {
                night.problems.append("The folder of run \(run) was not there to be copied.")
                continue
            }
            var name = run
            if files.fileExists(atPath: "\(target)/runs/\(run)"), !isSame(source, "\(target)/runs/\(run)") {
                name = "\(run)-part-\((night.shards.first ?? "").replacing("/", with: "-of-"))"
            }
            if !files.fileExists(atPath: "\(target)/runs/\(name)") {
                try files.copyItem(atPath: source, toPath: "\(target)/runs/\(name)")
            }
            night.plays[index].run = name
        }
        return night
    }

    private func isSame(_ one: String, _ two: String) -> Bool {
        FileManager.default.contentsEqual(atPath: one + "/events.jsonl", andPath: two + "/events.jsonl")
    }

    /// What the part's history says of fixes.
    func copyPairs(into history: HistoryStore) throws {
        let path = folder + "/history.sqlite"
        guard FileManager.default.fileExists(atPath: path) else { return }
        for pair in try HistoryStore(path: path).latestPairs() { try history.keep(pair) }
    }
}
