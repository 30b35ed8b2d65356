import Testing
import Timeline

@testable import Replay

/// The contract as a value: every path, without a host.
struct FaultMachineTests {
    /// Feeds inputs, and returns the stages of all events.
    private func stages(_ machine: inout FaultMachine, _ inputs: [FaultMachine.Input]) -> [Event.FaultStage] {
        inputs.flatMap { machine.apply($0) }.compactMap { if case .event(let stage, _) = $0 { stage } else { nil } }
    }

    private func works(_ outputs: [FaultMachine.Output]) -> [FaultMachine.Work] {
        outputs.compactMap { if case .work(let work) = $0 { work } else { nil } }
    }

    private let ok = FaultMachine.Input.done(detail: "")

    @Test func theIntentIsJournalledBeforeAnythingIsInjected() {
        var machine = FaultMachine()
        #expect(works(machine.apply(.inject)) == [.fingerprint])
        #expect(works(machine.apply(ok)) == [.journalIntent])
        #expect(works(machine.apply(ok)) == [.stage])
        #expect(works(machine.apply(ok)) == [.arm])
        #expect(!machine.needsHeartbeat)
        let armed = machine.apply(ok)
        #expect(armed.firstIndex(of: .journal(.injecting, reason: nil))! < armed.firstIndex(of: .work(.inject))!)
        #expect(machine.needsHeartbeat)
        #expect(works(machine.apply(ok)) == [.prove])
        #expect(works(machine.apply(ok)) == [])
        #expect(machine.state == .proven)
    }

    @Test(arguments: 0..<5) func whatFailsBeforeTheInjectionLeavesNothingOpen(_ successes: Int) {
        var machine = FaultMachine()
        _ = machine.apply(.inject)
        for _ in 0..<min(successes, 3) { _ = machine.apply(ok) }
        guard successes < 4 else { return }
        let outputs = machine.apply(.failed(reason: "no"))
        #expect(outputs.contains(.problem(.faultNotProven, "The fault was not injected: no")))
        // What was journalled is undone and closed the ordinary way.
        #expect(works(outputs) == (successes < 2 ? [] : [.undo]))
        if successes < 2 { #expect(machine.state == .closed(.untouched)) }
    }

    @Test func anInjectionWithUnknownResultIsUndone() {
        var machine = FaultMachine()
        _ = machine.apply(.inject)
        for _ in 0..<4 { _ = machine.apply(ok) }
        #expect(machine.state == .injecting)
        let outputs = machine.apply(.unknown(reason: "lost"))
        #expect(works(outputs) == [.undo])
        #expect(outputs.contains { if case .problem(.resultUnknown, _) = $0 { true } else { false } })
    }

    @Test func undoFromEveryStateOpensNothingTwice() {
        for count in 0...6 {
            var machine = FaultMachine()
            _ = machine.apply(.inject)
            for _ in 0..<count { _ = machine.apply(ok) }
            let first = works(machine.apply(.undo))
            #expect(first == (count < 2 ? [] : [.undo]), "after \(count) results")
            #expect(works(machine.apply(.undo)) == [])
        }
    }

    @Test func aFailedUndoIsTriedThreeTimesAndThenKept() {
        var machine = FaultMachine(resuming: .injected)
        _ = machine.apply(.undo)
        #expect(works(machine.apply(.failed(reason: "a"))) == [.undo])
        #expect(works(machine.apply(.unknown(reason: "b"))) == [.undo])
        #expect(machine.apply(.failed(reason: "c")) == [.journal(.undoFailed, reason: "c"), .event(.undoFailed, "c")])
        #expect(machine.isOpen)
        // And again later.
        #expect(works(machine.apply(.undo)) == [.undo])
        #expect(stages(&machine, [.undone(untouched: false, fired: false, detail: ""), ok, ok]) == [.undone, .closed])
        #expect(machine.state == .closed(.undone))
    }

    @Test func anUndoWhoseEffectStaysIsNotClosed() {
        var machine = FaultMachine(resuming: .injected)
        _ = machine.apply(.undo)
        _ = machine.apply(.undone(untouched: false, fired: false, detail: ""))
        #expect(stages(&machine, [.failed(reason: "still 403")]) == [.undoFailed])
        #expect(machine.isOpen)
    }

    @Test func aFiredLeaseIsSaidOnceHoweverItIsLearnt() {
        var machine = FaultMachine(resuming: .injected)
        #expect(machine.apply(.leaseFired).contains { if case .problem(.leaseFired, _) = $0 { true } else { false } })
        #expect(machine.apply(.leaseFired) == [])
        #expect(!machine.needsHeartbeat)
        _ = machine.apply(.undo)
        #expect(stages(&machine, [.undone(untouched: false, fired: true, detail: "")]) == [.undone])
        var other = FaultMachine(resuming: .injected)
        _ = other.apply(.undo)
        #expect(stages(&other, [.undone(untouched: false, fired: true, detail: "")]) == [.leaseFired, .undone])
    }
}
