extension DPoS.Transaction {
    /// The hash of what was signed.
    public func id(_ ports: DPoS.Ports) -> [UInt8] { ports.hash(signed) }

    func write(to writer: inout ByteWriter) {
        writer.write(string: signed)
        writer.write(string: signature)
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        signed = try reader.string(limit: DPoS.Limits.transactionBytes)
        signature = try reader.string(limit: DPoS.Limits.keyBytes)
    }

    /// The bytes that peers exchange.
    public var encoded: [UInt8] {
        var writer = ByteWriter()
        write(to: &writer)
        return writer.bytes
    }

    /// Reads `encoded`; nothing is checked.
    public init(decoding bytes: [UInt8]) throws(DecodingError) {
        var reader = try ByteReader(bytes)
        try self.init(from: &reader)
        try reader.finish()
    }
}

extension DPoS.Header {
    func write(to writer: inout ByteWriter) {
        writer.write(number)
        writer.write(string: parent)
        writer.write(slot)
        writer.write(index: producer)
        writer.write(confirmsAbove)
        writer.write(string: Array(version.utf8))
        writer.write(string: transactionsHash)
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        number = try reader.integer()
        parent = try reader.string(limit: Limits.hashBytes)
        slot = try reader.integer()
        producer = try reader.index()
        confirmsAbove = try reader.integer()
        version = String(decoding: try reader.string(limit: DPoS.Limits.versionBytes), as: UTF8.self)
        transactionsHash = try reader.string(limit: Limits.hashBytes)
    }

    func id(_ ports: DPoS.Ports) -> DPoS.BlockID {
        var writer = ByteWriter()
        write(to: &writer)
        let head = (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * UInt64($0))) }
        return head + ports.hash(writer.bytes).dropFirst(4)
    }

    static func hash(_ transactions: [DPoS.Transaction], _ ports: DPoS.Ports) -> [UInt8] {
        var writer = ByteWriter()
        for transaction in transactions { transaction.write(to: &writer) }
        return ports.hash(writer.bytes)
    }
}

extension DPoS.Block {
    /// A block with the signature that `sign` makes of its id; nil when there is none.
    init?(_ header: DPoS.Header, _ transactions: [DPoS.Transaction], key: [UInt8], _ ports: DPoS.Ports) {
        let id = header.id(ports)
        guard let signature = ports.sign(id, key) else { return nil }
        self.init(header: header, transactions: transactions, signature: signature, id: id)
    }

    /// Whether id and transactions match the header.
    func isSealed(_ ports: DPoS.Ports) -> Bool {
        header.id(ports) == id && header.transactionsHash == DPoS.Header.hash(transactions, ports)
    }

    /// The bytes that peers exchange and the block log holds.
    public var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.write(string: id)
        header.write(to: &writer)
        writer.write(UInt16(truncatingIfNeeded: transactions.count))
        for transaction in transactions { transaction.write(to: &writer) }
        writer.write(string: signature)
        return writer.bytes
    }

    /// Reads `encoded`; nothing is checked but its form. `ChainState.applying` checks the rest.
    public init(decoding bytes: [UInt8]) throws(DecodingError) {
        var reader = try ByteReader(bytes)
        id = try reader.string(limit: Limits.hashBytes)
        header = try DPoS.Header(from: &reader)
        let start = reader.offset
        let count = Int(try reader.integer(UInt16.self))
        guard count <= DPoS.Limits.transactionsPerBlock else {
            throw .fieldTooLong(at: start, length: count, limit: DPoS.Limits.transactionsPerBlock)
        }
        var transactions: [DPoS.Transaction] = []
        for _ in 0..<count { transactions.append(try DPoS.Transaction(from: &reader)) }
        self.transactions = transactions
        signature = try reader.string(limit: DPoS.Limits.keyBytes)
        try reader.finish()
    }
}

extension DPoS.ChainState {
    /// The bytes that the state store holds.
    public var encoded: [UInt8] {
        var writer = ByteWriter()
        for value in [number, slot, round, proposedIrreversible, irreversible] { writer.write(value) }
        writer.write(string: id)
        writer.write(optional: producer) { $1.write(index: $0) }
        writer.write(recentSlots)
        writer.write(UInt16(truncatingIfNeeded: producers.count))
        for producer in producers {
            writer.write(string: Array(producer.name.utf8))
            writer.write(string: Array(producer.url.utf8))
            writer.write(string: producer.signingKey)
            writer.write(string: Array(producer.version.utf8))
            for value in [
                producer.totalMissed, producer.lastSlot, producer.lastBlock, producer.confirmsAbove,
                producer.seenProposed,
            ] { writer.write(value) }
        }
        for index in schedule { writer.write(index: index) }
        writer.write(UInt32(truncatingIfNeeded: transactions.count))
        for (id, expiration) in transactions.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            writer.write(string: id)
            writer.write(expiration)
        }
        return writer.bytes
    }

    /// Reads `encoded`.
    public init(decoding bytes: [UInt8]) throws(DecodingError) {
        var reader = try ByteReader(bytes)
        number = try reader.integer()
        slot = try reader.integer()
        round = try reader.integer()
        proposedIrreversible = try reader.integer()
        irreversible = try reader.integer()
        id = try reader.string(limit: Limits.hashBytes)
        producer = try reader.optional { (reader: inout ByteReader) throws(DecodingError) in try reader.index() }
        recentSlots = try reader.integer()
        let count = Int(try reader.integer(UInt16.self))
        producers = []
        for _ in 0..<count {
            var producer = DPoS.ProducerState(
                name: try reader.text(limit: DPoS.Limits.nameBytes), url: try reader.text(limit: DPoS.Limits.urlBytes),
                signingKey: try reader.string(limit: DPoS.Limits.keyBytes))
            producer.version = try reader.text(limit: DPoS.Limits.versionBytes)
            producer.totalMissed = try reader.integer()
            producer.lastSlot = try reader.integer()
            producer.lastBlock = try reader.integer()
            producer.confirmsAbove = try reader.integer()
            producer.seenProposed = try reader.integer()
            producers.append(producer)
        }
        schedule = []
        for _ in 0..<count { schedule.append(try reader.index()) }
        transactions = [:]
        for _ in 0..<(try reader.integer(UInt32.self)) {
            let id = try reader.string(limit: Limits.hashBytes)
            transactions[id] = try reader.integer()
        }
        try reader.finish()
    }
}

extension ByteReader {
    mutating func text(limit: Int) throws(DecodingError) -> String {
        String(decoding: try string(limit: limit), as: UTF8.self)
    }
}
