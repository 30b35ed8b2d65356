import Testing
import Timeline

@testable import Replay

/// The sequence of an arm as a value.
struct ConductMachineTests {
    private func works(_ outputs: [ConductMachine.Output]) -> [ConductMachine.Work] {
        outputs.compactMap { if case .work(let work) = $0 { work } else { nil } }
    }

    /// Feeds `.done` to whatever is asked for, and returns the works in order.
    private func play(
        _ arm: Criteria.Arm, steps: Bool = true, answers: [ConductMachine.Work: ConductMachine.Input] = [:]
    ) -> (works: [ConductMachine.Work], outputs: [ConductMachine.Output]) {
        var machine = ConductMachine(arm: arm, hasSteps: steps)
        var all = machine.apply(.begin)
        var done: [ConductMachine.Work] = []
        while let next = works(all).dropFirst(done.count).first {
            done.append(next)
            all += machine.apply(answers[next] ?? (next == .respond ? .responded(.completed) : .done))
        }
        return (done, all)
    }

    private let before: [ConductMachine.Work] = [.awaitSteady, .testPager(moment: "before"), .awaitBaseline]
    private let after: [ConductMachine.Work] = [.testPager(moment: "after"), .cleanUp, .collect]

    @Test func eachArmHasItsSequence() {
        #expect(play(.noFault).works == before + [.awaitWindow] + after)
        #expect(play(.faultOnly, steps: false).works == before + [.injectFaults, .awaitHorizon] + after)
        let answered: [ConductMachine.Work] = [.injectFaults, .awaitSignal, .acknowledge, .startResponse, .respond]
        #expect(play(.runbook).works == before + answered + [.awaitRecovery] + after)
        #expect(play(.asDocumented).works == before + [.injectFaults, .respond, .awaitRecovery] + after)
        #expect(play(.wrongResponse("x")).works == before + answered + [.awaitHorizon] + after)
        #expect(play(.fix(["x"]), steps: false).works == before + [.injectFaults, .awaitHorizon] + after)
    }

    @Test func observationIsFrozenBeforeCleanUp() {
        for arm in [Criteria.Arm.noFault, .faultOnly, .runbook] {
            let outputs = play(arm).outputs
            #expect(outputs.filter { $0 == .freeze }.count == 1)
            #expect(outputs.firstIndex(of: .freeze)! < outputs.firstIndex(of: .work(.cleanUp))!)
            #expect(outputs.last == .end(error: nil))
        }
    }

    @Test func withoutABaselineNothingIsInjected() {
        for work in [ConductMachine.Work.awaitSteady, .awaitBaseline] {
            let played = play(.runbook, answers: [work: .timedOut("never")])
            #expect(!played.works.contains(.injectFaults))
            #expect(played.outputs.contains(.problem(.baselineNotSteady, "never")))
            #expect(played.outputs.last == .end(error: nil))
        }
    }

    @Test func withoutASignalNobodyResponds() {
        let played = play(.runbook, answers: [.awaitSignal: .timedOut("silence")])
        #expect(!played.works.contains(.respond))
        #expect(Array(played.works.suffix(3)) == after)
    }

    @Test func aFailedStepIsObservedToTheHorizonAndAnUnknownOneIsNot() {
        let failed = play(.runbook, answers: [.respond: .responded(.failed(step: "s", reason: "r"))])
        #expect(failed.works.contains(.awaitHorizon))
        #expect(!failed.works.contains(.awaitRecovery))
        let unknown = play(.runbook, answers: [.respond: .responded(.unknown(step: "s", reason: "r"))])
        #expect(Array(unknown.works.suffix(4)) == [.respond] + after)
    }

    @Test func anInterruptionAnywhereCleansUpOnce() {
        for work in before + [
            .injectFaults, .awaitSignal, .acknowledge, .startResponse, .respond, .awaitRecovery,
            .testPager(moment: "after"), .cleanUp, .collect,
        ] {
            let played = play(.runbook, answers: [work: .interrupted("SIGINT")])
            #expect(played.works.filter { $0 == .cleanUp }.count == 1, "\(work)")
            #expect(played.outputs.filter { $0 == .freeze }.count == 1, "\(work)")
            #expect(played.outputs.contains(.problem(.interrupted, "SIGINT")))
            #expect(played.outputs.last == .end(error: nil))
        }
    }

    @Test func aBrokenHarnessCleansUpAndSaysSo() {
        for work in before + [.injectFaults, .respond, .awaitRecovery] {
            let played = play(.runbook, answers: [work: .broken("disk full")])
            #expect(played.works.filter { $0 == .cleanUp }.count == 1)
            #expect(played.outputs.last == .end(error: "disk full"))
        }
    }
}
