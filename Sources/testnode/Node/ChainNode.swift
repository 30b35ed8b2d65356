import Consensus
import Glibc

/// One chain node: drives the consensus engine with messages, timers and blocks, and does what it asks for.
/// Everything here runs on the event loop's thread.
final class ChainNode {
    /// How long a starting node waits for links before it goes by its own head alone.
    static let settleTime = Duration.milliseconds(500)

    let setup: NodeSetup
    let loop = EventLoop()
    private(set) var head: Head
    var engine: FBFT?
    private lazy var network = PeerNetwork(
        loop: loop, identity: setup.peerIdentity(head: { [unowned self] in head.block.number }),
        log: { [log = setup.log] in log.write(.warn, $0) }, onEvent: { [unowned self] in handle($0) })
    private lazy var sync = ChainSync(
        loop: loop, blocksPerSecond: setup.configuration.syncBlocksPerSecond, port: syncPort())
    private var timers: [TimerKind: EventLoop.TimerID] = [:]
    private var inputs: [Input] = []
    private var isHandling = false
    private var engineAwaitsSync = false
    private var peerHeads: [PeerNetwork.LinkID: BlockNumber] = [:]
    private var peerNames: [String] = []
    private var exit = NodeExit.stopped
    private var finality = FinalityClock()

    init(_ setup: NodeSetup) {
        self.setup = setup
        head = setup.head
    }

    /// Runs until a stop signal or a failure of the database; returns how to exit.
    func run(stopDescriptor: Int32) throws(TCPSocket.Failure) -> NodeExit {
        loop.watch(stopDescriptor, for: Int16(POLLIN)) { [unowned self] _ in loop.stop() }
        try network.start()
        loop.schedule(after: Self.settleTime) { [unowned self] in settle() }
        publish()
        loop.run()
        network.stop()
        setup.store.close()
        setup.log.write(.info, "stopped", ["blockNum": .int(head.block.number)])
        return exit
    }

    // MARK: Starting

    /// Before the engine starts: catches up if a peer is ahead.
    private func settle() {
        guard engine == nil, !sync.isRunning else { return }
        guard let best = peerHeads.max(by: { $0.value < $1.value }), best.value > head.block.number else {
            return startEngine()
        }
        setup.log.write(
            .info, "syncing before joining consensus",
            ["blockNum": .int(head.block.number), "target": .int(best.value)])
        sync.start(upTo: best.value, hint: best.key)
    }

    private func startEngine() {
        engine = FBFT(
            configuration: setup.consensus, identity: setup.identity.committeeIndex, head: head, votes: setup.votes,
            cryptography: setup.cryptography)
        setup.log.write(.info, "joining consensus", ["blockNum": .int(head.block.number + 1)])
        feed(.start)
    }

    // MARK: The engine

    /// Gives the engine one input; inputs that effects bring about follow in order.
    private func feed(_ input: Input) {
        inputs.append(input)
        guard !isHandling else { return }
        isHandling = true
        defer { isHandling = false }
        while !inputs.isEmpty {
            guard let effects = engine?.handle(inputs.removeFirst()) else { return }
            do {
                for effect in effects { try perform(effect) }
            } catch {
                return fail(error)
            }
        }
        publish()
    }

    private func perform(_ effect: Effect) throws(StoreError) {
        switch effect {
        case .persist(let votes): try setup.store.persist(votes: votes.encoded)
        case .commit(let committed): try commit(committed)
        case .broadcast(let message): network.broadcast(.consensus, message.encoded)
        case .send(let message, let index):
            let key = setup.committee[index].publicKey
            network.broadcast(.consensus, message.encoded) { $0.publicKey == key }
        case .setTimer(let kind, let delay):
            cancel(kind)
            timers[kind] = loop.schedule(after: delay) { [unowned self] in
                timers[kind] = nil
                feed(.timerFired(kind))
            }
        case .cancelTimer(let kind): cancel(kind)
        case .requestProposal(let number):
            finality.proposed(number)
            let payload = LastCommit(head.certificate).encoded
            inputs.append(.proposal(payload: payload, timestamp: Int64(EventLoop.wallNanoseconds())))
        case .needSync(_, let upTo, let hint):
            engineAwaitsSync = true
            let key = setup.committee[hint].publicKey
            sync.start(upTo: upTo, hint: network.peers.first { $0.1.publicKey == key }?.0)
        case .log(let event): setup.log.write(event, committee: setup.committee)
        }
    }

    private func cancel(_ kind: TimerKind) {
        if let timer = timers.removeValue(forKey: kind) { loop.cancel(timer) }
    }

    private func commit(_ committed: CommittedBlock) throws(StoreError) {
        // A sync may have stored it while the message was on its way.
        guard committed.block.number == head.block.number + 1 else { return }
        finality.committed(committed.block.number)
        try store([committed])
    }

    /// Stores blocks that follow on the head and pays the rewards they carry.
    private func store(_ blocks: [CommittedBlock]) throws(StoreError) {
        guard let last = blocks.last else { return }
        try setup.store.append(blocks.map { setup.stored($0) })
        head = Head(last)
    }

    private func fail(_ error: StoreError) {
        setup.log.write(.error, "the database failed", ["error": .string("\(error)")])
        exit = .database
        loop.stop()
    }

    // MARK: Peers

    private func handle(_ event: PeerNetwork.Event) {
        switch event {
        case .up(let link, let hello):
            setup.log.write(.info, "peer connected", ["peer": .string(hello.name), "blockNum": .int(hello.head)])
            peersChanged()
            heard(hello.head, from: link)
            if engine == nil, peerHeads.count == network.knownPeerCount { settle() }
        case .down(let link, let hello):
            setup.log.write(.info, "peer disconnected", ["peer": .string(hello.name)])
            peerHeads[link] = nil
            peersChanged()
            sync.lost(link)
        case .frame(let link, _, let frame): handle(frame, from: link)
        }
    }

    private func handle(_ frame: PeerFrame, from link: PeerNetwork.LinkID) {
        switch frame.kind {
        case .consensus:
            guard let message = try? SignedMessage(decoding: Array(frame.payload)) else { return }
            if message.message.kind == .announce { finality.proposed(message.message.number) }
            feed(.message(message))
        case .ping:
            var reader = ByteReader(frame.payload)
            if let number = try? reader.integer(UInt64.self) { heard(number, from: link) }
        case .blockRequest: answerRequest(frame, from: link)
        case .blocks:
            guard let blocks = try? BlockBatch.decode(frame.payload) else { return }
            sync.receive(blocks, from: link)
        case .hello, .proof, .transaction: break
        }
    }

    /// A peer said how high its chain is. Quiet links say so too, so that a node that is behind learns it even while
    /// the shard stands still.
    private func heard(_ number: BlockNumber, from link: PeerNetwork.LinkID) {
        peerHeads[link] = number
        if engine != nil, number > head.block.number { sync.start(upTo: number, hint: link) }
    }

    private func peersChanged() {
        peerNames = network.peers.map { $0.1.publicKey.hex }.sorted()
        publish()
    }

    // MARK: Sync

    private func answerRequest(_ frame: PeerFrame, from link: PeerNetwork.LinkID) {
        var reader = ByteReader(frame.payload)
        guard let first = try? reader.integer(UInt64.self), let count = try? reader.integer(UInt32.self), first > 0
        else { return }
        let limit = min(Int(count), ChainSync.maximumBatch)
        do {
            let blocks = try setup.store.blocks(from: first, limit: limit)
            network.send(.blocks, BlockBatch.encode(blocks), to: link)
        } catch {
            fail(.corrupt(path: setup.store.path, finding: "\(error)"))
        }
    }

    private func syncPort() -> ChainSync.Port {
        ChainSync.Port(
            head: { [unowned self] in head },
            peer: { [unowned self] number, except in
                let able = peerHeads.filter { $0.value >= number }.keys.sorted()
                return able.first { $0 != except } ?? able.first
            },
            send: { [unowned self] in network.send($0, $1, to: $2) },
            append: { [unowned self] in append($0) },
            ended: { [unowned self] in syncEnded(gained: $0) })
    }

    private func append(_ blocks: [CommittedBlock]) -> Int {
        var parent = head.block
        let good = blocks.prefix { committed in
            defer { parent = committed.block }
            return committed.isValid(
                after: parent, configuration: setup.consensus, cryptography: setup.cryptography)
        }
        do {
            try store(Array(good))
        } catch {
            fail(error)
        }
        publish()
        return good.count
    }

    private func syncEnded(gained: Int) {
        setup.log.write(.info, "sync ended", ["blockNum": .int(head.block.number), "gained": .int(gained)])
        guard engine != nil else {
            // Peers went on while blocks were fetched.
            let best = peerHeads.values.max() ?? 0
            return gained > 0 && best > head.block.number ? settle() : startEngine()
        }
        if engineAwaitsSync || gained > 0 {
            engineAwaitsSync = false
            feed(.synced(head: head))
        }
    }

    // MARK: Status

    private func publish() {
        let status = engine?.status
        let best = peerHeads.values.max() ?? 0
        setup.board.current = NodeStatus(
            head: NodeSetup.stored(head), viewID: status?.viewID ?? head.block.viewID + 1,
            viewChangeID: status?.viewChangingID ?? head.block.viewID + 1,
            mode: sync.isRunning || status == nil ? Mode.syncing.rawValue : status?.mode.rawValue ?? "",
            phase: status?.phase.rawValue ?? Phase.announce.rawValue, blockNumber: head.block.number + 1,
            leader: status?.leader ?? head.block.leader, finality: finality.last,
            // A peer may be a block ahead for a moment; fetching that one block is not being out of sync.
            isInSync: status != nil && best <= head.block.number + 1,
            knownPeers: max(network.knownPeerCount, peerNames.count), connectedPeers: peerNames)
    }
}
