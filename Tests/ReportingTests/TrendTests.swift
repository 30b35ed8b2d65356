import Foundation
import Testing
import Timeline

@testable import Reporting

/// Runs as they were recorded on a shared machine with two cores: time to recover and length of each step, wall seconds.
private struct RecordedRun: Decodable {
    var scenario: String
    var ttr: Double
    var steps: [String: Double]

    static let all: [String: [RecordedRun]] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
            path: "Fixtures/recorded-runs.json")
        guard let data = try? Data(contentsOf: file),
            let runs = try? JSONDecoder().decode([RecordedRun].self, from: data)
        else { return [:] }
        return Dictionary(grouping: runs, by: \.scenario)
    }()
}

/// Splitmix64, so that a failure can be looked at again.
private struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Nights made of recorded runs.
private struct Resampled {
    var runs: [HistoryRun] = []
    var steps: [String: [HistoryStep]] = [:]

    /// Adds a run of `scenario`; with `slowed`, the step of that name takes `factor` times as long, and so does recovery
    /// when it waits for that step.
    mutating func add(_ recorded: RecordedRun, slowed: String? = nil, factor: Double = 1) {
        let id = "r\(runs.count)"
        let extra = (slowed.flatMap { recorded.steps[$0] } ?? 0) * (factor - 1)
        runs.append(
            HistoryRun(
                id: id, started: "2026-01-01T00:00:00.000Z", scenario: recorded.scenario, incident: "", arm: "runbook",
                variant: "", size: "", timeScale: 30, seed: "1", machine: "m", commit: "", outcome: "passed",
                exitCode: 0,
                reason: "", ttdCensored: false, ttaCensored: false, ttmCensored: false, ttr: recorded.ttr + extra,
                ttrCensored: false, precision: 1, length: 60))
        steps[id] = recorded.steps.sorted { $0.key < $1.key }.enumerated().map { index, step in
            HistoryStep(
                run: id, position: index, name: step.key, role: "act",
                took: step.value * (step.key == slowed ? factor : 1), passed: true, simulated: false)
        }
    }

    var trend: Trend { Trend(runs: runs, steps: steps) }
    /// The same answers for today's runs, from as many runs as any answer looks at.
    var latest: Trend { Trend(runs: Array(runs.suffix(45)), steps: steps) }
}

@Suite("Trend")
struct TrendTests {
    @Test("there are recorded runs to resample") func recorded() {
        #expect(RecordedRun.all.count >= 2)
        #expect(RecordedRun.all.values.allSatisfy { $0.count >= 7 })
    }

    /// Issue 6: 200 nights without a slow-down give at most 2 false alarms, over all scenarios and all their steps.
    @Test("200 resampled nights without a slow-down: at most 2 false alarms", arguments: [1, 2, 3, 4, 5] as [UInt64])
    func falseAlarms(seed: UInt64) {
        var dice = Dice(state: seed)
        var alarms = 0
        var nights = Dictionary(uniqueKeysWithValues: RecordedRun.all.keys.map { ($0, Resampled()) })
        for _ in 0..<200 {
            var isAlarm = false
            for (scenario, recorded) in RecordedRun.all {
                guard let run = recorded.randomElement(using: &dice) else { continue }
                nights[scenario]?.add(run)
                if nights[scenario]?.latest.regressions.isEmpty == false { isAlarm = true }
            }
            alarms += isAlarm ? 1 : 0
        }
        #expect(alarms <= 2, "\(alarms) of 200 nights")
    }

    /// Issue 6: a step that takes 30 % longer is reported within 10 runs. Of steps that take a second or more (a tenth of a
    /// second more in a shorter one is below what the harness itself adds to it), and whose own jitter is not as large as the
    /// slow-down: a step that waits for the next slot of a chain takes 1.2 s or 4.7 s by chance, and nobody can tell from ten
    /// runs that it became slower.
    @Test("a step that becomes 30 % slower is reported within 10 runs", arguments: [11, 12, 13] as [UInt64])
    func slowDown(seed: UInt64) throws {
        var dice = Dice(state: seed)
        var looked = 0
        for recorded in RecordedRun.all.values.sorted(by: { $0[0].scenario < $1[0].scenario }) {
            for step in recorded[0].steps.keys.sorted() where isLong(step, recorded) {
                var nights = Resampled()
                for _ in 0..<30 { if let run = recorded.randomElement(using: &dice) { nights.add(run) } }
                var reportedAfter: Int?
                for night in 1...10 where reportedAfter == nil {
                    if let run = recorded.randomElement(using: &dice) { nights.add(run, slowed: step, factor: 1.3) }
                    if !nights.trend.regressions.isEmpty { reportedAfter = night }
                }
                #expect(reportedAfter != nil, "\(recorded[0].scenario), \(step)")
                looked += 1
            }
        }
        #expect(looked >= 1)
    }

    /// The whole response, where no single step says it.
    @Test("a recovery that takes 30 % longer is reported within 10 runs", arguments: [21, 22, 23] as [UInt64])
    func slowRecovery(seed: UInt64) {
        var dice = Dice(state: seed)
        for recorded in RecordedRun.all.values.sorted(by: { $0[0].scenario < $1[0].scenario }) {
            var nights = Resampled()
            for _ in 0..<30 { if let run = recorded.randomElement(using: &dice) { nights.add(run) } }
            var reportedAfter: Int?
            for night in 1...10 where reportedAfter == nil {
                guard var run = recorded.randomElement(using: &dice) else { continue }
                run.ttr *= 1.3
                nights.add(run)
                if nights.trend.regressions.contains(where: { $0.step == nil }) { reportedAfter = night }
            }
            #expect(reportedAfter != nil, "\(recorded[0].scenario)")
        }
    }

    private func isLong(_ step: String, _ runs: [RecordedRun]) -> Bool {
        let times = runs.compactMap { $0.steps[step] }.sorted()
        let median = RankTest.median(sorted: times) ?? 0
        let jitter = times[times.count * 3 / 4] - times[times.count / 4]
        return median >= 1 && jitter <= median * 0.15
    }

    @Test("another machine class, size or arm is another series, and an accepted change starts a new baseline")
    func series() throws {
        let recorded = try #require(RecordedRun.all.values.first)
        var nights = Resampled()
        for index in 0..<40 { nights.add(recorded[index % recorded.count]) }
        for index in 20..<40 { nights.runs[index].machine = "other" }
        #expect(Set(nights.trend.rows.map(\.series.machine)) == ["m", "other"])
        #expect(nights.trend.rows.filter { $0.step == nil }.map(\.points.count) == [20, 20])
        for index in 0..<40 { nights.runs[index].started = "2026-01-01T00:00:\(10 + index).000Z" }
        let accepted = Trend(
            runs: nights.runs, steps: nights.steps,
            accepted: ["\(recorded[0].scenario) runbook": "2026-01-01T00:00:15.000Z"])
        #expect(accepted.rows.filter { $0.step == nil }.map(\.points.count) == [15, 20])
    }

    @Test("inconclusive runs and harness errors are no part of a trend") func inconclusive() throws {
        let recorded = try #require(RecordedRun.all.values.first)
        var nights = Resampled()
        for index in 0..<4 { nights.add(recorded[index % recorded.count]) }
        nights.runs[1].exitCode = 2
        nights.runs[2].exitCode = 3
        #expect(nights.trend.rows.first?.points.map(\.run) == ["r0", "r3"])
    }

    @Test("a trend of 1,000 runs is read and computed in no time") func thousandRuns() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let store = try HistoryStore(path: folder.path + "/history.sqlite")
        var nights = Resampled()
        let recorded = RecordedRun.all.values.flatMap { $0 }
        for index in 0..<1_000 { nights.add(recorded[index % recorded.count]) }
        try store.write { db in
            for run in nights.runs {
                try run.insert(db)
                for step in nights.steps[run.id] ?? [] { try step.insert(db) }
            }
        }
        let clock = ContinuousClock()
        var rows = 0
        // Unoptimised code on a loaded machine; the release program takes a fraction of a second.
        #expect(try clock.measure { rows = try store.trend().rows.count } < .seconds(10))
        #expect(rows > RecordedRun.all.count)
    }
}
