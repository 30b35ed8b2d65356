extension DPoS {
    /// Everything that can happen to the engine.
    public enum Input: Sendable {
        /// The clock reached a slot. Give it once a slot; slots may be left out, never given late.
        case slot(Slot)
        /// A block from a peer. `now` is the present slot by this node's clock. `isNew` is false for blocks that this
        /// node asked for: they are not passed on.
        case block(Block, now: Slot, isNew: Bool)
        /// A transaction from a peer or a client.
        case transaction(Transaction)
    }

    /// Everything the engine wants done, in order.
    public enum Effect: Sendable {
        /// Store what this node signed, durably, before any later effect: it keeps a restarted node from making two
        /// blocks for one slot, and from confirming two blocks of one height.
        case remember(SigningRecord)
        /// Store a block durably; it is not final yet and may stand on a fork.
        case store(Block)
        /// The chain's last block is another one now. `removed` left the chain, newest first; `added` joined it, oldest
        /// first.
        case head(added: [BlockID], removed: [BlockID])
        /// All blocks up to `state.number` are final; `discarded` stand on forks that can never be followed again.
        case irreversible(state: ChainState, discarded: [BlockID])
        /// Pass a block on to all peers.
        case relay(Block)
        /// Pass a transaction on to all peers.
        case relayTransaction(Transaction)
        /// A block's parent is not known: fetch the chain up to `number` from whoever sent it.
        case needBlocks(upTo: BlockNumber)
        /// Something people want in the log.
        case log(Event)
    }

    /// What this node remembers of its own blocks for one producer.
    public struct SigningRecord: Sendable, Hashable {
        /// Whose blocks.
        public var producer: ProducerIndex
        /// Slot, number and id of the last block.
        public var slot: Slot
        public var number: BlockNumber
        public var id: BlockID
        /// Highest block made so far, on any fork.
        public var highest: BlockNumber
        /// `confirmsAbove` of the last block.
        public var confirmsAbove: BlockNumber

        /// A record, as it was stored.
        public init(
            producer: ProducerIndex, slot: Slot, number: BlockNumber, id: BlockID, highest: BlockNumber,
            confirmsAbove: BlockNumber
        ) {
            self.producer = producer
            self.slot = slot
            self.number = number
            self.id = id
            self.highest = highest
            self.confirmsAbove = confirmsAbove
        }
    }

    /// What the engine tells people.
    public enum Event: Sendable, Hashable {
        /// This node made a block.
        case produced(BlockNumber, BlockID, Slot, ProducerIndex, transactions: Int)
        /// A block of another node is the new head.
        case applied(BlockNumber, BlockID, Slot, ProducerIndex, transactions: Int)
        /// Slots passed without their producer's block; its count is `total` now.
        case missed(ProducerIndex, slots: UInt64, total: UInt64)
        /// It is this node's turn, but it has no private key for the producer's present signing key.
        case noPrivateKey(Slot, ProducerIndex, key: [UInt8])
        /// The chain went over to another fork after block `common`.
        case switched(from: BlockNumber, to: BlockNumber, common: BlockNumber)
        /// Another last irreversible block.
        case irreversible(BlockNumber, BlockID)
        /// A block that was not accepted.
        case rejected(BlockNumber, BlockID, ProducerIndex, Rejection)
        /// A producer's properties changed with block `number`; an empty key means that it is disabled.
        case updated(BlockNumber, owner: String, key: [UInt8])
    }

    /// What became of a transaction that was given to the engine.
    public enum Admission: Sendable, Hashable {
        case accepted
        /// It waits already or is part of the chain.
        case duplicate
        /// It is malformed, or not signed with its owner's active key.
        case notAuthorised
        /// Expired, expiring too late, for an unknown producer, or too long.
        case notValid
        /// Too many wait.
        case full
    }
}
