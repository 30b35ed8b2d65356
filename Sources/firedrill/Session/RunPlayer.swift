import Definitions
import Foundation
import Glibc
import Replay
import Timeline

/// Plays one compiled replay to its end and says what came of it.
struct RunPlayer: Sendable {
    let root: String
    var keepUp = false
    let display: RunSession.DisplayMode

    /// What came of one replay.
    struct Played: Sendable {
        var ending: RunSession.Ending
        /// Nil when its record could not be read back.
        var verdict: Verdict?
        var folder: RunFolder
    }

    /// - Parameter announce: told the run folder before anything is started.
    /// - Throws: what keeps the run from being played or judged at all; nothing of it runs any more then.
    func play(_ compiled: CompiledPlan, announce: (RunFolder) -> Void = { _ in }) async throws -> Played {
        let plan = compiled.plan
        let identity = try Identity.forContained(environment: ProcessInfo.processInfo.environment)
        let claim: KeptNetwork.Claim? =
            keepUp ? try RunSession.claim(plan.testnet.name, root: root, identity: identity) : nil
        RunLock.sweep(root: root)
        let prepared = try RunPreparation(root: root, identity: identity)
            .prepare(plan: plan, staged: compiled.staged, name: plan.criteria.runName)
        let folder = prepared.folder
        announce(folder)
        let session = RunSession(
            folder: folder, criteria: plan.criteria, identity: identity, mode: ContainedMode(keepUp: keepUp),
            display: display, lock: prepared.lock.descriptor)
        let ending = try await session.run(root: root, testnet: plan.testnet)
        _ = consume claim
        _ = consume prepared
        guard let criteria = try? RunRecord.criteria(in: folder.path),
            let events = try? RunRecord.events(in: folder.path).events
        else { return Played(ending: ending, verdict: nil, folder: folder) }
        return Played(ending: ending, verdict: Judge.verdict(criteria: criteria, events: events), folder: folder)
    }
}
