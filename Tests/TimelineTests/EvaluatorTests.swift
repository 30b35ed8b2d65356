import Testing

@testable import Timeline

/// Feeds an evaluator with samples of one probe at given seconds.
private struct Bench {
    var evaluator: Evaluator
    private var sequence = 0

    init(_ predicate: Check.Predicate, targets: [String], asSymptom: Bool = false) {
        var criteria = Criteria.synthetic()
        let check = Check(id: "c", probe: "p", scopes: ["all": targets], predicate: predicate)
        criteria.steadyState = asSymptom ? [] : [check]
        criteria.impact = []
        criteria.symptoms = asSymptom ? [.init(fact: "F", kind: .onset, summary: "", checks: [check], after: [])] : []
        evaluator = Evaluator(criteria)
    }

    mutating func event(_ second: Double, _ body: Event.Body) {
        evaluator.apply(
            Event(
                sequence: sequence, monotonic: SyntheticRun.nanoseconds(second), wall: SyntheticRun.label(second),
                body: body))
        sequence += 1
    }

    mutating func look(_ second: Double, _ target: String, _ value: JSON?) {
        let started = SyntheticRun.nanoseconds(second - 0.01)
        event(
            second,
            .sample(probe: "p", target: target, started: started, value: value, error: value == nil ? "refused" : nil))
    }

    mutating func block(_ second: Double, _ target: String, _ height: Int64, _ hash: String? = nil) {
        look(second, target, .object(["h": .int(height), "x": .string(hash ?? "block\(height)")]))
    }

    mutating func truth(at second: Double) -> Truth {
        evaluator.advance(to: SyntheticRun.nanoseconds(second))
        let steady = evaluator.truth(of: .steadyState)
        return evaluator.findings(of: .symptom(0)).isEmpty ? steady : evaluator.truth(of: .symptom(0))
    }

    var evidence: String { (evaluator.findings(of: .steadyState) + evaluator.findings(of: .symptom(0)))[0].evidence }
}

private func seconds(_ value: Int) -> DurationText { DurationText(.seconds(value)) }

@Suite("Checks: what each predicate says, and when")
struct EvaluatorTests {
    private static let advancing = Check.Predicate.advancing(value: ".h", hash: ".x", quorum: 2, within: seconds(2))

    @Test("advancing: unknown until watched, true after an agreed rise, false when it is too long ago")
    func advancing() {
        var bench = Bench(Self.advancing, targets: ["a", "b", "c"])
        #expect(bench.truth(at: 0.5) == .unknown)
        for target in ["a", "b", "c"] { bench.block(1, target, 10) }
        #expect(bench.truth(at: 1) == .unknown)
        bench.block(2, "a", 11)
        #expect(bench.truth(at: 2) == .unknown, "one of three is no quorum")
        bench.block(2.1, "b", 11)
        #expect(bench.truth(at: 2.1) == .yes)
        bench.block(3, "a", 11)
        bench.block(3, "b", 11)
        #expect(bench.truth(at: 3.9) == .yes)
        bench.block(3.9, "a", 11)
        bench.block(3.9, "b", 11)
        #expect(bench.truth(at: 4) == .no, "two seconds after the block was first seen")
        #expect(bench.evidence.contains("height 11"))
    }

    @Test("advancing: different hashes at one height are no agreement")
    func fork() {
        var bench = Bench(Self.advancing, targets: ["a", "b", "c"])
        for target in ["a", "b", "c"] { bench.block(1, target, 10) }
        for (second, height) in [(2.0, Int64(11)), (3, 12), (4, 13)] {
            for target in ["a", "b", "c"] { bench.block(second, target, height, "\(target)\(height)") }
        }
        #expect(bench.truth(at: 4) == .no)
    }

    @Test("advancing: a straggler's late agreement to an old block is no rise")
    func straggler() {
        var bench = Bench(Self.advancing, targets: ["a", "b", "c"])
        for target in ["a", "b", "c"] { bench.block(1, target, 10) }
        bench.block(2, "a", 11)
        for second in stride(from: 2.5, through: 10, by: 0.5) {
            bench.look(second, "a", nil)
            bench.block(second, "b", 10)
        }
        bench.block(10.2, "b", 11)
        #expect(bench.truth(at: 10.2) == .no, "block 11 was seen eight seconds ago")
        bench.block(11, "b", 12)
        bench.block(11.1, "c", 12)
        #expect(bench.truth(at: 11.1) == .yes)
    }

    @Test("advancing: a scope in which no node answers is not advancing; one that is not looked at is unknown")
    func deadScope() {
        var bench = Bench(Self.advancing, targets: ["a", "b", "c"])
        for target in ["a", "b", "c"] { bench.block(1, target, 10) }
        for second in stride(from: 2.0, through: 6, by: 0.5) {
            for target in ["a", "b", "c"] { bench.look(second, target, nil) }
        }
        #expect(bench.truth(at: 6) == .no)
        #expect(bench.truth(at: 9) == .unknown, "no look for three seconds")
    }

    @Test("advancing: without a hash, heights alone are compared, and higher ones vouch for lower ones")
    func heightsOnly() {
        var bench = Bench(.advancing(value: ".h", hash: "", quorum: 2, within: seconds(2)), targets: ["a", "b"])
        bench.look(1, "a", .object(["h": .string("0xa")]))
        bench.look(1, "b", .object(["h": .int(12)]))
        bench.look(2, "a", .object(["h": .string("0x10")]))
        #expect(bench.truth(at: 2) == .yes)
    }

    @Test("stalled: needs answers throughout and a rise before")
    func stalled() {
        let predicate = Check.Predicate.stalled(value: ".h", lasting: seconds(3), answering: 2)
        var bench = Bench(predicate, targets: ["a", "b", "c"])
        for second in stride(from: 1.0, through: 6, by: 0.5) {
            for target in ["a", "b"] { bench.block(second, target, 10) }
        }
        #expect(bench.truth(at: 6) == .unknown, "constant from the start: never seen to work")
        for target in ["a", "b"] { bench.block(6.5, target, 11) }
        #expect(bench.truth(at: 6.5) == .no)
        for second in stride(from: 7.0, through: 9, by: 0.5) {
            for target in ["a", "b"] { bench.block(second, target, 11) }
        }
        #expect(bench.truth(at: 9.4) == .no)
        #expect(bench.truth(at: 9.5) == .yes)
        bench.look(9.6, "b", nil)
        #expect(bench.truth(at: 9.6) == .unknown, "one answering node of two needed")
        bench.block(9.7, "b", 11)
        bench.block(9.7, "a", 11)
        #expect(bench.truth(at: 9.8) == .unknown, "the gap starts the window again")
        for second in stride(from: 10.0, through: 13, by: 0.5) {
            for target in ["a", "b"] { bench.block(second, target, 11) }
        }
        #expect(bench.truth(at: 13) == .yes)
    }

    @Test("stalled: nodes that never answer show nothing")
    func stalledVacuous() {
        var bench = Bench(.stalled(value: ".h", lasting: seconds(1), answering: 0), targets: ["a"])
        for second in stride(from: 1.0, through: 6, by: 0.5) { bench.look(second, "a", nil) }
        #expect(bench.truth(at: 6) == .unknown)
    }

    @Test(
        "match: every quantifier over true, false and unknown",
        arguments: [
            (Check.Quantifier.all, "yy", Truth.yes), (.all, "yn", .no), (.all, "y?", .unknown), (.all, "n?", .no),
            (.any, "nn", .no), (.any, "n?", .unknown), (.any, "y?", .yes),
            (.none, "nn", .yes), (.none, "n?", .unknown), (.none, "y?", .no),
            (.atLeast(2), "yyn", .yes), (.atLeast(2), "y?n", .unknown), (.atLeast(2), "ynn", .no),
            (.atMost(1), "ynn", .yes), (.atMost(1), "y?n", .unknown), (.atMost(1), "yyn", .no),
            (.all, "", .unknown), (.none, "", .unknown),
        ])
    func quantifiers(quantifier: Check.Quantifier, pattern: String, expected: Truth) {
        let truths = pattern.map { $0 == "y" ? Truth.yes : $0 == "n" ? .no : .unknown }
        #expect(quantifier.truth(of: truths) == expected)
    }

    @Test("match: a sample is stale three intervals after it")
    func stale() {
        let predicate = Check.Predicate.match(
            comparisons: [.init(path: ".ok", operation: .equal, operand: .value(.bool(true)))], targets: .all)
        var bench = Bench(predicate, targets: ["a"])
        bench.look(1, "a", .object(["ok": .bool(true)]))
        #expect(bench.truth(at: 2.4) == .yes)
        #expect(bench.truth(at: 2.5) == .unknown)
        bench.look(3, "a", .object(["ok": .bool(true)]))
        bench.look(3.2, "a", nil)
        #expect(bench.truth(at: 3.2) == .unknown)
    }

    @Test("match: the baseline is the last sample before the fault, and a moment to come lies after everything")
    func baselineAndMoments() {
        let predicate = Check.Predicate.match(
            comparisons: [
                .init(path: ".hash", operation: .equal, operand: .baseline),
                .init(path: ".started", operation: .greater, operand: .moment(.injected)),
            ], targets: .all)
        var bench = Bench(predicate, targets: ["a"])
        let before = unixSeconds(ofLabel: SyntheticRun.label(1)) ?? 0
        bench.look(1, "a", .object(["hash": .string("h1"), "started": .double(before)]))
        #expect(bench.truth(at: 1) == .no)
        bench.event(2, .fault(id: "f", host: "ops", stage: .injectStarted, detail: ""))
        bench.event(2.5, .fault(id: "f", host: "ops", stage: .injectCompleted, detail: ""))
        bench.look(3, "a", .object(["hash": .string("h1"), "started": .double(before + 2)]))
        #expect(bench.truth(at: 3) == .yes)
        bench.look(3.5, "a", .object(["hash": .string("h2"), "started": .double(before + 2)]))
        #expect(bench.truth(at: 3.5) == .no)
    }

    @Test(
        "comparisons: missing values, types and patterns",
        arguments: [
            (".a == 1", Truth.yes), (".a == 1.0", .yes), (".a != 1", .no), (".a < 2", .yes), (".a >= 2", .no),
            (".b == \"x<Error>y\"", .yes), (".b ~ <Error>", .yes), (".b !~ <Error>", .no), (".b ~ (", .unknown),
            (".b < 2", .unknown), (".c == 1", .unknown), (".c != 1", .unknown), (".c == null", .yes),
            (".c != null", .no),
            (".d[1].e == true", .yes), (".d[2] == 1", .unknown), (". ~ Error", .yes), ("a == 1", .unknown),
            (".a == \"1\"", .no), (".n == null", .yes),
        ])
    func comparisons(text: String, expected: Truth) throws {
        let sample = try JSONReader.read(
            Array(#"{"a":1,"b":"x<Error>y","d":[0,{"e":true}],"n":null}"#.utf8))
        let parts = text.split(separator: " ", maxSplits: 2).map(String.init)
        let operation = try #require(Comparison.Operation(rawValue: parts[1]))
        let isPattern = operation == .matches || operation == .matchesNot
        let operand: Comparison.Operand =
            isPattern ? .pattern(parts[2]) : .value(try JSONReader.read(Array(parts[2].utf8)))
        #expect(Comparison(path: parts[0], operation: operation, operand: operand).holds(in: sample) == expected)
    }

    @Test("distinct: enough different values among matching targets, for a while")
    func distinct() {
        let up = Comparison(path: ".up", operation: .equal, operand: .value(.bool(true)))
        let predicate = Check.Predicate.distinct(
            value: ".view", atLeast: 2, matching: [up], answering: 3, lasting: seconds(2))
        var bench = Bench(predicate, targets: ["a", "b", "c"])
        func views(_ second: Double, _ views: [Int64], up: [Bool] = [true, true, true]) {
            for (index, target) in ["a", "b", "c"].enumerated() {
                bench.look(second, target, .object(["view": .int(views[index]), "up": .bool(up[index])]))
            }
        }
        views(1, [5, 5, 5])
        #expect(bench.truth(at: 1) == .no)
        for second in stride(from: 1.5, through: 3, by: 0.5) { views(second, [5, 6, 5]) }
        #expect(bench.truth(at: 3.4) == .no, "not for long enough")
        #expect(bench.truth(at: 3.5) == .yes)
        views(4, [5, 6, 5], up: [true, true, false])
        #expect(bench.truth(at: 4) == .no, "too few match")
    }

    @Test("pages: repeats of an old page do not count, the first one is alone, all follow")
    func pages() {
        var bench = Bench(.pages(atLeast: 3, firstAlone: true), targets: ["a", "b", "c"], asSymptom: true)
        func page(_ second: Double, _ id: String, _ names: [String]) {
            bench.event(second, .signal(source: .alert, id: id, names: names, summary: "", resolved: false))
        }
        page(1, "old", ["a", "b", "c"])
        bench.event(2, .fault(id: "f", host: "ops", stage: .injectStarted, detail: ""))
        #expect(bench.truth(at: 2) == .no)
        page(3, "old", ["a", "b", "c"])
        page(4, "n1", ["b"])
        #expect(bench.truth(at: 4) == .no)
        page(5, "n2", ["a", "b", "c", "elsewhere"])
        #expect(bench.truth(at: 5) == .yes)
        #expect(bench.evidence == "first b alone; 3 of 3 named 1.0 s later")
        var crowd = Bench(.pages(atLeast: 1, firstAlone: true), targets: ["a", "b", "c"], asSymptom: true)
        crowd.event(4, .signal(source: .alert, id: "n", names: ["a", "b"], summary: "", resolved: false))
        #expect(crowd.truth(at: 4) == .no)
    }

    @Test("pages: the first one is not alone when all came in one look at the pager", arguments: [true, false])
    func firstAlone(oneIsLate: Bool) {
        var bench = Bench(.pages(atLeast: 3, firstAlone: true), targets: ["a", "b", "c"], asSymptom: true)
        bench.event(2, .fault(id: "f", host: "ops", stage: .injectStarted, detail: ""))
        // The bench's interval is half a second: two names come together, the third perhaps in a later look.
        for (second, name) in [(4, "b"), (4.1, "a"), (oneIsLate ? 4.5 : 4.4, "c")] as [(Double, String)] {
            #expect(bench.truth(at: second) == .no)
            bench.event(second, .signal(source: .alert, id: name, names: [name], summary: "", resolved: false))
        }
        #expect(bench.truth(at: 4.5) == (oneIsLate ? .yes : .no))
        #expect(
            bench.evidence
                == (oneIsLate ? "first b alone; 3 of 3 named 0.5 s later" : "first b; 3 of 3 named 0.4 s later"))
        // A page that names nobody new does not make the first one alone.
        bench.event(6, .signal(source: .alert, id: "again", names: ["a"], summary: "", resolved: false))
        #expect(bench.truth(at: 6) == (oneIsLate ? .yes : .no))
    }

    @Test("quiet in a steady state is the last while, with a pager that took its test")
    func quietSteady() {
        var bench = Bench(.quiet(lasting: seconds(2)), targets: [])
        #expect(bench.truth(at: 5) == .unknown)
        bench.event(6, .pagerTest(moment: "before", received: true, detail: ""))
        #expect(bench.truth(at: 7.9) == .unknown)
        #expect(bench.truth(at: 8) == .yes)
        bench.event(9, .signal(source: .report, id: "r", names: [], summary: "", resolved: false))
        #expect(bench.truth(at: 10.9) == .no)
        #expect(bench.truth(at: 11) == .yes)
    }
}
