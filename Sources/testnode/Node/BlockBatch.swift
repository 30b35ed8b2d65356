import Consensus

/// Several blocks with their certificates in one frame.
enum BlockBatch {
    /// As many of `blocks` as fit, in order; the genesis block is not sent.
    static func encode(_ blocks: [StoredBlock]) -> [UInt8] {
        var writer = ByteWriter()
        for block in blocks where !block.encoded.isEmpty {
            guard writer.bytes.count + block.encoded.count + 16 < PeerFrame.maximumLength else { break }
            writer.counted(block.encoded)
        }
        return writer.bytes
    }

    /// Reads a batch; nothing in it is verified.
    static func decode(_ payload: some Collection<UInt8>) throws -> [CommittedBlock] {
        var reader = ByteReader(payload)
        var blocks: [CommittedBlock] = []
        while reader.remaining > 0 {
            guard blocks.count < ChainSync.maximumBatch else { throw ByteReader.Malformed() }
            blocks.append(try CommittedBlock(decoding: try reader.counted(limit: Limits.encodedBytes)))
        }
        return blocks
    }
}
