import Foundation
import Testing
import Timeline

extension DrillTests {
    /// Several runs of one command, and what is said of all definitions without a run.
    @Suite struct Series {
        private static let sizes = "\nsizes: {small: {reds: 1}, large: {reds: 2}}\ndefault_size: small\n"

        /// The fixture's testnet in two sizes, with one red counter or two.
        private func addSizes(_ root: TempRoot) throws {
            let testnet = "testnet/two-counters/testnet.yaml"
            try root.edit(testnet, "address_prefix: \"127.77\"\n", "address_prefix: \"127.77\"\n\(Self.sizes)")
            let counters =
                "  - name: \"{colour}-1\"\n    for: {colour: [red, blue]}\n    groups: [counters, \"{colour}\"]\n"
            let sized = { (colour: String, count: String) in
                """
                  - name: "\(colour)-{n}"
                    for: {n: "1..\(count)"}
                    groups: [counters, \(colour)]
                    layers: [worker]
                    services: [counter, watch]
                    capabilities: [counter-stop]

                """
            }
            let rest = "    layers: [worker]\n    services: [counter, watch]\n    capabilities: [counter-stop]\n"
            try root.edit(testnet, counters + rest, sized("red", "{size.reds}") + sized("blue", "1"))
        }

        /// Every arm in one command: each run's own files, and the closing table that compares it with its expectation.
        @Test func everyArmDoesWhatIsExpectedOfIt() async throws {
            try await TempRoot.with(.counters) { root in
                let end = try await root.firedrill(
                    ["run", "counter-held", "--arm", "all", "--quiet"], within: .seconds(300))
                try await root.expectNothingLeft()
                #expect(end.status == 0, "\(end.text)")
                #expect(end.output.contains("Arms that did what the table of arms says: 5 of 5"), "\(end.text)")
                #expect(end.output.contains("Symptoms seen over these runs: 4 of 4"), "\(end.text)")
                #expect(!end.output.contains("Budgets"), "of a quiet series only the closing table is printed")
                let verdicts = try root.runs.map { try RunFiles(path: $0).verdict() }
                #expect(verdicts.map(\.verdict) == ["passed", "failed", "passed", "failed", "passed"])
                try expectNobodyPaged(RunFiles(path: root.runs[0]))
                #expect(verdicts[0].facts.filter { $0.kind == "onset" }.allSatisfy { !$0.observed })
                #expect(verdicts[3].fact("T1-S4")?.observed == true && verdicts[3].times.ttr.censored)
            }
        }

        private func expectNobodyPaged(_ run: RunFiles) throws {
            #expect(run.faultStages.isEmpty)
            let isPaged = run.events().contains {
                if case .signal(_, let id, _, _, _) = $0.body { !id.contains("test") } else { false }
            }
            #expect(!isPaged)
        }

        @Test func aSizeIsPlayedAsOftenAsAsked() async throws {
            try await TempRoot.with(.counters) { root in
                try addSizes(root)
                let check = try await root.firedrill(["check"])
                #expect(check.status == 0, "\(check.text)")
                let wrong = try await root.firedrill(["run", "counter-held", "--size", "larg"])
                #expect(wrong.status == 64 && wrong.errors.contains("Did you mean 'large'?"), "\(wrong.text)")
                for (size, count) in [(nil, 1), ("large", 2)] as [(String?, Int)] {
                    let plan = try await root.firedrill(
                        ["plan", "counter-held", "--json"] + (size.map { ["--size", $0] } ?? []))
                    #expect(plan.output.matches(of: /"name" : "red-\d"/).count == count, "\(plan.text)")
                }
                let end = try await root.firedrill(
                    ["run", "all", "--arm", "no-fault", "--size", "large", "--repeat", "2", "--quiet"],
                    within: .seconds(120))
                try await root.expectNothingLeft()
                #expect(end.status == 0, "\(end.text)")
                #expect(root.runs.count == 2)
                #expect(end.output.contains("counter-held, arm no-fault, size large: 2 of 2 passed"), "\(end.text)")
                for run in root.runs { #expect(FileManager.default.fileExists(atPath: "\(run)/hosts/red-2")) }
            }
        }

        @Test func whatIsAskedForTooOftenOrNeverIsRefused() async throws {
            try await TempRoot.with(.counters) { root in
                for count in ["0", "2001", "-1", "many"] {
                    let end = try await root.firedrill(["run", "counter-held", "--repeat=\(count)"])
                    #expect(end.status == 64, "\(end.text)")
                }
                let kept = try await root.firedrill(["run", "counter-held", "--repeat", "2", "--keep-up"])
                #expect(kept.status == 64 && kept.errors.contains("--keep-up"), "\(kept.text)")
                #expect(root.runs.isEmpty)
            }
        }

        @Test func coverageNamesWhatCoversEachFactAndWhatNothingCovers() async throws {
            struct Covered: Decodable {
                struct Incident: Decodable {
                    struct Fact: Decodable { var id, status: String }
                    var id: String
                    var facts: [Fact]
                }
                var incidents: [Incident]
            }
            func facts(_ json: String) throws -> [String: String] {
                let covered = try JSONDecoder().decode(Covered.self, from: Data(json.utf8))
                let all = covered.incidents.flatMap(\.facts).map { ($0.id, $0.status) }
                return Dictionary(all, uniquingKeysWith: { first, _ in first })
            }
            try await TempRoot.with(.counters) { root in
                let whole = try await root.firedrill(["coverage"])
                #expect(whole.status == 0 && whole.output.contains("0 not covered"), "\(whole.text)")
                let json = try await root.firedrill(["coverage", "T1", "--json"])
                #expect(try facts(json.output)["T1-S2"] == "covered")
                // A fact that nobody thought of.
                try root.edit(
                    "chaos/incidents/T1.yaml", "  - {id: T1-T1,",
                    "  - {id: T1-S5, text: Nobody looked.}\n  - {id: T1-T1,")
                let gap = try await root.firedrill(["coverage", "--json"])
                #expect(gap.status == 64, "\(gap.text)")
                #expect(try facts(gap.output).filter { $0.value == "uncovered" }.keys.sorted() == ["T1-S5"])
                let text = try await root.firedrill(["coverage", "counter-held"])
                #expect(text.output.contains("NOT COVERED: Nobody looked."), "\(text.text)")
                let wrong = try await root.firedrill(["coverage", "counter-hld"])
                #expect(wrong.status == 64 && wrong.errors.contains("counter-held"), "\(wrong.text)")
            }
        }
    }
}
