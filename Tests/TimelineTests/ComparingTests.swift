import Testing

@testable import Timeline

@Suite("Controls and treatments compared")
struct ComparingTests {
    private static func span(_ value: Double, _ precision: Double = 0) -> TimeSpan {
        TimeSpan(value: value, low: value - precision, high: value + precision)
    }
    private static func censored(_ low: Double) -> TimeSpan { TimeSpan(value: nil, low: low, high: nil) }

    struct Case: Sendable {
        var treatment, control: [TimeSpan]
        var value: Double?
        var low: Double
        var high: Double?
    }

    static let cases = [
        // One of each: the precision of measurement is all that is not known.
        Case(treatment: [span(50, 10)], control: [span(100, 10)], value: 0.5, low: 40.0 / 110, high: 60.0 / 90),
        // A control that never recovered makes the ratio a bound from above, a treatment that did not one from below.
        Case(treatment: [span(50)], control: [censored(100)], value: nil, low: 0, high: 0.5),
        Case(treatment: [censored(200)], control: [span(100)], value: nil, low: 2, high: nil),
        Case(treatment: [censored(200)], control: [censored(100)], value: nil, low: 0, high: nil),
        // Several: medians, and the extremes over each other.
        Case(
            treatment: [span(40), span(50), span(90)], control: [span(100), span(80), span(200)], value: 0.5, low: 0.2,
            high: 90.0 / 80),
        // A censored run is the longest, not one left out: the median of these is 50.
        Case(treatment: [span(40), censored(45), span(50)], control: [span(100)], value: 0.5, low: 0.4, high: nil),
        Case(treatment: [span(0)], control: [span(100)], value: 0, low: 0, high: 0),
    ]

    @Test("the ratio and its bounds", arguments: cases)
    func ratio(_ entry: Case) throws {
        let ratio = try #require(Ratio(treatment: entry.treatment, control: entry.control))
        #expect(ratio.value == entry.value && ratio.low == entry.low && ratio.high == entry.high, "\(ratio)")
    }

    @Test("a claim of at most a half is decided only when the bounds are on one side of it")
    func decided() throws {
        let bound = try #require(Ratio(treatment: [Self.span(50)], control: [Self.censored(100)]))
        #expect(bound.isAtMost(0.5) == true && bound.isAtMost(0.4) == nil && bound.isAtLeast(0.6) == false)
        let wide = try #require(Ratio(treatment: [Self.span(50, 20)], control: [Self.span(100, 20)]))
        #expect(wide.isAtMost(0.5) == nil && wide.isAtLeast(0.5) == nil)
        #expect(Ratio(treatment: [], control: [Self.span(1)]) == nil)
    }

    // MARK: Pairs

    private static func run(_ events: SyntheticRun, _ criteria: Criteria) -> ComparedRun {
        var events = events
        events.change { _, body in
            if case .runStarted(let id, let scenario, _, let seed, _) = body {
                body = .runStarted(runID: id, scenario: scenario, arm: criteria.arm.description, seed: seed)
            }
        }
        return ComparedRun(
            run: "run", verdict: Judge.verdict(criteria: criteria, events: events.events), deployed: "")
    }

    private static func side(_ runs: ComparedRun...) -> ComparedSide { ComparedSide(arm: "x", runs: runs) }

    private static let noOutage = Promise(terms: [.noOutage])
    private static var quiet: SyntheticRun {
        var run = SyntheticRun()
        run.addFrame(arm: .faultOnly)
        run.addFault()
        run.add(35, .frozen)
        return run
    }

    private static func fix(_ promise: Promise, _ events: SyntheticRun, plays: Criteria.Arm = .faultOnly) -> ComparedRun
    {
        var criteria = Criteria.synthetic(.fix(["X1"]))
        criteria.fix = .init(plays: plays, expect: promise)
        return run(events, criteria)
    }

    @Test("a fix works when the control breaks and the treatment does not")
    func works() {
        let red = Self.run(.faultOnly(), .synthetic(.faultOnly))
        let judgement = PairJudge.judge(
            Self.noOutage, control: Self.side(red), treatment: Self.side(Self.fix(Self.noOutage, Self.quiet)))
        #expect(judgement.verdict == .works, "\(judgement.reason)")
        #expect(judgement.ratio?.high == 0)
    }

    @Test("nothing broke says nothing when it was not watched for as long as the control took to break")
    func watchedTooShortly() {
        let red = Self.run(.faultOnly(), .synthetic(.faultOnly))
        var short = Self.fix(Self.noOutage, Self.quiet)
        short.verdict.stamps.frozen = short.verdict.stamps.injectCompleted.map { $0 + 1_000_000_000 }
        let judgement = PairJudge.judge(Self.noOutage, control: Self.side(red), treatment: Self.side(short))
        #expect(
            judgement.verdict == .inconclusive && judgement.reason.contains("watched for 1.0 s"), "\(judgement.reason)")
        let answer = ClaimJudge.answer(
            Self.claim(.outage(control: true, treatment: false), .outage), control: Self.side(red),
            treatment: Self.side(short))
        #expect(answer.word == "undecided")
    }

    @Test("a fix that changes nothing does not work")
    func none() {
        let red = Self.run(.faultOnly(), .synthetic(.faultOnly))
        let judgement = PairJudge.judge(
            Self.noOutage, control: Self.side(red),
            treatment: Self.side(
                Self.fix(Self.noOutage, Self.quiet), Self.fix(Self.noOutage, .faultOnly())))
        #expect(judgement.verdict == .doesNotWork && judgement.reason.contains("outage"), "one of two is enough")
    }

    @Test("a control that stays green proves nothing, whatever the treatment does")
    func greenControl() {
        var criteria = Criteria.synthetic(.faultOnly)
        criteria.variant = "harmless"
        let green = Self.run(Self.quiet, criteria)
        for treatment in [Self.quiet, .faultOnly()] {
            let judgement = PairJudge.judge(
                Self.noOutage, control: Self.side(green), treatment: Self.side(Self.fix(Self.noOutage, treatment)))
            #expect(judgement.verdict == .inconclusive)
        }
    }

    @Test("a control that keeps the promise by itself proves nothing")
    func keptAnyway() {
        let promise = Promise(terms: [.atMost(.ttr, DurationText(.seconds(900)))])
        let control = Self.run(.runbook(), .synthetic(.runbook))
        let treatment = Self.fix(promise, .runbook(), plays: .runbook)
        let judgement = PairJudge.judge(promise, control: Self.side(control), treatment: Self.side(treatment))
        #expect(judgement.verdict == .inconclusive && judgement.reason.contains("keeps the promise"))
    }

    @Test(
        "half of the control's time is compared with the control's time",
        arguments: [(0.5, "does-not-work"), (3, "works")])
    func share(share: Double, word: String) {
        let promise = Promise(terms: [.share(.ttr, share)])
        let control = Self.run(.runbook(), .synthetic(.runbook))
        let treatment = Self.fix(promise, .runbook(), plays: .runbook)
        let judgement = PairJudge.judge(promise, control: Self.side(control), treatment: Self.side(treatment))
        #expect(judgement.verdict.rawValue == word, "\(judgement.reason)")
    }

    @Test("an inconclusive run leaves pair and claim open")
    func inconclusive() {
        let lost = Self.run(SyntheticRun(), .synthetic(.faultOnly))
        let red = Self.run(.faultOnly(), .synthetic(.faultOnly))
        #expect(
            PairJudge.judge(Self.noOutage, control: Self.side(red), treatment: Self.side(lost)).verdict == .inconclusive
        )
        #expect(PairJudge.judge(Self.noOutage, control: Self.side(), treatment: Self.side()).verdict == .inconclusive)
        let answer = ClaimJudge.answer(
            Self.claim(.outage(control: true, treatment: false), .outage), control: Self.side(red),
            treatment: Self.side(lost))
        #expect(answer.word == "undecided")
    }

    // MARK: Claims

    private static func claim(_ expect: Claim.Expect, _ measure: Claim.Measure) -> Claim {
        Claim(
            id: "T1-C1", statement: "It helps.", control: .faultOnly, treatment: .runbook, measure: measure,
            expect: expect)
    }

    @Test(
        "a claim is true, false or undecided",
        arguments: [
            (Claim.Expect.ratioAtMost(0.5), Claim.Measure.ttr, "true"), (.ratioAtLeast(0.5), .ttr, "false"),
            (.ratioAtMost(0.01), .ttr, "undecided"), (.outage(control: true, treatment: true), .outage, "true"),
            (.outage(control: true, treatment: false), .outage, "false"),
        ])
    func claims(expect: Claim.Expect, measure: Claim.Measure, word: String) {
        let control = Self.run(.faultOnly(), .synthetic(.faultOnly))
        let treatment = Self.run(.runbook(), .synthetic(.runbook))
        let answer = ClaimJudge.answer(
            Self.claim(expect, measure), control: Self.side(control), treatment: Self.side(treatment))
        #expect(answer.word == word, "\(answer)")
    }
}
