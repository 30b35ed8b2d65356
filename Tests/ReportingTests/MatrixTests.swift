import Testing
import Timeline

@testable import Reporting

@Suite("The matrix of a validation")
struct MatrixTests {
    private static func run(_ name: String, outage: Bool?, ttr: Double?, outcome: Verdict.Outcome) -> ComparedRun {
        var verdict = Judge.verdict(criteria: SampleRun.criteria(), events: [])
        verdict.outcome = outcome
        verdict.isHarnessError = false
        verdict.reasons = ["Because \(name)."]
        verdict.outage = outage
        verdict.times.recover = Verdict.Time(
            wall: ttr.map { $0 / 30 }, incident: ttr, isCensored: false, source: "probes")
        return ComparedRun(run: name, verdict: verdict, deployed: "abc")
    }

    private static func pair(_ fix: String, _ treatment: ComparedRun, notClaimed: String? = nil)
        -> ValidationReport.Pair
    {
        ValidationReport.Pair(
            scenario: "s", incident: "T1", fix: fix, facts: ["T1-X1"], variant: nil,
            promise: Promise(terms: [.noOutage]),
            control: ComparedSide(arm: "fault-only", runs: [run("red", outage: true, ttr: 600, outcome: .failed)]),
            treatment: ComparedSide(arm: "fix:\(fix)", runs: [treatment]), notClaimed: notClaimed)
    }

    private static let good = run("good", outage: false, ttr: nil, outcome: .passed)
    private static let bad = run("bad", outage: true, ttr: 300, outcome: .failed)

    @Test("a line for each pair, the reasons of those that do not work below, and the counts")
    func lines() {
        let report = ValidationReport(
            commit: "c", machine: "m", pairs: [Self.pair("heals", Self.good), Self.pair("motto", Self.bad)])
        let lines = MatrixText(report, style: TerminalStyle()).lines
        #expect(lines[0].hasPrefix("incident  fix    facts  under"))
        #expect(lines[1].contains("yes > no") && lines[1].contains("prevented") && lines[1].hasSuffix("works"))
        #expect(lines[2].contains("10m > 5m") && lines[2].hasSuffix("does not work"))
        #expect(lines.contains("  motto: Because bad."))
        #expect(lines.last == "pairs: 2; work: 1, do not: 1, inconclusive: 0")
    }

    @Test("the exit code follows the promises, and not what a fix leaves out")
    func exitCodes() {
        func code(_ pairs: ValidationReport.Pair...) -> ExitCode {
            ValidationReport(commit: "", machine: "", pairs: pairs).exitCode
        }
        #expect(code(Self.pair("a", Self.good)) == .passed)
        #expect(code(Self.pair("a", Self.good), Self.pair("b", Self.bad)) == .failed)
        #expect(code(Self.pair("a", Self.good), Self.pair("b", Self.bad, notClaimed: "why")) == .passed)
        let open = Self.run("lost", outage: nil, ttr: nil, outcome: .inconclusive)
        #expect(code(Self.pair("a", Self.good), Self.pair("b", open)) == .inconclusive)
        #expect(ValidationReport(commit: "", machine: "").exitCode == .inconclusive)
    }

    @Test("a mutant is rejected when one of its pairs does not work, and is not when all do")
    func mutants() {
        func result(_ pairs: ValidationReport.Pair...) -> ValidationReport.MutantResult {
            .init(id: "m", fix: "f", summary: "", pairs: pairs)
        }
        #expect(result(Self.pair("m", Self.good), Self.pair("m", Self.bad)).isRejected == true)
        let passing = result(Self.pair("m", Self.good))
        #expect(passing.isRejected == false)
        #expect(ValidationReport(commit: "", machine: "", mutants: [passing]).exitCode == .failed)
        #expect(result().isRejected == nil)
    }

    @Test("validation.json holds the pair's runs with their hashes")
    func json() throws {
        let text = ValidationReport(commit: "c", machine: "m", pairs: [Self.pair("a", Self.good)]).encoded()
        for part in ["\"deployed_sha256\": \"abc\"", "\"verdict\": \"works\"", "\"exit_code\": 0", "\"high\": 0.000"] {
            #expect(text.contains(part), "\(part)")
        }
    }
}
