import Foundation
import Testing

extension DrillTests {
    /// Mistakes in definitions are found before anything runs.
    @Suite struct Mistakes {
        struct Mistake: Sendable, CustomTestStringConvertible {
            let file, right, wrong, nearMiss: String
            var testDescription: String { "\(file): \(wrong)" }
        }

        static let mistakes = [
            Mistake(
                file: "chaos/scenarios/counter-held.yaml", right: "horizon: 8m", wrong: "horizn: 8m",
                nearMiss: "horizon"),
            Mistake(
                file: "chaos/scenarios/counter-held.yaml", right: "runbook: counter-held",
                wrong: "runbook: counter-hold", nearMiss: "counter-held"),
            Mistake(
                file: "chaos/scenarios/counter-held.yaml", right: "    hosts: red\n    with",
                wrong: "    hosts: rad\n    with", nearMiss: "red"),
            Mistake(
                file: "chaos/faults/counter-held.yaml", right: "prove_undone:", wrong: "prove_undon:",
                nearMiss: "prove_undone"),
            Mistake(
                file: "testnet/two-counters/testnet.yaml", right: "layers: [desk]", wrong: "layers: [desk1]",
                nearMiss: "desk"),
            Mistake(
                file: "runbooks/counter-held.md", right: "name=start role=act", wrong: "name=start role=acts",
                nearMiss: "act"),
            Mistake(file: "chaos/incidents/T1.yaml", right: "\ntitle:", wrong: "\ntitel:", nearMiss: "title"),
            // A key that may be left out: nothing else goes missing with it.
            Mistake(
                file: "chaos/scenarios/counter-held.yaml", right: "no_fault_window:", wrong: "no_fault_windw:",
                nearMiss: "no_fault_window"),
        ]

        @Test(arguments: mistakes)
        func areRefusedWithTheirPlaceAndTheNearMiss(_ mistake: Mistake) async throws {
            try await TempRoot.with(.counters) { root in
                let line = try root.edit(mistake.file, mistake.right, mistake.wrong)
                let place = "\(mistake.file):"
                let check = try await root.firedrill(["check"])
                #expect(check.status == 64, "\(check.text)")
                let lines = check.output.split(separator: "\n").filter {
                    $0.contains("Did you mean '\(mistake.nearMiss)'?")
                }
                let numbers = lines.compactMap {
                    $0.components(separatedBy: place).last.flatMap { Int($0.prefix { $0.isNumber }) }
                }
                // The name may stand in the line after the one in which the replaced text begins.
                #expect(numbers.contains { (line...line + 1).contains($0) }, "\(line): \(check.text)")
                let run = try await root.firedrill(["run", "counter-held"])
                #expect(run.status == 64, "\(run.text)")
                #expect(run.errors.contains(place), "\(run.text)")
                #expect(root.runs.isEmpty, "nothing was run")
            }
        }

        @Test func theDefinitionsHaveNone() async throws {
            try await TempRoot.with(.package) { root in
                let end = try await root.firedrill(["check"])
                #expect(end.status == 0, "\(end.text)")
            }
        }

        @Test func aNameThatDoesNotExistIsRefusedWithTheNearMiss() async throws {
            try await TempRoot.with(.counters) { root in
                let scenario = try await root.firedrill(["run", "counter-hled"])
                #expect(scenario.status == 64 && scenario.errors.contains("counter-held"), "\(scenario.text)")
                let arm = try await root.firedrill(["run", "counter-held", "--arm", "wrong-response:release-onyl"])
                #expect(arm.status == 64 && arm.errors.contains("release-only"), "\(arm.text)")
                let option = try await root.firedrill(["run", "counter-held", "--am", "no-fault"])
                #expect(option.status == 64, "\(option.text)")
            }
        }

        @Test func aFileThatCannotBeReadIsNamed() async throws {
            try await TempRoot.with(.counters) { root in
                let file = "\(root.path)/chaos/faults/counter-held.yaml"
                try FileManager.default.removeItem(atPath: file)
                try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: "/nonexistent")
                let end = try await root.firedrill(["check"])
                #expect(end.status == 64, "\(end.text)")
                #expect(end.text.contains("chaos/faults/counter-held.yaml"), "\(end.text)")
            }
        }
    }
}
