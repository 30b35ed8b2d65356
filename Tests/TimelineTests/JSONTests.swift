import Testing

@testable import Timeline

@Suite("JSON text")
struct JSONTests {
    @Test(
        "accepted texts read as the same value everywhere",
        arguments: [
            ("null", JSON.null), (" [ ] ", .array([])), ("{}", .object([:])), ("-0", .int(0)), ("1.5e2", .double(150)),
            ("9223372036854775807", .int(.max)), ("9223372036854775808", .double(9_223_372_036_854_775_808)),
            (#""\u00fc\ud83d\ude00\/\b""#, .string("ü😀/\u{8}")),
            (#"{"a":{"b":[true]}}"#, .object(["a": .object(["b": .array([.bool(true)])])])),
        ])
    func accepts(text: String, value: JSON) throws {
        #expect(try JSONReader.read(Array(text.utf8)) == value)
    }

    @Test(
        "refused texts",
        arguments: [
            "", "01", "1.", ".5", "+1", "1e", "--1", "1e999", "tru", "[1,]", "{\"a\":1,}", "{a:1}", "{\"a\" 1}",
            "[1 2]",
            "\"\\x\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\u12g4\"", "\"a\u{1}\"", "\"open", "1 2",
            "{\"a\":1,\"a\":2}", "nul",
        ])
    func refuses(text: String) {
        #expect(throws: JSONReader.Failure.self) { try JSONReader.read(Array(text.utf8)) }
    }

    @Test("limits on length and depth are kept, and bad UTF-8 is refused")
    func limits() {
        let deep = Array((String(repeating: "[", count: 100_000)).utf8)
        #expect(throws: JSONReader.Failure.tooDeep(limit: 64)) { try JSONReader.read(deep) }
        #expect(throws: JSONReader.Failure.tooLong(bytes: 5, limit: 4)) {
            try JSONReader.read(Array("12345".utf8), limits: .init(bytes: 4))
        }
        #expect(throws: JSONReader.Failure.badString(offset: 0)) { try JSONReader.read([0x22, 0xFF, 0x22]) }
    }

    @Test("text has sorted keys and one format of numbers")
    func text() {
        let value = JSON.object([
            "b": .double(1.0005), "a": .array([.double(-0.0004), .double(.nan), .double(1e300)]), "é": .int(1),
        ])
        #expect(value.text(.init(decimals: 3)) == #"{"a":[0.000,null,1e+300],"b":1.001,"é":1}"#)
        #expect(value.text(.init(leadingKeys: ["é"])).hasPrefix(#"{"é":1,"a""#))
        #expect(JSON.object(["k": .array([.int(1)])]).text(.init(indent: 2)) == "{\n  \"k\": [\n    1\n  ]\n}")
    }

    @Test("random values read back from their own text")
    func roundTrip() throws {
        var random = SeededRandom(state: 7)
        for _ in 0..<500 {
            let value = Self.value(depth: 0, &random)
            #expect(try JSONReader.read(Array(value.text().utf8)) == value)
            #expect(try JSONReader.read(Array(value.text(.init(indent: 2)).utf8)) == value)
        }
    }

    private static func value(depth: Int, _ random: inout SeededRandom) -> JSON {
        switch Int.random(in: 0..<(depth > 4 ? 5 : 7), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .int(.random(in: .min ... .max, using: &random))
        case 3: return .double(Double.random(in: -1e6...1e6, using: &random) + 0.123)
        case 4:
            let scalars = (0..<5).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0...0x11000, using: &random)) }
            return .string(String(String.UnicodeScalarView(scalars)))
        case 5: return .array((0..<3).map { _ in value(depth: depth + 1, &random) })
        default:
            return .object(
                Dictionary((0..<3).map { ("k\($0)", value(depth: depth + 1, &random)) }) { $1 })
        }
    }

    @Test("paths", arguments: [".", ".a", ".a.b[0]", ".[1]", ".a-b_c"])
    func paths(text: String) { #expect(JSONPath(text) != nil) }

    @Test("what is no path", arguments: ["", "a", "..", ".a[", ".a[x]", ".a[-1]", ".a b", ".a[0"])
    func badPaths(text: String) { #expect(JSONPath(text) == nil) }

    @Test("wall labels as Unix seconds")
    func labels() {
        #expect(unixSeconds(ofLabel: "1970-01-01T00:00:00Z") == 0)
        #expect(unixSeconds(ofLabel: "2019-08-31T05:31:24.500Z") == 1_567_229_484.5)
        #expect(unixSeconds(ofLabel: "2024-02-29T00:00:00.000Z") == 1_709_164_800)
        #expect(unixSeconds(ofLabel: "2024-02-29 00:00:00Z") == nil)
        #expect(unixSeconds(ofLabel: "yesterday") == nil)
    }
}
