extension DPoS {
    /// What all nodes of a chain agree on before the first block.
    public struct Configuration: Sendable, Hashable {
        /// A producer as the genesis names it.
        public struct Producer: Sendable, Hashable {
            /// Account that owns the producer; at most `Limits.nameBytes`.
            public var name: String
            /// First signing key; empty for none.
            public var signingKey: [UInt8]
            /// Where people read about the producer; may be empty.
            public var url: String

            /// A producer.
            public init(name: String, signingKey: [UInt8], url: String = "") {
                self.name = name
                self.signingKey = signingKey
                self.url = url
            }
        }

        /// Identifies the chain, 32 bytes; the state before the first block has it as its id.
        public var genesisID: BlockID
        /// Nanoseconds since 1970.
        public var genesisTime: Int64
        /// Length of a slot in nanoseconds, above 0.
        public var slotLength: Int64
        /// Blocks a producer makes in a row: 1 on Steem, 12 on EOS (chains.md).
        public var repetitions: Int
        /// Whether the order changes from round to round (Steem) or is that of `producers` (EOS).
        public var isShuffled: Bool
        /// Between 1 and `Limits.producers`.
        public var producers: [Producer]
        /// Producers that must have confirmed a block before it may become irreversible.
        public var quorum: Int

        /// More than two thirds of `count` producers (EOS).
        public static func twoThirds(of count: Int) -> Int { count * 2 / 3 + 1 }

        /// At least `percent` of `count` producers; Steem takes 75.
        public static func share(_ percent: Int, of count: Int) -> Int { count - count * (100 - percent) / 100 }

        /// A configuration; `quorum` is kept above half of the producers, else two forks could both be final.
        public init(
            genesisID: BlockID, genesisTime: Int64, slotLength: Int64, repetitions: Int, isShuffled: Bool,
            producers: [Producer], quorum: Int
        ) {
            self.genesisID = genesisID
            self.genesisTime = genesisTime
            self.slotLength = max(1, slotLength)
            self.repetitions = max(1, repetitions)
            self.isShuffled = isShuffled
            self.producers = producers
            self.quorum = min(max(quorum, producers.count / 2 + 1), max(1, producers.count))
        }

        /// When a slot begins: nanoseconds since 1970.
        public func time(of slot: Slot) -> Int64 { genesisTime + Int64(slot) * slotLength }

        /// The slot that holds a moment; 0 before the first.
        public func slot(at time: Int64) -> Slot {
            time <= genesisTime ? 0 : Slot((time - genesisTime) / slotLength)
        }

        /// Slots in a round: every producer has its turn once.
        public var roundLength: UInt64 { UInt64(producers.count * repetitions) }
    }

    /// Bounds on what is read from other nodes.
    public enum Limits {
        /// Most producers of a chain.
        public static let producers = 128
        /// Most bytes of an account name.
        public static let nameBytes = 64
        /// Most bytes of a producer's url.
        public static let urlBytes = 2048
        /// Most bytes of a producer's version text.
        public static let versionBytes = 32
        /// Most bytes of a public key or a signature.
        public static let keyBytes = 128
        /// Most bytes of a transaction's signed part.
        public static let transactionBytes = 8192
        /// Most transactions in one block.
        public static let transactionsPerBlock = 32
    }
}
