import ArgumentParser
import Definitions
import Foundation
import Glibc
import Replay
import Reporting
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

            Examples:
              firedrill run harmony-release-bucket
              firedrill run harmony-release-bucket --arm wrong-response:restore-only
              firedrill run all --json > verdicts.json
              firedrill run harmony-release-bucket --keep-up    look around afterwards

            Exit codes: 0 passed, 1 failed, 2 inconclusive, 3 Firedrill itself failed, 64 definition error.
            """)

    @Argument(help: "A scenario's name, or 'all'.") var scenario: String
    @Option(help: "How to play it.") var arm: String = "runbook"
    @Option(help: "Incident seconds per wall second, instead of the scenario's.") var timeScale: Double?
    @Option(help: "Seeds jitter and choices, instead of the scenario's.") var seed: UInt64?
    @Option(help: "The testnet's size, instead of its default one; with 'all', of testnets that have sizes.")
    var size: String?
    @Flag(help: "Leave the network running; 'firedrill down' ends it.") var keepUp = false
    @Flag(help: "Print the verdict as JSON on standard output, and nothing else there.") var json = false
    @Flag(help: "Show only the result.") var quiet = false
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        try await Stop.reporting {
            let catalogue = try place.catalogue()
            let names = scenario == "all" ? catalogue.scenarioNames : [scenario]
            if keepUp, scenario == "all" { throw Stop("--keep-up keeps one network: name one scenario", .usage) }
            guard !names.isEmpty else {
                throw Stop("there is no scenario under \(place.rootPath)/chaos/scenarios", .usage)
            }
            // Everything is compiled before anything is run: a mistake in the last scenario is found at once.
            let plans = try await compile(names, catalogue)
            var codes: [Timeline.ExitCode] = []
            var verdicts: [Verdict] = []
            for plan in plans {
                let (ending, verdict) = try await play(plan)
                codes.append(ending.code)
                verdicts += [verdict].compactMap { $0 }
                if ending.wasStopped { break }
            }
            if json { printJSON(verdicts) }
            return Timeline.ExitCode.merged(codes)
        }
    }

    private func compile(_ names: [String], _ catalogue: Catalogue) async throws -> [CompiledPlan] {
        let commit = await Commit.describe(place.rootPath)
        let isSized = names.contains { !catalogue.sizes(ofScenario: $0).isEmpty }
        return try names.map { name in
            // Of all scenarios, those without sizes are what they are.
            let hasSizes = scenario != "all" || !isSized || !catalogue.sizes(ofScenario: name).isEmpty
            let options = CompileOptions(
                timeScale: timeScale, seed: seed, size: hasSizes ? size : nil, commit: commit,
                runNonce: RunIdentity.makeRun(),
                programFolder: Programs.folder)
            var compiled = try catalogue.compile(
                scenario: name, arm: try catalogue.arm(named: arm, of: name), options: options)
            try Approvals.ask(for: &compiled.plan)
            return compiled
        }
    }

    private func play(_ compiled: CompiledPlan) async throws -> (RunSession.Ending, Verdict?) {
        let plan = compiled.plan
        for warning in compiled.warnings where !quiet { Stop.printError("\(warning)") }
        if keepUp { try RunSession.refuseIfUp(plan.testnet.name, root: place.rootPath) }
        RunLock.sweep(root: place.rootPath)
        let identity = try Identity.forContained(environment: ProcessInfo.processInfo.environment)
        let prepared = try RunPreparation(root: place.rootPath, identity: identity)
            .prepare(plan: plan, staged: compiled.staged, name: "\(plan.criteria.scenario)-\(plan.criteria.arm)")
        let folder = prepared.folder
        if !quiet { Stop.printError("\(plan.criteria.scenario), arm \(plan.criteria.arm): \(folder.path)") }
        let session = RunSession(
            folder: folder, criteria: plan.criteria, identity: identity, mode: ContainedMode(keepUp: keepUp),
            display: quiet || json ? .quiet : isatty(STDERR_FILENO) == 1 ? .live : .lines)
        let ending = try await session.run(root: place.rootPath, testnet: plan.testnet)
        _ = consume prepared
        guard let criteria = try? RunRecord.criteria(in: folder.path),
            let events = try? RunRecord.events(in: folder.path).events
        else { return (ending, nil) }
        let verdict = Judge.verdict(criteria: criteria, events: events)
        if !json { verdict.printSummary(folder: folder) }
        if keepUp, !json, !ending.wasStopped {
            print("\nThe network is up: ssh -F '\(folder.sshConfig)' HOST; firedrill down \(plan.testnet.name)")
        }
        return (ending, verdict)
    }

    /// One verdict for one scenario; an array for `all`, however many there are.
    private func printJSON(_ verdicts: [Verdict]) {
        if scenario == "all" {
            print("[\n" + verdicts.map { $0.encoded() }.joined(separator: ",\n") + "]")
        } else {
            verdicts.forEach { print($0.encoded(), terminator: "") }
        }
    }
}

extension Verdict {
    /// Prints the result for a person.
    func printSummary(folder: RunFolder) {
        let style = TerminalStyle.detect(descriptor: STDOUT_FILENO, environment: ProcessInfo.processInfo.environment)
        print(Summary(self, runFolder: folder.path, style: style).lines.joined(separator: "\n"))
    }
}
