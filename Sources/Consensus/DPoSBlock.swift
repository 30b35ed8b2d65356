extension DPoS {
    /// A transaction as the chain keeps it: opaque bytes in the dialect's own serialisation, and who signed them.
    public struct Transaction: Sendable, Hashable {
        /// The exact bytes that were signed.
        public var signed: [UInt8]
        /// The signature; what it is made with is the dialect's business.
        public var signature: [UInt8]

        /// A transaction; nothing is checked.
        public init(signed: [UInt8], signature: [UInt8]) {
            self.signed = signed
            self.signature = signature
        }
    }

    /// What a transaction asks for: a producer's properties (Steem's `witness_update`).
    public struct Update: Sendable, Hashable {
        /// Name of the producer.
        public var owner: String
        /// Key that signs the producer's blocks from the next block on; empty disables the producer.
        public var signingKey: [UInt8]
        /// Where people read about the producer.
        public var url: String
        /// Nanoseconds since 1970 after which no block may include it.
        public var expiration: Int64

        /// An update.
        public init(owner: String, signingKey: [UInt8], url: String, expiration: Int64) {
            self.owner = owner
            self.signingKey = signingKey
            self.url = url
            self.expiration = expiration
        }
    }

    /// What a producer signs.
    public struct Header: Sendable, Hashable {
        /// Parent's number + 1.
        public var number: BlockNumber
        /// Id of the block before; the genesis id for block 1.
        public var parent: BlockID
        /// Slot the block was made for.
        public var slot: Slot
        /// Who made it.
        public var producer: ProducerIndex
        /// Highest block that this producer ever made on another fork. The block confirms its ancestors above that
        /// height only, so that nobody confirms two blocks of one height.
        public var confirmsAbove: BlockNumber
        /// Version that the producer runs, such as `0.23.1`.
        public var version: String
        /// Hash over the transactions.
        public var transactionsHash: [UInt8]
    }

    /// A block.
    public struct Block: Sendable, Hashable {
        /// What is signed.
        public let header: Header
        /// At most `Limits.transactionsPerBlock`.
        public let transactions: [Transaction]
        /// The scheduled producer's signature over `id`, with its present key.
        public let signature: [UInt8]
        /// See `BlockID`.
        public let id: BlockID

        /// Parent's number + 1.
        public var number: BlockNumber { header.number }
    }

    /// Signatures, hashes and the dialect's transactions, supplied by whoever runs the engine. All must be
    /// deterministic functions of their inputs.
    public struct Ports: Sendable {
        /// Signs a digest of 32 bytes with the private key of `publicKey`; nil when this node does not hold it.
        public var sign: @Sendable (_ digest: [UInt8], _ publicKey: [UInt8]) -> [UInt8]?
        /// Whether `signature` over `digest` was made with `publicKey`'s private key; false for malformed input.
        public var verify: @Sendable (_ digest: [UInt8], _ signature: [UInt8], _ publicKey: [UInt8]) -> Bool
        /// A collision-resistant hash of 32 bytes.
        public var hash: @Sendable (_ bytes: [UInt8]) -> [UInt8]
        /// What a transaction asks for; nil when it is malformed or not signed with its owner's active key.
        public var update: @Sendable (_ transaction: Transaction) -> Update?

        /// A port made of the four functions.
        public init(
            sign: @escaping @Sendable (_ digest: [UInt8], _ publicKey: [UInt8]) -> [UInt8]?,
            verify: @escaping @Sendable (_ digest: [UInt8], _ signature: [UInt8], _ publicKey: [UInt8]) -> Bool,
            hash: @escaping @Sendable (_ bytes: [UInt8]) -> [UInt8],
            update: @escaping @Sendable (_ transaction: Transaction) -> Update?
        ) {
            self.sign = sign
            self.verify = verify
            self.hash = hash
            self.update = update
        }
    }
}
