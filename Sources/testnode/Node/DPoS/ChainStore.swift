import Consensus
import Foundation

/// How a node starts on its data.
enum StartMode: String, Sendable {
    /// Goes on from the state; one that lags behind the block log is brought up to it.
    case normal
    /// Makes the state again from the block log.
    case replay
    /// Moves the block log aside, makes it again from its readable and valid blocks, then replays.
    case hardReplay
    /// Removes block log and state, and syncs from peers.
    case deleteAll
}

/// Block log and state of one node, and the repairs that operators know.
final class ChainStore: Sendable {
    /// Blocks read at a time while replaying.
    private static let batch = 200

    let blocks: BlockLog
    let state: StateFile

    /// What a starting node has.
    struct Start {
        /// State after the last irreversible block.
        var root: DPoS.ChainState
        /// Blocks above it.
        var reversible: [DPoS.Block]
        var records: [DPoS.SigningRecord]
    }

    /// What opening needs to know.
    struct Place: Sendable {
        var blocksPath: String
        var statePath: String
        var configuration: DPoS.Configuration
        var ports: DPoS.Ports
        var refusesDirtyState: Bool
        var replayBlocksPerSecond: Double?
        /// Told now and then how far a replay is: block number and target.
        var progress: @Sendable (UInt64, UInt64) -> Void
        /// Asked now and then; true ends a replay early.
        var isStopping: @Sendable () -> Bool
    }

    private init(blocks: BlockLog, state: StateFile) {
        self.blocks = blocks
        self.state = state
    }

    /// Opens the data in the given way. A replay that is told to stop leaves the state it has reached.
    static func open(_ place: Place, mode: StartMode) throws(DPoSFailure) -> (store: ChainStore, start: Start) {
        switch mode {
        case .normal: break
        case .replay: try remove(place.statePath)
        case .hardReplay:
            try rebuildLog(place)
            try remove(place.statePath)
        case .deleteAll:
            try remove(place.blocksPath)
            try remove(place.statePath)
        }
        let genesis = place.configuration.genesisID
        let blocks = try BlockLog(path: place.blocksPath, genesis: genesis)
        let state = try StateFile(path: place.statePath, genesis: genesis, refusesDirty: place.refusesDirtyState)
        do throws(DPoSFailure) {
            let root = try bringUp(state, to: blocks, place)
            let start = Start(root: root, reversible: try blocks.reversible(), records: try blocks.records())
            return (ChainStore(blocks: blocks, state: state), start)
        } catch {
            state.abandon()
            throw error
        }
    }

    /// Applies the irreversible blocks that the state lacks.
    private static func bringUp(
        _ file: StateFile, to log: BlockLog, _ place: Place
    ) throws(DPoSFailure) -> DPoS.ChainState {
        var state = try file.state() ?? DPoS.ChainState(genesis: place.configuration)
        let target = try log.lastIrreversible()
        guard state.number <= target else {
            throw .corruptState(
                file: file.path, finding: "it is at block \(state.number), the block log ends at \(target)")
        }
        if state.number > 0 {
            guard let block = try log.block(number: state.number)?.block, block.id == state.id else {
                throw .corruptState(file: file.path, finding: "its block \(state.number) is not the block log's")
            }
        }
        let started = EventLoop.monotonicNanoseconds()
        let first = state.number
        while state.number < target, !place.isStopping() {
            let batch = try log.blocks(from: state.number + 1, limit: batch, isIrreversible: true)
            state = try apply(batch, to: state, log, place)
            try file.store(state)
            place.progress(state.number, target)
            pace(state.number - first, since: started, place)
        }
        return state
    }

    private static func apply(
        _ batch: [DPoS.Block], to state: DPoS.ChainState, _ log: BlockLog, _ place: Place
    ) throws(DPoSFailure) -> DPoS.ChainState {
        var state = state
        guard !batch.isEmpty else {
            throw .corruptBlocks(file: log.path, finding: "block \(state.number + 1) is missing")
        }
        for block in batch {
            do {
                state = try state.applying(block, place.configuration, place.ports, isTrusted: true)
            } catch {
                throw .corruptBlocks(file: log.path, finding: "block \(block.number): \(error.rawValue)")
            }
        }
        return state
    }

    /// Waits until `count` blocks may have been replayed, in short pieces, so that a stop is heard.
    private static func pace(_ count: UInt64, since started: UInt64, _ place: Place) {
        guard let rate = place.replayBlocksPerSecond else { return }
        let due = started + UInt64(Double(count) / rate * 1e9)
        while EventLoop.monotonicNanoseconds() < due, !place.isStopping() {
            let left = due - min(due, EventLoop.monotonicNanoseconds())
            usleep(UInt32(min(left / 1000, 100_000)))
        }
    }

    /// Moves the log to `<file>.old` and copies what is readable and valid, in order, until the first gap.
    private static func rebuildLog(_ place: Place) throws(DPoSFailure) {
        let manager = FileManager.default
        guard manager.fileExists(atPath: place.blocksPath) else { return }
        let aside = place.blocksPath + ".old"
        try remove(aside)
        do {
            try manager.moveItem(atPath: place.blocksPath, toPath: aside)
            for file in SQLiteFile.files(of: place.blocksPath).dropFirst() where manager.fileExists(atPath: file) {
                try manager.moveItem(atPath: file, toPath: aside + "-journal")
            }
        } catch {
            throw .cannotWrite(file: place.blocksPath, reason: "\(error)")
        }
        let genesis = place.configuration.genesisID
        let old = try BlockLog(path: aside, genesis: genesis)
        let new = try BlockLog(path: place.blocksPath, genesis: genesis)
        defer {
            old.close()
            new.close()
        }
        var state = DPoS.ChainState(genesis: place.configuration)
        while true {
            let batch = try old.blocks(from: state.number + 1, limit: batch, isIrreversible: true)
            var good: [DPoS.Block] = []
            for block in batch {
                guard let next = try? state.applying(block, place.configuration, place.ports) else { break }
                state = next
                good.append(block)
            }
            try new.append(irreversible: good)
            guard good.count == batch.count, !batch.isEmpty, !place.isStopping() else { break }
        }
        try new.store(BlockLog.Change(blocks: (try? old.reversible()) ?? [], records: (try? old.records()) ?? []))
    }

    private static func remove(_ path: String) throws(DPoSFailure) {
        for file in SQLiteFile.files(of: path) where FileManager.default.fileExists(atPath: file) {
            do {
                try FileManager.default.removeItem(atPath: file)
            } catch {
                throw .cannotWrite(file: file, reason: "\(error)")
            }
        }
    }

    /// Stores what one step of the engine changed: first the blocks, then the state, which may lag behind them.
    func store(_ change: BlockLog.Change, state newState: DPoS.ChainState?) throws(DPoSFailure) {
        try blocks.store(change)
        if let newState { try state.store(newState) }
    }

    /// Ends in order.
    func close() {
        blocks.close()
        state.close()
    }

    /// Ends after a failure; the state stays marked.
    func abandon() {
        blocks.close()
        state.abandon()
    }
}
