import Timeline

/// A night in the text format of OpenMetrics, for a node exporter's textfile collector: gauges without time stamps.
public struct NightMetrics {
    let night: Night
    /// Unix seconds at which the night ended.
    let endedAt: Double

    /// Metrics of `night`.
    public init(_ night: Night, endedAt: Double) {
        self.night = night
        self.endedAt = endedAt
    }

    private struct Family {
        var name: String
        var help: String
        var unit = ""
        var samples: [(labels: [(String, String)], value: Double)]
    }

    /// Escaped as the format asks: backslash, quote and line feed.
    private static func quoted(_ text: String) -> String {
        let plain = Text.harmless(text).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(plain)\""
    }

    private static func number(_ value: Double) -> String { JSON.double(value).text(.init(decimals: 3)) }

    private func labels(_ play: Night.Play) -> [(String, String)] {
        [("scenario", play.scenario), ("arm", play.arm), ("role", play.role.rawValue)]
    }

    private var families: [Family] {
        let played = night.plays
        return [
            Family(
                name: "firedrill_night_exit_code",
                help: "What the last night ended with: 0 passed, 1 failed, 2 inconclusive, 3 harness error.",
                samples: [([], Double(night.exitCode.rawValue))]),
            Family(
                name: "firedrill_night_end_timestamp_seconds", help: "When the last night ended, Unix time.",
                unit: "seconds",
                samples: [([], endedAt)]),
            Family(
                name: "firedrill_night_regressions", help: "Times that became longer than they were.",
                samples: [([], Double(night.regressions.count))]),
            Family(
                name: "firedrill_run_exit_code", help: "What each run ended with; a canary's is 1 when all is well.",
                samples: played.map { (labels($0), Double($0.exitCode)) }),
            Family(
                name: "firedrill_run_duration_seconds", help: "Wall time that each run took with everything.",
                unit: "seconds",
                samples: played.filter { $0.run != nil }.map { (labels($0), $0.took) }),
            Family(
                name: "firedrill_recovery_seconds",
                help: "Wall time to recover; not there for a run that did not recover.",
                unit: "seconds",
                samples: played.compactMap { play in
                    play.ttrCensored ? nil : play.ttr.map { (labels(play), $0) }
                }),
            Family(
                name: "firedrill_recovery_budget_seconds", help: "Wall time within which it should recover.",
                unit: "seconds",
                samples: played.compactMap { play in play.recoverBudget.map { (labels(play), $0) } }),
            Family(
                name: "firedrill_fix_works",
                help: "Whether a fix was shown to work (1), not to (0), or neither (-1), of those played.",
                samples: night.pairs.filter { $0.verdict != Night.notPlayed }.map { pair in
                    (
                        [("scenario", pair.scenario), ("fix", pair.fix)],
                        pair.verdict == "works" ? 1 : pair.verdict == "does-not-work" ? 0 : -1
                    )
                }),
        ]
    }

    /// The whole file.
    public var text: String {
        var lines: [String] = []
        for family in families where !family.samples.isEmpty {
            lines.append("# TYPE \(family.name) gauge")
            if !family.unit.isEmpty { lines.append("# UNIT \(family.name) \(family.unit)") }
            lines.append("# HELP \(family.name) \(family.help)")
            var seen: Set<String> = []
            for sample in family.samples {
                let list = sample.labels.map { "\($0)=\(Self.quoted($1))" }.joined(separator: ",")
                // The same play twice, in joined parts: one sample per set of labels, the first.
                guard seen.insert(list).inserted else { continue }
                lines.append("\(family.name)\(list.isEmpty ? "" : "{\(list)}") \(Self.number(sample.value))")
            }
        }
        return lines.joined(separator: "\n") + "\n# EOF\n"
    }
}
