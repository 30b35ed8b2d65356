import Definitions
import Foundation
import Glibc
import Replay
import Timeline

/// Plays one compiled replay to its end and says what came of it.
struct RunPlayer: Sendable {
    let root: String
    var keepUp = false
    /// Others run beside it, so that its times are of another kind (`RunPreparation`).
    var isSideBySide = false
    let display: RunSession.DisplayMode

    /// What came of one replay.
    struct Played: Sendable {
        var ending: RunSession.Ending
        /// Nil when its record could not be read back.
        var verdict: Verdict?
        /// Empty when the record could not be read back.
        var events: [Event] = []
        var folder: RunFolder
    }

    /// - Parameters:
    ///   - name: end of the run folder's name; without one the plan's own.
    ///   - signals: a person's wishes to stop; without them the process's own signals.
    ///   - announce: told the run folder before anything is started.
    /// - Throws: what keeps the run from being played or judged at all; nothing of it runs any more then.
    func play(
        _ compiled: CompiledPlan, name: String? = nil, signals: AsyncStream<Int32>? = nil,
        announce: (RunFolder) -> Void = { _ in }
    ) async throws -> Played {
        let plan = compiled.plan
        let identity = try Identity.forContained(environment: ProcessInfo.processInfo.environment)
        let claim: KeptNetwork.Claim? =
            keepUp ? try RunSession.claim(plan.testnet.name, root: root, identity: identity) : nil
        // Who brings signals plays several, and has swept once for all of them (`ReplayPool`).
        if signals == nil { RunLock.sweep(root: root) }
        let prepared = try RunPreparation(root: root, identity: identity, isSideBySide: isSideBySide)
            .prepare(plan: plan, staged: compiled.staged, name: name ?? plan.criteria.runName)
        let folder = prepared.folder
        announce(folder)
        let session = RunSession(
            folder: folder, criteria: plan.criteria, identity: identity, mode: ContainedMode(keepUp: keepUp),
            display: display, lock: prepared.lock.descriptor)
        let ending = try await session.run(root: root, testnet: plan.testnet, signals: signals)
        _ = consume claim
        _ = consume prepared
        guard let criteria = try? RunRecord.criteria(in: folder.path),
            let events = try? RunRecord.events(in: folder.path).events
        else { return Played(ending: ending, verdict: nil, folder: folder) }
        return Played(
            ending: ending, verdict: Judge.verdict(criteria: criteria, events: events), events: events, folder: folder)
    }
}
