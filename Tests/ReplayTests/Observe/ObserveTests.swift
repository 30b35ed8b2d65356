import Definitions
import Foundation
import Testing
import Timeline

@testable import Replay

struct LookTests {
    @Test func rpcSamples() async throws {
        let server = try TestServer { request in
            request.contains("POST / HTTP/1.1")
                ? TestServer.ok(#"{"jsonrpc":"2.0","id":1,"result":{"blockNumber":7,"blockHash":"0xab"}}"#)
                : TestServer.ok("no")
        }
        defer { server.stop() }
        let client = HTTPClient()
        defer { client.stop() }
        let look = RPCLook(
            client: client, addresses: ["n1": "127.0.0.1"], timeout: .seconds(5), port: server.port, path: "/",
            body: Array("{}".utf8),
            values: [
                ("height", try #require(JSONPath(".result.blockNumber"))),
                ("hash", try #require(JSONPath(".result.blockHash"))),
            ])
        #expect(await look.look(at: "n1") == .success(.object(["height": .int(7), "hash": .string("0xab")])))
        #expect(await look.look(at: "decoy") == .failure(ProbeFailure("decoy is not a host of this run")))
    }

    @Test func anRPCErrorIsASampleAndSoIsNothingElse() {
        let path = [("height", JSONPath(".result.blockNumber")!)]
        let error: JSON = .object(["error": .object(["code": .int(-32000)])])
        #expect(RPCLook.sample(error, status: 200, values: path) == .success(error))
        guard case .failure = RPCLook.sample(.object(["result": .null]), status: 200, values: path),
            case .failure = RPCLook.sample(.array([]), status: 200, values: [])
        else {
            Issue.record("nothing was taken for a sample")
            return
        }
    }

    @Test func httpSamplesAndOnlyOfTheRunsOwnAddresses() async throws {
        let server = try TestServer { _ in TestServer.ok("<Error>denied</Error>", status: "403 Forbidden") }
        defer { server.stop() }
        let client = HTTPClient()
        defer { client.stop() }
        func look(_ url: String) -> HTTPLook {
            HTTPLook(client: client, addresses: ["bucket": "127.0.0.1"], timeout: .seconds(5), url: url, headers: [:])
        }
        let sample = try await look("http://{address}:\(server.port)/release").look(at: "bucket").get()
        #expect(sample["status"] == .int(403))
        #expect(sample["body"] == .string("<Error>denied</Error>"))
        #expect(sample["sha256"] == .string("f6a7d08f799b6bab8989680479439620eed4d9df1c5465a03e46d0d61f243aa1"))
        #expect(
            await look("http://127.0.0.2:\(server.port)/").look(at: "bucket")
                == .failure(ProbeFailure("127.0.0.2 is not an address of this run")))
    }

    @Test func commandSamplesHideSecretsAndKeepUnknownUnknown() {
        let redaction = Redaction(of: [script("", ["KEY": "hunter2"], secrets: ["KEY"])])
        let result = CommandResult(
            outcome: .exited(code: 3), stdout: Array(#"{"key":"hunter2","n":1}"#.utf8), stderr: Array("hunter2!".utf8),
            truncated: false, took: .zero)
        let sample = try? CommandLook.sample(result, redaction: redaction).get()
        #expect(sample?["exit"] == .int(3))
        #expect(sample?["json"] == .object(["key": .string("[KEY]"), "n": .int(1)]))
        #expect(sample?["stderr"] == .string("[KEY]!"))
        let unknown = CommandResult(
            outcome: .unknown(reason: "gone"), stdout: [], stderr: [], truncated: false, took: .zero)
        #expect(CommandLook.sample(unknown, redaction: redaction) == .failure(ProbeFailure("gone")))
    }
}

struct LookScheduleTests {
    @Test func leavesTicksOutOnPurpose() {
        var schedule = LookSchedule(start: 100, interval: 10)
        schedule.pass(7)
        // Late for a tick that nobody wanted.
        schedule.looked(at: 125)
        #expect(schedule.next == 180)
        schedule.looked(at: 181)
        #expect(schedule.next == 190 && schedule.due == 2 && schedule.skipped == 0)
    }

    @Test func ticksDoNotDrift() {
        var schedule = LookSchedule(start: 100, interval: 10)
        for _ in 0..<5 { schedule.looked(at: schedule.next + 9) }
        #expect(schedule.next == 150)
        #expect(schedule.skipped == 0)
    }

    @Test func lateTicksAreSkippedNotCaughtUpWith() {
        var schedule = LookSchedule(start: 0, interval: 10)
        schedule.looked(at: 35)
        #expect(schedule.next == 30)
        #expect(schedule.skipped == 2)
        schedule.looked(at: 36)
        #expect(schedule.next == 40)
    }
}

struct SignalTests {
    private let page: JSON = .object([
        "log_entries": .array([
            .object([
                "sequence": .int(4), "type": .string("trigger_log_entry"),
                "channel": .object([
                    "dedup_key": .string("k1"), "summary": .string("node down"), "source": .string("monitor"),
                    "custom_details": .object([
                        "hosts": .array([.string("s0-t3-1"), .string("s0-t3-2, s1-t3-1.")]), "n": .int(3),
                    ]),
                ]),
            ]),
            .object([
                "sequence": .int(5), "type": .string("acknowledge_log_entry"),
                "channel": .object(["dedup_key": .string("k1")]),
            ]),
            .object([
                "sequence": .int(6), "type": .string("resolve_log_entry"),
                "channel": .object(["dedup_key": .string("k1"), "source": .string("s0-t3-1")]),
            ]),
            .object(["sequence": .int(7), "type": .string("chat"), "channel": .null]),
        ]), "more": .bool(false),
    ])
    private let reader = SignalReader(hosts: ["s0-t3-1", "s0-t3-2", "s1-t3-1", "monitor"])

    @Test func pagesNameTheHostsTheySpeakOf() throws {
        let batch = try reader.pages(in: page, after: 3).get()
        #expect(batch.lastSequence == 7)
        #expect(batch.signals.map(\.names) == [["monitor", "s0-t3-1", "s0-t3-2", "s1-t3-1"], ["s0-t3-1"]])
        #expect(batch.signals.map(\.resolved) == [false, true])
        #expect(batch.signals.map(\.id) == ["k1", "k1"])
        #expect(try reader.pages(in: page, after: 5).get().signals.map(\.sequence) == [6])
    }

    @Test func whatIsNoAnswerOfAPagerIsAFailure() {
        for answer in [
            JSON.null, .object([:]), .object(["log_entries": .array([.object([:])])]),
            .object(["log_entries": .string("x")]),
        ] {
            guard case .failure = reader.pages(in: answer, after: 0) else {
                Issue.record("taken: \(answer)")
                continue
            }
        }
    }

    @Test func aDeepOrHugePageIsSearchedWithinLimits() throws {
        var deep: JSON = .string("s0-t3-1")
        for _ in 0..<40 { deep = .array([deep]) }
        let answer: JSON = .object([
            "log_entries": .array([
                .object([
                    "sequence": .int(1), "type": .string("trigger_log_entry"),
                    "channel": .object(["dedup_key": .string("k"), "custom_details": deep]),
                ])
            ])
        ])
        #expect(try reader.pages(in: answer, after: 0).get().signals.map(\.names) == [[]])
    }

    @Test func feedRecordsEachSignalOnceAndKeepsTestsApart() async throws {
        let server = try TestServer { request in
            guard
                let since = request.split(separator: " ").dropFirst().first?.split(separator: "=").last.flatMap({
                    Int($0)
                })
            else { return .silence }
            let entries = [(1, "test-key"), (2, "real")].filter { $0.0 > since }.map {
                #"{"sequence":\#($0.0),"type":"trigger_log_entry","channel":{"dedup_key":"\#($0.1)","source":"n1","summary":"s"}}"#
            }
            return TestServer.ok(#"{"log_entries":[\#(entries.joined(separator: ","))],"more":false}"#)
        }
        defer { server.stop() }
        let client = HTTPClient()
        defer { client.stop() }
        let recorder = EventRecorder()
        let feed = SignalFeed(
            kind: .pager, client: client, address: "127.0.0.1", port: server.port, path: "/log_entries",
            timeout: .seconds(5), hosts: ["n1"],
            sink: recorder)
        await feed.expectTest("test-key")
        #expect(await feed.look() == nil)
        #expect(await feed.look() == nil)
        #expect(await feed.hasSeenTest("test-key"))
        #expect(
            await recorder.bodies == [.signal(source: .alert, id: "real", names: ["n1"], summary: "s", resolved: false)]
        )
    }
}

struct SchedulerTests {
    private struct Slow: Probe {
        func look(at target: String) async -> Result<JSON, ProbeFailure> {
            if target == "hung" { try? await Task.sleep(for: .seconds(30)) }
            return .success(.string(target))
        }
    }

    @Test func aHungTargetIsUnknownAndHoldsUpNobody() async throws {
        let plan = ProbePlan(
            id: "p", targets: ["a", "hung", "b"], interval: DurationText(.milliseconds(50)),
            timeout: DurationText(.milliseconds(100)),
            kind: .http(url: "", headers: [:]), values: [:])
        let recorder = EventRecorder()
        let scheduler = ProbeScheduler(
            series: [.init(plan: plan, probe: Slow())], feeds: [], sink: recorder, clock: MachineClock(),
            isAwaited: { _, _ in true })
        let task = Task { await scheduler.run() }
        /// How often the hung target was unknown, and another one known.
        @Sendable func counts() async -> (unknown: Int, known: Int) {
            let bodies = await recorder.bodies
            return (
                bodies.count { if case .sample(_, "hung", _, nil, .some) = $0 { true } else { false } },
                bodies.count { if case .sample(_, "a", _, .some, nil) = $0 { true } else { false } }
            )
        }
        // The hung target is looked at again and again, and the others more often, because nobody waits for it.
        #expect(
            await eventually {
                let seen = await counts()
                return seen.unknown >= 2 && seen.known > seen.unknown
            })
        task.cancel()
        await task.value
    }

    private struct Quick: Probe {
        func look(at target: String) async -> Result<JSON, ProbeFailure> { .success(.string(target)) }
    }

    @Test func whatDecidesNothingIsLookedAtLessOften() async throws {
        let plan = ProbePlan(
            id: "p", targets: ["awaited", "resting"], interval: DurationText(.milliseconds(100)),
            timeout: DurationText(.seconds(1)), kind: .http(url: "", headers: [:]), values: [:])
        let recorder = EventRecorder()
        let scheduler = ProbeScheduler(
            series: [.init(plan: plan, probe: Quick())], feeds: [], sink: recorder, clock: MachineClock(),
            isAwaited: { _, target in target == "awaited" })
        let task = Task { await scheduler.run() }
        @Sendable func count(_ name: String) async -> Int {
            await recorder.bodies.count { if case .sample(_, name, _, _, _) = $0 { true } else { false } }
        }
        #expect(await eventually { await count("resting") >= 4 })
        task.cancel()
        await task.value
        let (awaited, resting) = (await count("awaited"), await count("resting"))
        #expect(awaited > resting * 2, "\(awaited) and \(resting) looks")
    }
}
