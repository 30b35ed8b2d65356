import Testing

@testable import Consensus

@Suite("View change")
struct ViewChangeTests {
    @Test("A dead leader is replaced by the next validator", arguments: [ProtocolVersion.fixed, .november2019])
    func leaderCrash(version: ProtocolVersion) throws {
        var shard = try Simulation(version: version)
        shard.usesWire = true
        shard.startAll()
        shard.run(for: .seconds(5))
        let height = shard.topHeight
        shard.crash(0)
        shard.run(for: .seconds(10))
        #expect(shard.topHeight > height + 3)
        #expect(try shard.status(5).leader == 1)
        #expect(try shard.status(1).isLeader)
        shard.start(0)
        shard.run(for: .seconds(5))
        #expect(shard.height(0) >= shard.topHeight - 1)
    }

    @Test("Two dead leaders in a row are skipped, and time-outs grow linearly")
    func twoLeadersCrash() throws {
        var shard = try Simulation()
        shard.startAll()
        shard.run(for: .seconds(5))
        let height = shard.topHeight
        let viewID = try shard.status(3).viewID
        shard.crash(0)
        shard.crash(1)
        shard.run(for: .seconds(20), until: { $0.topHeight > height })
        shard.run(for: .seconds(3))
        #expect(try shard.status(5).leader == 2)
        let waits = shard.log.compactMap { entry -> [Int64]? in
            guard entry.node == 3, case .viewChangeStarted(_, let from, let to, let candidate, let wait) = entry.event
            else { return nil }
            return [Int64(from - viewID), Int64(to - viewID), Int64(candidate), wait.components.seconds]
        }
        #expect(waits == [[0, 1, 1, 1], [0, 2, 2, 2]])
    }

    @Test("A view change gets through lost, late and reordered messages", arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func badNetwork(seed: UInt64) throws {
        let network = Simulation.Network(delay: 1_000...600_000, loss: 0.1, duplication: 0.2)
        var shard = try Simulation(seed: seed, network: network)
        shard.startAll()
        shard.run(for: .seconds(15))
        let height = shard.topHeight
        shard.crash(0)
        let goesOn = shard.run(for: .seconds(400), until: { $0.topHeight >= height + 3 })
        #expect(goesOn)
    }

    @Test("A block that may already be final somewhere is the one that the next leader proposes")
    func lockedBlockSurvives() throws {
        var shard = try Simulation()
        shard.startAll()
        shard.run(for: .milliseconds(3_500))
        #expect(shard.heights == Array(repeating: 3, count: 7))
        // The leader commits alone and is gone with the only certificate.
        shard.network.dropped = [.committed]
        shard.run(for: .seconds(10), until: { $0.topHeight == 4 })
        #expect(shard.height(0) == 4)
        let hash = try #require(shard.final[4])
        shard.crash(0)
        shard.network.dropped = []
        shard.run(for: .seconds(20), until: { $0.topHeight == 6 })
        let block = try #require(shard.nodes[3].disk.chain.first { $0.block.number == 4 })
        #expect(block.block.hash == hash)
        #expect(block.block.leader == 0)
        #expect(block.certificate.statement.leader == 1)
        #expect(shard.topHeight == 6)
    }

    @Test("NEWVIEW is refused when a signer had a proof and none is shown, or signatures are for another id")
    func newViewChecks() throws {
        var shard = try Simulation()
        shard.startAll()
        shard.run(for: .milliseconds(100))
        var engine = try #require(shard.nodes[3].engine)
        func newView(id: ViewID, signedIDs: [ViewID], nilSigners: Int) -> SignedMessage {
            let ids = signedIDs.enumerated().map {
                ($0.offset, Cryptography.fake($0.offset).sign(ViewChange.viewIDBytes($0.element)))
            }
            let nils = (0..<nilSigners).map { ($0, Cryptography.fake($0).sign(ViewChange.nilBytes)) }
            let body = NewView(
                proof: nil, nilAggregate: Aggregate(Dictionary(uniqueKeysWithValues: nils), committeeSize: 7),
                viewIDAggregate: Aggregate(Dictionary(uniqueKeysWithValues: ids), committeeSize: 7))
            let message = Message(shard: 1, number: 1, viewID: id, sender: 2, body: .newView(body))
            return SignedMessage(message, cryptography: .fake(2))
        }
        func reason(_ message: SignedMessage) -> NewViewRejection? {
            for case .log(.newViewRejected(_, _, _, let reason)) in engine.handle(.message(message)) { return reason }
            return nil
        }
        #expect(reason(newView(id: 3, signedIDs: [3, 3, 3, 3], nilSigners: 4)) == .tooFewSigners)
        #expect(reason(newView(id: 3, signedIDs: [3, 3, 3, 3, 2], nilSigners: 5)) == .badViewIDAggregate)
        #expect(reason(newView(id: 3, signedIDs: [3, 3, 3, 3, 3], nilSigners: 4)) == .missingPreparedProof)
        #expect(engine.status.viewID == 1)
        #expect(reason(newView(id: 3, signedIDs: [3, 3, 3, 3, 3], nilSigners: 5)) == nil)
        #expect(engine.status.viewID == 3)
        #expect(engine.status.leader == 2)
    }
}
