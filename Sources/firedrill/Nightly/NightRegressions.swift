import Reporting

/// What the runs of a night say together with earlier ones.
enum NightRegressions {
    /// Times that became longer, of the series that the night's runs belong to: another machine's change was news in its own
    /// nights.
    static func find(_ plays: [Night.Play], _ history: HistoryStore) throws -> [Night.Regression] {
        var found: [Night.Regression] = []
        for play in plays where play.role == .scenario && play.run != nil {
            let trend = try history.trend(scenario: play.scenario, arm: play.arm)
            for row in trend.regressions where row.points.last?.run == play.run {
                found.append(
                    .init(scenario: play.scenario, arm: play.arm, measure: row.measure, sentence: row.sentence))
            }
        }
        return found
    }
}
