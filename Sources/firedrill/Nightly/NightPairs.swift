import Definitions
import Reporting

/// Fix pairs as a night plays them.
enum NightPairs {
    /// The fixes of a scenario that promise something; `validate` plays each with its control and under its variants.
    static func fixes(of scenario: String, in catalogue: Catalogue) -> [Night.Pair] {
        catalogue.fixIDs(of: scenario).filter { id in
            (try? catalogue.comparisons(of: [scenario], choice(id)))?.pairs.isEmpty == false
        }.map { Night.Pair(scenario: scenario, fix: $0) }
    }

    private static func choice(_ id: String) -> ComparisonChoice {
        var choice = ComparisonChoice()
        choice.fixes = [id]
        return choice
    }
}
