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
        RunLock.sweep(root: root)
        let identity = try Identity.forContained(environment: ProcessInfo.processInfo.environment)
        let hub = SignalHub()
        let listening = Task { for await signal in Signals.stream(Signals.stopping) { hub.send(signal) } }
        defer { listening.cancel() }
        var played = Played()
        var failure: (any Error)?
        await withTaskGroup(of: (Comparisons.Cell, Result<ComparedRun?, any Error>).self) { group in
            var next = 0
            func start() {
                guard next < order.count, !hub.isStopping, failure == nil else { return }
                let (cell, number) = (order[next], next + 1)
                next += 1
                group.addTask {
                    do {
                        let run = try await self.play(
                            cell, pinned[cell], identity: identity, hub: hub, label: "[\(number)/\(order.count)]")
                        return (cell, .success(run))
                    } catch {
                        return (cell, .failure(error))
                    }
                }
            }
            for _ in 0..<jobs { start() }
            while let (cell, result) = await group.next() {
                switch result {
                case .success(let run?): played.runs[cell, default: []].append(run)
                case .success(nil): break
                case .failure(let error):
                    failure = failure ?? error
                    hub.send(SIGTERM)
                }
                start()
            }
        }
        if let failure { throw failure }
        played.wasStopped = hub.isStopping
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
        _ cell: Comparisons.Cell, _ pinned: Pinned?, identity: Identity, hub: SignalHub, label: String
    ) async throws -> ComparedRun? {
        guard let pinned, !hub.isStopping else { return nil }
        let began = ContinuousClock.now
        var compiled = try compile(cell, nonce: RunIdentity.makeRun())
        if let horizon = pinned.horizon { compiled.plan.criteria.horizon = horizon }
        let plan = compiled.plan
        let prepared = try RunPreparation(root: root, identity: identity, isSideBySide: jobs > 1)
            .prepare(plan: plan, staged: compiled.staged, name: plan.criteria.runName)
        compiled.staged = []
        let folder = prepared.folder
        let name = URL(fileURLWithPath: folder.path).lastPathComponent
        Stop.printError("\(label) \(plan.criteria.scenario), \(plan.criteria.playing): \(name)")
        let session = RunSession(
            folder: folder, criteria: plan.criteria, identity: identity, mode: ContainedMode(), display: .quiet,
            lock: prepared.lock.descriptor)
        let ending = try await session.run(root: root, testnet: plan.testnet, signals: hub.subscribe())
        _ = consume prepared
        guard !ending.wasStopped else { return nil }
        let verdict = Judge.verdict(
            criteria: try RunRecord.criteria(in: folder.path), events: try RunRecord.events(in: folder.path).events)
        let took = DurationText(.seconds((ContinuousClock.now - began).components.seconds))
        let outage = verdict.outage.map { $0 ? "an outage" : "no outage" } ?? "nothing to tell"
        Stop.printError(
            "\(label) \(plan.criteria.scenario), \(plan.criteria.playing): \(outage), \(verdict.outcome.rawValue), took \(took)"
        )
        return ComparedRun(run: name, verdict: verdict, deployed: pinned.deployed)
    }
}
