import Foundation
import FoundationXML
import Testing
import Timeline

@testable import Reporting

/// A night with everything in it that can go wrong, and hostile text in every place that a host or a file can influence.
enum SampleNight {
    static func play(
        _ scenario: String, _ code: ExitCode, arm: String = "runbook", role: Night.Play.Role = .scenario,
        reason: String = SampleRun.hostile
    ) -> Night.Play {
        var play = Night.Play(role: role, scenario: scenario, arm: arm)
        play.run = "20260102T020000Z-\(scenario)-\(arm)"
        play.exitCode = Int(code.rawValue)
        play.verdict = Night.word(code)
        play.reason = reason
        (play.ttr, play.recoverBudget, play.took) = (code == .passed ? 20.5 : 60, 40, 61.25)
        play.ttrCensored = code != .passed
        return play
    }

    static func night(_ plays: [Night.Play], shard: String = "1/1") -> Night {
        var night = Night(
            id: "20260102T020000Z", started: "2026-01-02T02:00:00.000Z", seed: nil, budget: 1_500, shards: [shard],
            commit: "c0ffee",
            machine: "m \(SampleRun.hostile)")
        night.ended = "2026-01-02T02:20:00.000Z"
        night.plays = plays
        return night
    }

    static var bad: Night {
        var night = night([
            play("canary", .failed, arm: "fault-only", role: .canary), play("good", .passed), play("broken", .failed),
            play("unsure", .inconclusive), play("crashed", .harnessError),
            Night.Play(role: .scenario, scenario: "late", arm: "runbook"),
        ])
        night.pairs = [Night.Pair(scenario: "good", fix: "later"), Night.Pair(scenario: "good", fix: "useless")]
        night.pairs[1].verdict = "does-not-work"
        night.pairs[1].reason = SampleRun.hostile
        night.regressions = [
            .init(scenario: "good", arm: "runbook", measure: "step \(SampleRun.hostile)", sentence: SampleRun.hostile)
        ]
        night.problems = ["A file could not be written: \(SampleRun.hostile)"]
        return night
    }
}

@Suite("Night")
struct NightTests {
    @Test(
        "exit codes: 3, 1, 2, 0; a canary must fail",
        arguments: [
            ([SampleNight.play("a", .passed)], ExitCode.passed),
            ([SampleNight.play("a", .passed), SampleNight.play("c", .failed, role: .canary)], .passed),
            ([SampleNight.play("a", .passed), SampleNight.play("c", .passed, role: .canary)], .failed),
            ([SampleNight.play("a", .passed), SampleNight.play("c", .inconclusive, role: .canary)], .inconclusive),
            ([SampleNight.play("a", .failed), SampleNight.play("b", .harnessError)], .harnessError),
            ([SampleNight.play("a", .inconclusive), SampleNight.play("b", .failed)], .failed),
            ([SampleNight.play("a", .usage)], .harnessError),
            (
                [SampleNight.play("a", .passed), Night.Play(role: .scenario, scenario: "b", arm: "runbook")],
                .inconclusive
            ),
            ([], .inconclusive),
        ] as [([Night.Play], ExitCode)])
    func exitCodes(plays: [Night.Play], expected: ExitCode) {
        #expect(SampleNight.night(plays).exitCode == expected)
    }

    @Test("a regression or a fix that does not work fails a night, a fix that waits for its turn does not")
    func others() {
        var night = SampleNight.night([SampleNight.play("a", .passed)])
        night.pairs = [Night.Pair(scenario: "a", fix: "f")]
        #expect(night.exitCode == .passed)
        night.pairs[0].verdict = "does-not-work"
        #expect(night.exitCode == .failed)
        night.pairs[0].verdict = "works"
        night.regressions = [.init(scenario: "a", arm: "runbook", measure: "recover", sentence: "slower")]
        #expect(night.exitCode == .failed)
    }

    @Test("parts are joined in any order; a missing one, or another commit, is said and makes it inconclusive")
    func merged() {
        let parts = (1...3).map { SampleNight.night([SampleNight.play("s\($0)", .passed)], shard: "\($0)/3") }
        let whole = Night.merged(id: "all", parts.reversed())
        #expect(
            whole.plays.map(\.scenario) == ["s1", "s2", "s3"] && whole.exitCode == .passed && whole.problems.isEmpty)
        let torn = Night.merged(id: "all", [parts[0], parts[2]])
        #expect(torn.exitCode == .inconclusive && torn.problems.contains { $0.contains("Part 2/3 is missing") })
        var other = parts[1]
        other.commit = "another"
        #expect(
            Night.merged(id: "all", [parts[0], other, parts[2]]).problems.contains { $0.contains("different commits") })
    }

    @Test("all files are written, say the same, and are read back the same") func files() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let night = SampleNight.bad
        try NightFiles.write(night, into: folder.path, endedAt: 1_767_320_000)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
                "junit.xml", "metrics.prom", "night.json", "summary.md",
            ])
        #expect(NightFiles.read(folder.path) == night)
        #expect(NightFiles.read(folder.path + "/nowhere") == nil)
    }

    @Test("the job summary names every trouble, and hosts write no markup into it") func markdown() {
        let text = NightSummary(SampleNight.bad).markdown
        #expect(text.hasPrefix("# Firedrill: harness error\n"))
        #expect(!text.contains(/[^\\]</) && !text.contains("\u{1b}") && !text.contains("\u{202e}"))
        #expect(text.contains("\\<script\\>alert\\(\"x\"\\)"))
        for word in [
            "crashed, runbook: harness error", "broken, runbook: failed", "unsure, runbook: inconclusive",
            "fix useless",
        ] {
            #expect(text.contains(word), "\(word)")
        }
        #expect(text.contains("| ✓ | good | runbook | passed | 20.5 s of 40.0 s | 61.3 s |"))
        #expect(
            text.contains("| ✓ | canary | fault\\-only, canary: must fail |")
                || text.contains("| ✓ | canary | fault-only, canary: must fail |"))
    }

    @Test("metrics are what a node exporter reads: unique names, escaped labels, no time stamps") func metrics() throws
    {
        let text = NightMetrics(SampleNight.bad, endedAt: 1_767_320_000).text
        #expect(text.hasSuffix("\n# EOF\n"))
        var seen: Set<String> = []
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let match = try #require(
                line.wholeMatch(of: /([a-z_]+(?:\{(?:[a-z_]+="(?:[^"\\]|\\["\\n])*",?)+\})?) (-?[0-9.]+)/), "\(line)")
            #expect(seen.insert(String(match.1)).inserted, "\(line)")
        }
        #expect(seen.contains("firedrill_night_exit_code"))
        #expect(text.contains("firedrill_recovery_seconds{scenario=\"good\",arm=\"runbook\",role=\"scenario\"} 20.5"))
        // What did not recover has no time to recover.
        #expect(!text.contains("firedrill_recovery_seconds{scenario=\"broken\""))
    }

    @Test("messages are valid JSON, cut, escaped for Slack; PagerDuty's event resolves on a green night")
    func messages() throws {
        let messages = NightMessages(SampleNight.bad, link: "https://ci.example.org/1")
        let webhook = try #require(
            try JSONSerialization.jsonObject(with: Data(messages.webhook.utf8)) as? [String: String])
        let text = try #require(webhook["text"])
        #expect(
            text.contains("&lt;script&gt;") && !text.contains("<script") && text.hasSuffix("https://ci.example.org/1"))
        let event = try JSONDecoder().decode(JSON.self, from: Data(messages.pagerDuty(routingKey: "key").utf8))
        func field(_ path: String) -> JSON? { JSONPath(path)?.value(in: event) }
        #expect(field(".routing_key") == .string("key") && field(".event_action") == .string("trigger"))
        #expect(field(".payload.severity") == .string("error"))
        #expect(field(".payload.summary") != nil && field(".payload.source") != nil)
        let green = NightMessages(SampleNight.night([SampleNight.play("a", .passed)]), link: "")
        #expect(green.pagerDuty(routingKey: "key").contains(#""event_action":"resolve""#))
    }

    @Test("junit.xml of a night and of a run follow the schema that CI systems share (xmllint)") func schema() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let tool = try #require(
            ["/usr/bin/xmllint", "/usr/local/bin/xmllint"].first { FileManager.default.isExecutableFile(atPath: $0) },
            "xmllint is missing: scripts/setup --tests installs it")
        let schema = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/junit.xsd")
            .path
        let files = [
            NightJUnit(SampleNight.bad).text, NightJUnit(SampleNight.night([])).text,
            JUnitReport(SampleRun.verdict(recovers: true), startedAt: "2026-01-02T10:00:00.000Z").text,
            JUnitReport(SampleRun.verdict(recovers: false), startedAt: "").text,
        ]
        func validity(_ text: String) throws -> Int32 {
            let path = folder.path + "/junit.xml"
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            let process = Process()
            process.executableURL = URL(fileURLWithPath: tool)
            process.arguments = ["--nonet", "--noout", "--schema", schema, path]
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            return process.terminationStatus
        }
        for file in files { #expect(try validity(file) == 0) }
        // The schema does refuse something.
        #expect(try validity(files[0].replacing("classname=", with: "class=")) != 0)
    }

    @Test("a test case per scenario and arm, per fix and per regression, with counts that add up") func junit() {
        let text = NightJUnit(SampleNight.bad).text
        #expect(text.contains("tests=\"9\" failures=\"3\" errors=\"3\" skipped=\"1\""))
        #expect(text.contains(#"classname="firedrill.good" name="runbook""#))
        #expect(text.contains(#"name="fault-only (canary: must fail)""#))
    }
}

@Suite("Index page")
struct IndexTests {
    private func history(runs: Int, in folder: TemporaryFolder) throws -> HistoryStore {
        let store = try HistoryStore(path: folder.path + "/history.sqlite")
        let verdict = SampleRun.verdict()
        var record = HistoryRecord(
            id: "", verdict: verdict, criteria: SampleRun.criteria(), events: SampleRun.events(),
            machine: "m \(SampleRun.hostile)")
        try store.write { db in
            for index in 0..<runs {
                record.run.id = "2026-run-\(index)"
                record.run.scenario = ["one-shard", "two-shards \(SampleRun.hostile)"][index % 2]
                record.run.started = "2026-01-\(10 + index / 60 % 20)T10:\(10 + index % 50):00.000Z"
                record.run.commit = "c\(index / 100)"
                record.run.exitCode = index % 17 == 16 ? 1 : 0
                try record.run.insert(db)
            }
        }
        try store.keep(
            HistoryNight(id: "night-1", started: "2026-01-30T02:00:00.000Z", exitCode: 1, commit: "c"),
            runs: ["2026-run-0"])
        try store.keep(
            HistoryPair(
                started: "2026-01-30T02:00:00.000Z", scenario: "one-shard", fix: "f", variant: "", verdict: "works",
                reason: SampleRun.hostile, commit: "c", took: 1))
        return store
    }

    @Test("it has the matrix, the strips with budgets, commits and fixes, and escapes what files and hosts say")
    func content() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let page = try IndexPage(history: history(runs: 120, in: folder), folder: folder.path)
        let text = page.text
        let parser = XMLParser(
            data: Data(text.replacing("<!DOCTYPE html>", with: "").replacing(/<meta[^>]*>/, with: "").utf8))
        #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
        #expect(!text.contains("<script") && !text.contains("http://") && !text.contains("https://"))
        for word in [
            "The last night: ✗ failed", "href=\"runs/2026-run-", "class=\"budget\"", "Median time to recover by commit",
            "✓ works", "Time to recover of one-shard, runbook",
        ] { #expect(text.contains(word), "\(word)") }
        try page.write()
        #expect(FileManager.default.fileExists(atPath: folder.path + "/index.html"))
    }

    @Test("1,000 runs are no matter of seconds") func thousand() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let history = try history(runs: 1_000, in: folder)
        // Unoptimised code on a loaded machine; the release program takes a fraction of a second.
        #expect(
            try ContinuousClock().measure { _ = try IndexPage(history: history, folder: folder.path).text }
                < .seconds(10))
    }

    @Test("an empty history still has a page") func empty() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let store = try HistoryStore(path: folder.path + "/history.sqlite")
        #expect(try IndexPage(history: store, folder: folder.path).text.contains("No night was played yet"))
    }
}

@Suite("Colours")
struct ColourTests {
    /// WCAG 2.1, relative luminance and contrast ratio.
    private func luminance(_ hex: String) -> Double {
        let value = Int(hex.dropFirst(), radix: 16) ?? 0
        let parts = [value >> 16, value >> 8 & 255, value & 255].map { part -> Double in
            let share = Double(part) / 255
            return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }

    private func contrast(_ one: String, _ two: String) -> Double {
        let (a, b) = (luminance(one), luminance(two))
        return (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }

    @Test("black on white is 21, and text and lines can be told from what is behind them", arguments: [true, false])
    func contrast(isLight: Bool) throws {
        #expect(abs(contrast("#000000", "#ffffff") - 21) < 0.001)
        let colours = Dictionary(
            uniqueKeysWithValues: HTMLStyle.colours.map { ($0.name, isLight ? $0.light : $0.dark) })
        func ratio(_ one: String, _ two: String) throws -> Double {
            contrast(try #require(colours[one]), try #require(colours[two]))
        }
        for back in ["paper", "bandA", "bandB", "shadeA", "shadeB"] {
            #expect(try ratio("ink", back) >= 7, "ink on \(back)")
            for text in ["soft", "good", "bad", "unsure", "link"] where !back.hasPrefix("band") {
                #expect(try ratio(text, back) >= 4.5, "\(text) on \(back)")
            }
            for line in (0...5).map({ "l\($0)" }) where !back.hasPrefix("band") {
                #expect(try ratio(line, back) >= 3, "\(line) on \(back)")
            }
        }
    }
}
