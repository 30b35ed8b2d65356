import Testing
import Timeline

@testable import Reporting

@Suite("The closing table of several runs")
struct RunTableTests {
    private func verdict(_ arm: Criteria.Arm = .runbook, _ outcome: Verdict.Outcome = .passed, ttr: Double? = 10)
        -> Verdict
    {
        var verdict = SampleRun.verdict()
        verdict.arm = arm
        verdict.outcome = outcome
        verdict.times.recover = .init(
            wall: ttr ?? 40, incident: (ttr ?? 40) * 30, isCensored: ttr == nil, source: "probes")
        return verdict
    }

    private func lines(_ verdicts: [Verdict], everyArm: Bool = false, width: Int = 110) -> [String] {
        RunTable(
            rows: verdicts.map { .init(verdict: $0, folder: ".firedrill/runs/x") }, symptoms: ["T1-S1", "T1-S2"],
            comparesArms: everyArm, style: .init(width: width)
        ).lines
    }

    @Test("a line for each run under its scenario, with times and the whole run")
    func rows() throws {
        let lines = lines([verdict()])
        let head = try #require(lines.firstIndex(of: "one-shard"))
        #expect(
            lines[head + 1].split(separator: " ").map(String.init) == ["arm", "verdict", "TTD", "TTM", "TTR", "wall"])
        let row = lines[head + 2].split(separator: " ").map(String.init)
        #expect(row.prefix(3) == ["runbook", "passed", "30s"] && row.suffix(3) == ["5m", "53.0", "s"], "\(row)")
        #expect(lines.contains("Passed: 1 of 1"))
        #expect(lines.last == "Wall time of all runs: 0:53")
        #expect(!lines.contains { $0.contains("Repeated") })
    }

    @Test("a run that did not pass says why and where it lies")
    func reasons() {
        var failed = verdict(.runbook, .failed, ttr: nil)
        failed.reasons = ["It did not recover."]
        let lines = lines([failed])
        #expect(lines.contains("      It did not recover.") && lines.contains("      .firedrill/runs/x"), "\(lines)")
        #expect(lines.contains { $0.contains("> 20m") }, "a censored time says so")
    }

    @Test("repeated runs: verdicts counted, and the spread without those that never recovered")
    func spread() {
        let runs = [verdict(ttr: 12), verdict(ttr: 10), verdict(ttr: 17), verdict(.runbook, .failed, ttr: nil)]
        let lines = lines(runs + [verdict(.noFault)])
        #expect(lines.contains("  one-shard, arm runbook: 3 of 4 passed, 1 of 4 failed"), "\(lines)")
        #expect(
            lines.contains(
                "    min 10.0 s (5m), median 12.0 s (6m), max 17.0 s (8m30s); 1 of 4 not recovered within the horizon"))
        #expect(!lines.contains { $0.contains("arm no-fault:") }, "one run has no spread")
    }

    @Test("symptoms: the union over runs with a fault that say something; what is missing is named")
    func symptoms() {
        #expect(lines([verdict()]).contains("Symptoms seen over these runs: 1 of 2; not T1-S2"))
        for arm in [verdict(.noFault), verdict(.runbook, .inconclusive)] {
            #expect(lines([arm]).contains("Symptoms seen over these runs: 0 of 2; not T1-S1, T1-S2"))
        }
        var other = verdict(.wrongResponse("other"), .failed)
        other.facts[1].finding = .observed
        #expect(lines([verdict(), other]).contains("Symptoms seen over these runs: 2 of 2"))
    }

    @Test("every arm beside what is expected of it")
    func expectations() {
        let lines = lines([verdict(.faultOnly, .failed, ttr: nil), verdict(.noFault, .failed)], everyArm: true)
        #expect(lines.contains("      as expected (fails: nothing heals by itself)"), "\(lines)")
        #expect(lines.contains("      NOT AS EXPECTED (passes: steady, nobody told)"))
        #expect(lines.contains("Arms that did what the table of arms says: 1 of 2"))
    }

    @Test("nothing is wider than the terminal, and nothing a host said moves its cursor", arguments: [40, 60, 110])
    func harmless(width: Int) {
        var failed = verdict(.runbook, .failed)
        failed.reasons = [SampleRun.hostile + String(repeating: "long", count: 50)]
        let lines = lines([failed, verdict()], everyArm: true, width: width)
        #expect(lines.filter { $0.count > width } == [])
        #expect(!lines.joined().unicodeScalars.contains { $0.value < 32 || $0 == "\u{202e}" })
    }
}
