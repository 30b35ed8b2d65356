import ArgumentParser
import Definitions
import Foundation
import Glibc
import Replay
import Reporting
import Timeline

struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Shows whether a fix works: replays without and with it, and compares.",
        discussion: """
            A fix works when the replay without it shows the outage and the same replay with it keeps what the fix promises.
            Without an outage in the control nothing is shown. Controls are played once for all fixes of a call.

            Examples:
              firedrill validate harmony-release-bucket                    every fix and claim of a scenario
              firedrill validate all --jobs 2
              firedrill validate harmony-release-bucket --fix fail-download
              firedrill validate harmony-release-bucket --fix fail-download+verify-checksum --repeat 5
              firedrill validate all --mutants                             changes that only look like fixes
              firedrill validate harmony-release-bucket --overlay my-fix --expect no-outage
              firedrill validate harmony-release-bucket --node-binary build/node --expect 'ttr<=10m' --plays runbook

            An overlay holds files as <layer, group or host>/<path on the host>.

            Exit codes: 0 every fix works (every mutant is rejected), 1 one does not, 2 one cannot be told, 3 Firedrill itself
            failed, 64 definition error.
            """)

    /// Replays of one arm, and replays at once: more than any machine here could use.
    private static let mostRepeats = 50
    private static let mostJobs = 16

    @Argument(help: "A scenario's name, or 'all'.") var scenario: String
    @Option(help: ArgumentHelp("Only this fix, or several together; may be given again.", valueName: "id[+id]"))
    var fix: [String] = []
    @Option(help: ArgumentHelp("Only this claim, such as H1-C1; may be given again.", valueName: "fact")) var claim:
        [String] = []
    @Flag(help: "Play the mutants instead: each must be rejected. With --fix only that mutant, or that fix's.")
    var mutants = false
    @Option(name: .customLong("repeat"), help: "How often each arm is played.") var repeats: Int = 1
    @Option(help: "How many replays at once.") var jobs: Int = 2
    @Option(help: ArgumentHelp("A fix of your own: its files, by layer, group or host.", valueName: "folder"))
    var overlay: String?
    @Option(help: ArgumentHelp("A new build, rolled out as the testnet's 'release' says.", valueName: "file"))
    var nodeBinary: String?
    @Option(help: "What your own fix promises: no-outage, 'ttr<=10m', 'alert<=2m', 'ttr<=0.5x'.") var expect: String?
    @Option(help: "The arm that is played with and without your own fix.") var plays: String = "fault-only"
    @Option(help: "A fault variant that your own fix must hold under as well; may be given again.") var under:
        [String] = []
    @Flag(help: "Print validation.json on standard output, and nothing else there.") var json = false
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        try await Stop.reporting {
            try refuseWrong()
            let catalogue = try place.catalogue()
            var choice = ComparisonChoice()
            (choice.fixes, choice.claims, choice.mutants) = (fix, claim, mutants)
            choice.ownFix = ownFix
            let names = scenario == "all" ? catalogue.scenarioNames : [scenario]
            guard !names.isEmpty else {
                throw Stop("there is no scenario under \(place.rootPath)/chaos/scenarios", .usage)
            }
            let comparisons = try catalogue.comparisons(of: names, choice)
            let commit = await Commit.describe(place.rootPath)
            let run = ValidationRun(
                catalogue: catalogue, root: place.rootPath, comparisons: comparisons, repeats: repeats, jobs: jobs,
                commit: commit, ownFix: choice.ownFix)
            let played = try await run.play()
            let report = ValidationResult(comparisons: comparisons, played: played, commit: commit).report
            return try finish(report, wasStopped: played.wasStopped)
        }
    }

    private var ownFix: OwnFix? {
        guard overlay != nil || nodeBinary != nil else { return nil }
        return OwnFix(
            overlay: overlay.map(Self.absolute), program: nodeBinary.map(Self.absolute), expect: expect ?? "",
            plays: plays,
            under: under)
    }

    private static func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path, relativeTo: URL(fileURLWithPath: FileManager.default.currentDirectoryPath))
            .standardizedFileURL.path
    }

    private func refuseWrong() throws {
        guard (1...Self.mostRepeats).contains(repeats) else {
            throw Stop("--repeat \(repeats) is not between 1 and \(Self.mostRepeats)", .usage)
        }
        guard (1...Self.mostJobs).contains(jobs) else {
            throw Stop("--jobs \(jobs) is not between 1 and \(Self.mostJobs)", .usage)
        }
        let isOwn = overlay != nil || nodeBinary != nil
        if mutants, !claim.isEmpty { throw Stop("--claim has no mutants", .usage) }
        if isOwn, !fix.isEmpty || !claim.isEmpty || mutants {
            throw Stop(
                "--overlay and --node-binary are a fix of their own: leave out --fix, --claim and --mutants", .usage)
        }
        if isOwn, scenario == "all" { throw Stop("a fix of your own is validated on one scenario: name it", .usage) }
        if isOwn, expect == nil { throw Stop("say what your fix promises, for example --expect no-outage", .usage) }
        if !isOwn, expect != nil || plays != "fault-only" || !under.isEmpty {
            throw Stop("--expect, --plays and --under belong to --overlay or --node-binary", .usage)
        }
    }

    private func finish(_ report: ValidationReport, wasStopped: Bool) throws -> Timeline.ExitCode {
        let identity = try Identity.forContained(environment: ProcessInfo.processInfo.environment)
        let file = try ValidationResult.write(report.encoded(), root: place.rootPath, identity: identity)
        if json {
            print(report.encoded(), terminator: "")
        } else {
            let style = TerminalStyle.detect(
                descriptor: STDOUT_FILENO, environment: ProcessInfo.processInfo.environment)
            print(MatrixText(report, style: style).lines.joined(separator: "\n"))
            print("\n\(file)")
        }
        if wasStopped { Stop.printError("firedrill: it was stopped; what was not played is inconclusive") }
        return Timeline.ExitCode.merged([report.exitCode] + (wasStopped ? [.inconclusive] : []))
    }
}
