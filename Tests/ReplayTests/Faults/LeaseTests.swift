import Definitions
import Foundation
import Testing
import Timeline

@testable import Replay

/// The lease as a runit service: what happens when nobody sends heartbeats any more.
struct LeaseTests {
    /// Injects without a driver, so that no heartbeat is sent: the orchestrator is as good as dead.
    private func injectAndVanish(_ bench: AgentBench, _ plan: FaultPlan) async throws -> FaultRecord {
        var record = FaultRecord(
            name: FaultRecord.name(run: bench.identity.run, number: 0, fault: plan.id), identity: bench.identity,
            plan: plan, before: "")
        record.before = try await bench.agent.fingerprint(plan)
        try await bench.agent.stage(record)
        try await bench.agent.arm(record)
        let injection = try await bench.agent.inject(record)
        #expect(injection.exit == 0)
        return record
    }

    @Test func firesWhenHeartbeatsEnd() async throws {
        let bench = try AgentBench(lease: .seconds(9))
        try await bench.agent.onboard(capabilities: ["doors"])
        let lease = try await bench.startLease()
        defer { bench.stopLease(lease) }
        let record = try await injectAndVanish(bench, bench.fault())
        #expect(bench.door == "shut")
        #expect(try await bench.agent.heartbeat() == .renewed)
        #expect(await eventually { bench.door == "open" })
        #expect(try await eventually { try await bench.agent.records().map(\.state) == ["undone"] })
        #expect(try await bench.agent.records().map(\.fired) == [true])
        #expect(try await bench.agent.heartbeat() == .fired)
        let undoing = try await bench.agent.undo(record)
        #expect(undoing.end == .undone)
        #expect(undoing.fired)
        #expect(bench.undoCount == 1)
        // An injection that arrives late is refused.
        await #expect(throws: AgentError.self) { try await bench.agent.inject(record) }
    }

    /// Between faults the watcher sleeps on a pipe; each arming wakes it.
    @Test func aWatcherAtRestIsWokenByTheNextFault() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: ["doors"])
        let lease = try await bench.startLease()
        defer { bench.stopLease(lease) }
        for number in 0..<3 {
            let driver = try bench.driver(bench.fault(), number: number)
            #expect(await driver.inject())
            #expect(await driver.undo() == .closed(.undone))
            try await Task.sleep(for: .milliseconds(1_300))
        }
        #expect(await bench.recorder.problems == [])
    }

    @Test func survivesItsOwnKill() async throws {
        let bench = try AgentBench(lease: .seconds(9))
        try await bench.agent.onboard(capabilities: ["doors"])
        let lease = try await bench.startLease()
        defer { bench.stopLease(lease) }
        _ = try await injectAndVanish(bench, bench.fault())
        let first = try #require(bench.leasePID)
        kill(first, SIGKILL)
        #expect(await eventually { bench.door == "open" })
        #expect(bench.leasePID != first)
    }

    @Test func aLeaseFromBeforeTheLastBootFires() async throws {
        let bench = try AgentBench(lease: .seconds(4_000))
        try await bench.agent.onboard(capabilities: ["doors"])
        let lease = try await bench.startLease()
        defer { bench.stopLease(lease) }
        _ = try await injectAndVanish(bench, bench.fault())
        let text = try #require(bench.folder.text("state/lease"))
        let fields = text.split(separator: " ")
        try bench.folder.write(
            text.replacingOccurrences(of: fields[1], with: "00000000-0000-0000-0000-000000000000"), "state/lease")
        #expect(await eventually { bench.door == "open" })
    }

    @Test func anUndoThatFailsIsTriedAgain() async throws {
        let bench = try AgentBench(lease: .seconds(8))
        try await bench.agent.onboard(capabilities: ["doors"])
        let lease = try await bench.startLease()
        defer { bench.stopLease(lease) }
        _ = try await injectAndVanish(bench, bench.fault(undo: "test -e \"$DOOR.allowed\" && echo open >\"$DOOR\""))
        #expect(try await eventually { try await bench.agent.records().map(\.state) == ["undo-failed"] })
        #expect(bench.door == "shut")
        try bench.folder.write("", "door.allowed")
        #expect(await eventually { bench.door == "open" })
    }

    @Test func whatWasChangedSinceIsLeftAlone() async throws {
        let bench = try AgentBench(lease: .seconds(8))
        try await bench.agent.onboard(capabilities: ["doors"])
        let lease = try await bench.startLease()
        defer { bench.stopLease(lease) }
        _ = try await injectAndVanish(bench, bench.fault())
        try bench.folder.write("ajar\n", "door")
        #expect(try await eventually { try await bench.agent.records().map(\.state) == ["superseded"] })
        #expect(bench.door == "ajar")
        #expect(bench.undoCount == 0)
    }

    @Test func driverNoticesALeaseThatFired() async throws {
        let bench = try AgentBench(lease: .seconds(8))
        try await bench.agent.onboard(capabilities: ["doors"])
        let lease = try await bench.startLease()
        defer { bench.stopLease(lease) }
        let driver = try bench.driver(bench.fault())
        #expect(await driver.inject())
        // As if the orchestrator had been stopped for longer than the lease: the expiry lies in the past.
        let text = try #require(bench.folder.text("state/lease"))
        let fields = text.split(separator: " ")
        try bench.folder.write(text.replacingOccurrences(of: fields[2], with: "000000000001"), "state/lease")
        #expect(await eventually { await bench.recorder.problems == [.leaseFired] })
        #expect(await driver.undo() == .closed(.undone))
        #expect(await bench.recorder.problems == [.leaseFired])
        #expect(bench.undoCount == 1)
    }

    /// A tmpfs of 256 KiB in a user and mount namespace of its own, filled to the last byte by the fault itself.
    @Test func aFullDiskDoesNotStopIt() async throws {
        let bench = try AgentBench()
        try await DiskFullBench(bench).run()
    }
}
