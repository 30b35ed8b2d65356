import Foundation
import Testing

@testable import testnode

@Suite("The pager as a program", .serialized)
struct PagerProgramTests {
    static let key = "0123456789abcdef0123456789abcdef"
    static let configuration = "service.chain = \(key)\n"

    static func send(_ pager: RunningProgram, _ path: String, _ body: String, method: String = "POST") async throws -> (
        status: String, text: String
    ) {
        let result = try await Command.run(
            "curl",
            [
                "-sS", "--max-time", "30", "-X", method, "-H", "Content-Type: application/json", "-d", body, "-w",
                "\n%{http_code}", pager.url + path,
            ])
        let parts = result.text.split(separator: "\n", omittingEmptySubsequences: false)
        return (parts.last.map(String.init) ?? "", parts.dropLast().joined(separator: "\n"))
    }

    static func get(_ pager: RunningProgram, _ path: String) async throws -> JSON {
        let result = try await Command.run("curl", ["-sS", "-g", "--max-time", "30", pager.url + path])
        return try JSON.parse(Array(result.output), depth: 32)
    }

    static func event(_ action: String, _ dedupKey: String?, key: String = key) -> String {
        var text = #"{"routing_key":"\#(key)","event_action":"\#(action)","#
        if let dedupKey { text += #""dedup_key":"\#(dedupKey)","# }
        return text
            + #""payload":{"summary":"node process down on t3-0-1","source":"monitor","severity":"critical","component":"harmony","group":"t3","class":"process","custom_details":{"host":"t3-0-1","shard":0}}}"#
    }

    @Test func pagesAreTakenDeduplicatedAndKept() async throws {
        try await RunningProgram.with(
            "pager", Self.configuration,
            { pager in
                let first = try await Self.send(pager, "/v2/enqueue", Self.event("trigger", "t3-0-1"))
                #expect(first.status == "202")
                #expect(first.text == #"{"status":"success","message":"Event processed","dedup_key":"t3-0-1"}"#)
                _ = try await Self.send(pager, "/v2/enqueue", Self.event("trigger", "t3-0-1"))
                let made = try await Self.send(pager, "/v2/enqueue", Self.event("trigger", nil))
                #expect(try JSON.parse(Array(made.text.utf8))["dedup_key"]?.text?.count == 32)
                let incidents = try await Self.get(pager, "/incidents?statuses[]=triggered")["incidents"]?.items ?? []
                #expect(incidents.count == 2)
                let alert = incidents.first?["alerts"]?.items?.first
                #expect(alert?["custom_details"]?["host"] == .string("t3-0-1") && alert?["class"] == .string("process"))
                let id = try #require(incidents.first?["id"]?.text)
                let update = #"{"incident":{"type":"incident","status":"acknowledged"}}"#
                #expect(try await Self.send(pager, "/incidents/\(id)", update, method: "PUT").status == "200")
                #expect(try await Self.send(pager, "/v2/enqueue", Self.event("resolve", "t3-0-1")).status == "202")
                #expect(try await Self.send(pager, "/incidents/\(id)", update, method: "PUT").status == "400")
                #expect(
                    try await Self.send(pager, "/services/validators/B0/x", #"{"text":"shard 1 down?"}"#).text == "ok")
                #expect(!pager.log.contains(Self.key))
            },
            afterRestart: { pager in
                let log = try await Self.get(pager, "/log_entries?since_sequence=1")["log_entries"]?.items ?? []
                #expect(log.map { $0["sequence"]?.integer } == [2, 3, 4, 5])
                #expect(log.map { $0["type"]?.text?.prefix(4) } == ["trig", "trig", "ackn", "reso"])
                #expect(log.map { $0["opens_incident"]?.isTrue } == [false, true, false, false])
                #expect(log.allSatisfy { ($0["mono_ns"]?.integer ?? 0) > 0 && ($0["wall_ns"]?.integer ?? 0) > 0 })
                let statuses = try await Self.get(pager, "/incidents")["incidents"]?.items?.map { $0["status"]?.text }
                #expect(statuses == ["resolved", "triggered"])
                let chat = try await Self.get(pager, "/chat/validators/messages?since=0")["messages"]?.items ?? []
                #expect(chat.map { $0["text"]?.text } == ["shard 1 down?"])
                #expect(try await Self.get(pager, "/chat/validators/messages?since=6")["messages"] == .array([]))
            }, stoppedBy: SIGKILL)
    }

    @Test func badEventsAreRefusedInPagerDutysWords() async throws {
        try await RunningProgram.with("pager", Self.configuration) { pager in
            let short = try await Self.send(pager, "/v2/enqueue", Self.event("trigger", "d", key: "short"))
            #expect(short.status == "400")
            #expect(
                short.text
                    == #"{"status":"invalid event","message":"Event object is invalid","errors":["Length of 'routing_key' is incorrect (should be 32 characters)"]}"#
            )
            let unknown = String(repeating: "f", count: 32)
            let stranger = try await Self.send(pager, "/v2/enqueue", Self.event("trigger", "d", key: unknown))
            #expect(stranger.status == "400" && stranger.text.contains("Invalid routing key"))
            #expect(try await Self.send(pager, "/v2/enqueue", "{").status == "400")
            let deep = String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)
            #expect(try await Self.send(pager, "/v2/enqueue", deep).status == "400")
            let large = pager.folder.url("large")
            try Data(repeating: 0x20, count: PagerService.largestEvent + 1).write(to: large)
            #expect(try await Self.send(pager, "/v2/enqueue", "@" + large.path).status == "413")
            #expect(try await Self.send(pager, "/services/x/y", "{}").text == "no_text")
            #expect(try await Self.send(pager, "/services/x/y", "nonsense").text == "invalid_payload")
            #expect(try await Self.get(pager, "/incidents?status=open")["error"]?["code"]?.integer == 2001)
            #expect(try await Self.get(pager, "/incidents")["incidents"] == .array([]))
            #expect(try await Self.get(pager, "/log_entries")["log_entries"] == .array([]))
        }
    }

    @Test func aTornJournalLosesOnlyItsLastLine() async throws {
        try await RunningProgram.with(
            "pager", Self.configuration,
            { pager in
                for key in ["a", "b"] {
                    #expect(try await Self.send(pager, "/v2/enqueue", Self.event("trigger", key)).status == "202")
                }
                // As a crash in the middle of the next write would leave it.
                let journal = try FileHandle(forWritingTo: pager.folder.url("data/journal.jsonl"))
                try journal.seekToEnd()
                try journal.write(contentsOf: Data(#"{"sequence":3,"wall"#.utf8))
                try journal.close()
            },
            afterRestart: { pager in
                #expect(try await Self.send(pager, "/v2/enqueue", Self.event("trigger", "c")).status == "202")
                let keys = try await Self.get(pager, "/incidents")["incidents"]?.items?.map { $0["incident_key"]?.text }
                #expect(keys == ["a", "b", "c"])
                let text = String(decoding: try pager.folder.read("data/journal.jsonl"), as: UTF8.self)
                #expect(text.split(separator: "\n").count == 3 && text.hasSuffix("}\n"))
            }, stoppedBy: SIGKILL)
    }
}
