import Foundation
import Testing
import Timeline

@testable import Definitions

/// Holds `docs/formats` and `docs/schema` to the key tables that the parser follows.
/// After changing a key table, run these tests once with FIREDRILL_WRITE_REFERENCE=1 and commit what they write.
@Suite struct ReferenceTests {
    static let formats: [(name: String, title: String, tables: [KeyTable])] = [
        ("testnet", "Firedrill testnet", [TestnetFile.keys]),
        ("fault", "Firedrill fault", [FaultFile.keys]),
        ("incident", "Firedrill incident", [IncidentFile.keys]),
        ("scenario", "Firedrill scenario", [ScenarioFile.keys]), ("mutant", "Firedrill mutant", [MutantFile.keys]),
        ("nightly", "Firedrill nightly profile", [NightlyProfile.keys]),
        (
            "runbook", "Firedrill runbook front matter",
            [RunbookFile.frontMatterKeys, RunbookFile.fenceKeys, RunbookFile.lineKeys]
        ),
    ]

    private static let docs = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs")
    private static let isWriting = ProcessInfo.processInfo.environment["FIREDRILL_WRITE_REFERENCE"] == "1"

    @Test(arguments: formats.map(\.name)) func schemaFollowsTheKeyTables(format: String) throws {
        let entry = try #require(Self.formats.first { $0.name == format })
        let table = try #require(entry.tables.first)
        let expected = try SchemaWriter.schema(of: table, title: entry.title)
        let file = Self.docs.appending(path: "schema/\(format).schema.json")
        if Self.isWriting { try expected.write(to: file, atomically: true, encoding: .utf8) }
        #expect(
            try String(contentsOf: file, encoding: .utf8) == expected,
            "docs/schema/\(format).schema.json is out of date")
    }

    @Test(arguments: formats.map(\.name)) func pageListsEveryKey(format: String) throws {
        let entry = try #require(Self.formats.first { $0.name == format })
        let file = Self.docs.appending(path: "formats/\(format).md")
        var text = try String(contentsOf: file, encoding: .utf8)
        for table in entry.tables.flatMap(\.family) {
            let open = "<!-- keys: \(table.name) -->\n"
            let start = try #require(text.firstRange(of: open), "docs/formats/\(format).md lacks '\(open)'")
            let end = try #require(
                text[start.upperBound...].firstRange(of: "<!-- /keys -->"), "'\(table.name)' is not closed")
            let expected = KeyTableMarkdown.render(table) + "\n"
            if Self.isWriting { text.replaceSubrange(start.upperBound..<end.lowerBound, with: expected) }
            let shown = Self.isWriting ? expected : String(text[start.upperBound..<end.lowerBound])
            #expect(shown == expected, "the table of '\(table.name)' in docs/formats/\(format).md is out of date")
            #expect(text.contains("## \(table.name)\n"), "'\(table.name)' has no heading of its own")
        }
        if Self.isWriting { try text.write(to: file, atomically: true, encoding: .utf8) }
        let documented = try Self.keysInTables(text)
        #expect(documented == Set(entry.tables.flatMap(\.family).flatMap(\.names)))
    }

    /// First cells of all tables on a page: an independent look at what a reader sees.
    private static func keysInTables(_ text: String) throws -> Set<String> {
        var keys: Set<String> = []
        for line in text.split(separator: "\n") where line.hasPrefix("| `") {
            keys.insert(String(line.dropFirst(3).prefix { $0 != "`" }))
        }
        return keys
    }

    @Test(arguments: [
        ("testnet", "testnet/two-shards/testnet.yaml"), ("fault", "chaos/faults/switch-off.yaml"),
        ("incident", "chaos/incidents/T1.yaml"), ("scenario", "chaos/scenarios/switch-off.yaml"),
        ("mutant", "chaos/mutants/same-switch.yaml"),
        ("nightly", "nightly.yaml"),
    ]) func sampleIsValidByItsSchema(format: String, sample: String) throws {
        let bytes = try Data(contentsOf: Self.docs.appending(path: "schema/\(format).schema.json"))
        let schema = try JSONDecoder().decode(JSON.self, from: bytes)
        var diagnostics = Diagnostics()
        let text = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Fixture.root).appending(path: sample)))
        let root = try #require(YAMLReader.read(text, file: sample, diagnostics: &diagnostics))
        let value = Scalars.json(root)
        #expect(SchemaValidator.problems(value, schema: schema, root: schema) == [])
        guard case .object(var members) = value else { return }
        members["sumary"] = .string("a typo")
        #expect(
            SchemaValidator.problems(.object(members), schema: schema, root: schema).contains { $0.contains("sumary") })
    }

    /// Every example in a key table is a value that the parser takes: read inside a list, it must be valid YAML of the kind.
    @Test func examplesAreValidYAML() throws {
        for table in Self.formats.flatMap(\.tables).flatMap(\.family)
        where !["runbook.line", "runbook.fence"].contains(table.name) {
            for key in table.keys {
                var diagnostics = Diagnostics()
                let text = "\(key.name): \(key.example)\n"
                let value = YAMLReader.read(Array(text.utf8), file: table.name, diagnostics: &diagnostics)
                #expect(value != nil && diagnostics.all.isEmpty, "\(table.name).\(key.name): \(diagnostics.all)")
                if let standard = key.standard { #expect(!standard.isEmpty) }
            }
        }
    }

    /// Every key of every YAML format stands in the sample root, so that no key is documented and untested.
    @Test func sampleRootUsesEveryKey() throws {
        let files = try FileManager.default.subpathsOfDirectory(atPath: Fixture.root)
        var words: Set<String> = []
        for file in files where file.hasSuffix(".yaml") || file.hasSuffix(".md") {
            let text = try String(contentsOfFile: "\(Fixture.root)/\(file)", encoding: .utf8)
            words.formUnion(text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
        }
        for table in Self.formats.flatMap(\.tables).flatMap(\.family) {
            for key in table.names { #expect(words.contains(key), "no sample uses \(table.name).\(key)") }
        }
    }
}
