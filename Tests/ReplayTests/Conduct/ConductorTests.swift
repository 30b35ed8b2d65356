import Definitions
import Foundation
import Testing
import Timeline

@testable import Replay

/// Whole arms on a small network, judged from their events file.
struct ConductorTests {
    private func played(_ bodies: [Event.Body]) -> [Event.Phase] {
        bodies.compactMap { if case .phase(let phase) = $0 { phase } else { nil } }
    }

    private func faultStages(_ bodies: [Event.Body]) -> [Event.FaultStage] {
        bodies.compactMap { if case .fault(_, _, let stage, _) = $0 { stage } else { nil } }
    }

    private typealias Run = (verdict: Verdict, events: [Event.Body], error: String?)

    /// Plays a plan, on a fresh bench and three times at most while other work on the machine keeps the small network
    /// from being steady before the fault, which rightly is inconclusive.
    private func play(_ plan: (DrillBench) -> Plan) async throws -> (bench: DrillBench, run: Run) {
        var left = 3
        while true {
            let bench = try await DrillBench()
            let run = try await bench.play(plan(bench))
            left -= 1
            guard left > 0, run.verdict.reasons.contains(where: { $0.contains("steady state had not held") }) else {
                return (bench, run)
            }
            bench.stop()
        }
    }

    @Test func runbookRecoversAndTheUndoIsSuperseded() async throws {
        let (bench, run) = try await play { $0.plan(.runbook, steps: [("start", "rm -f \"$STOPPED\"")], horizon: 3600) }
        defer { bench.stop() }
        #expect(run.error == nil)
        #expect(run.verdict.outcome == .passed, "\(run.verdict.reasons)")
        #expect(run.verdict.times.detect.source == "alert")
        #expect(run.verdict.facts.map(\.isObserved) == [true])
        #expect(
            played(run.events) == [.settle, .baseline, .fault, .detection, .response, .recovery, .cleanup, .collect])
        #expect(faultStages(run.events).suffix(3) == [.undoStarted, .superseded, .closed])
        let tests = run.events.compactMap {
            if case .pagerTest(let moment, let received, _) = $0 { "\(moment) \(received)" } else { nil }
        }
        #expect(tests == ["before true", "after true"])
        #expect(run.events.contains { if case .blockLog("shard0", _, _, _) = $0 { true } else { false } })
        // No test page was taken for a signal.
        let signals = run.events.compactMap {
            if case .signal(_, let id, let names, _, _) = $0 { "\(id) \(names)" } else { nil }
        }
        #expect(signals == ["n1-stopped [\"n1\"]"])
    }

    @Test func withoutAFaultNothingIsTouched() async throws {
        let (bench, run) = try await play { $0.plan(.noFault) }
        defer { bench.stop() }
        #expect(run.verdict.outcome == .passed, "\(run.verdict.reasons)")
        #expect(faultStages(run.events) == [])
        #expect(!bench.folder.exists("journal.jsonl"))
    }

    @Test func aFaultThatNobodyAnswersFailsAndIsUndone() async throws {
        let (bench, run) = try await play { $0.plan(.faultOnly) }
        defer { bench.stop() }
        #expect(run.verdict.outcome == .failed, "\(run.verdict.reasons)")
        #expect(run.verdict.times.recover.isCensored)
        #expect(!bench.folder.exists("stopped"))
        #expect(faultStages(run.events).suffix(3) == [.undoStarted, .undone, .closed])
    }

    @Test func aRunbookThatDoesNotHelpFails() async throws {
        let (bench, useless) = try await play { $0.plan(.runbook, steps: [("look", "true")]) }
        defer { bench.stop() }
        #expect(
            useless.verdict.outcome == .failed,
            "\(useless.verdict.reasons) \(bench.folder.text("lease.log") ?? "")")
    }

    @Test func aFailedStepIsAFailedRun() async throws {
        let (bench, run) = try await play { $0.plan(.runbook, steps: [("start", "rm -f \"$STOPPED\"; exit 3")]) }
        defer { bench.stop() }
        #expect(run.verdict.outcome == .failed, "\(run.verdict.reasons)")
        #expect(run.verdict.reasons.contains { $0.contains("exit 3") })
    }

    @Test func aFaultWithoutEffectIsInconclusive() async throws {
        let bench = try await DrillBench()
        defer { bench.stop() }
        let run = try await bench.play(bench.plan(.runbook, inject: ":", steps: [("start", "rm -f \"$STOPPED\"")]))
        #expect(run.verdict.outcome == .inconclusive, "\(run.verdict.reasons)")
        #expect(faultStages(run.events).last == .closed)
    }

    @Test func anInterruptedRunUndoesItsFault() async throws {
        let bench = try await DrillBench()
        defer { bench.stop() }
        var plan = bench.plan(.faultOnly)
        plan.criteria.horizon = DurationText(.seconds(36_000))
        let run = try await bench.play(plan) { $0.contains(.detection) }
        #expect(run.verdict.outcome == .inconclusive, "\(run.verdict.reasons)")
        #expect(run.events.contains(.problem(kind: .interrupted, reason: "Interrupted by SIGINT.")))
        #expect(faultStages(run.events).suffix(2) == [.undone, .closed])
        #expect(!bench.folder.exists("stopped"))
    }

    @Test(arguments: [Event.Phase.settle, .baseline, .fault, .cleanup])
    func anInterruptionAtAnyMomentLeavesNothing(_ phase: Event.Phase) async throws {
        let bench = try await DrillBench()
        defer { bench.stop() }
        let run = try await bench.play(bench.plan(.faultOnly)) { $0.contains(phase) }
        #expect(run.verdict.outcome != .passed)
        // Clean-up may be over before the interruption arrives; then the run has ended by itself.
        let wasInterrupted = run.events.contains(.problem(kind: .interrupted, reason: "Interrupted by SIGINT."))
        #expect(wasInterrupted || phase == .cleanup)
        #expect(!bench.folder.exists("stopped"))
        let open =
            try bench.folder.exists("journal.jsonl")
            ? OpenFault.open(in: Journal.read(path: bench.folder.path("journal.jsonl"))) : []
        #expect(open.isEmpty)
    }
}
