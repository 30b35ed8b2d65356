import Testing

@testable import testnode

@Suite("Pager events")
struct PagerEventTests {
    static let key = "0123456789abcdef0123456789ABCDEF"

    static func errors(_ text: String) -> [String] {
        do throws(PagerRefusal) {
            guard let json = try? JSON.parse(Array(text.utf8)) else { return ["not JSON"] }
            _ = try PagerEvent(json)
            return []
        } catch {
            if case .invalid(let errors) = error { return errors }
            return ["\(error)"]
        }
    }

    @Test func acceptsAnEventAndKeepsItsKeyOut() throws {
        let text =
            #"{"routing_key":"\#(Self.key)","event_action":"trigger","payload":{"summary":"s","source":"h","severity":"error"}}"#
        let event = try PagerEvent(try JSON.parse(Array(text.utf8)))
        #expect(event.action == .trigger && event.dedupKey == nil && event.routingKey == Self.key)
        #expect(!event.body.line.contains(Self.key))
    }

    @Test(arguments: [
        ("{}", ["'routing_key' is missing or blank", "'event_action' is missing or blank"]),
        (
            #"{"routing_key":"short-key","event_action":"resolve","dedup_key":"d"}"#,
            [
                "Length of 'routing_key' is incorrect (should be 32 characters)",
                "'routing_key' cannot contain non-alphanumeric characters.",
            ]
        ),
        (
            #"{"routing_key":"\#(key)","event_action":"page"}"#,
            ["'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')"]
        ),
        (#"{"routing_key":"\#(key)","event_action":"trigger"}"#, ["'payload' is missing or blank"]),
        (
            #"{"routing_key":"\#(key)","event_action":"trigger","payload":{"summary":" ","source":"h","severity":"bad"}}"#,
            [
                "'payload.summary' is missing or blank",
                "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')",
            ]
        ),
        (#"{"routing_key":"\#(key)","event_action":"acknowledge"}"#, ["'dedup_key' is missing or blank"]),
        (
            #"{"routing_key":"\#(key)","event_action":"resolve","dedup_key":"d","links":{}}"#,
            ["'links' is invalid (must be an array)"]
        ),
        ("[]", ["Event object is not a JSON object"]),
    ])
    func namesAllThatIsWrong(text: String, expected: [String]) {
        #expect(Self.errors(text) == expected)
    }
}

@Suite("Pager state")
struct PagerStateTests {
    static func record(_ sequence: Int, _ content: PagerRecord.Content) -> PagerRecord {
        PagerRecord(
            sequence: sequence, wall: Timestamp(nanoseconds: Int64(sequence) * 1_000_000_000),
            monotonic: Int64(sequence), content: content)
    }

    static func event(_ action: PagerEvent.Action, _ key: String, service: String = "chain") -> PagerRecord.Content {
        .event(
            service: service, action: action, dedupKey: key,
            body: .make(["payload": .make(["summary": .string("down"), "severity": .string("critical")])]))
    }

    static func state(_ contents: PagerRecord.Content...) -> PagerState {
        var state = PagerState()
        for (index, content) in contents.enumerated() { state.apply(record(index + 1, content)) }
        return state
    }

    @Test func theSameKeyWhileOpenIsTheSameIncident() {
        let state = Self.state(Self.event(.trigger, "a"), Self.event(.trigger, "a"), Self.event(.trigger, "b"))
        #expect(state.incidents.map(\.dedupKey) == ["a", "b"] && state.incidents.map(\.triggers) == [2, 1])
        #expect(state.log.map(\.opensIncident) == [true, false, true])
        #expect(state.incidents[0].urgency == "high")
    }

    @Test func keysBelongToAService() {
        let state = Self.state(Self.event(.trigger, "a"), Self.event(.trigger, "a", service: "bucket"))
        #expect(state.incidents.count == 2)
    }

    @Test func aResolvedKeyOpensANewIncident() {
        let state = Self.state(
            Self.event(.trigger, "a"), Self.event(.acknowledge, "a"), Self.event(.resolve, "a"),
            Self.event(.acknowledge, "a"), Self.event(.trigger, "a"))
        #expect(state.incidents.map(\.status) == [.resolved, .triggered])
        #expect(state.log.map(\.kind) == [.trigger, .acknowledge, .resolve, .unmatched, .trigger])
        #expect(state.incidents[0].acknowledgements.count == 1)
    }

    @Test func aTriggerDoesNotUndoAnAcknowledgement() {
        let state = Self.state(Self.event(.trigger, "a"), Self.event(.acknowledge, "a"), Self.event(.trigger, "a"))
        #expect(state.incidents.map(\.status) == [.acknowledged])
    }

    @Test func aResponderResolves() {
        var state = Self.state(Self.event(.trigger, "a"))
        let id = state.incidents[0].id
        state.apply(Self.record(2, .update(incident: id, status: .resolved, agent: "on-call")))
        state.apply(Self.record(3, .update(incident: id, status: .acknowledged, agent: "on-call")))
        #expect(state.incident(id)?.status == .resolved)
        #expect(state.log.map(\.kind) == [.trigger, .resolve, .unmatched])
    }

    @Test func chatPagesNobody() {
        let state = Self.state(.chat(channel: "ops", body: .make(["text": .string("is it down?")])))
        #expect(state.incidents.isEmpty && state.log.isEmpty && state.chat["ops"]?.count == 1)
    }

    @Test func recordsSurviveTheJournal() throws {
        let contents: [PagerRecord.Content] = [
            Self.event(.trigger, "a"), .update(incident: "P000001", status: .acknowledged, agent: "x@y"),
            .chat(channel: "ops", body: .make(["text": .string("hi\n")])),
        ]
        for (index, content) in contents.enumerated() {
            let record = Self.record(index + 1, content)
            #expect(PagerRecord(try JSON.parse(Array(record.json.line.utf8))) == record)
        }
    }
}
