import Foundation
import Glibc
import Testing

@testable import Definitions
@testable import Replay
@testable import Timeline

/// Everything that Firedrill reads and did not write itself just now: no input may crash it, hang it or fill its memory.
///
/// `make fuzz` tries a million inputs; by default a few thousand are tried.
@Suite(.serialized) struct FuzzTests {
    private static let package = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func files(_ folder: String, _ ending: String) throws -> [[UInt8]] {
        let place = package.appending(path: folder)
        let found =
            FileManager.default.enumerator(at: place, includingPropertiesForKeys: nil)?.allObjects as? [URL] ?? []
        let files = try found.filter { $0.pathExtension == ending }.sorted { $0.path < $1.path }
            .map { [UInt8](try Data(contentsOf: $0)) }
        try #require(!files.isEmpty, "there is no .\(ending) under \(place.path)")
        return files
    }

    private static let yamlPieces = [
        "&a ", "*a", "!!str ", "? ", "<<: ", "---\n", "...\n", "%YAML 1.2\n", "|\n", ">\n", "|+2\n", "{", "}", "[", "]",
        ":",
        ": ", "- ", "#", "\"", "'", "\n", "\t", "\u{0}", "\u{85}", "\u{2028}", "é", "🔥", "no", "010", "1:30", "0x1F",
        "1e999",
        "-.inf", "~", "9999999999999999999", "-1", "1.10", "1h60m", "\r\n", "\r", "\u{FEFF}", "*", "{{settings.a}}",
        "..",
        "../../etc/passwd", "$(id)", "`id`", "{a: {a: {a: {a: ", "[[[[[[[[", "\"\\x", "\"\\ud800\"", "script: |\n",
        "secret: true", "each: colour",
    ]
    private static let markdownPieces = [
        "```", "~~~", "````", "```sh {name=x role=act}\n", "```sh\n", "{name=", "role=verify", "> ", "> > ", "- [ ] ",
        "- [x]",
        "<!--", "-->", "<details>", "</script>", "[!CAUTION]", "[!caution]", "[!X]", "|a|b|\n|-|-|\n", "(((", "\\",
        "$(", "`",
        "- Hosts: `a & !b`\n", "- Timeout: 1s\n", "- Until: every 1s for 5m\n", "- Expect: json .a == 1\n",
        "- Rollback: none",
        "---\n", "vars: {A: {match: \"(\"}}\n", "# ", "## ", "###### ", "*", "_", "![", "](", "</", "http://", "\t",
        "    ",
        "\u{0}", "\u{FFFD}", "&#x0;", "&amp;", "é", "🔥", "\r\n", "[^1]:", "~~", "***", "1. ",
    ]
    private static let jsonPieces = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "1e999", "-0", "-", "0.1e-400", "9223372036854775808",
        "1E+2",
        "\"\\ud800\"", "\"\\u0000\"", "\"\\", "\"type\":\"runEnded\"", "\"type\":\"frozen\"", "\"n\":0", "\"t\":-1",
        "\"value\":{}", "[[[[[[[[[[", "{\"a\":{\"a\":{\"a\":", "\n", "\n\n", "\r\n", "\u{0}", "\u{FEFF}", "é", "🔥",
        "\"stage\":\"closed\"", "\"stage\":\"intended\"", "\"plan\":null", "\"host\":\"../..\"", " ", "\t", "\u{2028}",
    ]

    private static func yaml(_ bytes: [UInt8], _ number: Int) -> Diagnostics {
        let sink = Sink()
        guard let root = YAMLReader.read(bytes, file: "f.yaml", diagnostics: &sink.list) else { return sink.list }
        switch number % 4 {
        case 0: if let testnet = TestnetFile.read(root, sink: sink) { _ = Testnet.expand(testnet, sink: sink) }
        case 1: _ = FaultFile.read(root, sink: sink)
        case 2: _ = IncidentFile.read(root, sink: sink)
        default: _ = ScenarioFile.read(root, sink: sink)
        }
        return sink.list
    }

    @Test(.timeLimit(.minutes(60))) func yamlFiles() async throws {
        // Ordered so that number % 4 meets a file of its kind.
        let kinds = try ["testnet/two-counters", "chaos/faults", "chaos/incidents", "chaos/scenarios"].map {
            try Self.files("Tests/DrillTests/Fixtures/root/" + $0, "yaml")[0]
        }
        try await Fuzzer(name: "yaml", seeds: kinds, pieces: Self.yamlPieces, share: 30).run { input, number in
            let diagnostics = Self.yaml(input, number)
            for diagnostic in diagnostics.all {
                #expect(diagnostic.location.line >= 1 && !diagnostic.message.isEmpty, "input \(number)")
            }
            return !diagnostics.hasErrors
        }
    }

    @Test(.timeLimit(.minutes(60))) func markdownFiles() async throws {
        let pages = try Self.files("Tests/DrillTests/Fixtures/root/runbooks", "md") + Self.files("runbooks", "md")
        try await Fuzzer(name: "markdown", seeds: pages, pieces: Self.markdownPieces, share: 20).run { input, number in
            let sink = Sink()
            _ = RunbookReader.read(input, file: "r.md", sink: sink)
            for diagnostic in sink.list.all {
                #expect(diagnostic.location.line >= 1 && !diagnostic.message.isEmpty, "input \(number)")
            }
            return !sink.list.hasErrors
        }
    }

    /// A file of the temporary folder that is written anew for each input.
    private final class Scratch: Sendable {
        let path = NSTemporaryDirectory() + "/firedrill-fuzz-" + UUID().uuidString
        func write(_ bytes: [UInt8]) {
            let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            _ = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            close(file)
        }
        deinit { unlink(path) }
    }

    @Test(.timeLimit(.minutes(60))) func eventFiles() async throws {
        let criteria = try JSONDecoder().decode(
            PlanFile.self, from: Data(contentsOf: Self.package.appending(path: "Tests/FuzzTests/Fixtures/plan.json"))
        ).criteria
        // Pieces of one run's record, each from its start: what is missing at the end is missing.
        let whole = try Self.files("Tests/FuzzTests/Fixtures", "jsonl").filter {
            $0.starts(with: Array("{\"n\":0".utf8))
        }
        let seeds = whole.flatMap { bytes -> [[UInt8]] in
            let lines = bytes.split(separator: UInt8(ascii: "\n"))
            return [3, 8, 20, 50].map { count in
                Array(lines.prefix(count).joined(separator: [UInt8(ascii: "\n")])) + [UInt8(ascii: "\n")]
            }
        }
        let scratch = Scratch()
        try await Fuzzer(name: "events", seeds: seeds, pieces: Self.jsonPieces, share: 30).run { input, number in
            scratch.write(input)
            let log: EventLogReader.Log
            do throws(EventLogError) {
                log = try EventLogReader.readAll(path: scratch.path)
            } catch {
                #expect(error.description.contains(scratch.path), "input \(number): \(error)")
                return false
            }
            #expect(log.events.map(\.sequence) == Array(0..<log.events.count), "input \(number)")
            // What can be read can be judged, and the same twice. Judging costs far more than reading.
            guard number % 16 == 0 || log.events.count < 30 else { return true }
            let verdict = Judge.verdict(criteria: criteria, events: log.events)
            if number % 64 == 0 {
                #expect(verdict.encoded() == Judge.verdict(criteria: criteria, events: log.events).encoded())
            }
            // A record without its end never passes.
            if case .runEnded(nil)? = log.events.last?.body {
            } else {
                #expect(verdict.outcome != .passed, "input \(number)")
            }
            return true
        }
    }

    private struct PlanFile: Decodable { var criteria: Criteria }

    @Test(.timeLimit(.minutes(60))) func journalFiles() async throws {
        let seeds = try Self.files("Tests/FuzzTests/Fixtures", "jsonl").filter {
            !$0.starts(with: Array("{\"n\":0".utf8))
        }
        let scratch = Scratch()
        try await Fuzzer(name: "journal", seeds: seeds, pieces: Self.jsonPieces, share: 20).run { input, number in
            scratch.write(input)
            var entries: [JournalEntry]?
            do throws(JournalError) {
                entries = try Journal.read(path: scratch.path)
            } catch {
                #expect(error.description.contains(scratch.path), "input \(number): \(error)")
            }
            let lines = try Journal.lines(path: scratch.path)
            let open = OpenFault.open(in: lines.compactMap(\.entry))
            #expect(open.count <= lines.count && !open.contains { $0.stage == .closed })
            if number % 8 == 0 { try Journal.hideSecrets(path: scratch.path) }
            return entries != nil
        }
    }
}
