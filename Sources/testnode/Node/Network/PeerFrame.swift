/// What stands between two nodes on the wire: a length of 32 bits (kind and payload), the kind, the payload.
struct PeerFrame {
    /// Kinds of frames. `hello` and `proof` come first, once each; everything else needs them.
    enum Kind: UInt8 {
        case hello = 1
        /// The signature that proves the key named in `hello`.
        case proof = 2
        /// Head number of the sender, sent when a link has been quiet.
        case ping = 3
        /// One consensus message; under DPoS a block.
        case consensus = 4
        /// Asks for blocks from a number on.
        case blockRequest = 5
        /// Blocks, with their certificates if the engine has any.
        case blocks = 6
        /// A transaction that waits for a block.
        case transaction = 7
    }

    /// Largest frame (kind and payload) that is read or sent; a batch of blocks is made to fit.
    static let maximumLength = 512 * 1024
    static let headerLength = 4

    var kind: Kind
    var payload: ArraySlice<UInt8>

    /// The bytes of a frame.
    static func encode(_ kind: Kind, _ payload: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(reserving: payload.count + headerLength + 1)
        writer.integer(UInt32(payload.count + 1))
        writer.byte(kind.rawValue)
        writer.fixed(payload)
        return writer.bytes
    }

    /// Takes the first whole frame out of `buffer`; nil when it has not arrived whole.
    static func take(from buffer: inout ArraySlice<UInt8>) throws -> PeerFrame? {
        guard buffer.count > headerLength else { return nil }
        var reader = ByteReader(buffer.prefix(headerLength))
        let length = Int(try reader.integer(UInt32.self))
        guard length >= 1, length <= maximumLength else { throw ByteReader.Malformed() }
        guard buffer.count >= headerLength + length else { return nil }
        let start = buffer.startIndex + headerLength
        guard let kind = Kind(rawValue: buffer[start]) else { throw ByteReader.Malformed() }
        defer { buffer = buffer.dropFirst(headerLength + length) }
        return PeerFrame(kind: kind, payload: buffer[start + 1..<start + length])
    }
}

/// What a node says first on a link: which network and shard it is in, and who it is.
struct PeerHello: Equatable {
    static let version: UInt8 = 1
    static let nonceLength = 32
    static let keyLength = 32
    static let maximumNameLength = 64

    var networkID: [UInt8]
    var shard: UInt32
    var name: String
    var publicKey: [UInt8]
    /// Fresh for each link; the other side signs it.
    var nonce: [UInt8]
    var head: UInt64

    func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.byte(Self.version)
        writer.fixed(networkID)
        writer.integer(shard)
        writer.counted(Array(name.utf8))
        writer.fixed(publicKey)
        writer.fixed(nonce)
        writer.integer(head)
        return writer.bytes
    }

    static func decode(_ payload: some Collection<UInt8>) throws -> PeerHello {
        var reader = ByteReader(payload)
        guard try reader.byte() == version else { throw ByteReader.Malformed() }
        let hello = PeerHello(
            networkID: try reader.fixed(32), shard: try reader.integer(),
            name: try reader.text(limit: maximumNameLength), publicKey: try reader.fixed(keyLength),
            nonce: try reader.fixed(nonceLength), head: try reader.integer())
        try reader.end()
        return hello
    }

    /// What the owner of `key` signs to answer a `challenge`.
    static func proofText(networkID: [UInt8], challenge: [UInt8], key: [UInt8]) -> [UInt8] {
        Array("firedrill peer proof".utf8) + networkID + challenge + key
    }
}
