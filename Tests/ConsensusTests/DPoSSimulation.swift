import Crypto

@testable import Consensus

/// Nodes of a DPoS chain on a simulated network: time in milliseconds, delays, loss and partitions from a seed. After
/// every step it checks that no two nodes ever hold different irreversible blocks at one height.
struct DPoSSimulation {
    struct Node {
        var engine: DPoS
        var isUp = true
        /// What the node's disk would hold.
        var blocks: [DPoS.BlockID: DPoS.Block] = [:]
        var records: [DPoS.ProducerIndex: DPoS.SigningRecord] = [:]
        var root: DPoS.ChainState
        var ports: DPoS.Ports
        var own: Set<DPoS.ProducerIndex>
    }

    enum Content {
        case block(DPoS.Block)
        case transaction(DPoS.Transaction)
        case request(from: UInt64)
        case blocks([DPoS.Block])
    }

    struct Message {
        var at: Int64
        var from: Int
        var to: Int
        var content: Content
    }

    static let slotLength: Int64 = 500

    let configuration: DPoS.Configuration
    var nodes: [Node] = []
    var now: Int64 = 0
    var random: SplitMix
    var delay: ClosedRange<Int64> = 1...40
    var loss = 0.0
    /// Nodes of different groups do not hear each other.
    var groups: [Int]
    /// What is under way, the latest first.
    var messages: [Message] = []
    var final: [UInt64: DPoS.BlockID] = [:]
    var conflicts: [UInt64] = []
    var events: [(node: Int, event: DPoS.Event)] = []

    init(
        producers: Int, observers: Int = 0, repetitions: Int = 1, isShuffled: Bool = true, quorum: Int? = nil,
        seed: UInt64
    ) {
        random = SplitMix(seed: seed)
        configuration = DPoS.Configuration(
            genesisID: Array(SHA256.hash(data: [UInt8(truncatingIfNeeded: seed)])), genesisTime: 0,
            slotLength: Self.slotLength, repetitions: repetitions, isShuffled: isShuffled,
            producers: (0..<producers).map { .init(name: "p\($0)", signingKey: [1, UInt8($0)]) },
            quorum: quorum ?? DPoS.Configuration.twoThirds(of: producers))
        groups = Array(repeating: 0, count: producers + observers)
        for index in 0..<producers + observers {
            let isProducer = index < producers
            add(own: isProducer ? [index] : [], keys: isProducer ? [[1, UInt8(index)]] : [])
        }
    }

    /// Adds a node that makes blocks for `own` with `keys`.
    mutating func add(own: Set<DPoS.ProducerIndex>, keys: [[UInt8]]) {
        let root = DPoS.ChainState(genesis: configuration)
        let ports = Self.ports(keys: keys)
        nodes.append(
            Node(
                engine: DPoS(
                    configuration: configuration, own: own, version: "1", root: root, reversible: [], records: [],
                    ports: ports), root: root, ports: ports, own: own))
        if groups.count < nodes.count { groups.append(0) }
    }

    /// A signature is the key and the digest: nobody here forges one unless a test does.
    static func ports(keys: [[UInt8]]) -> DPoS.Ports {
        DPoS.Ports(
            sign: { digest, key in keys.contains(key) ? key + digest.prefix(16) : nil },
            verify: { digest, signature, key in signature == key + digest.prefix(16) },
            hash: { Array(SHA256.hash(data: $0)) },
            update: { transaction in
                // owner index, key length, key, expiration
                guard transaction.signature == [42], transaction.signed.count >= 9 else { return nil }
                let signed = transaction.signed
                let expiration = signed.suffix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) }
                return DPoS.Update(
                    owner: "p\(signed[0])", signingKey: Array(signed[1..<signed.count - 8]), url: "",
                    expiration: expiration)
            })
    }

    func transaction(owner: Int, key: [UInt8], validFor: Int64 = 600_000) -> DPoS.Transaction {
        let expiration = now + validFor
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: expiration >> (56 - 8 * Int64($0))) }
        return DPoS.Transaction(signed: [UInt8(owner)] + key + bytes, signature: [42])
    }

    // MARK: Running

    mutating func run(slots: Int) {
        for _ in 0..<slots {
            let next = (now / Self.slotLength + 1) * Self.slotLength
            deliver(until: next)
            now = next
            let slot = DPoS.Slot(now / Self.slotLength)
            for index in nodes.indices where nodes[index].isUp { feed(.slot(slot), to: index, from: nil) }
            if slot.isMultiple(of: 4) { announce() }
        }
        deliver(until: now + Self.slotLength - 1)
    }

    private mutating func deliver(until end: Int64) {
        while let message = messages.last, message.at < end {
            messages.removeLast()
            now = max(now, message.at)
            guard nodes[message.to].isUp, groups[message.from] == groups[message.to] else { continue }
            receive(message)
        }
    }

    private mutating func receive(_ message: Message) {
        let slot = DPoS.Slot(now / Self.slotLength)
        switch message.content {
        case .block(let block):
            feed(.block(block, now: slot, isNew: true), to: message.to, from: message.from)
        case .transaction(let transaction): feed(.transaction(transaction), to: message.to, from: message.from)
        case .request(let number): answer(number, from: message.to, to: message.from)
        case .blocks(let blocks):
            for block in blocks { feed(.block(block, now: slot, isNew: false), to: message.to, from: nil) }
        }
    }

    /// Heads are told now and then, as by pings, so that whoever missed a block asks.
    private mutating func announce() {
        for index in nodes.indices where nodes[index].isUp {
            for other in nodes.indices where other != index {
                if nodes[other].engine.head.number > nodes[index].engine.head.number {
                    send(.request(from: nodes[index].engine.root.number + 1), from: index, to: other)
                    break
                }
            }
        }
    }

    private mutating func answer(_ number: UInt64, from node: Int, to other: Int) {
        var blocks: [DPoS.Block] = []
        var next = nodes[node].engine.head.id
        while let block = nodes[node].blocks[next], block.number >= number {
            blocks.append(block)
            next = block.header.parent
        }
        send(.blocks(blocks.reversed()), from: node, to: other)
    }

    mutating func send(_ content: Content, from: Int, to: Int) {
        guard groups[from] == groups[to], Double(random.below(1000)) / 1000 >= loss else { return }
        let span = delay.upperBound - delay.lowerBound + 1
        let at = now + delay.lowerBound + Int64(random.below(Int(span)))
        var (low, high) = (0, messages.count)
        while low < high {
            let middle = (low + high) / 2
            if messages[middle].at > at { low = middle + 1 } else { high = middle }
        }
        messages.insert(Message(at: at, from: from, to: to, content: content), at: low)
    }

    mutating func feed(_ input: DPoS.Input, to index: Int, from source: Int?) {
        for effect in nodes[index].engine.handle(input) {
            switch effect {
            case .remember(let record): nodes[index].records[record.producer] = record
            case .store(let block): nodes[index].blocks[block.id] = block
            case .head: break
            case .irreversible(let state, let discarded):
                nodes[index].root = state
                for id in discarded { nodes[index].blocks[id] = nil }
                check(state, of: index)
            case .relay(let block):
                for other in nodes.indices where other != index && other != source {
                    send(.block(block), from: index, to: other)
                }
            case .relayTransaction(let transaction):
                for other in nodes.indices where other != index && other != source {
                    send(.transaction(transaction), from: index, to: other)
                }
            case .needBlocks:
                if let source { send(.request(from: nodes[index].engine.root.number + 1), from: index, to: source) }
            case .log(let event): events.append((index, event))
            }
        }
    }

    /// The state and all that leads to it is final on this node: nobody may have said otherwise.
    private mutating func check(_ state: DPoS.ChainState, of index: Int) {
        var next = state.id
        while let block = nodes[index].blocks[next] {
            if let known = final[block.number] {
                if known != next { conflicts.append(block.number) }
                // What leads to it was checked with it.
                return
            }
            final[block.number] = next
            next = block.header.parent
        }
    }

    mutating func kill(_ index: Int) { nodes[index].isUp = false }

    /// Starts a node again from what its disk holds.
    mutating func restart(_ index: Int) {
        let node = nodes[index]
        let reversible = node.blocks.values.filter { $0.number > node.root.number }
        nodes[index].engine = DPoS(
            configuration: configuration, own: node.own, version: "1", root: node.root, reversible: reversible,
            records: Array(node.records.values), ports: node.ports)
        nodes[index].isUp = true
        for effect in nodes[index].engine.start() {
            if case .irreversible(let state, _) = effect { nodes[index].root = state }
        }
    }

    // MARK: Looking

    var top: UInt64 { nodes.filter(\.isUp).map(\.engine.head.number).max() ?? 0 }
    var heads: Set<DPoS.BlockID> { Set(nodes.filter(\.isUp).map(\.engine.head.id)) }
    func state(_ index: Int) -> DPoS.ChainState { nodes[index].engine.head }
}
