import Testing

@testable import Definitions

/// Patterns that could keep a run busy for ever are refused where they are written.
@Suite struct PatternTests {
    @Test(arguments: [
        "(a+)+", "(a*)*b", "(a|a)*", "(a|aa)+$", "(.*)*", "(.*a){12}", "(a{1,30}){1,30}", "([a-z]+)*\\d", "(x+x+)+y",
        "^(\\w+\\s?)*$", "(?:a|b|ab)*c", "( --?[a-z-]+)*", "(?=(a+)+b)a", "((ab)*)*", "(\\w|\\d)+", "([^,]*,?)*",
    ])
    func refuses(_ pattern: String) {
        #expect(PatternAmbiguity.isExponential(pattern))
        #expect { try Pattern.check(pattern) } throws: { "\($0)".contains("for ever") }
    }

    @Test(arguments: [
        "a", "[0-9]{1,5}", "[a-z0-9.-]+( [a-z0-9.-]+)*", "[a-z.-]+( [a-z.-]+)*( / [a-z.-]+( [a-z.-]+)*)*", ".*x.*",
        "(/[A-Za-z0-9._-]+)+", "[1-9]|1[0-6]", "127(\\.[0-9]{1,3}){3}", "(ab)*", "(a|b)*", "(?:a+b)+", "\\{.*\\}",
        "(^|\\n)(?!s1-t3-)[a-z0-9-]+ mainnet [0-9.]+ up", "[A-Za-z0-9._:/?=-]{0,200}", "(a?b)*", "([+-]?[0-9]+,)*",
        "^<.xml.*<Error><Code>", "[]x-]+", "[^]]*", "a{2}b{,3}c{4,}", "(?<name>x)+", "\\p{L}+", "",
    ])
    func accepts(_ pattern: String) {
        #expect(!PatternAmbiguity.isExponential(pattern))
    }

    @Test func longPatternsAreLookedAtQuickly() {
        let started = ContinuousClock.now
        let long = (0..<60).map { "[a-z]\($0)x+" }.joined()
        #expect(!PatternAmbiguity.isExponential(long))
        #expect(PatternAmbiguity.isExponential("(" + long + "|" + long + ")*"))
        #expect(ContinuousClock.now - started < .seconds(20))
    }
}
