/// A committed block as the node keeps and reports it. `body` and `certificate` are the exact bytes that peers get;
/// the other fields are copies for queries.
struct StoredBlock: Sendable, Equatable {
    var number: UInt64
    var hash: [UInt8]
    var parentHash: [UInt8]
    var viewID: UInt64
    var epoch: UInt64
    /// Seconds since 1970.
    var time: UInt64
    /// Position of the proposer in the committee; nil for the genesis block.
    var leader: Int?
    /// One bit per committee member that signed the commit, lowest bit first.
    var signerBitmap: [UInt8]
    /// The signers' signatures in committee order.
    var signatures: [UInt8]
    var body: [UInt8]
    var certificate: [UInt8]

    /// Committee positions of the signers.
    var signers: [Int] {
        (0..<signerBitmap.count * 8).filter { signerBitmap[$0 / 8] >> ($0 % 8) & 1 == 1 }
    }
}
