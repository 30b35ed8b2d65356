import Definitions

/// Coverage as a table for people: one line for each thing that covers a fact, what is missing marked at the left.
struct CoverageText {
    let coverage: Coverage

    /// Arms are named at length up to this many.
    private static let namedArms = 2

    var lines: [String] {
        let tables = coverage.incidents.flatMap { table($0) + [""] }
        return tables
            + [total("all incidents", coverage.incidents.flatMap(\.facts))].suffix(coverage.incidents.count > 1 ? 1 : 0)
    }

    private func table(_ incident: Coverage.Incident) -> [String] {
        let rows = [["", "fact", "covered by", "name", "scenario", "arms", "probes"]] + incident.facts.flatMap(rows)
        let widths = rows[0].indices.map { column in rows.map { $0.count > 4 ? $0[column].count : 0 }.max() ?? 0 }
        let aligned = rows.map { row -> String in
            guard row.count > 4 else {
                return zip(row, widths.prefix(2) + [0]).map { $0.padding(to: $1) }.joined(separator: "  ")
            }
            let line = zip(row, widths).map { $0.padding(to: $1) }.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
        return ["\(incident.id)  \(incident.title)"] + aligned + [total(incident.id, incident.facts)]
    }

    /// The rows of one fact; those with few columns are not aligned.
    private func rows(_ fact: Coverage.Fact) -> [[String]] {
        let id = fact.id + (fact.inferred ? " (inferred)" : "")
        switch fact.status {
        case .covered:
            return fact.covers.enumerated().map { index, cover in
                [
                    index == 0 ? "ok" : "", index == 0 ? id : "", cover.kind.rawValue, cover.name, cover.scenario,
                    arms(cover), cover.probes.joined(separator: ", "),
                ]
            }
        case .excused: return fact.excuses.map { ["--", id, "excused by \($0.scenario): \($0.reason)"] }
        case .uncovered: return [["!!", id, "NOT COVERED: \(fact.text)"]]
        }
    }

    private func arms(_ cover: Coverage.Cover) -> String {
        if cover.arms.count <= Self.namedArms { return cover.arms.joined(separator: ", ") }
        return cover.arms.contains("no-fault") ? "every arm" : "every arm with a fault"
    }

    private func total(_ name: String, _ facts: [Coverage.Fact]) -> String {
        let counts = Dictionary(grouping: facts, by: \.status).mapValues(\.count)
        return "\(name): \(facts.count) facts, \(counts[.covered] ?? 0) covered, \(counts[.excused] ?? 0) excused, "
            + "\(counts[.uncovered] ?? 0) not covered"
    }
}
