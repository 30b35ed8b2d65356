import Testing

@testable import Timeline

/// Looks of a public and of a signed reader at one object, around the synthetic fault: injected at 12 to 12.5, first act
/// at 22. Each looks every two seconds.
private struct Readers {
    var run = SyntheticRun.runbook()
    private(set) var symptom = Criteria.Symptom(
        fact: "T1-S9", kind: .onset, summary: "Strangers may not read what owners still can.",
        checks: [
            Check(
                id: "denied", probe: "public-get", scopes: ["all": ["wallet"]],
                predicate: .match(
                    comparisons: [.init(path: ".status", operation: .greaterOrEqual, operand: .value(.int(400)))],
                    targets: .all)),
            Check(
                id: "unchanged", probe: "signed-get", scopes: ["all": ["ops"]],
                predicate: .match(
                    comparisons: [.init(path: ".status", operation: .equal, operand: .baseline)], targets: .all)),
        ], after: [])

    init(lasting: Int? = nil) { symptom.lasting = lasting.map { DurationText(.seconds($0)) } }

    mutating func look(_ probe: String, from started: Double, to ended: Double, _ status: Int64) {
        run.add(
            ended,
            .sample(
                probe: probe, target: probe == "signed-get" ? "ops" : "wallet",
                started: SyntheticRun.nanoseconds(started), value: .object(["status": .int(status)]), error: nil))
    }

    /// Regular looks of 0.1 s each, with what they see by the second at which they end.
    mutating func look(_ probe: String, from first: Double, until last: Double = 34, _ status: (Double) -> Int64) {
        for start in stride(from: first, through: last, by: 2) {
            look(probe, from: start, to: start + 0.1, status(start + 0.1))
        }
    }

    var fact: Verdict.Fact {
        var criteria = Criteria.synthetic()
        criteria.symptoms = [symptom]
        let timing = Criteria.ProbeTiming(interval: DurationText(.seconds(2)), timeout: DurationText(.seconds(5)))
        criteria.probes = ["public-get": timing, "signed-get": timing]
        return Judge.verdict(criteria: criteria, events: run.events).facts[0]
    }
}

@Suite("Symptoms: when checks that hold together count as seen")
struct SymptomTests {
    @Test("a symptom is seen from when its checks held together, with the evidence of when that was certain")
    func observed() throws {
        var readers = Readers()
        readers.look("public-get", from: 1) { $0 < 12.5 ? 200 : 403 }
        readers.look("signed-get", from: 2) { _ in 200 }
        let fact = readers.fact
        #expect(fact.finding == .observed, "\(fact.evidence)")
        let at = try #require(fact.at)
        #expect((0.59...0.61).contains(at), "the public look that ended at 13.1, onset was at 12.5")
    }

    @Test(
        "a deleted object, of which the signed reader has not heard yet, is no revoked one",
        arguments: [14.1, 15.05, 15.9, 17.5])
    func deletedObject(signedLookEnds: Double) {
        var readers = Readers()
        readers.look("public-get", from: 1) { $0 < 12.5 ? 200 : 404 }
        readers.look("signed-get", from: 2, until: 12) { _ in 200 }
        // Under way while the object went; it ends after the public reader saw the change.
        readers.look("signed-get", from: 14, to: signedLookEnds, 404)
        readers.look("signed-get", from: 18) { _ in 404 }
        let fact = readers.fact
        #expect(fact.finding == .missing)
        let why = signedLookEnds < 15.1 ? "2.0 s are needed" : "not every probe had looked again meanwhile"
        #expect(fact.evidence.contains(why), "\(fact.evidence)")
    }

    @Test("what shows only once the responders act is not the fault's doing", arguments: [16, 21, 23])
    func afterFirstAct(changedAt: Int) {
        var readers = Readers()
        readers.look("public-get", from: 1) { $0 < Double(changedAt) ? 200 : 403 }
        readers.look("signed-get", from: 2) { _ in 200 }
        // From 21 on the checks hold together before the first act, at 22, and are certain only after it.
        #expect(readers.fact.finding == (changedAt == 16 ? .observed : .missing))
        #expect(changedAt == 16 || readers.fact.evidence.contains("not certain before the responders acted"))
    }

    @Test("checks that began to hold before the fault are early, although that was certain only after it")
    func acrossTheInjection() {
        var readers = Readers()
        readers.look("public-get", from: 1) { $0 < 11 ? 200 : 403 }
        readers.look("signed-get", from: 2) { _ in 200 }
        #expect(readers.fact.finding == .early)
    }

    @Test("a symptom with a duration needs all checks together for that long", arguments: [5, 8])
    func lasting(seconds: Int) {
        var readers = Readers(lasting: seconds)
        // Denied from 13.1 to 19.1.
        readers.look("public-get", from: 1) { $0 < 12.5 || $0 > 19 ? 200 : 403 }
        readers.look("signed-get", from: 2) { _ in 200 }
        let fact = readers.fact
        #expect(fact.finding == (seconds == 5 ? .observed : .missing), "\(fact.evidence)")
        #expect(
            seconds == 5 || fact.evidence == "its checks held together for 6.0 s; 8.0 s are needed",
            "\(fact.evidence)")
    }

    @Test("it must hold for the longest interval of its probes, or for what it asks for if that is longer")
    func certainty() {
        var criteria = Criteria.synthetic()
        var symptom = Readers().symptom
        #expect(criteria.certainty(of: symptom) == criteria.probeInterval)
        criteria.probes["signed-get"] = .init(
            interval: DurationText(.seconds(3)), timeout: DurationText(.seconds(1)))
        #expect(criteria.certainty(of: symptom) == DurationText(.seconds(3)))
        symptom.lasting = DurationText(.seconds(2))
        #expect(criteria.certainty(of: symptom) == DurationText(.seconds(3)))
        symptom.lasting = DurationText(.seconds(20))
        #expect(criteria.certainty(of: symptom) == DurationText(.seconds(20)))
        symptom = .init(
            fact: "T1-S8", kind: .onset, summary: "",
            checks: [
                Check(
                    id: "pages", probe: "pages", scopes: ["all": ["a0"]],
                    predicate: .pages(atLeast: 1, firstAlone: false))
            ], after: [])
        #expect(criteria.certainty(of: symptom) == DurationText(.zero))
    }
}
