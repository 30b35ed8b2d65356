import Definitions
import Foundation
import Glibc
import Replay
import Timeline

/// Plays several replays, a few at once: each in a network of its own, so that they never meet.
struct ReplayPool: Sendable {
    /// Absolute path of the root folder.
    let root: String
    /// How many run at once.
    let jobs: Int

    /// One replay to be made. Compiled when its turn comes: what it stages can be large.
    struct Item: Sendable {
        /// End of the run folder's name.
        var name: String
        var compile: @Sendable () throws -> CompiledPlan
    }

    /// A replay that was made.
    struct Played: Sendable {
        var folder: String
        /// Nil when nothing could be judged.
        var verdict: Verdict?
        var events: [Event]
        /// Somebody asked to stop meanwhile.
        var wasStopped: Bool
    }

    /// How one item ended.
    private struct Ended: Sendable {
        var index: Int
        var result: Result<Played, any Error>
    }

    /// Plays all items, in their order; after a stop nothing more is begun.
    /// - Parameter ended: called as each ends, one at a time, with the item's index.
    /// - Returns: What was made, by the item's index; nil where the item was not begun any more.
    /// - Throws: what keeps one from being played at all; those that run are ended first.
    func play(_ items: [Item], ended: (Int, Played) -> Void) async throws -> [Played?] {
        RunLock.sweep(root: root)
        let identity = try Identity.forContained(environment: ProcessInfo.processInfo.environment)
        let hub = SignalHub()
        let listening = Task { for await signal in Signals.stream(Signals.stopping) { hub.send(signal) } }
        defer { listening.cancel() }
        let (results, failure) = await withTaskGroup(
            of: Ended.self, returning: ([Int: Played], (any Error)?).self
        ) { group in
            var results: [Int: Played] = [:]
            var failure: (any Error)?
            var next = 0
            func begin() {
                guard !hub.isStopping, next < items.count else { return }
                let (index, item) = (next, items[next])
                next += 1
                group.addTask {
                    do {
                        return Ended(index: index, result: .success(try await play(item, identity, hub)))
                    } catch {
                        return Ended(index: index, result: .failure(error))
                    }
                }
            }
            for _ in 0..<max(jobs, 1) { begin() }
            while let end = await group.next() {
                switch end.result {
                case .success(let played):
                    results[end.index] = played
                    ended(end.index, played)
                case .failure(let error):
                    failure = failure ?? error
                    // The others end in order.
                    hub.send(SIGTERM)
                }
                begin()
            }
            return (results, failure)
        }
        if let failure { throw failure }
        return items.indices.map { results[$0] }
    }

    private func play(_ item: Item, _ identity: Identity, _ hub: SignalHub) async throws -> Played {
        let compiled = try item.compile()
        let prepared = try RunPreparation(root: root, identity: identity)
            .prepare(plan: compiled.plan, staged: compiled.staged, name: item.name)
        let folder = prepared.folder
        let session = RunSession(
            folder: folder, criteria: compiled.plan.criteria, identity: identity, mode: ContainedMode(),
            display: .quiet,
            lock: prepared.lock.descriptor)
        let ending = try await session.run(root: root, testnet: compiled.plan.testnet, signals: hub.subscribe())
        _ = consume prepared
        guard let criteria = try? RunRecord.criteria(in: folder.path),
            let events = try? RunRecord.events(in: folder.path).events
        else { return Played(folder: folder.path, verdict: nil, events: [], wasStopped: ending.wasStopped) }
        return Played(
            folder: folder.path, verdict: Judge.verdict(criteria: criteria, events: events), events: events,
            wasStopped: ending.wasStopped)
    }
}
