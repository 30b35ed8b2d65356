import Definitions
import Foundation
import Glibc
import Replay
import Reporting
import Timeline

/// Plays a night: one thing after the other, so that times compare, and all outputs written anew after each, so that a night
/// that ends half-way has them.
struct NightSession {
    let root: String
    let catalogue: Catalogue
    let seed: UInt64?
    let quiet: Bool
    /// Where all outputs go.
    let folder: String
    var night: Night

    private let started = ContinuousClock.now
    /// What a play is taken to need when none like it was played before, wall seconds.
    private static let usualLength = 75.0
    /// Runs whose median length is what the next one is taken to need.
    private static let lengthSample = 10

    init(root: String, catalogue: Catalogue, seed: UInt64?, quiet: Bool, folder: String, night: Night) {
        self.root = root
        self.catalogue = catalogue
        self.seed = seed
        self.quiet = quiet
        self.folder = folder
        self.night = night
    }

    /// Plays what is in the night, in order. Nothing that goes wrong in one play keeps the others from being played.
    mutating func play() async {
        writeOutputs()
        for index in night.plays.indices {
            let play = night.plays[index]
            guard hasTime(for: length(of: play)) else {
                night.plays[index].reason =
                    "The budget of \(DurationText(.seconds(night.budget))) had no room for it; raise --budget, or split the night with --shard."
                continue
            }
            say("\(index + 1) of \(night.plays.count): \(play.name)")
            let wasStopped = await self.play(index)
            writeOutputs()
            if wasStopped {
                night.problems.append("The night was stopped by a signal.")
                finish()
                return
            }
        }
        await playPairs()
        noteRegressions()
        finish()
    }

    private mutating func finish() {
        night.ended = SystemClock().wallLabel()
        writeOutputs()
    }

    /// - Returns: whether somebody asked to stop.
    private mutating func play(_ index: Int) async -> Bool {
        let before = ContinuousClock.now
        var wasStopped = false
        do {
            let played = try await replay(night.plays[index])
            wasStopped = played.ending.wasStopped
            night.plays[index].run = played.folder.name
            note(played, at: index)
        } catch let error as DefinitionErrors {
            fail(index, .usage, "\(error)")
        } catch let stop as Stop {
            fail(index, stop.code, stop.description)
        } catch {
            fail(index, .harnessError, "\(error)")
        }
        night.plays[index].took = (ContinuousClock.now - before).inSeconds
        return wasStopped
    }

    private mutating func fail(_ index: Int, _ code: Timeline.ExitCode, _ reason: String) {
        night.plays[index].exitCode = Int(code.rawValue)
        night.plays[index].verdict = Night.word(code)
        night.plays[index].reason = reason
        Stop.printError("firedrill: \(night.plays[index].name): \(reason)")
    }

    private mutating func note(_ played: RunPlayer.Played, at index: Int) {
        guard let verdict = played.verdict else {
            fail(index, .harnessError, "Its record could not be read back from \(played.folder.path).")
            return
        }
        night.plays[index].exitCode = Int(verdict.exitCode.rawValue)
        night.plays[index].verdict = Night.word(verdict.exitCode)
        night.plays[index].reason = verdict.reasons.first ?? ""
        night.plays[index].ttr = verdict.times.recover.wall
        night.plays[index].ttrCensored = verdict.times.recover.isCensored
        night.plays[index].recoverBudget = verdict.budgets.first { $0.name == "recover" }.map {
            $0.limit / max(verdict.timeScale, 0.01)
        }
    }

    private func replay(_ play: Night.Play) async throws -> RunPlayer.Played {
        let options = CompileOptions(
            seed: seed, commit: night.commit, runNonce: RunIdentity.makeRun(), programFolder: Programs.folder)
        let compiled = try catalogue.compile(
            scenario: play.scenario, arm: try catalogue.arm(named: play.arm, of: play.scenario), options: options)
        // At night nobody is asked.
        try Approvals.refuseUnapproved(in: compiled.plan)
        return try await RunPlayer(root: root, display: quiet ? .quiet : .lines).play(compiled)
    }

    // MARK: time

    private var elapsed: Double { (ContinuousClock.now - started).inSeconds }

    private func hasTime(for seconds: Double) -> Bool { elapsed + seconds <= night.budget }

    /// Median length of the latest runs like it, with what a run needs around its record.
    private func length(of play: Night.Play) -> Double {
        let runs = try? history().runs(scenario: play.scenario, arm: play.arm, limit: Self.lengthSample)
        let lengths = (runs ?? []).map(\.length).sorted()
        return lengths.isEmpty ? Self.usualLength : lengths[lengths.count / 2] + 2
    }

    private func history() throws -> HistoryStore { try History.open("\(root)/.firedrill").history }

    // MARK: fixes

    private mutating func playPairs() async {
        let known = (try? history().latestPairs()) ?? []
        for index in night.pairs.indices {
            let pair = night.pairs[index]
            let before = known.filter { $0.scenario == pair.scenario && $0.fix == pair.fix }.map(\.took).max()
            guard hasTime(for: before ?? Self.usualLength * 2) else {
                night.pairs[index].reason = "The budget had no room for it; it is among the first of the next night."
                continue
            }
            say("fix \(index + 1) of \(night.pairs.count): \(pair.scenario), \(pair.fix)")
            let results = await PairPlayer(root: root, limit: night.budget - elapsed).play(&night.pairs[index])
            for result in results {
                do { try history().keep(result) } catch { night.problems.append("\(error)") }
            }
            writeOutputs()
        }
    }

    // MARK: outputs

    /// What this night's runs say together with earlier ones.
    private mutating func noteRegressions() {
        do {
            night.regressions = try NightRegressions.find(night.plays, history())
        } catch {
            night.problems.append("\(error)")
        }
    }

    private mutating func writeOutputs() {
        do {
            try NightOutputs(root: root, folder: folder).write(night)
        } catch {
            let problem = "\(error)"
            if !night.problems.contains(problem) { night.problems.append(problem) }
            Stop.printError("firedrill: \(problem)")
        }
    }

    private func say(_ message: String) { if !quiet { Stop.printError("\nnight: \(message)") } }
}

extension NightSession {
    /// Does something whose failure must not cost the night, and writes it down when it fails.
    mutating func keepProblem(_ body: () throws -> Void) {
        do {
            try body()
        } catch {
            night.problems.append("\(error)")
            Stop.printError("firedrill: \(error)")
            writeOutputs()
        }
    }
}
