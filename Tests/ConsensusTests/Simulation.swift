import Testing

@testable import Consensus

/// A shard on a virtual clock: engines, a network that delays, loses, duplicates and reorders, and disks that survive crashes.
/// The same seed gives the same run.
struct Simulation {
    /// How the network treats a message.
    struct Network {
        var delay: ClosedRange<Int64> = 2_000...20_000  // microseconds
        var loss = 0.0
        var duplication = 0.0
        /// Members that can only talk among themselves.
        var isolated: Set<Int> = []
        /// Types that are lost altogether.
        var dropped: Set<Message.Kind> = []
    }

    /// What a node keeps over a crash.
    struct Disk {
        var chain: [CommittedBlock] = []
        var votes: [UInt8]?
    }

    struct Node {
        var engine: FBFT?
        var disk = Disk()
        var incarnation = 0
        var timers: [TimerKind: Int] = [:]
        var isPaused = false
        var backlog: [Event] = []
    }

    enum Event {
        case deliver(SignedMessage, to: Int)
        case timer(TimerKind, node: Int, generation: Int)
        case proposal(node: Int, incarnation: Int)
        case synced(node: Int, incarnation: Int, from: Int)

        var isTimer: Bool { if case .timer = self { true } else { false } }

        var node: Int {
            switch self {
            case .deliver(_, let node), .timer(_, let node, _), .proposal(let node, _), .synced(let node, _, _): node
            }
        }
    }

    let configuration: Configuration
    let genesis: Block
    var network: Network
    var nodes: [Node]
    /// Microseconds since the beginning.
    private(set) var now: Int64 = 0
    /// Every committed block by height, from whichever node committed it first.
    private(set) var final: [BlockNumber: [UInt8]] = [:]
    private(set) var log: [(at: Int64, node: Int, event: LogEvent)] = []
    private(set) var sent: [Message.Kind: Int] = [:]
    private(set) var lastCommit: Int64 = 0
    /// How often the first node to commit a block crashes with the only certificate, and everybody else is restarted: the moment
    /// at which a protocol without the rules of `VoteRecord` forks.
    var committerCrashes = 0.0
    /// Whether messages go through bytes.
    var usesWire = false
    /// Whether sent messages are kept.
    var keepsMessages = false
    private(set) var kept: [SignedMessage] = []
    private var random: SplitMix
    private var queue = EventQueue<Event>()
    private var generation = 0
    private let cryptography: @Sendable (Int) -> Cryptography

    init(
        validators: Int = 7, explorers: Int = 0, version: ProtocolVersion = .fixed, blocksPerEpoch: UInt64 = 1_000,
        timing: Timing = .test, seed: UInt64 = 1, network: Network = Network(),
        keys: [[UInt8]]? = nil, cryptography: @escaping @Sendable (Int) -> Cryptography = { Cryptography.fake($0) }
    ) throws {
        let keys = keys ?? (0..<validators).map(Cryptography.fakeKey)
        configuration = Configuration(
            shard: 1, committee: try Committee(keys: keys), blocksPerEpoch: blocksPerEpoch, timing: timing,
            version: version)
        genesis = .genesis(shard: 1, timestamp: 0, payload: [], cryptography: cryptography(0))
        nodes = Array(repeating: Node(), count: validators + explorers)
        random = SplitMix(seed: seed)
        self.network = network
        self.cryptography = cryptography
    }

    // Nodes.

    mutating func startAll() { for index in nodes.indices { start(index) } }

    /// Starts a process from its disk, after catching up with the longest chain it can reach.
    mutating func start(_ index: Int) {
        guard nodes[index].engine == nil else { return }
        let best = nodes.indices.filter { nodes[$0].engine != nil && canTalk(index, $0) }
            .max { nodes[$0].disk.chain.count < nodes[$1].disk.chain.count }
        if let best { copyChain(from: best, to: index) }
        nodes[index].incarnation += 1
        let votes = nodes[index].disk.votes.flatMap { try? VoteRecord(decoding: $0) }
        nodes[index].engine = FBFT(
            configuration: configuration, identity: index < configuration.committee.count ? index : nil,
            head: head(of: index), votes: votes, cryptography: cryptography(index))
        feed(.start, to: index)
    }

    mutating func crash(_ index: Int) {
        nodes[index].engine = nil
        nodes[index].timers = [:]
        nodes[index].backlog = []
        nodes[index].isPaused = false
    }

    /// Stops a process without ending it; what arrives waits.
    mutating func pause(_ index: Int) { nodes[index].isPaused = true }

    /// Lets a process go on. As in the node, time-outs that are over come before what waits in its sockets.
    mutating func resume(_ index: Int) {
        nodes[index].isPaused = false
        let backlog = nodes[index].backlog
        nodes[index].backlog = []
        for event in backlog where event.isTimer { perform(event) }
        for event in backlog where !event.isTimer { perform(event) }
    }

    func status(_ index: Int) throws -> Status { try #require(nodes[index].engine).status }

    func height(_ index: Int) -> Int { nodes[index].disk.chain.count }
    var heights: [Int] { nodes.indices.map(height) }
    var topHeight: Int { final.count }
    var running: [Int] { nodes.indices.filter { nodes[$0].engine != nil } }

    func head(of index: Int) -> Head {
        nodes[index].disk.chain.last.map { Head($0) } ?? Head(genesis: genesis)
    }

    /// Distinct view ids that running validators ask for or are in.
    func viewChangingIDs() -> [ViewID] {
        running.compactMap { nodes[$0].engine?.status }.filter { $0.mode != .listening }.map(\.viewChangingID)
    }

    // Time.

    /// Runs for `duration`, or until `condition` holds after some event. Returns whether it held.
    @discardableResult
    mutating func run(for duration: Duration, until condition: (Simulation) -> Bool = { _ in false }) -> Bool {
        let end = now + duration.microseconds
        while let time = queue.nextTime, time <= end {
            guard let event = queue.pop() else { break }
            now = time
            if nodes[event.node].isPaused { nodes[event.node].backlog.append(event) } else { perform(event) }
            if condition(self) { return true }
        }
        now = end
        return false
    }

    private mutating func perform(_ event: Event) {
        switch event {
        case .deliver(let message, let node): feed(.message(message), to: node)
        case .timer(let kind, let node, let generation):
            if nodes[node].timers[kind] == generation { feed(.timerFired(kind), to: node) }
        case .proposal(let node, let incarnation):
            guard nodes[node].incarnation == incarnation else { return }
            feed(.proposal(payload: [UInt8(truncatingIfNeeded: random.next())], timestamp: now * 1_000), to: node)
        case .synced(let node, let incarnation, let source):
            guard nodes[node].incarnation == incarnation, nodes[node].engine != nil else { return }
            if canTalk(node, source), nodes[source].engine != nil { copyChain(from: source, to: node) }
            feed(.synced(head: head(of: node)), to: node)
        }
    }

    private mutating func copyChain(from source: Int, to node: Int) {
        for committed in nodes[source].disk.chain.dropFirst(nodes[node].disk.chain.count) {
            #expect(
                committed.isValid(
                    after: head(of: node).block, configuration: configuration, cryptography: cryptography(node)))
            nodes[node].disk.chain.append(committed)
        }
    }

    private mutating func feed(_ input: Input, to index: Int) {
        guard let effects = nodes[index].engine?.handle(input) else { return }
        let height = topHeight
        for effect in effects {
            perform(effect, of: index)
            if topHeight > height, random.chance(committerCrashes) { return crashCommitter(index) }
        }
        checkInvariants(of: index)
    }

    private mutating func crashCommitter(_ index: Int) {
        crash(index)
        guard random.chance(0.5) else { return }
        for other in running {
            crash(other)
            start(other)
        }
    }

    private mutating func perform(_ effect: Effect, of index: Int) {
        switch effect {
        case .persist(let votes): nodes[index].disk.votes = votes.encoded
        case .commit(let committed): commit(committed, on: index)
        case .broadcast(let message):
            for other in nodes.indices where other != index { transmit(message, from: index, to: other) }
        case .send(let message, let other): transmit(message, from: index, to: other)
        case .setTimer(let kind, let duration):
            generation += 1
            nodes[index].timers[kind] = generation
            queue.push(.timer(kind, node: index, generation: generation), at: now + duration.microseconds)
        case .cancelTimer(let kind): nodes[index].timers[kind] = nil
        case .requestProposal:
            queue.push(.proposal(node: index, incarnation: nodes[index].incarnation), at: now + 1_000)
        case .needSync(_, _, let hint):
            let event = Event.synced(node: index, incarnation: nodes[index].incarnation, from: hint)
            queue.push(event, at: now + 50_000)
        case .log(let event): log.append((now, index, event))
        }
    }

    private mutating func transmit(_ message: SignedMessage, from sender: Int, to receiver: Int) {
        #expect(sender != receiver, "an engine sent a message to itself")
        sent[message.message.kind, default: 0] += 1
        if keepsMessages { kept.append(message) }
        guard canTalk(sender, receiver), !network.dropped.contains(message.message.kind) else { return }
        let copies = random.chance(network.duplication) ? 2 : 1
        for _ in 0..<copies where !random.chance(network.loss) {
            let delivered: SignedMessage
            if usesWire {
                guard let decoded = try? SignedMessage(decoding: message.encoded) else {
                    Issue.record("a \(message.message.kind) does not decode")
                    return
                }
                #expect(decoded == message)
                delivered = decoded
            } else {
                delivered = message
            }
            queue.push(.deliver(delivered, to: receiver), at: now + random.pick(network.delay))
        }
    }

    private func canTalk(_ one: Int, _ other: Int) -> Bool {
        network.isolated.contains(one) == network.isolated.contains(other)
    }

    // Invariants.

    private mutating func commit(_ committed: CommittedBlock, on index: Int) {
        let block = committed.block
        #expect(
            committed.isValid(
                after: head(of: index).block, configuration: configuration, cryptography: cryptography(index)),
            "node \(index) committed a block that does not follow its head, or without a valid certificate")
        if let known = final[block.number] {
            #expect(known == block.hash, "two different blocks at height \(block.number)")
        } else {
            final[block.number] = block.hash
            lastCommit = now
        }
        nodes[index].disk.chain.append(committed)
    }

    private func checkInvariants(of index: Int) {
        guard let engine = nodes[index].engine else { return }
        let status = engine.status
        let isSane =
            engine.head.block.number == nodes[index].disk.chain.count
            && status.blockNumber == engine.head.block.number + 1 && status.viewChangingID >= status.viewID
            && status.viewID > engine.head.viewID && status.epoch == configuration.epoch(of: status.blockNumber)
            && (engine.head.block.number == 0 || final[engine.head.block.number] == engine.head.block.hash)
        if !isSane { Issue.record("node \(index) is inconsistent: \(status)") }
    }
}

extension Timing {
    /// One unit is a second; durations in the proportions of a testnet.
    static let test = Timing(
        blockInterval: .seconds(1), phase: .seconds(3), viewChangeUnit: .seconds(1), bootstrap: .seconds(3),
        retry: .milliseconds(500))
}

extension Duration {
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
