import Foundation
import Testing
import Timeline

@testable import Definitions

/// Deterministic, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite(.serialized) struct FuzzTests {
    private static let files = [
        "testnet/two-shards/testnet.yaml", "chaos/faults/switch-off.yaml", "chaos/incidents/T1.yaml",
        "chaos/scenarios/switch-off.yaml", "runbooks/switch-on.md",
    ]
    private static let pieces = [
        "&a ", "*a", "!!str ", "? ", "<<: ", "---\n", "...\n", "%", "|\n", ">\n", "{", "}", "[", "]", ":", ": ", "- ",
        "#", "\"", "'",
        "\n", "\t", "\u{0}", "\u{85}", "\u{2028}", "é", "🔥", "```", "~~~", "```sh {name=x role=act}\n", "> ", "- [ ] ",
        "- [x]", "<!--",
        "-->", "<details>", "[!CAUTION]", "[!X]", "|a|b|\n|-|-|\n", "{{", "}}", "(((", "\\", "$(", "`", "no", "010",
        "1:30", "9999999999999999999",
        "..", "0..3", "\r\n", "\r", "\u{FEFF}", "*", "_", "![", "](", "</", "http://",
    ]
    /// One input may take this long, far more than any takes; a hang shows as a failure and not as a stuck test.
    private static let longest = Duration.seconds(5)

    private static func read(_ bytes: [UInt8], as file: String) -> Diagnostics {
        let sink = Sink()
        if file.hasSuffix(".md") {
            _ = RunbookReader.read(bytes, file: file, sink: sink)
            return sink.list
        }
        guard let root = YAMLReader.read(bytes, file: file, diagnostics: &sink.list) else { return sink.list }
        if file.contains("testnet") {
            if let testnet = TestnetFile.read(root, sink: sink) { _ = Testnet.expand(testnet, sink: sink) }
        } else if file.contains("faults") {
            _ = FaultFile.read(root, sink: sink)
        } else if file.contains("incidents") {
            _ = IncidentFile.read(root, sink: sink)
        } else {
            _ = ScenarioFile.read(root, sink: sink)
        }
        return sink.list
    }

    private static func mutate(_ bytes: [UInt8], with generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let at = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<7, using: &generator) {
            case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...40, using: &generator)))
            case 2: bytes.removeSubrange(at...)
            case 3, 4: bytes.insert(contentsOf: Array((pieces.randomElement(using: &generator) ?? "").utf8), at: at)
            case 5:
                let piece = Array((pieces.randomElement(using: &generator) ?? "").utf8)
                let count = Int.random(in: 1...200, using: &generator)
                bytes.insert(contentsOf: (0..<count).flatMap { _ in piece }, at: at)
            default:
                let length = min(bytes.count - at, Int.random(in: 1...200, using: &generator))
                let target = Int.random(in: 0..<bytes.count, using: &generator)
                bytes.insert(contentsOf: Array(bytes[at..<(at + length)]), at: target)
            }
        }
        return bytes
    }

    /// 5 files, 400 mutants each: no crash, no hang, and every diagnostic has a place in the file.
    @Test(.timeLimit(.minutes(5)), arguments: files) func mutatedFilesAreReadOrRefused(file: String) throws {
        let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Fixture.root).appending(path: file)))
        var generator = SeededGenerator(seed: 20_190_830)
        var refused = 0
        for round in 0..<400 {
            let mutant = Self.mutate(original, with: &generator)
            let start = ContinuousClock.now
            let diagnostics = Self.read(mutant, as: file)
            #expect(ContinuousClock.now - start < Self.longest, "round \(round) is slow")
            if diagnostics.hasErrors { refused += 1 }
            for diagnostic in diagnostics.all {
                #expect(
                    diagnostic.location.line >= 1 && diagnostic.location.column >= 1 && diagnostic.location.file == file
                )
                #expect(!diagnostic.message.isEmpty && !diagnostic.message.contains("\n"), "\(diagnostic)")
            }
        }
        #expect(refused > 80, "only \(refused) mutants were refused: the mutations miss")
    }

    @Test(.timeLimit(.minutes(1))) func hugeScalarsAndDepthsAreBounded() {
        let huge = String(repeating: "x", count: 255 * 1024)
        for file in Self.files {
            for text in [
                huge, "fault: \(huge)", "fault: \"\(huge)\"", "fault: |\n  \(huge)",
                String(repeating: "{a: ", count: 50_000),
            ] {
                #expect(Self.read(Array(text.utf8), as: file).hasErrors)
            }
        }
    }

    /// A typo in any key of any format is refused, and the error names the key that was meant.
    @Test func everyMutatedKeyIsRefusedWithItsNearMiss() throws {
        var generator = SeededGenerator(seed: 7)
        for table in ReferenceTests.formats.flatMap(\.tables).flatMap(\.family)
        where !["runbook.line", "runbook.fence"].contains(table.name) {
            for key in table.names {
                for typo in Self.typos(of: key, using: &generator) where !table.names.contains(typo) {
                    let sink = Sink()
                    let at = Location(file: "f.yaml", line: 3, column: 5)
                    let value = YAMLValue(at: at, content: .scalar(text: "x", quoted: false))
                    let entry = YAMLValue.Entry(key: Located(value: typo, at: at), value: value)
                    _ = MappingReader(YAMLValue(at: at, content: .mapping([entry])), table: table, sink: sink)
                    let error = sink.list.all.first { $0.message.contains("unknown key '\(typo)'") }
                    #expect(error?.location == at, "\(table.name).\(typo) was accepted")
                    let hint = error?.remedy ?? ""
                    // A typo can be as near to another key; then that one is named.
                    let isClosest =
                        hint == "Did you mean '\(key)'?" || Self.names(hint, notFurtherThan: key, from: typo)
                    #expect(isClosest, "\(table.name).\(key) as \(typo): \(hint)")
                }
            }
        }
    }

    /// The same through whole files: each key written in the sample root, mistyped where it stands.
    @Test(.timeLimit(.minutes(5))) func everyKeyInTheSamplesMistypedIsAnError() throws {
        let tables = ReferenceTests.formats.flatMap(\.tables).flatMap(\.family)
        let known = Set(tables.flatMap(\.names))
        var tried = 0
        for file in Self.files {
            let text = try String(contentsOfFile: "\(Fixture.root)/\(file)", encoding: .utf8)
            let head =
                file.hasSuffix(".md")
                ? text.prefix(upTo: try #require(text.firstRange(of: "\n# ")).lowerBound) : text[...]
            for match in head.matches(of: /([a-z_]+):(?=[ \n])/) where known.contains(String(match.output.1)) {
                let typo = String(match.output.1.dropLast()) + "qq"
                let mutant = text.replacingCharacters(
                    in: match.output.1.startIndex..<match.output.1.endIndex, with: typo)
                tried += 1
                // Some are names that their author chose, such as a probe called 'pages': looking them up finds those.
                let isRefused =
                    try Self.read(Array(mutant.utf8), as: file).hasErrors || Self.isRefusedInRoot(mutant, as: file)
                #expect(isRefused, "\(file): '\(typo)' was accepted")
            }
        }
        #expect(tried > 150, "only \(tried) keys were tried")
    }

    private static func isRefusedInRoot(_ text: String, as file: String) throws -> Bool {
        try Fixture.withCopy { copy in
            try text.write(toFile: "\(copy)/\(file)", atomically: false, encoding: .utf8)
            return Catalogue.load(root: copy).check().contains { $0.severity == .error }
        }
    }

    private static func typos(of key: String, using generator: inout SeededGenerator) -> [String] {
        var typos: [String] = []
        let letters = Array(key)
        let at = Int.random(in: 0..<letters.count, using: &generator)
        typos.append(key + "x")
        typos.append(String(letters[..<at] + [letters[at]] + letters[at...]))
        if letters.count > 2 {
            typos.append(String(letters[..<at] + letters[(at + 1)...]))
            var swapped = letters
            let other = (at + 1) % letters.count
            if abs(other - at) == 1 { swapped.swapAt(at, other) }
            typos.append(String(swapped))
        }
        return typos.filter { $0 != key }
    }

    private static func names(_ hint: String, notFurtherThan key: String, from typo: String) -> Bool {
        let named = hint.split(separator: "'").dropFirst().first.map(String.init) ?? ""
        return !named.isEmpty && NearMiss.distance(named, typo) <= NearMiss.distance(key, typo)
    }
}
