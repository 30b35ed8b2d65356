import Testing

@testable import Timeline

@Suite("Properties of the judge over random event streams")
struct PropertyTests {
    /// Events in random order with random times, out of range ones included.
    private static func stream(_ random: inout SeededRandom) -> [Event] {
        let real = SyntheticRun.runbook().events.filter {
            if case .sample = $0.body { Bool.random(using: &random) } else { true }
        }
        var time: Int64 = Int64.random(in: -5...5, using: &random)
        return (0..<200).map { sequence in
            time = Bool.random(using: &random) ? time &+ .random(in: 0...2_000_000_000, using: &random) : time
            if Int.random(in: 0..<60, using: &random) == 0 {
                time = [.min, .max, 0, -1].randomElement(using: &random) ?? 0
            }
            let body =
                Int.random(in: 0..<4, using: &random) == 0
                ? everyBody.randomElement(using: &random) : real.randomElement(using: &random)?.body
            return Event(
                sequence: sequence, monotonic: time, wall: SyntheticRun.label(Double(sequence)), body: body ?? .frozen)
        }
    }

    @Test("any stream is judged without a crash, and never passes without a start, an end, a proof and a recovery")
    func neverCrashes() {
        var random = SeededRandom(state: 1)
        for arm in [Criteria.Arm.runbook, .faultOnly, .noFault, .fix(["X"]), .wrongResponse("w"), .asDocumented] {
            for _ in 0..<30 {
                let events = Self.stream(&random)
                let verdict = Judge.verdict(criteria: .synthetic(arm), events: events)
                #expect(!verdict.reasons.isEmpty)
                #expect(verdict.encoded().hasSuffix("}\n"))
                #expect(verdict.outcome != .passed)
            }
        }
    }

    @Test("the same events give the same bytes")
    func reproducible() {
        let events = SyntheticRun.runbook().events
        let first = Judge.verdict(criteria: .synthetic(), events: events).encoded()
        for _ in 0..<5 { #expect(Judge.verdict(criteria: .synthetic(), events: events).encoded() == first) }
    }

    @Test("notes decide nothing, wherever they stand")
    func notesAreIgnored() {
        let plain = SyntheticRun.runbook()
        let expected = Judge.verdict(criteria: .synthetic(), events: plain.events)
        var random = SeededRandom(state: 3)
        for _ in 0..<10 {
            var noted = plain
            for _ in 0..<20 {
                noted.add(
                    .random(in: 1...37, using: &random), .note(level: .warning, message: "the network did not recover"))
            }
            #expect(Judge.verdict(criteria: .synthetic(), events: noted.events) == expected)
        }
    }

    @Test("live and afterwards are the same: letting time pass between events changes nothing")
    func liveEqualsJudged() {
        let events = SyntheticRun.runbook().events
        var judged = PhaseClock(.synthetic())
        var live = PhaseClock(.synthetic())
        for event in events {
            judged.apply(event)
            live.advance(to: event.monotonic - 3_000_000)
            live.apply(event)
        }
        #expect(judged.stamps == live.stamps)
        #expect(judged.steady == live.steady)
        #expect(judged.scopes == live.scopes)
        #expect(live.hasRecovered)
    }

    @Test("a silent gap in the record is seen as one: the shards do not stay up through it")
    func gap() {
        var run = SyntheticRun.runbook()
        run.probing = 1...20
        #expect(Judge.verdict(criteria: .synthetic(), events: run.events).times.recover.isCensored)
    }
}
