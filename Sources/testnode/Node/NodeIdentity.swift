/// Who this process is, as RPC reports it.
struct NodeIdentity: Sendable {
    /// Version text of this build.
    static let buildVersion = "Harmony-like test node, Firedrill 0.1"

    var name: String
    var shard: Int
    var publicKey: [UInt8]
    /// Position in the committee; nil for an explorer.
    var committeeIndex: Int?
    /// Seconds since 1970.
    var startTime: UInt64

    var version: String { Self.buildVersion }
    /// Name on the peer-to-peer network: the public key.
    var peerID: String { publicKey.hex }
}
