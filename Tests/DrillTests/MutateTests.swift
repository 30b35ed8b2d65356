import Foundation
import Testing
import Timeline

extension DrillTests {
    /// Mistakes in a runbook of the small network: what its verification notices, and what not.
    @Suite struct Mutate {
        /// A run takes a few seconds.
        private static let patience = Duration.seconds(240)
        /// A step that nothing looks at.
        private static let tidy = """
            ## Tidy up

            - Hosts: `red`
            - Timeout: 5s
            - Rollback: none - nothing is lost

            ```sh {name=tidy role=act}
            touch /srv/tidied
            ```

            ## See that it counts
            """

        private struct Report: Decodable {
            struct Mutant: Decodable { var id, result, reason: String; var by: String? }
            var mutants: [Mutant]
            var exit_code: Int32
        }

        @Test func mistakesAreCaughtOrSurvive() async throws {
            try await TempRoot.with(.counters) { root in
                try root.edit("runbooks/counter-held.md", "## See that it counts", Self.tidy)
                let listed = try await root.firedrill(["mutate", "counter-held", "--list"])
                #expect(listed.status == 0, "\(listed.text)")
                #expect(listed.output.contains("drop:start") && listed.output.contains("drop:tidy"))
                #expect(root.runs.isEmpty, "a list plays nothing")

                let steps = ["--step", "start", "--step", "tidy"]
                let end = try await root.firedrill(["mutate", "counter-held", "--json"] + steps, within: Self.patience)
                let report = try #require(
                    try? JSONDecoder().decode(Report.self, from: Data(end.output.utf8)), "\(end.text)")
                let results = Dictionary(uniqueKeysWithValues: report.mutants.map { ($0.id, $0) })
                #expect(results["drop:start"]?.by == "verify counts", "\(end.text)")
                #expect(results["drop:tidy"]?.result == "survived", "\(end.text)")
                #expect(end.status == 1 && report.exit_code == 1, "a survivor is a finding")
                #expect(root.runs.count == report.mutants.count + 1, "the runbook as it is, and each mutant")
                try await root.expectNothingLeft()
            }
        }

        @Test func namesAreChecked() async throws {
            try await TempRoot.with(.counters) { root in
                for arguments in [
                    ["counter-hold"], ["counter-held", "--step", "strat"], ["counter-held", "--jobs", "0"],
                ] {
                    let end = try await root.firedrill(["mutate"] + arguments)
                    #expect(end.status == 64 && !end.errors.isEmpty, "\(end.text)")
                }
                #expect(root.runs.isEmpty)
            }
        }
    }
}
