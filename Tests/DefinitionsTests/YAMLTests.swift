import Testing
import Timeline

@testable import Definitions

@Suite struct YAMLTests {
    private func read(_ text: String) -> (value: YAMLValue?, errors: [Diagnostic]) {
        var diagnostics = Diagnostics()
        let value = YAMLReader.read(Array(text.utf8), file: "f.yaml", diagnostics: &diagnostics)
        return (value, diagnostics.sorted)
    }

    @Test func placesAndRawTextAreKept() throws {
        let (value, errors) = read("# comment\nkey: no\nlist:\n  - 1:30\n  - '010'\n")
        #expect(errors.isEmpty)
        guard case .mapping(let entries)? = value?.content else { throw Failure() }
        #expect(entries[0].key == Located(value: "key", at: Location(file: "f.yaml", line: 2, column: 1)))
        #expect(entries[0].value.content == .scalar(text: "no", quoted: false))
        #expect(entries[0].value.at == Location(file: "f.yaml", line: 2, column: 6))
        guard case .sequence(let items) = entries[1].value.content else { throw Failure() }
        #expect(items[0].content == .scalar(text: "1:30", quoted: false))
        #expect(items[1].content == .scalar(text: "010", quoted: true))
        #expect(items[1].at.line == 5)
    }

    struct Failure: Error {}

    @Test(arguments: [
        ("a: &x 1\n", "anchor"), ("a: [&x 1]\n", "anchor"), ("&x a: 1\n", "anchor"), ("a: *x\n", "alias"),
        ("*x : 1\n", "alias"),
        ("a: !!str 1\n", "tag"), ("a: !x 1\n", "tag"), ("!x\na: 1\n", "tag"), ("- !x a\n", "tag"),
        ("<<: {a: 1}\n", "merge key"),
        ("a:\n  <<: b\n", "merge key"), ("? a\n: b\n", "complex key"), ("a: 1\n---\nb: 1\n", "one document"),
        ("a: 1\n...\n", "one document"), ("%YAML 1.2\n---\na: 1\n", "directive"), ("a: x\n \"\nb: &x 1\n", "anchor"),
        ("a: 'x\n\nb: &c 1'\nd: &e 1\n", "anchor"), ("a: |\n  &text\nb: &x 1\n", "anchor"),
        ("a: >2\n  text\nb: &x 1\n", "anchor"),
        ("a:\n  |\n  &text\nb: &x 1\n", "anchor"), ("- |\n &text\n- &x 1\n", "anchor"), ("[a]: 1\n", "plain text"),
    ]) func refusesWhatFilesMayNotContain(text: String, word: String) {
        let (value, errors) = read(text)
        #expect(!errors.isEmpty, "accepted: \(text) as \(String(describing: value))")
        #expect(errors.contains { $0.message.contains(word) }, "\(errors)")
    }

    @Test(arguments: [
        "a: |\n  x & y && z *.txt !important\n  &not-an-anchor\n  ---\n", "a: 'it''s & fine'\n", "a: \"*\\\"&\"\n",
        "a: b & !c | d\n", "a: x*y\n", "a: [b & c, d]\n", "---\na: 1\n", "a: >-\n  &x\n\n  *y\nb: 1\n", "a: b\n  &c\n",
        "a:\n- |\n  !x\n- y\n",
    ]) func marksInsideTextAreText(text: String) {
        #expect(read(text).errors.isEmpty, "\(read(text).errors)")
    }

    @Test func allDuplicateKeysAreFoundWithBothPlaces() {
        let errors = read("a: 1\nb: {c: 1, \"c\": 2, c: 3}\na: 2\n").errors
        #expect(errors.map(\.location.line) == [2, 2, 3])
        #expect(errors[0].message == "the key 'c' appears twice, first on line 2")
        #expect(errors[2].message == "the key 'a' appears twice, first on line 1")
    }

    @Test func sizeDepthAndCharactersAreBounded() {
        #expect(
            read(String(repeating: "a", count: 256 * 1024 + 1)).errors.first?.message.contains("larger than 256 KiB")
                == true)
        let flow = String(repeating: "[", count: 5_000)
        #expect(read(flow).errors.contains { $0.message.contains("deeper than 24") })
        let block = (0..<200).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
        #expect(read(block).errors.contains { $0.message.contains("deeper than 24") })
        let dashes = String(repeating: "- ", count: 200)
        #expect(read(dashes).errors.contains { $0.message.contains("deeper than 24") })
        #expect(read("a: \u{7}\n").errors.first?.message.contains("U+7") == true)
        #expect(read("a: 1\rb: 2").errors.first?.message.contains("U+D") == true)
        #expect(read("a: 1\r\nb: 2\r\n").errors.isEmpty)
        var diagnostics = Diagnostics()
        #expect(YAMLReader.read([0x61, 0xFF], file: "f", diagnostics: &diagnostics) == nil)
        #expect(diagnostics.all.first?.message == "the text is not valid UTF-8")
    }

    /// Aliases that would multiply to billions of nodes are refused before anything is expanded.
    @Test(.timeLimit(.minutes(1))) func aliasBombIsRefused() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            text +=
                "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ") + "]\n"
        }
        #expect(!read(text + "? *a12\n: 1\n").errors.isEmpty)
    }

    @Test func manyErrorsAreReportedAtOnce() {
        let sink = Sink()
        var diagnostics = Diagnostics()
        let text = "fualt: x\nsumary: y\ncapability: No\ninvariants: nothing\ninject: {timeout: 5, scirpt: x}\n"
        guard let root = YAMLReader.read(Array(text.utf8), file: "f.yaml", diagnostics: &diagnostics) else { return }
        #expect(FaultFile.read(root, sink: sink) == nil)
        let shown = sink.list.sorted.map(\.description).joined(separator: "\n")
        for part in [
            "f.yaml:1:1: error: unknown key 'fualt' in fault. Did you mean 'fault'?", "Did you mean 'summary'?",
            "'No' is not a name",
            "'invariants' must be a list, and this is a single value", "must be a duration with units, and this is '5'",
            "Did you mean 'script'?", "the key 'undo' is missing in fault",
        ] { #expect(shown.contains(part), "\(part) not in:\n\(shown)") }
    }

    @Test func typedValuesNeedTheirOwnSpelling() {
        let at = Location(file: "f", line: 1, column: 1)
        func scalar(_ text: String) -> YAMLValue { YAMLValue(at: at, content: .scalar(text: text, quoted: false)) }
        for text in ["no", "yes", "True", "1", ""] {
            #expect(Scalars.boolean(scalar(text), what: "k", sink: Sink()) == nil)
        }
        for text in ["010", "1.0", "1e3", "0x10", "1_000", "+1", "", "-", "99999999999999999999"] {
            #expect(Scalars.integer(scalar(text), range: 0...Int.max, what: "k", sink: Sink()) == nil, "\(text)")
        }
        for text in [".5", "1.", "inf", "nan", "1e3", "01.5"] {
            #expect(Scalars.number(scalar(text), range: 0...1e9, what: "k", sink: Sink()) == nil, "\(text)")
        }
        for text in ["30", "1:30", "5 m", "m", "-1s", "1s5m"] {
            #expect(Scalars.duration(scalar(text), what: "k", sink: Sink()) == nil)
        }
        #expect(Scalars.number(scalar("1.10"), range: 0...2, what: "k", sink: Sink())?.value == 1.1)
        #expect(Scalars.json(scalar("010")) == .string("010"))
        #expect(Scalars.json(scalar("-7")) == .int(-7))
        #expect(Scalars.json(scalar("no")) == .string("no"))
    }
}
