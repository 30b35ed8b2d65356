import Consensus

/// The engine's events as log lines. Lines of blocks have `blockNum`, `hash`, `slot`, `producer`, `trxs` and `lib`, the
/// last irreversible block.
struct DPoSLogWriter {
    private let setup: DPoSSetup
    /// True while blocks are fetched: their lines would say nothing of when they were made.
    private let isQuiet: Bool
    private var own: DPoS.BlockID = []

    init(_ setup: DPoSSetup, isQuiet: Bool) {
        self.setup = setup
        self.isQuiet = isQuiet
    }

    private func name(_ index: DPoS.ProducerIndex) -> JSON {
        .string(setup.genesis.consensus.producers[index].name)
    }

    mutating func write(_ event: DPoS.Event, irreversible: DPoS.BlockNumber) {
        let log = setup.log
        switch event {
        case .produced(let number, let id, let slot, let producer, let count):
            own = id
            block("produced block", number, id, slot, producer, count, irreversible)
        case .applied(let number, let id, let slot, let producer, let count):
            if id != own, !isQuiet { block("received block", number, id, slot, producer, count, irreversible) }
        case .missed(let producer, let slots, let total):
            if isQuiet { return }
            log.write(
                .warn, "missed slots", ["producer": name(producer), "slots": .int(slots), "totalMissed": .int(total)])
        case .noPrivateKey(let slot, let producer, let key):
            log.write(
                .warn, "not producing block: no private key for the producer's signing key",
                ["producer": name(producer), "slot": .int(slot), "key": .string(setup.flavour.keyText(key))])
        case .switched(let from, let to, let common):
            log.write(
                .warn, "switched to another fork", ["from": .int(from), "blockNum": .int(to), "common": .int(common)])
        case .irreversible(let number, let id):
            if !isQuiet { log.write(.info, "irreversible", ["blockNum": .int(number), "hash": .string(id.hex)]) }
        case .rejected(let number, let id, let producer, let reason):
            let known = setup.genesis.consensus.producers.indices.contains(producer)
            log.write(
                .warn, "block refused: " + reason.rawValue,
                [
                    "blockNum": .int(number), "hash": .string(id.hex), "producer": known ? name(producer) : nil,
                ])
        case .updated(let number, let owner, let key):
            log.write(
                .info, "producer updated",
                [
                    "blockNum": .int(number), "producer": .string(owner),
                    "key": .string(setup.flavour.keyText(key)),
                ])
        }
    }

    private func block(
        _ message: String, _ number: DPoS.BlockNumber, _ id: DPoS.BlockID, _ slot: DPoS.Slot,
        _ producer: DPoS.ProducerIndex, _ transactions: Int, _ irreversible: DPoS.BlockNumber
    ) {
        setup.log.write(
            .info, message,
            [
                "blockNum": .int(number), "hash": .string(id.hex), "slot": .int(slot), "producer": name(producer),
                "trxs": .int(transactions), "lib": .int(irreversible),
            ])
    }
}

/// Several blocks in one frame.
enum DPoSBlockBatch {
    /// As many of `blocks` as fit, in order.
    static func encode(_ blocks: [DPoS.Block]) -> [UInt8] {
        var writer = ByteWriter()
        for encoded in blocks.lazy.map(\.encoded) {
            guard writer.bytes.count + encoded.count + 16 < PeerFrame.maximumLength else { break }
            writer.counted(encoded)
        }
        return writer.bytes
    }

    /// Reads a batch; nothing in it is verified.
    static func decode(_ payload: some Collection<UInt8>) throws -> [DPoS.Block] {
        var reader = ByteReader(payload)
        var blocks: [DPoS.Block] = []
        while reader.remaining > 0 {
            guard blocks.count < ChainSync.maximumBatch else { throw ByteReader.Malformed() }
            blocks.append(try DPoS.Block(decoding: try reader.counted(limit: Consensus.Limits.encodedBytes)))
        }
        return blocks
    }
}
