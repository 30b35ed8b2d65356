import Testing

@testable import Consensus

@Suite("Bytes from other nodes")
struct CodingTests {
    /// Real messages of every type, from a run with view changes.
    private func samples() throws -> [SignedMessage] {
        var shard = try Simulation(seed: 5, network: .init(delay: 1_000...200_000, loss: 0.05))
        shard.keepsMessages = true
        shard.startAll()
        shard.run(for: .seconds(6))
        shard.network.dropped = [.committed]
        shard.run(for: .seconds(2))
        shard.crash(0)
        shard.run(for: .seconds(20))
        var byKind: [Message.Kind: [SignedMessage]] = [:]
        for message in shard.kept { byKind[message.message.kind, default: []].append(message) }
        #expect(Set(byKind.keys).union([.refusal]) == Set(Message.Kind.allCases))
        let withProof = shard.kept.filter {
            if case .viewChange(let change) = $0.message.body { change.proof != nil } else { false }
        }
        #expect(!withProof.isEmpty)
        let refusal = Message(shard: 1, number: 3, viewID: 3, sender: 2, body: .refusal(votedViewID: 9))
        return Message.Kind.allCases.flatMap { (byKind[$0] ?? []).suffix(3) } + withProof.prefix(1)
            + [SignedMessage(refusal, cryptography: .fake(2))]
    }

    @Test("Every message comes back as it was sent")
    func roundTrip() throws {
        for message in try samples() {
            #expect(try SignedMessage(decoding: message.encoded) == message)
        }
    }

    @Test("Mutated, cut and random bytes never crash the decoder or the engine, and never move the engine")
    func fuzz() throws {
        var random = SplitMix(seed: 99)
        var shard = try Simulation()
        shard.startAll()
        shard.run(for: .seconds(3))
        var engine = try #require(shard.nodes[3].engine)
        let before = engine.head
        let viewID = engine.status.viewID
        let samples = try samples().map(\.encoded)
        var decoded = 0
        for round in 0..<20_000 {
            var bytes = samples[random.below(samples.count)]
            switch round % 4 {
            case 0: bytes = Array(bytes.prefix(random.below(bytes.count)))
            case 1: for _ in 0...random.below(4) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
            case 2:
                // Lengths and counts are where decoders go wrong.
                let place = random.below(bytes.count)
                for offset in place..<min(place + 4, bytes.count) { bytes[offset] = 0xFF }
            default: bytes = (0..<random.below(200)).map { _ in UInt8(random.below(256)) }
            }
            guard let message = try? SignedMessage(decoding: bytes) else { continue }
            decoded += 1
            _ = engine.handle(.message(message))
        }
        #expect(decoded > 500)
        #expect(engine.head == before)
        #expect(engine.status.viewID == viewID)
    }

    @Test("What is too long, too far or too much is refused by name")
    func limits() throws {
        func refusal(_ bytes: [UInt8]) -> DecodingError? {
            do throws(DecodingError) {
                _ = try SignedMessage(decoding: bytes)
                return nil
            } catch { return error }
        }
        #expect(
            refusal(Array(repeating: 0, count: Limits.encodedBytes + 1)) == .tooLong(bytes: Limits.encodedBytes + 1))
        #expect(refusal([]) == .truncated(at: 0))
        #expect(
            refusal([0xFF, 0xFF, 0xFF, 0x7F])
                == .fieldTooLong(at: 0, length: 0x7FFF_FFFF, limit: Limits.signatureBytes))
        #expect(refusal([0, 0, 0, 0, 9]) == .unknownTag(at: 4, value: 9))
        let message = try #require(samples().first).encoded
        #expect(refusal(message + [0]) == .trailingBytes(count: 1))
    }

    @Test("A message whose signature is not the sender's, or of another shard, is ignored")
    func forged() throws {
        var shard = try Simulation()
        shard.startAll()
        shard.run(for: .milliseconds(500))
        var engine = try #require(shard.nodes[3].engine)
        func announce(shard number: UInt32, signedBy signer: Int) -> Input {
            let block = Block(
                shard: number, number: 1, epoch: 0, viewID: 1, leader: 0, timestamp: 1, parentHash: shard.genesis.hash,
                payload: [], cryptography: .fake(0))
            let body = Message.Body.announce(block, justification: nil, skippedFrom: nil)
            let message = Message(shard: number, number: 1, viewID: 1, sender: 0, body: body)
            return .message(SignedMessage(message, cryptography: .fake(signer)))
        }
        #expect(engine.handle(announce(shard: 1, signedBy: 2)).isEmpty)
        #expect(engine.handle(announce(shard: 2, signedBy: 0)).isEmpty)
        #expect(!engine.handle(announce(shard: 1, signedBy: 0)).isEmpty)
    }

    @Test("Votes and blocks survive the disk")
    func disk() throws {
        var shard = try Simulation()
        shard.startAll()
        shard.run(for: .seconds(4))
        for node in shard.nodes {
            let votes = try #require(node.disk.votes)
            #expect(try VoteRecord(decoding: votes).encoded == votes)
            let last = try #require(node.disk.chain.last)
            #expect(try CommittedBlock(decoding: last.encoded) == last)
        }
        #expect(try Block(decoding: shard.genesis.encoded) == shard.genesis)
    }

    @Test("A committee has 1 to 250 distinct keys, and more than two thirds of them decide")
    func committees() throws {
        #expect(throws: CommitteeError.empty) { try Committee(keys: []) }
        #expect(throws: CommitteeError.repeatedKey) { try Committee(keys: [[1], [1]]) }
        #expect(throws: CommitteeError.tooLarge(251)) {
            try Committee(keys: (0..<251).map { [UInt8($0 / 250), UInt8($0 % 250)] })
        }
        let quorums = try [1, 3, 4, 7, 10].map { count in try Committee(keys: (0..<count).map { [UInt8($0)] }).quorum }
        #expect(quorums == [1, 3, 3, 5, 7])
    }
}
