import Testing

@testable import Timeline

@Suite("What an arm is expected to do")
struct ArmExpectationTests {
    /// A verdict of any run, with another arm and outcome; which those are is all that an expectation reads.
    private func verdict(
        _ arm: Criteria.Arm, _ outcome: Verdict.Outcome, shows: Bool = true, harnessError: Bool = false
    ) -> Verdict {
        var verdict = Judge.verdict(criteria: .synthetic(), events: SyntheticRun.faultOnly().events)
        verdict.arm = arm
        verdict.outcome = outcome
        verdict.isHarnessError = harnessError
        verdict.facts.append(
            .init(
                id: "T1-S4", kind: .response, summary: "", finding: shows ? .observed : .missing, at: 1, evidence: "",
                isInferred: false, isRequired: true))
        return verdict
    }

    @Test("what should stay steady or come back must pass", arguments: [Criteria.Arm.noFault, .runbook, .asDocumented])
    func passes(_ arm: Criteria.Arm) {
        #expect(ArmExpectation(verdict(arm, .passed)).isMet)
        #expect(!ArmExpectation(verdict(arm, .failed)).isMet)
        #expect(!ArmExpectation(verdict(arm, .inconclusive)).isMet)
    }

    @Test("a control must end failed", arguments: [Criteria.Arm.faultOnly, .wrongResponse("wait")])
    func fails(_ arm: Criteria.Arm) {
        #expect(ArmExpectation(verdict(arm, .failed)).isMet)
        #expect(!ArmExpectation(verdict(arm, .passed)).isMet)
        #expect(!ArmExpectation(verdict(arm, .inconclusive)).isMet)
    }

    @Test("a wrong response must show its symptoms as well, and they are named")
    func shows() {
        #expect(ArmExpectation(verdict(.wrongResponse("wait"), .failed)).text == "fails, showing T1-S4")
        #expect(!ArmExpectation(verdict(.wrongResponse("wait"), .failed, shows: false)).isMet)
    }

    @Test("the exit code is about expectations, and 3 and 2 stay what they are")
    func exitCodes() {
        func code(_ arm: Criteria.Arm, _ outcome: Verdict.Outcome, harnessError: Bool = false) -> ExitCode {
            ArmExpectation.exitCode(of: verdict(arm, outcome, harnessError: harnessError))
        }
        #expect(code(.faultOnly, .failed) == .passed)
        #expect(code(.faultOnly, .passed) == .failed)
        #expect(code(.faultOnly, .inconclusive) == .inconclusive)
        #expect(code(.runbook, .failed) == .failed)
        #expect(code(.runbook, .inconclusive, harnessError: true) == .harnessError)
        #expect(code(.runbook, .passed) == .passed)
    }

    @Test("a spread has the middle of its values, and none without values")
    func spread() {
        #expect(Spread([]) == nil)
        #expect(Spread([3]).map { [$0.least, $0.median, $0.greatest] } == [3, 3, 3])
        #expect(Spread([5, 1, 2]).map { [$0.least, $0.median, $0.greatest] } == [1, 2, 5])
        #expect(Spread([4, 1, 2, 10]).map { [$0.least, $0.median, $0.greatest] } == [1, 3, 10])
    }
}
