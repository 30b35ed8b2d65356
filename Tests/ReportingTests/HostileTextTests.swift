import Foundation
import FoundationXML
import Testing
import Timeline

@testable import Reporting

/// Every field of every event that a host, or a file that a host wrote, can influence holds markup and escapes.
@Suite("Hostile text") struct HostileTextTests {
    private static let bad = SampleRun.hostile

    /// The sample run with one more event of each kind, hostile in every text.
    private static var events: [Event] {
        let bad = bad
        let more: [Event.Body] = [
            .hostLost(host: "n0", reason: bad),
            .sample(probe: "head", target: "n1", started: 1, value: .object([bad: .array([.string(bad)])]), error: nil),
            .sample(probe: "head", target: "n2", started: 1, value: nil, error: bad),
            .fault(id: "f", host: "n0", stage: .undoFailed, detail: bad),
            .signal(source: .report, id: bad, names: [bad, "n0"], summary: bad, resolved: true),
            .signal(source: .alert, id: bad, names: [bad], summary: bad, resolved: false),
            .pagerTest(moment: "before", received: false, detail: bad), .responder(action: .acknowledged, detail: bad),
            .stepResult(
                step: "restart", host: "n1", attempt: 2, outcome: .unknown(reason: bad), stdout: bad, stderr: bad,
                truncated: false, took: DurationText(.seconds(1))),
            .stepResult(
                step: "restart", host: "n2", attempt: 3, outcome: .signaled(name: bad), stdout: "]]>" + bad,
                stderr: "--><!--",
                truncated: true, took: DurationText(.seconds(1))),
            .stepEnded(step: "restart", role: "act", passed: false, simulated: false, reason: bad),
            .blockLog(scope: "shard0", lastBefore: 1, firstAfter: 2, source: bad), .note(level: .warning, message: bad),
            .problem(kind: .resultUnknown, reason: bad), .problem(kind: .harness, reason: bad), .runEnded(error: bad),
        ]
        var events = SampleRun.events()
        let last = events.removeLast()
        for body in more {
            events.append(
                Event(sequence: events.count, monotonic: last.monotonic, wall: last.wall, body: body))
        }
        return events
    }

    private func expectHarmless(_ text: String, _ what: String) {
        #expect(!text.contains("<script"), "\(what)")
        for scalar in text.unicodeScalars where scalar != "\n" && scalar != "\t" {
            #expect(scalar.properties.generalCategory != .control, "\(what) holds a control character \(scalar.value)")
        }
    }

    @Test("page and JUnit are well-formed and hold no markup of a host's, whatever field it came in")
    func files() throws {
        let verdict = Judge.verdict(criteria: SampleRun.criteria(), events: Self.events)
        #expect(verdict.outcome != .passed)
        let page = HTMLReport(
            verdict, criteria: SampleRun.criteria(), events: Self.events, scripts: ["restart": Self.bad]
        ).text
        let xml = page.replacing("<!DOCTYPE html>", with: "").replacing(/<meta[^>]*>/, with: "")
        for (text, what) in [(xml, "the page"), (JUnitReport(verdict, startedAt: "").text, "junit.xml")] {
            let parser = XMLParser(data: Data(text.utf8))
            #expect(parser.parse(), "\(what): \(String(describing: parser.parserError))")
            expectHarmless(text, what)
        }
        // As JSON the text is kept as it was, escaped.
        let json = try JSONSerialization.jsonObject(with: Data(verdict.encoded().utf8)) as? [String: Any]
        #expect((json?["reasons"] as? [String])?.contains { $0.contains("<script>") } == true)
    }

    @Test("neither summary nor live lines move a terminal's cursor")
    func terminal() {
        let verdict = Judge.verdict(criteria: SampleRun.criteria(), events: Self.events)
        for line in Summary(verdict, runFolder: "/tmp/run", style: TerminalStyle(width: 100)).lines {
            expectPlain(line)
        }
        var state = LiveState(SampleRun.criteria())
        for event in Self.events { for line in state.apply(event) { expectPlain(line) } }
    }

    private func expectPlain(_ line: String) {
        for scalar in line.unicodeScalars {
            #expect(
                scalar.properties.generalCategory != .control && scalar != "\u{202e}",
                "U+\(scalar.value) in: \(line.debugDescription)")
        }
    }
}
