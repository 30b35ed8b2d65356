import Testing

@testable import Consensus

@Suite("Blocks in the normal case")
struct RoundTests {
    @Test("Seven validators and an explorer agree across epochs, and the leader goes back to index 0 at each")
    func happyPath() throws {
        var shard = try Simulation(explorers: 1, blocksPerEpoch: 5)
        shard.usesWire = true
        shard.startAll()
        shard.run(for: .seconds(30))
        #expect(shard.topHeight >= 25)
        #expect(Set(shard.heights).count <= 2)
        #expect(shard.height(7) > 20)
        for committed in shard.nodes[3].disk.chain {
            #expect(committed.block.epoch == committed.block.number / 5)
            #expect(committed.block.viewID == committed.block.number)
            #expect(committed.block.leader == 0)
        }
        #expect(try shard.status(7).mode == .listening)
        let hoorays = shard.log.filter { if case .hooray = $0.event { true } else { false } }
        let bingos = shard.log.filter { if case .bingo = $0.event { true } else { false } }
        #expect(hoorays.count == shard.topHeight)
        #expect(hoorays.allSatisfy { $0.node == 0 })
        #expect(bingos.count >= 6 * (shard.topHeight - 1))
    }

    @Test("An epoch change takes the lead back to index 0 after somebody else led")
    func epochResetsLeader() throws {
        var shard = try Simulation(blocksPerEpoch: 8)
        shard.startAll()
        shard.run(for: .seconds(20), until: { $0.topHeight == 2 })
        shard.crash(0)
        shard.run(for: .seconds(30), until: { $0.topHeight == 4 })
        #expect(try shard.status(3).leader == 1)
        shard.start(0)
        shard.run(for: .seconds(30), until: { $0.topHeight == 12 })
        let chain = shard.nodes[3].disk.chain.map(\.block)
        let before = try #require(chain.first { $0.number == 7 })
        let after = try #require(chain.first { $0.number == 8 })
        #expect(before.leader == 1)
        #expect(after.leader == 0)
        #expect(after.viewID == before.viewID + 1, "the view id goes on over an epoch change")
    }

    @Test("A shard of one, of two and of four works", arguments: [1, 2, 4])
    func smallCommittees(size: Int) throws {
        var shard = try Simulation(validators: size)
        shard.startAll()
        shard.run(for: .seconds(10))
        #expect(shard.topHeight >= 7)
    }

    @Test("Without a quorum neither a block nor a new leader comes", arguments: 1...4, [true, false])
    func quorumLoss(alive: Int, hasLeader: Bool) throws {
        var shard = try Simulation(version: alive.isMultiple(of: 2) ? .fixed : .november2019)
        shard.startAll()
        shard.run(for: .seconds(10), until: { $0.topHeight == 3 })
        shard.run(for: .milliseconds(200))
        let survivors = hasLeader ? Set(0..<alive) : Set(7 - alive..<7)
        for index in 0..<7 where !survivors.contains(index) { shard.crash(index) }
        shard.run(for: .seconds(120))
        #expect(shard.topHeight == 3)
        #expect(shard.sent[.newView] == nil)
        for index in survivors {
            let status = try shard.status(index)
            #expect(status.mode == .viewChanging)
            #expect(status.viewChangingID > status.viewID + 5)
        }
        for index in 0..<7 where !survivors.contains(index) { shard.start(index) }
        for index in survivors {
            shard.crash(index)
            shard.start(index)
        }
        let recovered = shard.run(for: .seconds(10), until: { $0.topHeight >= 5 })
        #expect(recovered, "restarting all brings blocks back")
    }

    @Test("A node that was away catches up and votes again")
    func lagging() throws {
        var shard = try Simulation(explorers: 1)
        shard.startAll()
        shard.run(for: .seconds(4))
        shard.network.isolated = [4, 7]
        shard.run(for: .seconds(20))
        #expect(shard.height(4) < shard.topHeight - 10)
        shard.network.isolated = []
        shard.run(for: .seconds(4))
        #expect(shard.height(4) >= shard.topHeight - 1)
        #expect(shard.height(7) >= shard.topHeight - 1)
        #expect(try shard.status(4).mode == .normal)
        shard.crash(5)
        shard.crash(6)
        let height = shard.topHeight
        shard.run(for: .seconds(10))
        #expect(shard.topHeight > height + 5, "five validators are a quorum only with the one that was away")
    }

    @Test("Blocks go on while a tenth of the messages is lost, and others arrive twice and out of order")
    func badNetwork() throws {
        let network = Simulation.Network(delay: 1_000...400_000, loss: 0.1, duplication: 0.1)
        var shard = try Simulation(seed: 11, network: network)
        shard.startAll()
        shard.run(for: .seconds(120))
        #expect(shard.topHeight > 40)
    }

    @Test("With a grace everybody's vote is in a block; who is silent delays it by the grace, and no more")
    func commitGrace() throws {
        func signers(_ shard: Simulation) -> [Int] { shard.nodes[1].disk.chain.map(\.certificate.aggregate.count) }
        var hasty = try Simulation()
        hasty.startAll()
        hasty.run(for: .seconds(20))
        #expect(signers(hasty).contains { $0 < 7 }, "a quorum of the fastest")

        var timing = Timing.test
        timing.commitGrace = .milliseconds(200)
        var patient = try Simulation(timing: timing)
        patient.startAll()
        patient.run(for: .seconds(20))
        #expect(signers(patient).allSatisfy { $0 == 7 }, "\(signers(patient))")
        #expect(patient.topHeight >= hasty.topHeight - 1, "nobody waits when all have voted")

        patient.crash(5)
        patient.crash(6)
        let height = patient.topHeight
        patient.run(for: .seconds(20))
        #expect(patient.topHeight >= height + 12)
        #expect(signers(patient).suffix(5).allSatisfy { $0 == 5 })
    }

    @Test("A leader that loses its view while it waits for more votes commits nothing late")
    func graceAcrossViews() throws {
        var timing = Timing.test
        // Longer than the phase: the others change the view meanwhile.
        timing.commitGrace = timing.phase * 2
        var shard = try Simulation(timing: timing)
        shard.startAll()
        shard.crash(6)
        shard.run(for: .seconds(120))
        #expect(Set(shard.heights.prefix(6)).count <= 2, "one chain: the simulation stops at a fork")
    }

    @Test("A certificate proves nothing when its votes are too few, forged, or for another block")
    func certificates() throws {
        var shard = try Simulation()
        shard.startAll()
        shard.run(for: .seconds(6))
        let chain = shard.nodes[1].disk.chain
        let configuration = shard.configuration
        let cryptography = Cryptography.fake(0)
        let good = chain[1]
        func isValid(_ committed: CommittedBlock) -> Bool {
            committed.isValid(after: chain[0].block, configuration: configuration, cryptography: cryptography)
        }
        #expect(isValid(good))
        var votes = Dictionary(
            uniqueKeysWithValues: zip(good.certificate.aggregate.signers, good.certificate.aggregate.signatures))
        func withVotes() -> CommittedBlock {
            CommittedBlock(
                block: good.block,
                certificate: Certificate(
                    statement: good.certificate.statement, aggregate: Aggregate(votes, committeeSize: 7)))
        }
        #expect(isValid(withVotes()))
        let first = try #require(votes.keys.min())
        let last = try #require(votes.keys.max())
        votes[first] = votes[last]
        #expect(!isValid(withVotes()), "one validator's signature does not count for another")
        votes[first] = nil
        #expect(!isValid(withVotes()), "four of seven are no quorum")
        #expect(!isValid(CommittedBlock(block: chain[2].block, certificate: good.certificate)))
        #expect(!isValid(CommittedBlock(block: good.block, certificate: chain[2].certificate)))
        #expect(!good.isValid(after: chain[1].block, configuration: configuration, cryptography: cryptography))

        var explorer = FBFT(
            configuration: configuration, identity: nil, head: Head(chain[0]), votes: nil, cryptography: cryptography)
        func committed(_ committed: CommittedBlock) -> Input {
            let message = Message(shard: 1, number: 2, viewID: 2, sender: 0, body: .committed(committed))
            return .message(SignedMessage(message, cryptography: cryptography))
        }
        #expect(explorer.handle(committed(withVotes())).isEmpty, "an explorer checks the quorum itself")
        #expect(!explorer.handle(committed(good)).isEmpty)
        #expect(explorer.head.block == good.block)
    }
}
