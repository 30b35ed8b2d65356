import Foundation
import FoundationXML
import Testing
import Timeline

@testable import Reporting

/// Elements in document order, as an XML parser sees them.
private final class Elements: NSObject, XMLParserDelegate {
    var found: [(name: String, attributes: [String: String], parent: String)] = []
    private var open: [String] = []

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        found.append((name, attributes, open.last ?? ""))
        open.append(name)
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        open.removeLast()
    }
}

private func elements(of xml: String) throws -> [(name: String, attributes: [String: String], parent: String)] {
    let parser = XMLParser(data: Data(xml.utf8))
    let elements = Elements()
    parser.delegate = elements
    try #require(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
    return elements.found
}

@Suite("junit.xml")
struct JUnitTests {
    @Test(
        "a case for the verdict, each fact and each budget; counts, attributes and order of the common schema",
        arguments: [true, false])
    func shape(recovers: Bool) throws {
        let verdict = SampleRun.verdict(recovers: recovers)
        let found = try elements(of: JUnitReport(verdict, startedAt: "2026-01-02T10:00:00.000Z").text)
        let suite = try #require(found.first { $0.name == "testsuite" }).attributes
        let cases = found.filter { $0.name == "testcase" }
        #expect(
            cases.map { $0.attributes["name"] ?? "" } == [
                "verdict", "T1-S1 (inferred)", "T1-S2", "budget to detect 1m", "budget to recover 10m",
            ])
        #expect(cases.allSatisfy { $0.attributes["classname"] != nil && Double($0.attributes["time"] ?? "") != nil })
        #expect(suite["tests"] == "5")
        #expect(suite["failures"] == String(found.count { $0.name == "failure" }))
        #expect(suite["errors"] == "0")
        #expect(suite["skipped"] == "1")
        #expect(found.filter { $0.name == "skipped" }.allSatisfy { !($0.attributes["message"] ?? "").isEmpty })
        #expect(cases.allSatisfy { Double($0.attributes["time"] ?? "") ?? -1 >= 0 })
        #expect(suite["timestamp"] == "2026-01-02T10:00:00")
        #expect(found.count { $0.name == "failure" } == (recovers ? 0 : 2))
        #expect(
            found.filter { $0.name == "failure" }.allSatisfy { $0.attributes["type"] != nil && $0.parent == "testcase" }
        )
        let children = found.filter { $0.parent == "testsuite" }.map(\.name)
        #expect(children == ["properties"] + cases.map(\.name) + ["system-out", "system-err"])
    }

    @Test("an inconclusive run is an error, not a failure")
    func inconclusive() throws {
        let verdict = Judge.verdict(criteria: SampleRun.criteria(), events: [])
        let found = try elements(of: JUnitReport(verdict, startedAt: "").text)
        #expect(found.contains { $0.name == "error" && $0.attributes["type"] == "harness" })
        let suites = found.filter { $0.name == "testsuite" }.map(\.attributes)
        #expect(suites.map { $0["errors"] } == ["1"] && suites.map { $0["failures"] } == ["0"])
        #expect(suites.map { $0["skipped"] } == [String(found.count { $0.name == "skipped" })])
        // An empty moment is no moment.
        #expect(suites.allSatisfy { $0["timestamp"] == nil })
        // The fault was never reached, so no symptom is held against the network.
        #expect(!verdict.reasons.contains { $0.contains("was not shown") })
    }
}

@Suite("report.html")
struct HTMLTests {
    private func page(recovers: Bool = true) -> String {
        HTMLReport(
            SampleRun.verdict(recovers: recovers), criteria: SampleRun.criteria(),
            events: SampleRun.events(recovers: recovers),
            scripts: ["restart": "sv restart node \(SampleRun.hostile)"]
        ).text
    }

    @Test(
        "it is well-formed, needs nothing from elsewhere, runs no script, and escapes what hosts say",
        arguments: [true, false])
    func safe(recovers: Bool) throws {
        let page = page(recovers: recovers)
        // Void elements are the only ones that are no XML.
        let xml = page.replacing("<!DOCTYPE html>", with: "").replacing(/<meta[^>]*>/, with: "")
        let found = try elements(of: xml)
        #expect(!found.contains { ["script", "link", "img", "iframe", "object"].contains($0.name) })
        #expect(!found.contains { $0.attributes.keys.contains { $0.hasPrefix("on") || $0 == "src" } })
        // Links lead to what lies beside the page, nowhere else.
        let links = found.compactMap { $0.attributes["href"] }
        #expect(links.contains("events.jsonl") && links.contains("plan.json") && links.contains("hosts/n0/"))
        #expect(links.allSatisfy { $0.wholeMatch(of: /(hosts\/)?[A-Za-z0-9_-][A-Za-z0-9._-]*\/?/) != nil }, "\(links)")
        #expect(!page.contains("<th scope=\"col\"></th>"))
        let ids = found.compactMap { $0.attributes["id"] }
        #expect(Set(ids).count == ids.count)
        #expect(page.contains("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;"))
        #expect(page.contains("default-src 'none'"))
        #expect(!page.contains("http://") && !page.contains("https://"))
    }

    @Test("it says what happened: verdict, phases, heights, marks, facts, steps with their scripts")
    func content() throws {
        let page = page()
        for text in [
            ">✓ passed</p>", "<title>baseline 3.0 s to 10.0 s</title>", "first signal 11.2 s", "recovered 20.",
            "T1-S1 (inferred)",
            "1 restart (act) on n0, n1, n2: passed, 3.0 s",
            "firedrill run one-shard --arm runbook --seed 1 --time-scale 30",
            "budget to recover", "requests that users got answered",
            "<title>1 restart: 13.0 s to 16.0 s, exit 0</title>",
            "The network was broken on purpose; from then on, somebody was told after 1.0 s (30s of incident time)",
            "sv restart node", "(cut at the output limit)",
            "class=\"line line0\"",
            "prefers-color-scheme: dark", "<title>one-shard, runbook: passed</title>",
        ] { #expect(page.contains(text), "\(text)") }
    }

    @Test("the picture stays inside its frame, has a description and names its lines", arguments: [true, false])
    func picture(isWide: Bool) throws {
        let chart = TimelineChart(
            history: RunHistory(criteria: SampleRun.criteria(), events: SampleRun.events()),
            verdict: SampleRun.verdict(), layout: isWide ? .wide : .narrow
        ).svg
        let found = try elements(of: chart)
        #expect(found.contains { $0.name == "desc" } && found.contains { $0.name == "title" && $0.parent == "svg" })
        #expect(chart.contains(">shard0</text>"))
        let view = try #require(found.first?.attributes["viewBox"]).split(separator: " ").compactMap { Double($0) }
        for element in found where element.name == "rect" || element.name == "text" {
            let x = try #require(Double(element.attributes["x"] ?? ""))
            let width = Double(element.attributes["width"] ?? "0") ?? 0
            let y = try #require(Double(element.attributes["y"] ?? ""))
            #expect(x >= 0 && x + width <= view[2] && y >= 0 && y <= view[3])
        }
    }

    @Test("a run without any event still has a page")
    func empty() throws {
        let verdict = Judge.verdict(criteria: SampleRun.criteria(), events: [])
        let page = HTMLReport(verdict, criteria: SampleRun.criteria(), events: []).text
        #expect(page.contains("harness error"))
        #expect(page.contains("no heights were agreed"))
    }
}

@Suite("Report files")
struct ReportFilesTests {
    @Test("all three are written whole, again and again; a folder that is not there is an error that names the file")
    func write() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "firedrill-report-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let verdict = SampleRun.verdict()
        for _ in 0..<2 {
            try ReportFiles.write(
                verdict, criteria: SampleRun.criteria(), events: SampleRun.events(), into: folder.path)
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
                "junit.xml", "report.html", "verdict.json",
            ])
        #expect(try String(contentsOf: folder.appending(path: "verdict.json"), encoding: .utf8) == verdict.encoded())
        let error = #expect(throws: ReportError.self) {
            try ReportFiles.write(verdict, criteria: SampleRun.criteria(), events: [], into: folder.path + "/nowhere")
        }
        #expect(error?.description.contains("/nowhere/verdict.json: No such file") == true)
    }

    @Test("scripts come from the plan's response")
    func scripts() {
        let plan =
            #"{"response":{"steps":[{"name":"a","command":{"script":"echo a"}},{"name":"manual","command":null}]}}"#
        #expect(ReportFiles.scripts(inPlan: Array(plan.utf8)) == ["a": "echo a"])
        #expect(ReportFiles.scripts(inPlan: Array("{".utf8)).isEmpty)
    }
}
