import ArgumentParser
import Definitions
import Timeline

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Replays a scenario and asserts the time to recover.",
        discussion: """
            Arms:
              runbook             fault, detection, the codified runbook (default)
              no-fault            nothing injected: must stay steady, page nobody
              fault-only          no response: the red that a control must be
              wrong-response:ID   a documented wrong response; 'firedrill list' has them
              as-documented       the people's steps with their delays; phases beside the write-up's
              fix:ID[+ID]         with the files, settings and response of one or more fixes
              all                 each of these that the scenario has, and whether each did what is expected of it

            Several runs end with a table: verdict and times of each, the spread of repeated ones, and the symptoms seen over
            all of them.

            Examples:
              firedrill run harmony-release-bucket
              firedrill run harmony-release-bucket --arm wrong-response:restore-only
              firedrill run harmony-release-bucket --repeat 10 --quiet
              firedrill run steem-witness-failover --arm all --quiet
              firedrill run harmony-release-bucket --arm fix:fail-download --variant object-garbage
              firedrill run all --json > verdicts.json
              firedrill run harmony-release-bucket --keep-up    look around afterwards

            Exit codes: 0 passed, 1 failed, 2 inconclusive, 3 Firedrill itself failed, 64 definition error; of several runs the
            gravest, in the order 3, 1, 2, 0. With '--arm all' 0 means that every arm did what is expected of it: a control
            that fails as it should counts as 0, one that passes as 1.
            """)

    @Argument(help: "A scenario's name, or 'all'.") var scenario: String
    @Option(help: "How to play it; 'all' for every arm.") var arm: String = "runbook"
    @Option(name: .customLong("repeat"), help: ArgumentHelp("Replays in a row of each.", valueName: "times"))
    var repetitions = 1
    @Option(help: "A fault variant of the scenario, instead of its own faults.") var variant: String?
    @Option(help: "Incident seconds per wall second, instead of the scenario's.") var timeScale: Double?
    @Option(help: "Seeds jitter and choices, instead of the scenario's.") var seed: UInt64?
    @Option(help: "The testnet's size, instead of its default one; with 'all', of testnets that have sizes.")
    var size: String?
    @Flag(help: "Leave the network running; 'firedrill down' ends it.") var keepUp = false
    @Flag(help: "Print the verdict as JSON on standard output, and nothing else there; an array for several runs.")
    var json = false
    @Flag(help: "Show only the result; of several runs only the closing table.") var quiet = false
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        try await Stop.reporting {
            let catalogue = try place.catalogue()
            let options = CompileOptions(
                timeScale: timeScale, seed: seed, size: size, variant: variant,
                commit: await Commit.describe(place.rootPath),
                runNonce: "",
                programFolder: Programs.folder)
            let queue = RunQueue(scenario: scenario, arm: arm, repetitions: repetitions, options: options)
            if keepUp, queue.isSeries {
                throw Stop("--keep-up keeps one network: name one scenario and one arm, once", .usage)
            }
            return try await RunSeries(
                queue: queue, catalogue: catalogue, root: place.rootPath, keepUp: keepUp, json: json, quiet: quiet
            ).play()
        }
    }
}
