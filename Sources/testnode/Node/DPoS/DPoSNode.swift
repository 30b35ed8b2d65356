import Consensus
import Glibc

/// One node of a DPoS chain: drives the engine with slots, blocks and transactions, and does what it asks for.
/// Everything here runs on the event loop's thread.
final class DPoSNode {
    let setup: DPoSSetup
    let loop = EventLoop()
    private var engine: DPoS
    private lazy var network = PeerNetwork(
        loop: loop, identity: setup.peerIdentity(head: { [unowned self] in engine.head.number }),
        log: { [log = setup.log] in log.write(.warn, $0) }, onEvent: { [unowned self] in handle($0) })
    private lazy var sync = DPoSSync(
        loop: loop, blocksPerSecond: setup.settings.syncBlocksPerSecond, port: syncPort())
    private var peerHeads: [PeerNetwork.LinkID: UInt64] = [:]
    private var peerNames: [String] = []
    /// Whether the first look at the peers is over and blocks may be made.
    private var isSettled = false
    private var failure: DPoSFailure?

    init(_ setup: DPoSSetup) {
        self.setup = setup
        engine = setup.engine
    }

    /// Runs until a stop signal or a failure of the data.
    func run(stopDescriptor: Int32) throws(DPoSFailure) {
        loop.watch(stopDescriptor, for: Int16(POLLIN)) { [unowned self] _ in loop.stop() }
        loop.watch(setup.queue.readEnd, for: Int16(POLLIN)) { [unowned self] _ in answerSubmissions() }
        try setup.store.blocks.resetChain()
        try store(engine.start())
        do {
            try network.start()
        } catch {
            setup.store.close()
            throw .unavailable("\(error)")
        }
        loop.schedule(after: setup.settings.peers.isEmpty ? .zero : ChainNode.settleTime) { [unowned self] in settle() }
        scheduleSlot()
        publish()
        loop.run()
        network.stop()
        if let failure {
            setup.store.abandon()
            throw .whileRunning(failure)
        }
        setup.store.close()
        setup.log.write(.info, "stopped", ["blockNum": .int(engine.head.number)])
    }

    /// Before the first block is made: catches up if a peer is ahead.
    private func settle() {
        guard !isSettled, !sync.isRunning else { return }
        guard let best = peerHeads.max(by: { $0.value < $1.value }), best.value > engine.head.number else {
            isSettled = true
            return
        }
        setup.log.write(
            .info, "syncing", ["blockNum": .int(engine.head.number), "target": .int(best.value)])
        sync.start(upTo: best.value, hint: best.key)
    }

    // MARK: Slots

    private var presentSlot: DPoS.Slot {
        engine.configuration.slot(at: Int64(EventLoop.wallNanoseconds()))
    }

    /// Wakes at the next slot by the wall clock. Looks at the clock again each time, because it may be set.
    private func scheduleSlot() {
        let now = Int64(EventLoop.wallNanoseconds())
        let next = engine.configuration.time(of: engine.configuration.slot(at: now) + 1)
        loop.schedule(after: .nanoseconds(max(1, next - now))) { [unowned self] in
            reachedSlot()
            scheduleSlot()
        }
    }

    private func reachedSlot() {
        // While it is behind, a node's blocks would only stand on forks.
        guard isSettled, !sync.isRunning else { return }
        feed([.slot(presentSlot)])
    }

    // MARK: The engine

    /// Gives the engine inputs and performs their effects together.
    private func feed(_ inputs: [DPoS.Input], source: [UInt8]? = nil, isQuiet: Bool = false) {
        let effects = inputs.flatMap { engine.handle($0) }
        guard !effects.isEmpty else { return }
        do {
            try store(effects)
        } catch {
            return fail(error)
        }
        var writer = DPoSLogWriter(setup, isQuiet: isQuiet)
        for effect in effects {
            switch effect {
            case .relay(let block): network.broadcast(.consensus, block.encoded) { $0.publicKey != source }
            case .relayTransaction(let transaction):
                network.broadcast(.transaction, transaction.encoded) { $0.publicKey != source }
            case .needBlocks(let number):
                let link = source.flatMap { key in network.peers.first { $0.1.publicKey == key }?.0 }
                if isSettled { sync.start(upTo: number, hint: link) }
            case .log(let event): writer.write(event, irreversible: engine.root.number)
            case .remember, .store, .head, .irreversible: break
            }
        }
        publish()
    }

    /// Stores what effects change, before anything is sent.
    private func store(_ effects: [DPoS.Effect]) throws(DPoSFailure) {
        var change = BlockLog.Change()
        var state: DPoS.ChainState?
        for effect in effects {
            switch effect {
            case .remember(let record): change.records.append(record)
            case .store(let block): change.blocks.append(block)
            case .head(let added, let removed):
                change.status += removed.map { ($0, .fork) } + added.map { ($0, .chain) }
            case .irreversible(let new, let discarded):
                state = new
                change.irreversible = new.number
                change.discarded += discarded
            case .relay, .relayTransaction, .needBlocks, .log: break
            }
        }
        try setup.store.store(change, state: state)
    }

    private func fail(_ error: DPoSFailure) {
        setup.log.write(.error, "the data cannot be used", ["error": .string("\(error)")])
        failure = error
        loop.stop()
    }

    private func answerSubmissions() {
        setup.queue.drain { [unowned self] transaction in
            feed([.transaction(transaction)])
            switch engine.lastAdmission {
            case .accepted: return .accepted
            case .duplicate: return .duplicate
            case .notAuthorised: return .refused("malformed, or not signed with the owner's active key")
            case .notValid: return .refused("expired, expiring too late, or for an unknown producer")
            case .full: return .refused("too many transactions wait")
            }
        }
    }

    // MARK: Peers

    private func handle(_ event: PeerNetwork.Event) {
        switch event {
        case .up(let link, let hello):
            setup.log.write(.info, "peer connected", ["peer": .string(hello.name), "blockNum": .int(hello.head)])
            peersChanged()
            for transaction in engine.waiting { network.send(.transaction, transaction.encoded, to: link) }
            heard(hello.head, from: link)
            if !isSettled, peerHeads.count == network.knownPeerCount { settle() }
        case .down(let link, let hello):
            setup.log.write(.info, "peer disconnected", ["peer": .string(hello.name)])
            peerHeads[link] = nil
            peersChanged()
            sync.lost(link)
        case .frame(let link, let hello, let frame): handle(frame, from: link, hello)
        }
    }

    private func handle(_ frame: PeerFrame, from link: PeerNetwork.LinkID, _ hello: PeerHello) {
        switch frame.kind {
        case .consensus:
            guard let block = try? DPoS.Block(decoding: Array(frame.payload)) else { return }
            peerHeads[link] = max(peerHeads[link] ?? 0, block.number)
            feed([.block(block, now: presentSlot, isNew: true)], source: hello.publicKey)
        case .transaction:
            guard let transaction = try? DPoS.Transaction(decoding: Array(frame.payload)) else { return }
            feed([.transaction(transaction)], source: hello.publicKey)
        case .ping:
            var reader = ByteReader(frame.payload)
            if let number = try? reader.integer(UInt64.self) { heard(number, from: link) }
        case .blockRequest: answerRequest(frame, from: link)
        case .blocks:
            guard let blocks = try? DPoSBlockBatch.decode(frame.payload) else { return }
            sync.receive(blocks, from: link)
        case .hello, .proof: break
        }
    }

    /// A peer said how high its chain is.
    private func heard(_ number: UInt64, from link: PeerNetwork.LinkID) {
        peerHeads[link] = number
        if isSettled, number > engine.head.number + 1 { sync.start(upTo: number, hint: link) }
    }

    private func peersChanged() {
        peerNames = network.peers.map(\.1.name).sorted()
        publish()
    }

    private func answerRequest(_ frame: PeerFrame, from link: PeerNetwork.LinkID) {
        var reader = ByteReader(frame.payload)
        guard let first = try? reader.integer(UInt64.self), let count = try? reader.integer(UInt32.self), first > 0
        else { return }
        do {
            let blocks = try setup.store.blocks.blocks(from: first, limit: min(Int(count), ChainSync.maximumBatch))
            network.send(.blocks, DPoSBlockBatch.encode(blocks), to: link)
        } catch {
            fail(error)
        }
    }

    // MARK: Sync

    private func syncPort() -> DPoSSync.Port {
        DPoSSync.Port(
            head: { [unowned self] in engine.head.number }, root: { [unowned self] in engine.root.number },
            peer: { [unowned self] number, except in
                let able = peerHeads.filter { $0.value >= number }.keys.sorted()
                return able.first { $0 != except } ?? able.first
            },
            send: { [unowned self] in network.send($0, $1, to: $2) },
            take: { [unowned self] in take($0) },
            ended: { [unowned self] in syncEnded(gained: $0, trouble: $1) })
    }

    private func take(_ blocks: [DPoS.Block]) -> DPoSSync.Outcome {
        let new = blocks.filter { !isKnown($0) }
        guard let first = new.first else { return .taken(new: 0) }
        guard engine.knows(first.header.parent) else { return .unconnected }
        let slot = presentSlot
        feed(new.map { .block($0, now: slot, isNew: false) }, isQuiet: true)
        return new.allSatisfy(isKnown) ? .taken(new: new.count) : .refused
    }

    /// Whether a block is stored, or too old to matter.
    private func isKnown(_ block: DPoS.Block) -> Bool {
        block.number <= engine.root.number || engine.knows(block.id)
    }

    private func syncEnded(gained: Int, trouble: String?) {
        setup.log.write(
            trouble == nil ? .info : .warn, "sync ended",
            [
                "blockNum": .int(engine.head.number), "gained": .int(gained),
                "trouble": trouble.map { .string($0) },
            ])
        let best = peerHeads.values.max() ?? 0
        if !isSettled, gained > 0, best > engine.head.number { return settle() }
        isSettled = true
        publish()
    }

    private func publish() {
        setup.board.current = DPoSSetup.snapshot(
            engine, best: peerHeads.values.max() ?? 0, isSyncing: !isSettled || sync.isRunning, peers: peerNames)
    }
}
