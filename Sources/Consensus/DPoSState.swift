extension DPoS {
    /// What the chain knows of a producer.
    public struct ProducerState: Sendable, Hashable {
        /// Account that owns it.
        public var name: String
        /// Where people read about it.
        public var url: String
        /// Key that its next block must be signed with; empty while it is disabled.
        public var signingKey: [UInt8]
        /// Slots that passed without its block.
        public var totalMissed: UInt64 = 0
        /// Slot of its last block; 0 for none.
        public var lastSlot: Slot = 0
        /// Number of its last block (Steem's `last_confirmed_block_num`); 0 for none.
        public var lastBlock: BlockNumber = 0
        /// Version in its last block; empty for none.
        public var version = ""
        /// `confirmsAbove` of its last block.
        public var confirmsAbove: BlockNumber = 0
        /// The proposed irreversible block that its last block had seen.
        public var seenProposed: BlockNumber = 0
    }

    /// What follows from a chain of blocks.
    public struct ChainState: Sendable, Hashable {
        /// Number of the last block.
        public var number: BlockNumber
        /// Id of the last block; the genesis id before the first.
        public var id: BlockID
        /// Slot of the last block (Steem's `current_aslot`).
        public var slot: Slot
        /// Who made the last block; nil before the first.
        public var producer: ProducerIndex?
        /// In the order of the configuration.
        public var producers: [ProducerState]
        /// One bit per slot, the newest lowest: set when the slot has a block (Steem's `recent_slots_filled`). All set
        /// at the genesis.
        public var recentSlots: UInt128
        /// The round that `schedule` is for.
        public var round: UInt64
        /// Who makes the blocks of each turn of `round`.
        public var schedule: [ProducerIndex]
        /// Highest block confirmed by a quorum; not final yet.
        public var proposedIrreversible: BlockNumber
        /// Highest block that can never be undone.
        public var irreversible: BlockNumber
        /// Ids of included transactions that have not expired, and when they do.
        public var transactions: [[UInt8]: Int64]

        /// How many of the last 128 slots have a block (Steem's `participation_count`).
        public var participation: Int { recentSlots.nonzeroBitCount }
    }
}
