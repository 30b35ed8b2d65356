import ArgumentParser
import Definitions
import Foundation
import Timeline

struct CoverageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coverage",
        abstract: "Shows what covers each numbered fact of the incidents, and which facts nothing covers.",
        discussion: """
            Examples:
              firedrill coverage                    every incident
              firedrill coverage H1                 one incident, by all its scenarios
              firedrill coverage harmony-release-bucket --json

            Exits 0 when every fact is covered or excused with a reason, 64 otherwise, as 'firedrill check' does.
            """)

    @Argument(help: "An incident's id or a scenario's name; every incident when left out.") var name: String?
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        try await Stop.reporting {
            let catalogue = try place.catalogue()
            // A file that cannot be read covers nothing: what is wrong with it must not be mistaken for a gap.
            for problem in catalogue.loadDiagnostics { Stop.printError("\(problem)") }
            let coverage = try catalogue.coverage(of: name)
            guard !coverage.incidents.isEmpty else {
                throw Stop("there is no incident under \(place.rootPath)/chaos/incidents", .usage)
            }
            if json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
                print(String(decoding: try encoder.encode(coverage), as: UTF8.self))
            } else {
                print(CoverageText(coverage: coverage).lines.joined(separator: "\n"))
            }
            let isWhole = coverage.incidents.flatMap(\.facts).allSatisfy { $0.status != .uncovered }
            return isWhole && !catalogue.loadDiagnostics.contains { $0.severity == .error } ? .passed : .usage
        }
    }
}
