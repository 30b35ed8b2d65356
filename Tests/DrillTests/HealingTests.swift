import Foundation
import Glibc
import Testing
import Timeline

extension DrillTests {
    /// What a run left open is listed, stands in the way of the next one, and is undone by another process.
    @Suite struct Healing {
        private struct Row: Decodable {
            var run, testnet, host, fault, stage, lease, network: String
            var age_s: Int?
            var reason: String?
        }

        private func open(_ root: TempRoot) async throws -> [Row] {
            let faults = try await root.firedrill(["faults", "--json"])
            #expect(faults.status == 0, "\(faults.text)")
            return try JSONDecoder().decode([Row].self, from: Data(faults.output.utf8))
        }

        @Test func aKilledRunIsListedRefusesTheNextAndIsClosedAsGone() async throws {
            try await TempRoot.with(.counters) { root in
                try root.edit("chaos/scenarios/counter-held.yaml", "horizon: 8m", "horizon: 90m")
                let command = try root.start(["run", "counter-held", "--arm", "fault-only"])
                let run = try await root.runStarted()
                try await run.faultReached(.proven)
                let name = URL(fileURLWithPath: run.path).lastPathComponent

                // While it goes on its fault is meant to be in: it is shown, and neither healed nor in anybody's way.
                let during = try #require(try await open(root).first)
                #expect(during.network == "in use by its run" && during.lease.hasPrefix("armed"), "\(during)")
                let refused = try await root.firedrill(["heal", "--all"])
                #expect(refused.status == 1 && refused.output.contains("goes on"), "\(refused.text)")

                await command.send(SIGKILL)
                _ = try await command.end(within: .seconds(5))
                let gone = try await eventually(within: .seconds(10)) {
                    try await open(root).first?.network == "gone" ? true : nil
                }
                #expect(gone != nil)
                let left = try await open(root)
                #expect(left.map(\.run) == [name] && left.map(\.host) == ["red-1"])
                #expect(left.map(\.fault) == ["counter-held"] && left.map(\.stage) == ["injected"])
                let table = try await root.firedrill(["faults"])
                #expect(table.output.contains("heal --all") && table.output.contains("red-1"), "\(table.text)")

                for arguments in [["run", "counter-held"], ["up", "two-counters"]] {
                    let next = try await root.firedrill(arguments)
                    #expect(next.status == 64, "\(next.text)")
                    #expect(next.errors.contains("firedrill heal --run \(name)"), "\(next.text)")
                }
                let wrong = try await root.firedrill(["heal", "--run", "20190101T000000Z-x"])
                #expect(wrong.status == 64, "\(wrong.text)")
                let healed = try await root.firedrill(["heal", "--run", name])
                #expect(healed.status == 0 && healed.output.contains("gone with its testnet"), "\(healed.text)")
                let twice = try await root.firedrill(["heal", "--all"])
                #expect(twice.status == 0 && twice.output == "nothing is open\n", "\(twice.text)")
                let none = try await root.firedrill(["faults"])
                #expect(none.output == "nothing is open\n", "\(none.text)")
                // Its folders went with the healing.
                try await root.expectNothingLeft()
                let up = try await root.firedrill(["up", "two-counters"])
                #expect(up.status == 0, "\(up.text)")
                _ = try await root.firedrill(["down"])
            }
        }

        /// An undo that fails is kept with its reason, tried again by the host and by `heal`, and undone once it can be.
        @Test func aFailedUndoIsKeptAndHealedInsideItsNetwork() async throws {
            try await TempRoot.with(.counters) { root in
                try root.edit(
                    "chaos/faults/counter-held.yaml", "undo: {timeout: 5s, script: 'rm -f /srv/hold'}",
                    "undo: {timeout: 5s, script: '[ -e /srv/may-undo ] || { echo not-yet >&2; exit 4; }; rm -f /srv/hold'}"
                )
                let end = try await root.firedrill(["run", "counter-held", "--arm", "fault-only", "--keep-up"])
                #expect(end.errors.contains("firedrill heal --run"), "\(end.text)")
                let left = try #require(try await open(root).first)
                #expect(left.stage == "undoFailed" && left.network == "up", "\(left)")
                #expect(left.reason?.contains("not-yet") == true, "\(left)")

                let early = try await root.firedrill(["heal", "--all"])
                #expect(early.status == 1 && early.output.contains("STILL OPEN"), "\(early.text)")
                #expect(try await open(root).count == 1, "nothing is dropped because its undo failed")
                let next = try await root.firedrill(["run", "counter-held"])
                #expect(next.status == 64 && next.errors.contains("firedrill heal"), "\(next.text)")

                let run = try root.onlyRun()
                #expect(
                    FileManager.default.createFile(atPath: "\(run.path)/machines/red-1/srv/may-undo", contents: nil))
                let healed = try await root.firedrill(["heal", "--all"])
                #expect(healed.status == 0, "\(healed.text)")
                #expect(healed.output.contains("invariants are as before the run"), "\(healed.text)")
                #expect(access("\(run.path)/machines/red-1/srv/hold", F_OK) != 0)
                let twice = try await root.firedrill(["heal", "--all"])
                #expect(twice.status == 0, "\(twice.text)")
                let down = try await root.firedrill(["down"])
                #expect(down.status == 0, "\(down.text)")
                try await root.expectNothingLeft()
            }
        }

        /// A host that cannot keep its own record, as on a file system that has become read-only: nothing is broken there.
        @Test func whereAHostCannotKeepItsRecordNothingIsBroken() async throws {
            try await TempRoot.with(.counters) { root in
                try root.edit(
                    "chaos/faults/counter-held.yaml", "script: 'if [ -e /srv/hold ]",
                    "script: 'chmod -R a-w /var/lib/firedrill; if [ -e /srv/hold ]")
                let end = try await root.firedrill(["run", "counter-held"])
                #expect(end.status != 0 && end.errors.contains("red-1"), "\(end.text)")
                let run = try root.onlyRun()
                #expect(try run.verdict().verdict != "passed")
                let stages = run.events().compactMap {
                    if case .fault(_, _, let stage, _) = $0.body { stage } else { nil }
                }
                #expect(!stages.contains(.injectCompleted) && !stages.contains(.proven), "\(stages)")
                let healed = try await root.firedrill(["heal", "--all"])
                #expect(healed.status == 0, "\(healed.text)")
                #expect(try await open(root).isEmpty)
                try await root.expectNothingLeft()
            }
        }

        /// The same once the fault is in: what cannot be recorded any more is not taken for done.
        @Test func aRecordThatCannotBeKeptAnyMoreIsNotTakenForUndone() async throws {
            try await TempRoot.with(.counters) { root in
                try root.edit(
                    "chaos/faults/counter-held.yaml", "    for try in",
                    "    chmod -R a-w /var/lib/firedrill\n    for try in")
                let end = try await root.firedrill(["run", "counter-held", "--arm", "fault-only", "--keep-up"])
                let run = try root.onlyRun()
                let isHeld = access("\(run.path)/machines/red-1/srv/hold", F_OK) == 0
                let left = try await open(root)
                #expect(!left.isEmpty, "held: \(isHeld) \(end.text)")
                // Writable again, as after somebody has mended the disk.
                let state = "\(run.path)/machines/red-1/var/lib/firedrill"
                let mended = try await Command(["chmod", "-R", "u+w", state], folder: root.base).end(
                    within: .seconds(5))
                #expect(mended.status == 0, "\(mended.text)")
                let healed = try await root.firedrill(["heal", "--all"])
                #expect(healed.status == 0, "\(healed.text)")
                #expect(access("\(run.path)/machines/red-1/srv/hold", F_OK) != 0)
                let down = try await root.firedrill(["down"])
                #expect(down.status == 0, "\(down.text)")
                try await root.expectNothingLeft()
            }
        }

        /// Two `up` of one testnet at once: one of them makes it, the other says so, and one `down` ends it all.
        @Test func ofTwoCommandsAtOnceOneMakesTheNetwork() async throws {
            try await TempRoot.with(.counters) { root in
                let commands = try [root.start(["up", "two-counters"]), root.start(["up", "two-counters"])]
                var ends: [Command.End] = []
                for command in commands { ends.append(try await command.end(within: .seconds(150))) }
                #expect(ends.map(\.status).sorted() == [0, 64], "\(ends.map(\.text))")
                #expect(
                    ends.contains {
                        $0.errors.contains("bringing two-counters up") || $0.errors.contains("up already")
                    },
                    "\(ends.map(\.text))")
                let down = try await root.firedrill(["down"])
                #expect(down.status == 0, "\(down.text)")
                try await root.expectNothingLeft(within: .seconds(10))
            }
        }

        /// Two runs at once use the same addresses in networks of their own; each passes, and neither heals the other.
        @Test func twoRunsAtOnceDoNotDisturbEachOther() async throws {
            try await TempRoot.with(.counters) { root in
                let commands = try [root.start(["run", "counter-held"]), root.start(["run", "counter-held"])]
                for command in commands {
                    let end = try await command.end(within: .seconds(240))
                    #expect(end.status == 0, "\(end.text)")
                }
                #expect(root.runs.count == 2)
                try await root.expectNothingLeft()
            }
        }
    }
}
