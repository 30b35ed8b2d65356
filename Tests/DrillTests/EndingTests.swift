import Foundation
import Glibc
import Testing
import Timeline

extension DrillTests {
    /// However a run ends, it ends whole: nothing runs on, nothing is mounted, and the record can be read.
    @Suite struct Endings {
        /// From an end that was not asked for to the last process' end; the kernel does the work.
        static let promptly = Duration.seconds(5)

        /// Starts a run and waits until its fault is in.
        private func runWithFault(_ root: TempRoot, arm: String = "fault-only") async throws -> (Command, RunFiles) {
            // Long enough that nothing ends by itself meanwhile.
            try root.edit("chaos/scenarios/counter-held.yaml", "horizon: 8m", "horizon: 90m")
            let command = try root.start(["run", "counter-held", "--arm", arm])
            let run = try await root.runStarted()
            try await run.faultReached(.proven)
            try await run.reached(.detection)
            return (command, run)
        }

        /// The record is whole, and does not pass however it is judged.
        private func expectNotPassed(_ root: TempRoot, _ run: RunFiles) async throws {
            let log = try RunRecord.events(in: run.path)
            #expect(log.events.map(\.sequence) == Array(0..<log.events.count))
            let judged = try await root.firedrill(["judge", run.path])
            #expect(judged.status != 0, "\(judged.text)")
            #expect(try run.verdict().verdict != "passed")
        }

        @Test(arguments: [SIGINT, SIGTERM])
        func anInterruptionUndoesTheFaultFirst(_ signal: Int32) async throws {
            try await TempRoot.with(.counters) { root in
                let (command, run) = try await runWithFault(root)
                await command.send(signal)
                let end = try await command.end(within: .seconds(30))
                try await root.expectNothingLeft()
                #expect(end.status != 0, "\(end.text)")
                #expect(run.faultStages.suffix(3) == [.undoStarted, .undone, .closed])
                #expect(run.problems.contains(.interrupted))
                let last = try #require(run.events().last)
                if case .runEnded = last.body {} else { Issue.record("the last event is \(last)") }
                try await expectNotPassed(root, run)
            }
        }

        @Test func aSecondInterruptionEndsAtOnce() async throws {
            try await TempRoot.with(.counters) { root in
                // An undo that takes longer than anybody wants to wait.
                try root.edit(
                    "chaos/faults/counter-held.yaml", "undo: {timeout: 5s, script: 'rm -f /srv/hold'}",
                    "undo: {timeout: 40s, script: 'sleep 35; rm -f /srv/hold'}")
                let (command, run) = try await runWithFault(root)
                await command.send(SIGINT)
                try await run.faultReached(.undoStarted)
                await command.send(SIGINT)
                let end = try await command.end(within: .seconds(10))
                try await root.expectNothingLeft()
                #expect(end.status == 3, "\(end.text)")
                try await expectNotPassed(root, run)
            }
        }

        @Test func anInterruptionWhileBootingEndsThat() async throws {
            try await TempRoot.with(.counters) { root in
                try root.edit("testnet/two-counters/testnet.yaml", "until curl -s", "sleep 8; until curl -s")
                let command = try root.start(["run", "counter-held"])
                let run = try await root.runStarted()
                try await run.reached(.deploy)
                await command.send(SIGINT)
                let end = try await command.end(within: .seconds(7))
                try await root.expectNothingLeft()
                #expect(end.status != 0 && end.status != 1, "\(end.text)")
                try await expectNotPassed(root, run)
            }
        }

        @Test func aKilledOrchestratorTakesEverythingAlong() async throws {
            try await TempRoot.with(.counters) { root in
                let (command, run) = try await runWithFault(root)
                let seen = run.events().count
                #expect(!Residue.processes(of: root.path).isEmpty)
                await command.send(SIGKILL)
                let end = try await command.end(within: .seconds(5))
                #expect(end.status == 128 + SIGKILL)
                let gone = try await eventually(within: Self.promptly) {
                    Residue.processes(of: root.path).isEmpty ? true : nil
                }
                #expect(gone != nil, "\(Residue.processes(of: root.path))")
                #expect(Residue.mounts(of: root.path).isEmpty)
                #expect(run.events().count >= seen, "nothing that was written is lost")
                #expect(run.faultStages.last == .proven, "the record says that the fault was still in")
                try await expectNotPassed(root, run)
            }
        }

        @Test func aKilledReplayIsAHarnessErrorAndSaysSo() async throws {
            try await TempRoot.with(.counters) { root in
                let (command, run) = try await runWithFault(root)
                let replays = Residue.descendants(of: command.pid).filter { $0.arguments.contains("_replay") }
                #expect(replays.count == 1, "\(replays)")
                for replay in replays { kill(replay.pid, SIGKILL) }
                let end = try await command.end(within: .seconds(15))
                try await root.expectNothingLeft()
                #expect(end.status == 3, "\(end.text)")
                let last = try #require(run.events().last)
                if case .runEnded(.some) = last.body {
                } else {
                    Issue.record("the record does not end with why: \(last)")
                }
                let verdict = try run.verdict()
                #expect(verdict.exit_code == 3)
                #expect(verdict.reasons.contains { $0.contains("ended") }, "\(verdict.reasons)")
                #expect(run.exists("report.html") && run.exists("junit.xml"))
                try await expectNotPassed(root, run)
            }
        }

        @Test func aLostOrchestratorIsNoticedByTheHostWhichUndoesTheFault() async throws {
            try await TempRoot.with(.counters) { root in
                let (command, run) = try await runWithFault(root)
                let replay = try #require(
                    Residue.descendants(of: command.pid).first { $0.arguments.contains("_replay") })
                // The host's own folder, seen from outside: nobody has to ask the host.
                let hold = "\(run.path)/machines/red-1/srv/hold"
                #expect(access(hold, F_OK) == 0)
                kill(replay.pid, SIGSTOP)
                // 20 s of lease, plus the host's own undo.
                let undone = try await eventually(within: .seconds(40)) { access(hold, F_OK) != 0 ? true : nil }
                kill(replay.pid, SIGCONT)
                #expect(undone != nil, "the lease did not undo the fault while the orchestrator was away")
                // The rest of the horizon is of no interest; an interruption is, as ever, orderly.
                _ = try await run.event(within: .seconds(15)) {
                    if case .problem(.leaseFired, _) = $0 {
                        true
                    } else if case .fault(_, _, .leaseFired, _) = $0 {
                        true
                    } else {
                        false
                    }
                }
                await command.send(SIGINT)
                let end = try await command.end(within: .seconds(30))
                try await root.expectNothingLeft()
                #expect(end.status == 2, "\(end.text)")
                #expect(try run.verdict().reasons.contains { $0.lowercased().contains("lease") })
                try await expectNotPassed(root, run)
            }
        }
    }
}
