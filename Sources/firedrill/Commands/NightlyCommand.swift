import ArgumentParser
import Definitions
import Foundation
import Reporting
import Timeline

struct NightlyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nightly",
        abstract: "Plays every scenario, then as many fixes as the time allows, and writes what CI and people look at.",
        discussion: """
            A profile (nightly.yaml in the root, or --profile) says what is played: canaries, which must fail, first; then every
            scenario; then fixes with their controls, the least recently proven first. Outputs are written anew after each:

              .firedrill/nights/<time>/junit.xml, summary.md, metrics.prom, night.json
              .firedrill/index.html, and .firedrill/runs/<run>/report.html

            Examples:
              firedrill nightly
              firedrill nightly --budget 25m --metrics /var/lib/prometheus/node-exporter/firedrill.prom
              firedrill nightly --shard 1/3          then, where all three folders are: firedrill merge DIR DIR DIR

            On a red night, told by the environment: FIREDRILL_WEBHOOK_URL (Slack's format), FIREDRILL_PAGERDUTY_KEY, or the same
            names with _FILE for a file that holds the value; FIREDRILL_LINK is put into messages.

            Exit codes: 0 passed, 1 something failed or became slower, 2 inconclusive, 3 Firedrill itself failed, 64 usage.
            """)

    @Option(help: ArgumentHelp("What is played, instead of the root's nightly.yaml.", valueName: "file"))
    var profile: String?
    @Option(help: "How long the night may take, such as 25m, instead of the profile's.") var budget: String?
    @Option(help: "Seeds jitter and choices of every run, instead of the scenarios' own.") var seed: UInt64?
    @Option(help: ArgumentHelp("Only this part of several machines' night, such as 1/3.", valueName: "i/n"))
    var shard: String?
    @Option(help: ArgumentHelp("Also write the metrics here, for a node exporter.", valueName: "file"))
    var metrics: String?
    @Flag(help: "Show only the result.") var quiet = false
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        try await Stop.reporting {
            // Taken out of the environment first: nothing that is started may inherit them.
            let messenger = try Messenger.takeFromEnvironment()
            let catalogue = try place.catalogue()
            let profile = try chosenProfile(catalogue)
            let shard = try self.shard.map { text in
                try NightQueue.Shard(text).orStop("--shard takes a part such as 1/3, not '\(text)'")
            }
            let budget = try self.budget.map { text in
                try DurationText(text).orStop("--budget takes a duration such as 25m, not '\(text)'")
            }
            var session = try await prepare(
                catalogue, profile, shard: shard ?? .whole, budget: budget ?? profile.budget)
            await session.play()
            let night = session.night
            if let metrics { session.keepProblem { try NightOutputs.writeMetrics(night, to: metrics) } }
            for problem in await messenger.send(night) { session.keepProblem { throw Stop(problem, .harnessError) } }
            print(NightSummary(session.night).lines(.standardOutput).joined(separator: "\n"))
            print("\nNight  \(session.folder)\nRuns   \(place.rootPath)/.firedrill/index.html")
            return session.night.exitCode
        }
    }

    private func chosenProfile(_ catalogue: Catalogue) throws -> NightlyProfile {
        let path = profile ?? "\(place.rootPath)/\(NightlyProfile.fileName)"
        if profile == nil, !FileManager.default.fileExists(atPath: path) { return .standard }
        return try NightlyProfile.read(path, in: catalogue)
    }

    private func prepare(
        _ catalogue: Catalogue, _ profile: NightlyProfile, shard: NightQueue.Shard, budget: DurationText
    ) async throws -> NightSession {
        let started = SystemClock().wallLabel()
        try NightOutputs.make("\(place.rootPath)/.firedrill")
        let history = try History.open(place)
        var proven: [String: String] = [:]
        for pair in try history.latestPairs() where pair.verdict == "works" {
            proven["\(pair.scenario) \(pair.fix)"] = pair.started
        }
        let queue = NightQueue(profile: profile, catalogue: catalogue, shard: shard, proven: proven)
        guard !queue.plays.isEmpty || !queue.pairs.isEmpty else {
            throw Stop("this night plays nothing: check the profile, and --shard", .usage)
        }
        let folder = try NightOutputs.makeFolder(root: place.rootPath, started: started)
        let machine = Machine.current(name: ProcessInfo.processInfo.environment["FIREDRILL_MACHINE"])
        var night = Night(
            id: URL(fileURLWithPath: folder).lastPathComponent, started: started, seed: seed.map(String.init),
            budget: budget.duration.inSeconds, shards: [shard.description],
            commit: await Commit.describe(place.rootPath), machine: machine.machineClass)
        night.plays = queue.plays
        night.pairs = queue.pairs
        return NightSession(
            root: place.rootPath, catalogue: catalogue, seed: seed, quiet: quiet, folder: folder, night: night)
    }
}

extension Optional {
    /// The value, or a usage error.
    func orStop(_ message: String) throws -> Wrapped {
        guard let value = self else { throw Stop(message, .usage) }
        return value
    }
}
