import Crypto

/// What a `witness_update` operation says.
struct SteemWitnessUpdate: Hashable, Sendable {
    /// Its number in the chain's list of operations.
    static let operationNumber: UInt32 = 11

    var owner: String
    var url: String
    /// Key that signs the witness's blocks from now on; the null key disables it.
    var signingKey: PublicKey
    /// What the witness proposes; the test chain checks its form and keeps its own values.
    var creationFee: SteemAsset
    var maximumBlockSize: UInt32
    /// Hundredths of a percent a year.
    var interestRate: UInt16
    var fee: SteemAsset
}

/// A transaction with one `witness_update`, the only operation that the test chain has.
struct SteemTransaction: Hashable, Sendable {
    static let idBytes = 20

    /// Low 16 bits of the number of a recent block, and bytes 4 to 7 of that block's id: the transaction is valid on
    /// chains with that block only.
    var referenceNumber: UInt16
    var referencePrefix: UInt32
    /// Seconds since 1970.
    var expiration: UInt32
    var update: SteemWitnessUpdate

    /// The chain's binary form, without signatures.
    var packed: [UInt8] {
        var writer = GrapheneWriter()
        writer.integer(referenceNumber)
        writer.integer(referencePrefix)
        writer.integer(expiration)
        writer.variable(1)
        writer.variable(SteemWitnessUpdate.operationNumber)
        writer.text(update.owner)
        writer.text(update.url)
        writer.fixed(update.signingKey.bytes)
        update.creationFee.pack(&writer)
        writer.integer(update.maximumBlockSize)
        writer.integer(update.interestRate)
        update.fee.pack(&writer)
        writer.variable(0)
        return writer.bytes
    }

    /// What is signed.
    func signed(chainID: [UInt8]) -> [UInt8] { chainID + packed }

    /// SHA-256 of what is signed: what the signature is over.
    func digest(chainID: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: signed(chainID: chainID))) }

    /// The first 20 bytes of the SHA-256 of the binary form.
    var id: [UInt8] { Array(SHA256.hash(data: packed).prefix(Self.idBytes)) }

    /// Reads the bytes that were signed for the chain with this id; throws for anything else.
    init(signed: [UInt8], chainID: [UInt8]) throws {
        guard signed.starts(with: chainID) else { throw ByteReader.Malformed() }
        var reader = GrapheneReader(signed.dropFirst(chainID.count))
        referenceNumber = try reader.integer()
        referencePrefix = try reader.integer()
        expiration = try reader.integer()
        guard try reader.variable() == 1, try reader.variable() == SteemWitnessUpdate.operationNumber else {
            throw ByteReader.Malformed()
        }
        let owner = try reader.text(limit: SteemLimits.nameBytes)
        let url = try reader.text(limit: SteemLimits.urlBytes)
        guard let key = PublicKey(bytes: try reader.fixed(PublicKey.byteCount)) else { throw ByteReader.Malformed() }
        update = SteemWitnessUpdate(
            owner: owner, url: url, signingKey: key, creationFee: try SteemAsset(unpack: &reader),
            maximumBlockSize: try reader.integer(), interestRate: try reader.integer(),
            fee: try SteemAsset(unpack: &reader))
        guard try reader.variable() == 0 else { throw ByteReader.Malformed() }
        try reader.end()
    }

    init(referenceNumber: UInt16, referencePrefix: UInt32, expiration: UInt32, update: SteemWitnessUpdate) {
        self.referenceNumber = referenceNumber
        self.referencePrefix = referencePrefix
        self.expiration = expiration
        self.update = update
    }

    /// The two reference fields that name the block with this id.
    static func reference(blockID: [UInt8]) -> (number: UInt16, prefix: UInt32) {
        let number = UInt16(blockID[2]) << 8 | UInt16(blockID[3])
        let prefix = (0..<4).reduce(UInt32(0)) { $0 | UInt32(blockID[4 + $1]) << UInt32(8 * $1) }
        return (number, prefix)
    }
}

/// Bounds on what clients send.
enum SteemLimits {
    static let nameBytes = 16
    static let urlBytes = 2048
    /// A transaction expires at most so many seconds after the head block.
    static let secondsUntilExpiration: UInt32 = 3600
}
