import Testing
import Timeline

@testable import Reporting

@Suite("The report of a mutated runbook")
struct MutationReportTests {
    private func report(_ findings: [MutantFinding], original: Verdict.Outcome = .passed) -> MutationReport {
        var verdict = SampleRun.verdict()
        verdict.outcome = original
        verdict.isHarnessError = false
        return MutationReport(
            runbook: "switch-on", scenario: "switch-off", commit: "",
            original: .init(folder: "run-0", verdict: verdict),
            rows: findings.enumerated().map { index, finding in
                .init(
                    id: "drop:step-\(index)", summary: "'step-\(index)' is left out", finding: finding,
                    run: .init(folder: "run-\(index + 1)", verdict: verdict))
            })
    }

    private let caught = MutantFinding.caught(by: "verify well", reason: "exit 1, expected 0")

    @Test("0 when all were caught or are harmless, 1 with a survivor, 2 when something is not known")
    func exitCodes() {
        #expect(report([caught, .harmless(reason: "")]).exitCode == .passed)
        #expect(report([caught, .survived(reason: ""), .inconclusive(reason: "")]).exitCode == .failed)
        #expect(report([caught, .inconclusive(reason: "")]).exitCode == .inconclusive)
        #expect(report([]).exitCode == .inconclusive, "nothing was tested")
        #expect(report([caught], original: .failed).exitCode == .inconclusive)
        var lost = report([caught])
        lost.rows[0].run.verdict = nil
        #expect(lost.exitCode == .harnessError)
    }

    @Test("each mutant with what caught it, and a word about survivors")
    func lines() {
        let lines = report([caught, .survived(reason: "Every step passed.")]).lines(style: .init(width: 100))
        #expect(lines.first == "switch-on in switch-off: 2 mutants: 1 caught, 1 survived")
        #expect(lines.contains("    Caught by: verify well."))
        #expect(lines.contains("    'step-1' is left out."))
        #expect(lines.last?.contains("finding") == true)
        #expect(lines.allSatisfy { $0.count <= 100 })
    }

    @Test("as JSON, the same bytes for the same report")
    func json() throws {
        let report = report([caught])
        let json = try JSONReader.read(Array(report.encoded().utf8), limits: .init(bytes: 1 << 20))
        #expect(JSONPath(".mutants[0].by")?.value(in: json) == .string("verify well"))
        #expect(JSONPath(".mutants[0].result")?.value(in: json) == .string("caught"))
        #expect(JSONPath(".counts.caught")?.value(in: json) == .int(1))
        #expect(JSONPath(".original.run")?.value(in: json) == .string("run-0"))
        #expect(report.encoded() == report.encoded())
    }
}
