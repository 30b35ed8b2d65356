import Definitions
import Foundation
import Replay
import Reporting
import Timeline

/// Plays a runbook as it is, and then with one mistake at a time.
struct MutationSession: Sendable {
    let catalogue: Catalogue
    let scenario: String
    let runbook: String
    /// Absolute path of the root folder.
    let root: String
    let commit: String
    /// How many replays run at once.
    let jobs: Int

    /// What playing gave.
    struct Outcome {
        var report: MutationReport
        /// Somebody asked to stop, so that mutants are missing.
        var wasStopped = false
    }

    /// All mutants of the runbook, always in the same order.
    func mutants() throws -> [RunbookMutant] {
        try compile(programFolder: nil).plan.runbookMutants
    }

    /// Plays the runbook, and when that passes the mutants.
    func play(_ mutants: [RunbookMutant]) async throws -> Outcome {
        let original = try await playOriginal()
        var report = MutationReport(
            runbook: runbook, scenario: scenario, commit: commit,
            original: .init(folder: original.folder.name, verdict: original.verdict), rows: [])
        guard let verdict = original.verdict, verdict.outcome == .passed else {
            let reason = original.verdict?.reasons.first ?? "nothing could be judged"
            Stop.printError(
                "firedrill: the runbook as it is did not pass, so its mutants would say nothing (\(original.folder.path)): \(reason)"
            )
            return Outcome(report: report, wasStopped: original.ending.wasStopped)
        }
        let judge = MutantJudge(original: verdict)
        var ended = 0
        var rows = [MutationReport.Row?](repeating: nil, count: mutants.count)
        let done = try await ReplayPool(root: root, jobs: jobs).run(mutants.count) { number, hub in
            // Compiled when its turn comes: what it stages can be large.
            try await play(
                compile(mutants[number]), name: "\(scenario)-mutant-\(mutants[number].id)", hub, isSideBySide: jobs > 1)
        } ended: { index, played in
            let row = row(mutants[index], played, judge)
            rows[index] = row
            ended += 1
            Stop.printError("[\(ended)/\(mutants.count)] \(row.finding.word)  \(row.id)")
        }
        report.rows = rows.compactMap { $0 }
        if done.wasStopped {
            Stop.printError("firedrill: stopped; \(mutants.count - ended) of \(mutants.count) mutants were not played")
        }
        return Outcome(report: report, wasStopped: done.wasStopped)
    }

    /// Keeps the report as `mutation.json` in a folder of its own under `.firedrill/mutations`.
    func write(_ report: MutationReport) throws {
        let label = SystemClock().wallLabel().prefix(19).filter { $0 != "-" && $0 != ":" }
        let folder = "\(root)/.firedrill/mutations/\(label)Z-\(runbook)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try report.encoded().write(toFile: "\(folder)/mutation.json", atomically: true, encoding: .utf8)
        Stop.printError("firedrill: the report is \(folder)/mutation.json")
    }

    // MARK: One run

    private func playOriginal() async throws -> RunPlayer.Played {
        var compiled = try compile(programFolder: Programs.folder)
        try Approvals.ask(for: &compiled.plan)
        let plan = compiled
        Stop.printError("\(runbook) in \(scenario), as it is")
        let done = try await ReplayPool(root: root, jobs: 1).run(1) { _, hub in
            try await play(plan, name: "\(scenario)-\(plan.plan.criteria.arm)", hub, isSideBySide: false)
        } ended: { _, played in
            Stop.printError("\(played.verdict?.outcome.rawValue ?? "lost")  \(played.folder.path)")
        }
        guard let original = done.values[0] else { throw Stop("the runbook was not played", .harnessError) }
        return original
    }

    private func play(
        _ compiled: CompiledPlan, name: String, _ hub: SignalHub, isSideBySide: Bool
    ) async throws -> RunPlayer.Played {
        try await RunPlayer(root: root, isSideBySide: isSideBySide, display: .quiet)
            .play(compiled, name: name, signals: hub.subscribe())
    }

    private func row(_ mutant: RunbookMutant, _ played: RunPlayer.Played, _ judge: MutantJudge) -> MutationReport.Row {
        let finding =
            played.verdict.map {
                judge.finding(
                    of: $0, events: played.events, canBeHarmless: mutant.kind.canBeHarmless(role: mutant.role))
            } ?? .inconclusive(reason: "Nothing could be judged.")
        return MutationReport.Row(
            id: mutant.id, summary: mutant.summary, finding: finding,
            run: .init(folder: played.folder.name, verdict: played.verdict))
    }

    // MARK: Plans

    private func compile(programFolder: String?) throws -> CompiledPlan {
        let compiled = try catalogue.compile(
            scenario: scenario, arm: .runbook,
            options: CompileOptions(commit: commit, runNonce: RunIdentity.makeRun(), programFolder: programFolder))
        return compiled
    }

    /// Compiled anew, because every run has secrets of its own.
    private func compile(_ mutant: RunbookMutant) throws -> CompiledPlan {
        var compiled = try compile(programFolder: Programs.folder)
        guard let same = compiled.plan.runbookMutants.first(where: { $0.id == mutant.id }) else {
            throw Stop("the definitions changed meanwhile: there is no mutant \(mutant.id) any more", .harnessError)
        }
        compiled.plan = compiled.plan.playing(same)
        // Whoever compares runs of the runbook must not take this one for one.
        compiled.plan.criteria.variant = "mutant-\(mutant.id)"
        return compiled
    }
}
