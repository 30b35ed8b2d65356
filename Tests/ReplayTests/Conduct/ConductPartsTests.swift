import Definitions
import Foundation
import Synchronization
import Testing
import Timeline

@testable import Replay

struct BlockLogTests {
    private func blocks(_ pairs: [(Int64, Int64)]) -> [LoggedBlock] {
        pairs.map { LoggedBlock(height: $0.0, monotonic: $0.1) }
    }

    @Test func readsLinesAndLeavesOutTheRest() {
        let text = """
            {"height":1,"monotonic_ns":10}
            garbage
            {"height":"0x2","monotonic_ns":20,"hash":"x"}
            {"height":null,"monotonic_ns":20}
            {"height":3
            """
        let found = BlockLogReading.blocks(
            in: Array(text.utf8), height: JSONPath(".height")!, monotonic: JSONPath(".monotonic_ns")!)
        #expect(found == blocks([(1, 10), (2, 20)]))
    }

    @Test func findsThePauseOverTheOnset() {
        // Heights 1 to 3, a pause over the onset at 35, blocks again at 90; a straggler logs height 3 late.
        let log = blocks([(1, 10), (2, 20), (3, 30), (3, 85), (4, 90), (5, 100)])
        #expect(BlockLogReading.outage(in: log, onset: 35, frozen: 110, shortest: 20) == (30, 90))
        #expect(BlockLogReading.outage(in: [], onset: 35, frozen: 110, shortest: 20) == (nil, nil))
        // A pause that was over before the onset is none.
        #expect(BlockLogReading.outage(in: log, onset: 95, frozen: 110, shortest: 20) == (nil, nil))
    }

    @Test func ofSeveralPausesTheLastCounts() {
        let log = blocks([(1, 10), (2, 50), (3, 60), (4, 100), (5, 110), (6, 150)])
        #expect(BlockLogReading.outage(in: log, onset: 12, frozen: 160, shortest: 30) == (110, 150))
        #expect(BlockLogReading.outage(in: log, onset: 12, frozen: 120, shortest: 30) == (60, 100))
    }

    @Test func aPauseThatIsOpenAtTheFreezeHasNoEnd() {
        let log = blocks([(1, 10), (2, 50), (3, 60), (4, 100), (5, 150)])
        #expect(BlockLogReading.outage(in: log, onset: 12, frozen: 140, shortest: 30) == (100, nil))
        // What clean-up brought back does not count.
        #expect(BlockLogReading.outage(in: log, onset: 12, frozen: 149, shortest: 30) == (100, nil))
        #expect(BlockLogReading.outage(in: log, onset: 12, frozen: 150, shortest: 30) == (100, 150))
    }
}

struct RedactionTests {
    @Test func longerSecretsAreHiddenWhole() {
        let redaction = Redaction(of: [
            script("", ["A": "abc", "B": "abcdef", "C": "free"], secrets: ["A", "B", "MISSING"])
        ])
        #expect(redaction.apply(to: "xabcdefx abc free") == "x[B]x [A] free")
    }
}

struct RunLogTests {
    private var criteria: Criteria {
        Criteria(
            scenario: "s", incident: "Z1", arm: .noFault, timeScale: 1, seed: 1, commit: "",
            probeInterval: DurationText(.seconds(1)),
            hold: DurationText(.seconds(5)), horizon: DurationText(.seconds(60)), steadyState: [], impact: [],
            symptoms: [], budgets: .init(),
            inferred: [])
    }

    @Test func aLogThatCannotBeWrittenIsAFailureAndNotACrash() async throws {
        let log = try RunLog(path: "/dev/full", criteria: criteria, clock: MachineClock())
        await log.record(.phase(.settle))
        #expect(await log.failure?.contains("/dev/full") == true)
        await log.record(.phase(.baseline))
    }

    @Test func eventsAreNumberedInTheOrderOfTheirRecording() async throws {
        let folder = TestFolder()
        let log = try RunLog(path: folder.path("events.jsonl"), criteria: criteria, clock: MachineClock())
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<50 { group.addTask { await log.record(.note(level: .info, message: "\(index)")) } }
        }
        let events = try EventLogReader.readAll(path: folder.path("events.jsonl")).events
        #expect(events.map(\.sequence) == Array(0..<50))
        #expect(zip(events, events.dropFirst()).allSatisfy { $0.monotonic <= $1.monotonic })
    }
}

/// A host that can be cut off, and a connector that gives it back.
struct LiveHostTests {
    private final class Wire: RemoteHost, HostConnector {
        let name = "n1"
        let isCut = Mutex(false)
        let sent = Mutex(0)
        let connections = Mutex(0)

        func run(_ command: ScriptPlan, stdin: [UInt8]) async -> CommandResult {
            let cut = isCut.withLock { $0 }
            if command.script != ":" { sent.withLock { $0 += 1 } }
            return CommandResult(
                outcome: cut ? .unknown(reason: "connection lost") : .exited(code: 0), stdout: [], stderr: [],
                truncated: false, took: .zero)
        }
        func ask(_ command: ScriptPlan) async -> CommandResult { await run(command, stdin: []) }
        func upload(_ bytes: [UInt8], to path: String, mode: UInt16) async throws {}
        func download(_ path: String, limit: Int) async throws -> [UInt8] { [] }
        func close() async {}
        func connect(to host: HostAddress, timeout: Duration) async throws -> any RemoteHost {
            connections.withLock { $0 += 1 }
            if isCut.withLock({ $0 }) { throw ProbeFailure("refused") }
            return self
        }
    }

    private func live(_ wire: Wire, _ recorder: EventRecorder) -> LiveHost {
        LiveHost(
            wire,
            address: HostAddress(
                name: "n1", address: "127.0.0.1", port: 22, user: "u", privateKeyFile: "", hostKey: ""),
            connector: wire,
            sink: recorder, clock: FakeClock())
    }

    @Test func aLostHostIsSaidOnceAndComesBack() async {
        let wire = Wire()
        let recorder = EventRecorder()
        let host = live(wire, recorder)
        #expect(await host.run(script("a"), stdin: []).outcome == .exited(code: 0))
        wire.isCut.withLock { $0 = true }
        guard case .unknown = await host.run(script("b"), stdin: []).outcome else {
            Issue.record("known")
            return
        }
        wire.isCut.withLock { $0 = false }
        #expect(await eventually { await host.run(script("c"), stdin: []).outcome == .exited(code: 0) })
        let lost = await recorder.bodies.filter { if case .hostLost = $0 { true } else { false } }
        #expect(lost == [.hostLost(host: "n1", reason: "connection lost")])
        // Once each: nothing was sent again by itself.
        #expect(wire.sent.withLock { $0 } == 3)
    }

    @Test func attemptsToComeBackAreBounded() async {
        let wire = Wire()
        let recorder = EventRecorder()
        let host = live(wire, recorder)
        wire.isCut.withLock { $0 = true }
        _ = await host.ask(script("b"))
        #expect(
            await eventually {
                await recorder.bodies.contains { if case .note(.warning, _) = $0 { true } else { false } }
            })
        #expect(wire.connections.withLock { $0 } == LiveHost.pauses.count)
        guard case .unknown = await host.ask(script("c")).outcome else {
            Issue.record("known")
            return
        }
        await host.close()
    }

    @Test func anUnknownResultOverALiveConnectionLosesNobody() async {
        struct Odd: RemoteHost {
            let name = "n1"
            func run(_ command: ScriptPlan, stdin: [UInt8]) async -> CommandResult {
                CommandResult(
                    outcome: command.script == ":" ? .exited(code: 0) : .unknown(reason: "deadline"), stdout: [],
                    stderr: [], truncated: false,
                    took: .zero)
            }
            func ask(_ command: ScriptPlan) async -> CommandResult { await run(command, stdin: []) }
            func upload(_ bytes: [UInt8], to path: String, mode: UInt16) async throws {}
            func download(_ path: String, limit: Int) async throws -> [UInt8] { [] }
            func close() async {}
        }
        let recorder = EventRecorder()
        let host = LiveHost(
            Odd(), address: HostAddress(name: "n1", address: "", port: 22, user: "", privateKeyFile: "", hostKey: ""),
            connector: Wire(),
            sink: recorder, clock: FakeClock())
        _ = await host.run(script("slow"), stdin: [])
        #expect(await recorder.bodies == [])
    }
}
