import Consensus
import Dispatch
import Glibc
import Synchronization

/// Hands transactions from RPC handlers to the event loop and the answers back.
final class SubmitQueue: Sendable {
    private struct Waiting: Sendable {
        var transaction: DPoS.Transaction
        var answer: Answer
    }

    private final class Answer: Sendable {
        let result = Mutex<SubmitResult?>(nil)
        let isReady = DispatchSemaphore(value: 0)
    }

    /// Longest time a handler waits for the event loop.
    private static let answerTimeout = DispatchTimeInterval.seconds(5)
    private static let mostWaiting = 64

    /// Becomes readable when transactions wait.
    let readEnd: Int32
    private let writeEnd: Int32
    private let waiting = Mutex<[Waiting]>([])

    init() {
        var ends: [Int32] = [-1, -1]
        if pipe(&ends) == 0 {
            for end in ends {
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
            }
        }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Waits for the event loop's verdict; for RPC handlers.
    func submit(_ transaction: DPoS.Transaction) -> SubmitResult {
        let answer = Answer()
        let isQueued = waiting.withLock { list in
            guard list.count < Self.mostWaiting else { return false }
            list.append(Waiting(transaction: transaction, answer: answer))
            return true
        }
        guard isQueued else { return .refused("too many transactions wait") }
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
        guard answer.isReady.wait(timeout: .now() + Self.answerTimeout) == .success else {
            return .refused("the node is busy")
        }
        return answer.result.withLock { $0 } ?? .refused("the node is stopping")
    }

    /// Answers everything that waits; for the event loop.
    func drain(_ decide: (DPoS.Transaction) -> SubmitResult) {
        var bytes = [UInt8](repeating: 0, count: Self.mostWaiting)
        while read(readEnd, &bytes, bytes.count) > 0 {}
        let list = waiting.withLock { list in
            defer { list = [] }
            return list
        }
        for entry in list {
            let result = decide(entry.transaction)
            entry.answer.result.withLock { $0 = result }
            entry.answer.isReady.signal()
        }
    }
}

/// The chain as RPC handlers see it.
struct ChainAccess: ChainReading {
    let genesis: DPoSGenesis
    let settings: DPoSNodeConfiguration
    let blocks: BlockLog
    let board: SnapshotBoard
    let queue: SubmitQueue

    /// Shortest id that names a block: Steem's ids have 20 bytes.
    private static let shortestID = 20

    var snapshot: ChainSnapshot { board.current }

    func block(number: UInt64) throws -> ChainBlock? {
        guard let (block, status) = try blocks.block(number: number) else { return nil }
        return ChainBlock(
            block: block, time: genesis.consensus.time(of: block.header.slot),
            producer: genesis.consensus.producers[block.header.producer].name,
            isIrreversible: status == .irreversible)
    }

    func block(id: [UInt8]) throws -> ChainBlock? {
        guard id.count >= Self.shortestID else { return nil }
        let number = id.prefix(4).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let found = try block(number: number), found.block.id.starts(with: id) else { return nil }
        return found
    }

    func submit(_ transaction: DPoS.Transaction) -> SubmitResult { queue.submit(transaction) }
}
