import Consensus

/// Fetches blocks that a DPoS node lacks from peers, in batches, not faster than the configured rate. Lives on the
/// event loop; one sync at a time.
///
/// It begins after the head. When the peer's chain does not contain the head it begins again after the last
/// irreversible block, which all chains share.
final class DPoSSync {
    private struct Run {
        var upTo: UInt64
        var next: UInt64
        var peer: PeerNetwork.LinkID?
        var isFromRoot = false
        var asked: UInt64 = 0
        var failures = 0
        var gained = 0
        var timer: EventLoop.TimerID?
    }

    /// What became of a batch.
    enum Outcome {
        /// All blocks are known now; so many were new.
        case taken(new: Int)
        /// The first block's parent is not known.
        case unconnected
        /// A block is not valid.
        case refused
    }

    /// What a sync needs from the node.
    struct Port {
        var head: () -> UInt64
        var root: () -> UInt64
        /// A peer that has block `number`, other than `except` if there is a choice.
        var peer: (_ number: UInt64, _ except: PeerNetwork.LinkID?) -> PeerNetwork.LinkID?
        var send: (PeerFrame.Kind, [UInt8], PeerNetwork.LinkID) -> Void
        var take: ([DPoS.Block]) -> Outcome
        /// Called once when a sync has ended, with the number of blocks gained and why it ended early.
        var ended: (_ gained: Int, _ trouble: String?) -> Void
    }

    /// Batches a second: smaller batches keep the event loop free for everything else.
    private static let batchesPerSecond = 10

    private let loop: EventLoop
    private let port: Port
    private let blocksPerSecond: Int
    private var run: Run?

    init(loop: EventLoop, blocksPerSecond: Int, port: Port) {
        self.loop = loop
        self.blocksPerSecond = blocksPerSecond
        self.port = port
    }

    var isRunning: Bool { run != nil }

    private var batchSize: Int { max(1, min(ChainSync.maximumBatch, blocksPerSecond / Self.batchesPerSecond)) }

    /// Starts fetching up to block `upTo`, first from `hint`; a running sync only aims higher.
    func start(upTo: UInt64, hint: PeerNetwork.LinkID?) {
        if let run {
            self.run?.upTo = max(run.upTo, upTo)
            return
        }
        // A fork of the same height or less has to be fetched from the root.
        let isAhead = upTo > port.head()
        run = Run(
            upTo: upTo, next: (isAhead ? port.head() : port.root()) + 1, peer: hint, isFromRoot: !isAhead)
        ask()
    }

    private func ask() {
        guard let current = run else { return }
        guard current.next <= current.upTo else { return end(nil) }
        guard current.failures < ChainSync.maximumFailures else { return end("no peer sends the blocks") }
        guard let peer = current.peer ?? port.peer(current.next, nil) else { return fail() }
        var writer = ByteWriter()
        writer.integer(current.next)
        writer.integer(UInt32(batchSize))
        run?.peer = peer
        run?.asked = EventLoop.monotonicNanoseconds()
        setTimer(ChainSync.answerTimeout) { [unowned self] in fail() }
        port.send(.blockRequest, writer.bytes, peer)
    }

    private func setTimer(_ delay: Duration, _ action: @escaping () -> Void) {
        if let timer = run?.timer { loop.cancel(timer) }
        run?.timer = loop.schedule(after: delay, action)
    }

    /// The peer did not answer, is gone, or sent blocks that are of no use: tries another one a little later.
    private func fail() {
        guard let current = run else { return }
        run?.failures += 1
        run?.asked = 0
        run?.peer = port.peer(current.next, current.peer)
        setTimer(.milliseconds(200)) { [unowned self] in ask() }
    }

    private func end(_ trouble: String?) {
        guard let finished = run else { return }
        if let timer = finished.timer { loop.cancel(timer) }
        run = nil
        port.ended(finished.gained, trouble)
    }

    /// Takes an answer; answers of peers that were not asked are ignored.
    func receive(_ blocks: [DPoS.Block], from peer: PeerNetwork.LinkID) {
        guard let current = run, current.peer == peer, current.asked > 0 else { return }
        guard let last = blocks.last, blocks[0].number == current.next else { return fail() }
        switch port.take(blocks) {
        case .refused: return fail()
        case .unconnected:
            guard !current.isFromRoot else { return end("the peer's chain lacks this node's irreversible block") }
            run?.isFromRoot = true
            run?.next = port.root() + 1
            run?.asked = 0
            return ask()
        case .taken(let new):
            run?.gained += new
        }
        run?.failures = 0
        run?.asked = 0
        run?.next = last.number + 1
        let pace = Duration.nanoseconds(Int64(blocks.count) * 1_000_000_000 / Int64(blocksPerSecond))
        let spent = Duration.nanoseconds(Int64(EventLoop.monotonicNanoseconds() - current.asked))
        // The last batch takes its time too, or short syncs would be free.
        setTimer(max(.zero, pace - spent)) { [unowned self] in ask() }
    }

    /// A peer has gone; if it was being asked, another one is.
    func lost(_ peer: PeerNetwork.LinkID) {
        if run?.peer == peer { fail() }
    }
}
