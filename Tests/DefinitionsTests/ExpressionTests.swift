import Testing
import Timeline

@testable import Definitions

@Suite struct ExpressionTests {
    @Test func hostExpressionsBindNotAndOr() throws {
        let expression = try HostExpression(parsing: "a | b & !c")
        #expect(expression == .or(.term("a"), .and(.term("b"), .not(.term("c")))))
        #expect(expression.matches(name: "x", groups: ["b"]))
        #expect(!expression.matches(name: "c", groups: ["b"]))
        #expect(expression.matches(name: "c", groups: ["a"]))
        #expect(try HostExpression(parsing: "!(a | b)").matches(name: "c", groups: []))
        #expect(try HostExpression(parsing: "all").matches(name: "c", groups: []))
    }

    @Test(arguments: [
        "", " ", "a b", "a &", "| a", "!", "(a", "a)", "a && b", "A", "a,b", "a$", String(repeating: "!", count: 999),
        String(repeating: "(", count: 900),
    ])
    func brokenHostExpressionsAreErrors(text: String) {
        #expect(throws: ExpressionError.self) { try HostExpression(parsing: text) }
    }

    @Test func comparisons() throws {
        func parse(_ text: String) throws -> Comparison { try ComparisonParser.parse(text) }
        #expect(
            try parse(".status == 403") == Comparison(path: ".status", operation: .equal, operand: .value(.int(403))))
        #expect(
            try parse(".a.b[0] != \"x y\"")
                == Comparison(path: ".a.b[0]", operation: .notEqual, operand: .value(.string("x y"))))
        #expect(
            try parse(".body ~ /<Error> \\/x/")
                == Comparison(path: ".body", operation: .matches, operand: .pattern("<Error> \\/x")))
        #expect(try parse(". == null") == Comparison(path: ".", operation: .equal, operand: .value(.null)))
        #expect(try parse(".x == $baseline").operand == .baseline)
        #expect(try parse(".x > $response").operand == .moment(.response))
        #expect(try parse(".x <= 1.5").operand == .value(.double(1.5)))
        #expect(try parse(".x == \"a\\\"b\\n\"").operand == .value(.string("a\"b\n")))
    }

    @Test(arguments: [
        "", ".a", ".a ==", "a == 1", ".a = 1", ".a == /x/", ".a ~ x", ".a ~ /(/", ".a == $base", ".a == \"x",
        ".a == 'x'", ".a == 010",
        ".a. == 1", "..a == 1", ".a[x] == 1", ".a[0 == 1", ".a ~ //", ".a < true", ".a == $injected",
        ".a ~ /" + String(repeating: "(", count: 100) + "/", ".a ~ /" + String(repeating: "a", count: 600) + "/",
    ]) func brokenComparisonsAreErrors(text: String) {
        #expect(throws: ExpressionError.self) { try ComparisonParser.parse(text) }
    }

    @Test func momentsHaveNearMisses() {
        #expect(throws: ExpressionError("'$baselin' does not exist", remedy: "Did you mean '$baseline'?")) {
            try ComparisonParser.parse(".x == $baselin")
        }
    }

    @Test func stepLines() throws {
        #expect(try StepLine.strategy("parallel") == .parallel(limit: nil, maxFail: 0))
        #expect(try StepLine.strategy("parallel 4, max-fail 1") == .parallel(limit: 4, maxFail: 1))
        #expect(try StepLine.strategy("rolling 2 max-fail 0") == .rolling(batch: 2, maxFail: 0))
        #expect(try StepLine.strategy("max-fail 3") == .parallel(limit: nil, maxFail: 3))
        let until = try StepLine.until("every 1s for 5m, hold 10s")
        #expect(
            until.every == DurationText(.seconds(1)) && until.atMost == DurationText(.seconds(300))
                && until.hold == DurationText(.seconds(10)))
        #expect(try StepLine.until("every 500ms for 1s").hold == nil)
        #expect(try StepLine.expectation("exit 3") == .exit(3))
        #expect(try StepLine.expectation("stdout ~ /a b/") == .stdout(pattern: "a b"))
        #expect(try StepLine.expectation("json .a == 1") == .json(try ComparisonParser.parse(".a == 1")))
        #expect(try NumberRange.parse("0..3") == ["0", "1", "2", "3"])
    }

    @Test(arguments: [
        "rolling", "rolling 0", "paralel", "parallel x", "parallel 1 2", "max-fail", "rolling 1 max-fail -1",
    ])
    func brokenStrategiesAreErrors(text: String) {
        #expect(throws: ExpressionError.self) { try StepLine.strategy(text) }
    }

    @Test(arguments: [
        "", "every 1s", "every 1 for 5m", "for 5m every 1s", "every 5m for 1s", "every 1ms for 1s",
        "every 1s for 2s, hold 3s", "every 1s for 5m hold",
    ])
    func brokenUntilsAreErrors(text: String) { #expect(throws: ExpressionError.self) { try StepLine.until(text) } }

    @Test(arguments: [
        "", "exit", "exit 256", "exti 0", "stdout /x/", "stdout ~ x", "stdout ~ /(/", "json .a == $baseline", "json a",
    ])
    func brokenExpectationsAreErrors(text: String) {
        #expect(throws: ExpressionError.self) { try StepLine.expectation(text) }
    }

    @Test(arguments: ["3..0", "0..", "a..b", "0...3", "0..999", "-1..3", "01..3"])
    func brokenRangesAreErrors(text: String) { #expect(throws: ExpressionError.self) { try NumberRange.parse(text) } }

    @Test func nearMissesCountSwapsAsOneEdit() {
        #expect(NearMiss.distance("form", "from") == 1)
        #expect(NearMiss.distance("", "abc") == 3)
        #expect(NearMiss.closest(to: "validatros", among: ["validators", "bucket"]) == "validators")
        #expect(NearMiss.closest(to: "zzz", among: ["validators", "bucket"]) == nil)
    }
}
