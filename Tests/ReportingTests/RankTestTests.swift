import Testing

@testable import Reporting

@Suite("Rank test")
struct RankTestTests {
    private func times(_ values: [Double], censoredFrom limit: Double = .infinity) -> [Measured] {
        values.map { Measured($0, isCensored: $0 >= limit) }
    }

    /// By hand: of the 10 ways to choose 2 of 5 ranks, how many have a sum at least as high.
    @Test(
        "probabilities are those of counting by hand",
        arguments: [
            ([1.0, 2, 3], [4.0, 5], 0.1), ([1, 2, 4], [3, 5], 0.2), ([3, 4, 5], [1, 2], 1),
            // Ties share their ranks: 1.5, 1.5, 3.5, 3.5, 5; only {3.5, 5} (twice) reaches 8.5.
            ([1, 1, 2], [2, 3], 0.2),
            // All the same: every choice is as high.
            ([7, 7, 7], [7, 7], 1), ([], [1], 1), ([1], [], 1),
        ] as [([Double], [Double], Double)])
    func probability(earlier: [Double], later: [Double], expected: Double) {
        let test = RankTest(earlier: times(earlier), later: times(later))
        #expect(abs(test.probability - expected) < 1e-12)
    }

    /// 1 of C(25, 5) choices.
    @Test("five slower runs against twenty are as unlikely as counting says") func extreme() {
        let test = RankTest(earlier: times((1...20).map(Double.init)), later: times((21...25).map(Double.init)))
        #expect(abs(test.probability - 1 / 53_130) < 1e-12)
        #expect(test.delta == 1)
        // Median of all 100 differences.
        #expect(test.shift == 12.5)
    }

    @Test("censored times rank last, tie with each other whatever was waited, and are no term of a shift")
    func censored() {
        let some = RankTest(earlier: times([1, 2, 3]), later: times([4, 90], censoredFrom: 50))
        #expect(abs(some.probability - 0.1) < 1e-12)
        let waits = RankTest(earlier: times([60, 60, 60], censoredFrom: 50), later: times([90, 90], censoredFrom: 50))
        #expect(waits.probability == 1 && waits.shift == 0 && waits.delta == 0)
        let never = RankTest(earlier: times([1, 2, 3]), later: times([90, 90], censoredFrom: 50))
        #expect(never.shift == .infinity && never.delta == 1)
        let healed = RankTest(earlier: times([90, 90], censoredFrom: 50), later: times([1, 2, 3]))
        #expect(healed.shift == -.infinity && healed.probability == 1)
    }
}

@Suite("Regression rule")
struct RegressionRuleTests {
    private let rule = RegressionRule()
    /// Twelve runs that differ as runs do.
    private let usual = [17.3, 16.0, 18.1, 17.7, 16.8, 18.4, 17.0, 17.9, 16.4, 18.0, 17.2, 17.6].map { Measured($0) }

    private func answer(_ later: [Measured]) -> RegressionRule.Answer { rule.finding(usual + later).answer }

    @Test("five runs that are 30 % slower are slower, five as usual are steady, five faster ones are faster")
    func answers() {
        let window = usual.prefix(5)
        #expect(answer(window.map { Measured($0.seconds * 1.3) }) == .slower)
        #expect(answer(Array(window)) == .steady)
        #expect(answer(window.map { Measured($0.seconds * 0.7) }) == .faster)
    }

    @Test("one odd run, or a shift that nobody would mind, is steady") func small() {
        #expect(answer(usual.prefix(4) + [Measured(90)]) == .steady)
        #expect(answer(usual.prefix(4) + [Measured(30, isCensored: true)]) == .steady)
        #expect(answer(usual.prefix(5).map { Measured($0.seconds + 0.8) }) == .steady)
    }

    @Test("runs that do not recover any more are slower; a series that never did is steady") func censored() {
        let never = (0..<5).map { _ in Measured(30, isCensored: true) }
        #expect(answer(never) == .slower)
        let finding = rule.finding(never + never + never)
        #expect(finding.answer == .steady && finding.relativeShift == nil)
        #expect(rule.finding(never + never + usual.prefix(5)).answer == .faster)
    }

    @Test("short steps need more than a share") func least() {
        let tenths = (0..<12).map { Measured(0.1 + Double($0) / 1_000) }
        #expect(RegressionRule.steps.finding(tenths + (0..<5).map { _ in Measured(0.25) }).answer == .steady)
    }

    @Test("too few runs give no answer") func few() {
        #expect(rule.finding(usual + usual.prefix(2)).answer == .tooFew)
        #expect(rule.finding(usual + usual.prefix(3)).answer == .steady)
        #expect(rule.finding([]).answer == .tooFew)
    }
}
