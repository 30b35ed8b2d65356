import Definitions
import Foundation
import Glibc
import Replay
import Reporting
import Timeline

/// Plays everything that a validation compares: each cell as often as was asked for, several replays at once, controls and
/// treatments interleaved so that a machine that grows slower slows both.
struct ValidationRun: Sendable {
    let catalogue: Catalogue
    let root: String
    let comparisons: Comparisons
    let repeats: Int
    let jobs: Int
    let commit: String
    let ownFix: OwnFix?

    /// Instead of a run's secret, so that what is deployed has the same hash in every run.
    private static let pinnedNonce = "validation"

    /// What a cell compiles to, whatever its run.
    private struct Pinned {
        var deployed: String
        /// Nil: the plan's own.
        var horizon: DurationText?
    }

    struct Played: Sendable {
        var runs: [Comparisons.Cell: [ComparedRun]] = [:]
        var wasStopped = false
    }

    /// - Throws: `DefinitionErrors`, or `Stop` for a step that nobody approved, before anything is played; afterwards what kept
    ///   a replay from being played at all, once the others have ended in order.
    func play() async throws -> Played {
        let pinned = try pin()
        let cells = comparisons.cells
        let order = (0..<repeats).flatMap { _ in cells }
        Stop.printError("\(order.count) replays, \(min(jobs, order.count)) at a time")
        let done = try await ReplayPool(root: root, jobs: jobs).run(order.count) { number, hub in
            try await play(order[number], pinned[order[number]], hub, label: "[\(number + 1)/\(order.count)]")
        }
        var played = Played(wasStopped: done.wasStopped)
        for (number, cell) in order.enumerated() {
            if case let run?? = done.values[number] { played.runs[cell, default: []].append(run) }
        }
        return played
    }

    private func compile(_ cell: Comparisons.Cell, nonce: String) throws -> CompiledPlan {
        var options = CompileOptions(
            variant: cell.variant, commit: commit, runNonce: nonce, programFolder: Programs.folder)
        options.ownFix = ownFix
        return try catalogue.compile(scenario: cell.scenario, arm: cell.arm, options: options)
    }

    /// Compiles every cell, so that a mistake in the last one is found before the first is played.
    private func pin() throws -> [Comparisons.Cell: Pinned] {
        var pinned: [Comparisons.Cell: Pinned] = [:]
        var horizons: [Comparisons.Cell: DurationText] = [:]
        for cell in comparisons.cells {
            let plan = try compile(cell, nonce: Self.pinnedNonce).plan
            try Approvals.refuseUnapproved(in: plan)
            try OpenFaultGate.check([plan.testnet.name], root: root)
            pinned[cell] = Pinned(deployed: plan.testnet.deployedDigest, horizon: nil)
            horizons[cell] = plan.criteria.horizon
        }
        for cell in comparisons.cells where comparisons.isOnlyAskedForOutage(cell) {
            let pairs = (comparisons.pairs + comparisons.mutants.flatMap(\.pairs)).filter { $0.controlCell == cell }
            pinned[cell]?.horizon = pairs.compactMap { horizons[$0.treatmentCell] }.max { $0.duration < $1.duration }
        }
        return pinned
    }

    /// Nil when a stop came before it had begun.
    private func play(
        _ cell: Comparisons.Cell, _ pinned: Pinned?, _ hub: SignalHub, label: String
    ) async throws -> ComparedRun? {
        guard let pinned, !hub.isStopping else { return nil }
        let began = ContinuousClock.now
        var compiled = try compile(cell, nonce: RunIdentity.makeRun())
        if let horizon = pinned.horizon { compiled.plan.criteria.horizon = horizon }
        let what = "\(label) \(compiled.plan.criteria.scenario), \(compiled.plan.criteria.playing)"
        let played = try await RunPlayer(root: root, isSideBySide: jobs > 1, display: .quiet)
            .play(compiled, signals: hub.subscribe()) { Stop.printError("\(what): \($0.name)") }
        guard !played.ending.wasStopped else { return nil }
        guard let verdict = played.verdict else {
            throw Stop("the record of \(played.folder.path) cannot be read back", .harnessError)
        }
        let took = DurationText(.seconds((ContinuousClock.now - began).components.seconds))
        let outage = verdict.outage.map { $0 ? "an outage" : "no outage" } ?? "nothing to tell"
        Stop.printError("\(what): \(outage), \(verdict.outcome.rawValue), took \(took)")
        return ComparedRun(run: played.folder.name, verdict: verdict, deployed: pinned.deployed)
    }
}
