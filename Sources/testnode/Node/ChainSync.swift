import Consensus

/// Fetches blocks that this node lacks from peers, in batches, not faster than the configured rate, and checks each
/// one. Lives on the event loop; one sync at a time.
final class ChainSync {
    /// Wait for a batch before another peer is asked.
    static let answerTimeout = Duration.seconds(2)
    /// Peers asked in vain before a sync ends with what it has.
    static let maximumFailures = 3
    /// Blocks in one batch, at most; a full batch stays well below the frame limit.
    static let maximumBatch = 200
    /// Batches a second: smaller batches keep the event loop free for everything else.
    private static let batchesPerSecond = 10

    private struct Run {
        var upTo: BlockNumber
        var peer: PeerNetwork.LinkID?
        var asked: UInt64 = 0
        var failures = 0
        var gained = 0
        var timer: EventLoop.TimerID?
    }

    /// What a sync needs from the node.
    struct Port {
        /// Last block stored.
        var head: () -> Head
        /// A peer that has block `number`, other than `except` if there is a choice.
        var peer: (_ number: BlockNumber, _ except: PeerNetwork.LinkID?) -> PeerNetwork.LinkID?
        var send: (PeerFrame.Kind, [UInt8], PeerNetwork.LinkID) -> Void
        /// Checks blocks in order, stores the good ones, and returns how many there were before the first bad one.
        var append: ([CommittedBlock]) -> Int
        /// Called once when a sync has ended, with the number of blocks gained.
        var ended: (Int) -> Void
    }

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

    private var batchSize: Int { max(1, min(Self.maximumBatch, blocksPerSecond / Self.batchesPerSecond)) }

    /// Starts fetching up to block `upTo`, first from `hint`; a running sync only aims higher.
    func start(upTo: BlockNumber, hint: PeerNetwork.LinkID?) {
        if let run {
            self.run?.upTo = max(run.upTo, upTo)
            return
        }
        run = Run(upTo: upTo, peer: hint)
        ask()
    }

    private func ask() {
        guard let current = run else { return }
        let next = port.head().block.number + 1
        guard next <= current.upTo, current.failures < Self.maximumFailures else { return end() }
        guard let peer = current.peer ?? port.peer(next, nil) else { return fail() }
        var writer = ByteWriter()
        writer.integer(next)
        writer.integer(UInt32(batchSize))
        run?.peer = peer
        run?.asked = EventLoop.monotonicNanoseconds()
        setTimer(Self.answerTimeout) { [unowned self] in fail() }
        port.send(.blockRequest, writer.bytes, peer)
    }

    private func setTimer(_ delay: Duration, _ action: @escaping () -> Void) {
        if let timer = run?.timer { loop.cancel(timer) }
        run?.timer = loop.schedule(after: delay, action)
    }

    /// The peer did not answer, is gone, or sent blocks that do not check: tries another one a little later.
    private func fail() {
        guard let current = run else { return }
        run?.failures += 1
        run?.peer = port.peer(port.head().block.number + 1, current.peer)
        setTimer(.milliseconds(200)) { [unowned self] in ask() }
    }

    private func end() {
        guard let finished = run else { return }
        if let timer = finished.timer { loop.cancel(timer) }
        run = nil
        port.ended(finished.gained)
    }

    /// Takes an answer; answers of peers that were not asked are ignored.
    func receive(_ blocks: [CommittedBlock], from peer: PeerNetwork.LinkID) {
        guard let current = run, current.peer == peer, current.asked > 0 else { return }
        let next = port.head().block.number + 1
        // Blocks may have arrived by consensus since the request.
        let wanted = blocks.drop { $0.block.number < next }
        guard !blocks.isEmpty else { return fail() }
        let taken = port.append(Array(wanted))
        run?.gained += taken
        guard taken == wanted.count else { return fail() }
        run?.failures = 0
        run?.asked = 0
        let pace = Duration.nanoseconds(Int64(blocks.count) * 1_000_000_000 / Int64(blocksPerSecond))
        let spent = Duration.nanoseconds(Int64(EventLoop.monotonicNanoseconds() - current.asked))
        if port.head().block.number >= current.upTo {
            // The last batch takes its time too, or short syncs would be free.
            setTimer(max(.zero, pace - spent)) { [unowned self] in end() }
        } else {
            setTimer(max(.zero, pace - spent)) { [unowned self] in ask() }
        }
    }

    /// A peer has gone; if it was being asked, another one is.
    func lost(_ peer: PeerNetwork.LinkID) {
        if run?.peer == peer { fail() }
    }
}
