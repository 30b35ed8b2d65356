import ArgumentParser
import Definitions
import Foundation
import Reporting
import Timeline

struct MutateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mutate",
        abstract: "Makes one mistake at a time in a runbook, and tells whether the runbook notices.",
        discussion: """
            Steps are left out, change places, run on wrong or too few hosts, call a wrong script, ask http for https, or use
            an old list. Each mutant is replayed in the scenario that uses the runbook. It is caught when a step of the runbook
            fails or a budget is missed; one that survives is a finding about the runbook's verification.

            Hazardous steps of mutants are approved by asking for mutants: they run on a testnet that the run owns.

            Examples:
              firedrill mutate public-node-corrupt --scenario eosdac-public-node
              firedrill mutate witness-failover --list            the mutants, without playing them
              firedrill mutate witness-failover --step update-key --json

            Exit codes: 0 every mutant was caught or is harmless, 1 one survived, 2 inconclusive, 3 Firedrill itself failed,
            64 usage or definition error.
            """)

    @Argument(help: "A runbook's name.") var runbook: String
    @Option(help: "The scenario to play it in; needed when several use it.") var scenario: String?
    @Option(help: "Only mutants of this step; may be given several times.") var step: [String] = []
    @Option(help: "How many replays run at once, 1 to 16.") var jobs = 2
    @Flag(help: "Print the mutants and play none.") var list = false
    @Flag(help: "Print the result as JSON on standard output, and nothing else there.") var json = false
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        try await Stop.reporting {
            guard (1...16).contains(jobs) else { throw Stop("--jobs takes a number from 1 to 16", .usage) }
            let catalogue = try place.catalogue()
            let name = try catalogue.scenario(using: runbook, named: scenario)
            let session = MutationSession(
                catalogue: catalogue, scenario: name, runbook: runbook, root: place.rootPath,
                commit: await Commit.describe(place.rootPath), jobs: jobs)
            let mutants = try select(from: try session.mutants())
            if list {
                print(listing(of: mutants))
                return .passed
            }
            let outcome = try await session.play(mutants)
            let report = outcome.report
            try session.write(report)
            if json {
                print(report.encoded(), terminator: "")
            } else {
                let style = TerminalStyle.detect(
                    descriptor: STDOUT_FILENO, environment: ProcessInfo.processInfo.environment)
                print(report.lines(style: style).joined(separator: "\n"))
            }
            return outcome.wasStopped ? .inconclusive : report.exitCode
        }
    }

    /// Mutants of the steps that were asked for; all without a choice.
    private func select(from all: [RunbookMutant]) throws -> [RunbookMutant] {
        let known = Set(all.map(\.step))
        for name in step where !known.contains(name) {
            throw Stop(
                "no step '\(name)' of '\(runbook)' has mutants; these have: \(known.sorted().joined(separator: ", "))",
                .usage)
        }
        return all.filter { step.isEmpty || step.contains($0.step) }
    }

    private func listing(of mutants: [RunbookMutant]) -> String {
        if json {
            let rows = mutants.map { mutant in
                JSON.object([
                    "id": .string(mutant.id), "step": .string(mutant.step), "role": .string(mutant.role.rawValue),
                    "summary": .string(mutant.summary),
                ])
            }
            return JSON.array(rows).text(.init(decimals: 3, indent: 2))
        }
        let width = mutants.map(\.id.count).max() ?? 0
        return mutants.map { "\($0.id.padding(toLength: width, withPad: " ", startingAt: 0))  \($0.summary)" }
            .joined(separator: "\n")
    }
}
