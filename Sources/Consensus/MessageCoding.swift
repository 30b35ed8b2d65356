// The encoding of messages: type, shard, block number, view id, sender, then the body's fields in declared order.

extension Message {
    var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.write(kind.rawValue)
        writer.write(shard)
        writer.write(number)
        writer.write(viewID)
        writer.write(index: sender)
        body.encode(into: &writer)
        return writer.bytes
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        let start = reader.offset
        let tag = try reader.integer(UInt8.self)
        guard let kind = Kind(rawValue: tag) else { throw .unknownTag(at: start, value: tag) }
        self.init(
            shard: try reader.integer(), number: try reader.integer(), viewID: try reader.integer(),
            sender: try reader.index(), body: try Body(kind, from: &reader))
    }
}

extension Message.Body {
    func encode(into writer: inout ByteWriter) {
        switch self {
        case .announce(let block, let justification, let skippedFrom):
            block.encode(into: &writer)
            writer.write(optional: justification) { $0.encode(into: &$1) }
            writer.write(optional: skippedFrom) { $1.write($0) }
        case .prepare(let blockHash, let signature), .commit(let blockHash, let signature):
            writer.write(string: blockHash)
            writer.write(string: signature)
        case .prepared(let proof): proof.encode(into: &writer)
        case .committed(let committed): committed.encode(into: &writer)
        case .viewChange(let change):
            writer.write(index: change.leader)
            writer.write(optional: change.proof) { $0.encode(into: &$1) }
            writer.write(string: change.signature)
            writer.write(string: change.viewIDSignature)
        case .newView(let newView):
            writer.write(optional: newView.proof) { $0.encode(into: &$1) }
            newView.nilAggregate.encode(into: &writer)
            newView.viewIDAggregate.encode(into: &writer)
        case .refusal(let votedViewID): writer.write(votedViewID)
        }
    }

    init(_ kind: Message.Kind, from reader: inout ByteReader) throws(DecodingError) {
        switch kind {
        case .announce:
            self = .announce(
                try Block(from: &reader), justification: try reader.optionalCertificate(),
                skippedFrom: try reader.optionalViewID())
        case .prepare:
            self = .prepare(
                blockHash: try reader.string(limit: Limits.hashBytes),
                signature: try reader.string(limit: Limits.signatureBytes))
        case .prepared: self = .prepared(try PreparedProof(from: &reader))
        case .commit:
            self = .commit(
                blockHash: try reader.string(limit: Limits.hashBytes),
                signature: try reader.string(limit: Limits.signatureBytes))
        case .committed: self = .committed(try CommittedBlock(from: &reader))
        case .viewChange:
            self = .viewChange(
                ViewChange(
                    leader: try reader.index(), proof: try reader.optionalProof(),
                    signature: try reader.string(limit: Limits.signatureBytes),
                    viewIDSignature: try reader.string(limit: Limits.signatureBytes)))
        case .newView:
            self = .newView(
                NewView(
                    proof: try reader.optionalProof(), nilAggregate: try Aggregate(from: &reader),
                    viewIDAggregate: try Aggregate(from: &reader)))
        case .refusal: self = .refusal(votedViewID: try reader.integer())
        }
    }
}

extension PreparedProof {
    func encode(into writer: inout ByteWriter) {
        block.encode(into: &writer)
        certificate.encode(into: &writer)
    }

    init(from reader: inout ByteReader) throws(DecodingError) {
        self.init(block: try Block(from: &reader), certificate: try Certificate(from: &reader))
    }
}

extension ByteReader {
    mutating func optionalProof() throws(DecodingError) -> PreparedProof? {
        try optional { (reader: inout ByteReader) throws(DecodingError) in try PreparedProof(from: &reader) }
    }

    mutating func optionalViewID() throws(DecodingError) -> ViewID? {
        try optional { (reader: inout ByteReader) throws(DecodingError) in try reader.integer(ViewID.self) }
    }

    mutating func optionalCertificate() throws(DecodingError) -> Certificate? {
        try optional { (reader: inout ByteReader) throws(DecodingError) in try Certificate(from: &reader) }
    }

    mutating func optionalBlock() throws(DecodingError) -> Block? {
        try optional { (reader: inout ByteReader) throws(DecodingError) in try Block(from: &reader) }
    }
}
