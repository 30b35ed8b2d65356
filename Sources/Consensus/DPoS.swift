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

    /// What all nodes agree on.
    public let configuration: Configuration
}
