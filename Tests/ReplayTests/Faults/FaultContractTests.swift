import Definitions
import Foundation
import Testing
import Timeline

@testable import Replay

/// The fault contract against a real shell and the real lease service under runsv.
struct FaultContractTests {
    @Test func wholeContract() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: ["doors"])
        let lease = try await bench.startLease()
        defer { bench.stopLease(lease) }
        let driver = try bench.driver(bench.fault())
        #expect(await driver.prepare())
        #expect(bench.door == "open")
        #expect(await driver.inject())
        #expect(bench.door == "shut")
        #expect(
            OpenFault.open(in: try Journal.read(path: bench.folder.path("journal.jsonl"))).map(\.stage) == [.injected])
        #expect(await driver.undo() == .closed(.undone))
        #expect(bench.door == "open")
        #expect(
            await bench.recorder.faultStages == [
                .fingerprinted, .intended, .armed, .injectStarted, .injectCompleted, .proven, .undoStarted, .undone,
                .closed,
            ])
        #expect(await bench.recorder.problems == [])
        #expect(OpenFault.open(in: try Journal.read(path: bench.folder.path("journal.jsonl"))).isEmpty)
        #expect(try await bench.agent.records().map(\.state) == ["closed"])
        // Twice without harm.
        #expect(await driver.undo() == .closed(.undone))
        #expect(bench.undoCount == 1)
    }

    @Test func whatSomebodyChangedSinceIsLeftAlone() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: ["doors"])
        let lease = try await bench.startLease()
        defer { bench.stopLease(lease) }
        let driver = try bench.driver(bench.fault())
        #expect(await driver.inject())
        try bench.folder.write("ajar\n", "door")
        #expect(await driver.undo() == .closed(.superseded))
        #expect(bench.door == "ajar")
        #expect(bench.undoCount == 0)
        #expect(await bench.recorder.faultStages.contains(.superseded))
    }

    @Test func aFaultWithoutEffectIsUndoneAndAProblem() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: ["doors"])
        let lease = try await bench.startLease()
        defer { bench.stopLease(lease) }
        let driver = try bench.driver(bench.fault(inject: ":", prove: "grep -q shut \"$DOOR\" || exit 1"))
        async let injected = driver.inject()
        #expect(await eventually { await bench.recorder.faultStages.contains(.injectCompleted) })
        // Asked to undo meanwhile, it stops looking for the effect.
        _ = await driver.undo()
        #expect(await injected == false)
        #expect(await bench.recorder.problems == [.faultNotProven])
        #expect(try await bench.agent.records().map(\.state) == ["closed"])
    }

    @Test func nothingIsInjectedWithoutALiveWatcher() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: ["doors"])
        let driver = try bench.driver(bench.fault())
        #expect(await driver.inject() == false)
        #expect(bench.door == "open")
        #expect(await bench.recorder.faultStages.contains(.injectStarted) == false)
        #expect(await bench.recorder.problems == [.faultNotProven])
        #expect(try await bench.agent.records().map(\.state) == ["closed"])
    }

    @Test func nothingIsInjectedWithoutTheCapability() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: ["windows"])
        let driver = try bench.driver(bench.fault())
        #expect(await driver.inject() == false)
        #expect(bench.door == "open")
        #expect(try await bench.agent.records().isEmpty)
    }

    @Test func nothingIsInjectedWhenTheFingerprintDriftsAfterTheIntent() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: ["doors"])
        let lease = try await bench.startLease()
        defer { bench.stopLease(lease) }
        let driver = try bench.driver(bench.fault())
        #expect(await driver.prepare())
        try bench.folder.write("ajar\n", "door")
        #expect(await driver.inject() == false)
        #expect(bench.door == "ajar")
    }

    @Test func anUndoThatFailsIsKeptAndHealedLater() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: ["doors"])
        let lease = try await bench.startLease()
        defer { bench.stopLease(lease) }
        let plan = bench.fault(undo: "test -e \"$DOOR.allowed\" && echo open >\"$DOOR\"")
        let driver = try bench.driver(plan)
        #expect(await driver.inject())
        #expect(await driver.undo() == .undoFailed)
        #expect(await bench.recorder.faultStages.last == .undoFailed)
        let open = OpenFault.open(in: try Journal.read(path: bench.folder.path("journal.jsonl")))
        #expect(open.map(\.stage) == [.undoFailed])
        await #expect(throws: AgentError.self) { try await bench.agent.onboard(capabilities: []) }
        try bench.folder.write("", "door.allowed")
        // Another process heals from the journal alone, even though the marker is gone.
        try FileManager.default.removeItem(atPath: bench.folder.path("state/marker"))
        let healed = await FaultHealing.heal(
            open, hosts: ["local": bench.host], journal: try Journal(path: bench.folder.path("journal.jsonl")),
            sink: bench.recorder, clock: bench.clock, state: bench.agent.state)
        #expect(healed.map(\.end) == [.undone])
        #expect(bench.door == "open")
        #expect(try FaultHealing.open(journal: bench.folder.path("journal.jsonl")).isEmpty)
        let again = await FaultHealing.heal(
            open, hosts: ["local": bench.host], journal: try Journal(path: bench.folder.path("journal.jsonl")),
            sink: bench.recorder, clock: bench.clock, state: bench.agent.state)
        #expect(again.map(\.end) == [.undone])
        #expect(
            await FaultHealing.heal(
                open, hosts: [:], journal: try Journal(path: bench.folder.path("journal.jsonl")), sink: bench.recorder,
                clock: bench.clock
            ).map(\.end) == [.noHost])
    }

    /// The record on the host is gone (a wiped disk, say): the journal lays it down again, and it is undone.
    @Test func aRecordThatTheHostLostIsLaidDownAgain() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: ["doors"])
        let lease = try await bench.startLease()
        defer { bench.stopLease(lease) }
        let driver = try bench.driver(bench.fault())
        #expect(await driver.inject())
        try FileManager.default.removeItem(atPath: bench.folder.path("state/faults"))
        try FileManager.default.createDirectory(
            atPath: bench.folder.path("state/faults"), withIntermediateDirectories: false)
        #expect(await driver.undo() == .closed(.undone))
        #expect(bench.door == "open")
    }

    /// Killed in the middle of its undo script, an undo is begun again: the state is neither before nor after.
    @Test func aHalfDoneUndoIsFinished() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: ["doors"])
        let lease = try await bench.startLease()
        defer { bench.stopLease(lease) }
        let plan = bench.fault(
            undo:
                "test -e \"$DOOR.half\" || { echo half >\"$DOOR\"; echo >\"$DOOR.half\"; kill -9 0; }; echo open >\"$DOOR\""
        )
        let driver = try bench.driver(plan)
        #expect(await driver.inject())
        #expect(await driver.undo() == .closed(.undone))
        #expect(bench.door == "open")
        #expect(bench.folder.exists("door.half"))
    }

    @Test func journalThatEndsInTheMiddleOfALineIsReadToItsLastWholeOne() async throws {
        let bench = try AgentBench()
        let journal = try Journal(path: bench.folder.path("journal.jsonl"))
        let entry = JournalEntry(
            record: "r", fault: "f", host: "h", run: "1", testnet: "t", wall: "", stage: .intended, fingerprint: "a",
            plan: bench.fault(), reason: nil)
        try await journal.append(entry)
        try await journal.append(entry)
        let path = bench.folder.path("journal.jsonl")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        try bytes.dropLast(5).write(to: URL(fileURLWithPath: path))
        #expect(try Journal.read(path: path) == [entry])
        try (Data("garbage\n".utf8) + bytes).write(to: URL(fileURLWithPath: path))
        #expect(throws: JournalError.brokenLine(path: path, line: 1)) { try Journal.read(path: path) }
    }
}
