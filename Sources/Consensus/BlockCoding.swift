// The encoding of blocks, aggregates and certificates: fields in declared order, integers little endian.

extension Block {
    func encodeContents(into writer: inout ByteWriter) {
        writer.write(shard)
        writer.write(number)
        writer.write(epoch)
        writer.write(viewID)
        writer.write(index: leader)
        writer.write(timestamp)
        writer.write(string: parentHash)
        writer.write(string: payload)
    }

    func encode(into writer: inout ByteWriter) {
        encodeContents(into: &writer)
        writer.write(string: hash)
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        self.init(
            shard: try reader.integer(), number: try reader.integer(), epoch: try reader.integer(),
            viewID: try reader.integer(), leader: try reader.index(), timestamp: try reader.integer(),
            parentHash: try reader.string(limit: Limits.hashBytes),
            payload: try reader.string(limit: Limits.payloadBytes),
            hash: try reader.string(limit: Limits.hashBytes))
    }
}

extension Aggregate {
    func encode(into writer: inout ByteWriter) {
        writer.write(string: bitmap)
        for signature in signatures { writer.write(string: signature) }
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        let bitmap = try reader.string(limit: (Committee.maximumSize + 7) / 8)
        let count = bitmap.reduce(0) { $0 + $1.nonzeroBitCount }
        var signatures: [[UInt8]] = []
        for _ in 0..<count { signatures.append(try reader.string(limit: Limits.signatureBytes)) }
        self.init(bitmap: bitmap, signatures: signatures)
    }
}

extension VoteStatement {
    func encode(into writer: inout ByteWriter) {
        writer.write(round.rawValue)
        writer.write(shard)
        writer.write(number)
        writer.write(viewID)
        writer.write(index: leader)
        writer.write(string: blockHash)
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        let start = reader.offset
        let tag = try reader.integer(UInt8.self)
        guard let round = Round(rawValue: tag) else { throw .unknownTag(at: start, value: tag) }
        self.init(
            round: round, shard: try reader.integer(), number: try reader.integer(), viewID: try reader.integer(),
            leader: try reader.index(), blockHash: try reader.string(limit: Limits.hashBytes))
    }
}

extension Certificate {
    func encode(into writer: inout ByteWriter) {
        statement.encode(into: &writer)
        aggregate.encode(into: &writer)
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        self.init(statement: try VoteStatement(from: &reader), aggregate: try Aggregate(from: &reader))
    }
}

extension CommittedBlock {
    func encode(into writer: inout ByteWriter) {
        block.encode(into: &writer)
        certificate.encode(into: &writer)
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        self.init(block: try Block(from: &reader), certificate: try Certificate(from: &reader))
    }

    /// The block and its certificate as bytes, for disk and peer sync.
    public var encoded: [UInt8] {
        var writer = ByteWriter()
        encode(into: &writer)
        return writer.bytes
    }

    /// Reads `encoded` back. The pair still has to be checked with `isValid`.
    /// - Throws: `DecodingError` for anything else, of any length.
    public init(decoding bytes: [UInt8]) throws(DecodingError) {
        var reader = try ByteReader(bytes)
        try self.init(from: &reader)
        try reader.finish()
    }
}

extension Block {
    /// The block as bytes, for disk (genesis has no certificate).
    public var encoded: [UInt8] {
        var writer = ByteWriter()
        encode(into: &writer)
        return writer.bytes
    }

    /// Reads `encoded` back. The hash still has to be checked with `isIntact`.
    /// - Throws: `DecodingError` for anything else, of any length.
    public init(decoding bytes: [UInt8]) throws(DecodingError) {
        var reader = try ByteReader(bytes)
        try self.init(from: &reader)
        try reader.finish()
    }
}
