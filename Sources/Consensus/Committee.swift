/// Position of a validator in its shard's committee, from 0.
public typealias ValidatorIndex = Int

/// Height of a block; genesis is 0.
public typealias BlockNumber = UInt64

/// Number of a view. It grows by one with every block and with every attempted change of leader.
public typealias ViewID = UInt64

/// The validators of one shard, in order. One node, one vote (chains.md, Harmony).
public struct Committee: Sendable, Hashable {
    /// Most members a committee may have; bounds every bitmap and signature list.
    public static let maximumSize = 250

    /// Public keys, in committee order.
    public let keys: [[UInt8]]

    /// A committee of 1...250 distinct keys.
    /// - Throws: `CommitteeError` when there are too few, too many, or repeated keys.
    public init(keys: [[UInt8]]) throws(CommitteeError) {
        guard !keys.isEmpty else { throw .empty }
        guard keys.count <= Self.maximumSize else { throw .tooLarge(keys.count) }
        guard Set(keys).count == keys.count else { throw .repeatedKey }
        self.keys = keys
    }

    /// Number of validators, n.
    public var count: Int { keys.count }

    /// Votes that decide: floor(2n/3) + 1 (chains.md, Harmony).
    public var quorum: Int { 2 * keys.count / 3 + 1 }

    /// The validator after `index`, around the circle.
    public func next(after index: ValidatorIndex, steps: UInt64 = 1) -> ValidatorIndex {
        (index + Int(steps % UInt64(keys.count))) % keys.count
    }

    /// The position of `key`, or nil when it is not a member's.
    public func index(of key: [UInt8]) -> ValidatorIndex? { keys.firstIndex(of: key) }
}

/// Why a list of keys is not a committee.
public enum CommitteeError: Error, Hashable, CustomStringConvertible {
    case empty
    case tooLarge(Int)
    case repeatedKey

    /// One sentence for people.
    public var description: String {
        switch self {
        case .empty: "A committee needs at least one public key."
        case .tooLarge(let count):
            "A committee has at most \(Committee.maximumSize) public keys, and this list has \(count)."
        case .repeatedKey: "A committee lists the same public key twice; every validator needs its own key."
        }
    }
}
