import ArgumentParser
import Definitions
import Foundation
import Replay
import Timeline

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Finds mistakes in testnets, faults, incidents, scenarios and runbooks.",
        discussion: "Every mistake is printed with file, line and what to do. Exits 0 when there is none, 64 otherwise."
    )

    @Option(help: "Only this size of testnets that have it; otherwise every size.") var size: String?
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        try await Stop.reporting {
            let catalogue = try place.catalogue()
            let diagnostics = catalogue.check(size: size, programFolder: Programs.folder)
            for diagnostic in diagnostics { print(diagnostic) }
            let errors = diagnostics.count { $0.severity == .error }
            let counts = Dictionary(grouping: catalogue.summaries, by: \.kind).map { count($0.value.count, $0.key) }
                .sorted()
            guard !counts.isEmpty else { throw Stop("there is nothing to check under \(place.rootPath)", .usage) }
            print(
                errors == 0
                    ? "\(counts.joined(separator: ", ")): no mistakes"
                    : "\(count(errors, "mistake")) in \(counts.joined(separator: ", "))")
            return errors == 0 ? .passed : .usage
        }
    }

    /// `1 fault`, `2 faults`.
    private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists scenarios with their arms, incidents, faults, runbooks and testnets.")

    @Flag(help: "Print JSON.") var json = false
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        try await Stop.reporting {
            let catalogue = try place.catalogue()
            if json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
                print(String(decoding: try encoder.encode(catalogue.summaries), as: UTF8.self))
                return .passed
            }
            let width = catalogue.summaries.map(\.name.count).max() ?? 0
            for (kind, entries) in Dictionary(grouping: catalogue.summaries, by: \.kind).sorted(by: { $0.key < $1.key })
            {
                print("\(kind)s")
                for entry in entries {
                    print("  \(entry.name.padding(to: width))  \(entry.summary)")
                    guard kind == Catalogue.Kind.scenario.rawValue, let arms = try? catalogue.arms(of: entry.name)
                    else { continue }
                    print("  \("".padding(to: width))  arms: \(arms.map(\.description).joined(separator: ", "))")
                    let fixes = catalogue.fixIDs(of: entry.name)
                    if !fixes.isEmpty { print("  \("".padding(to: width))  fixes: \(fixes.joined(separator: ", "))") }
                    let variants = catalogue.variants(of: entry.name)
                    if !variants.isEmpty {
                        print("  \("".padding(to: width))  fault variants: \(variants.joined(separator: ", "))")
                    }
                }
            }
            return .passed
        }
    }
}

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tells what a fact, incident, fault, scenario, runbook or testnet is.",
        discussion: "Examples:\n  firedrill explain H1-S6\n  firedrill explain bucket-revoked")

    @Argument(help: "A fact id such as H1-S6, or a name that 'firedrill list' prints.") var id: String
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        try await Stop.reporting {
            print(try place.catalogue().explanation(of: id))
            return .passed
        }
    }
}

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Prints everything a run would do: hosts, probes, faults and every command, without doing it.",
        discussion: "Values of secrets are not shown.")

    @Argument(help: "A scenario's name.") var scenario: String
    @Option(help: "How to play it.") var arm: String = "runbook"
    @Option(help: "A fault variant of the scenario, instead of its own faults.") var variant: String?
    @Option(help: "Incident seconds per wall second, instead of the scenario's.") var timeScale: Double?
    @Option(help: "The testnet's size, instead of its default one.") var size: String?
    @Flag(help: "Print JSON: plan.json as a run would write it.") var json = false
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        try await Stop.reporting {
            let catalogue = try place.catalogue()
            let options = CompileOptions(
                timeScale: timeScale, size: size, variant: variant, commit: await Commit.describe(place.rootPath),
                runNonce: RunIdentity.makeRun(),
                programFolder: Programs.folder)
            let compiled = try catalogue.compile(
                scenario: scenario, arm: try catalogue.arm(named: arm, of: scenario), options: options)
            for warning in compiled.warnings { Stop.printError("\(warning)") }
            if json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
                print(String(decoding: try encoder.encode(compiled.plan.withoutSecrets), as: UTF8.self))
            } else {
                print(PlanText(plan: compiled.plan.withoutSecrets).text)
            }
            return .passed
        }
    }
}
