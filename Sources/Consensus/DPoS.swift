/// Delegated proof of stake, Steem- and EOS-like: producers take turns in slots of fixed length, a block stands in the
/// slot of its scheduled producer, and a block is irreversible once enough producers have built on it.
///
/// A value without I/O, clock or randomness: feed one `Input` at a time and perform its effects in order.
public struct DPoS: Sendable {
    /// Height of a block; the state before the first block has number 0.
    public typealias BlockNumber = UInt64
    /// Slots since the genesis time. Slot 0 is the genesis time itself and holds no block.
    public typealias Slot = UInt64
    /// Position of a producer in `Configuration.producers`.
    public typealias ProducerIndex = Int
    /// 32 bytes: the hash of the header, its first four bytes replaced by the block number, big endian (as both real
    /// chains do).
    public typealias BlockID = [UInt8]

    /// A block that is not irreversible.
    struct Entry: Sendable {
        var block: Block
        /// The state after it; dropped when it is old, and then made again from an ancestor's.
        var state: ChainState?
        var proposed: BlockNumber
    }

    struct Seat: Hashable {
        var slot: Slot
        var producer: ProducerIndex
    }

    /// Blocks whose parent is missing, at most; the oldest goes first.
    static let maximumOrphans = 64
    /// States kept for blocks that are not irreversible.
    static let maximumStates = 128
    /// Transactions that may wait.
    static let maximumPending = 256

    /// What all nodes agree on.
    public let configuration: Configuration
    /// State after the last block of the chain this node follows.
    public internal(set) var head: ChainState
    /// State after the last irreversible block.
    public internal(set) var root: ChainState
    /// Version text for this node's blocks.
    let version: String
    /// Producers that this node makes blocks for.
    let own: Set<ProducerIndex>
    let ports: Ports
    var records: [ProducerIndex: SigningRecord]
    /// Everything above the root, by id.
    var tree: [BlockID: Entry] = [:]
    /// Ids from the block after the root to the head.
    var chain: [BlockID] = []
    var seats: [Seat: BlockID] = [:]
    /// Second blocks for one slot: kept aside until another producer has built on one.
    var withheld: [BlockID: Block] = [:]
    var orphans: [Block] = []
    var stateOrder: [BlockID] = []
    var pending: [(id: [UInt8], transaction: Transaction, update: Update)] = []
    var effects: [Effect] = []
    /// What became of the last transaction that was fed.
    public internal(set) var lastAdmission = Admission.accepted

    /// An engine that goes on from what a node has stored.
    /// - Parameters:
    ///   - own: producers that this node makes blocks for, whether or not it holds their keys.
    ///   - root: state after the last irreversible block, or the genesis state.
    ///   - reversible: the stored blocks above it, in any order.
    ///   - records: the last stored record of each own producer.
    public init(
        configuration: Configuration, own: Set<ProducerIndex>, version: String, root: ChainState, reversible: [Block],
        records: [SigningRecord], ports: Ports
    ) {
        self.configuration = configuration
        self.own = own
        self.version = version
        self.ports = ports
        self.root = root
        head = root
        self.records = Dictionary(records.map { ($0.producer, $0) }, uniquingKeysWith: { $1 })
        for block in reversible.sorted(by: { $0.number < $1.number }) { insert(block, isTrusted: true) }
    }

    /// What restoring the stored blocks brought about; perform it once, before the first input. It repeats what is
    /// stored already and logs nothing.
    public mutating func start() -> [Effect] {
        defer { effects = [] }
        return effects.filter { if case .log = $0 { false } else { true } }
    }

    /// Takes one input and returns what is to be done, in order.
    public mutating func handle(_ input: Input) -> [Effect] {
        effects = []
        switch input {
        case .slot(let slot): produce(slot)
        case .block(let block, let now, let isNew): receive(block, now: now, isNew: isNew)
        case .transaction(let transaction): lastAdmission = admit(transaction)
        }
        defer { effects = [] }
        return effects
    }

    /// Whether a block is irreversible's successor and known, on whichever fork.
    public func knows(_ id: BlockID) -> Bool { tree[id] != nil || root.id == id }

    /// Id of a block of the present chain above the root, or of the root; nil for any other number.
    public func chainID(of number: BlockNumber) -> BlockID? {
        if number == root.number { return root.id }
        guard number > root.number, number <= head.number else { return nil }
        return chain[Int(number - root.number) - 1]
    }

    /// Transactions that wait for a block, for a peer that has just come.
    public var waiting: [Transaction] { pending.map(\.transaction) }

    func log(_ event: Event) -> Effect { .log(event) }
}
