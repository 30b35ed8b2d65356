import Testing

@testable import Consensus

@Suite("DPoS: forks and irreversibility")
struct DPoSForkTests {
    @Test(
        "a partition: only the side with a quorum makes blocks irreversible; after it the longer chain is everybody's")
    func partition() {
        var chain = DPoSSimulation(producers: 7, seed: 20)
        chain.run(slots: 30)
        chain.groups = [0, 0, 1, 0, 1, 0, 0]
        chain.run(slots: 70)
        let (major, minor) = (chain.state(0), chain.state(2))
        #expect(major.number > minor.number)
        #expect(major.irreversible > 50)
        #expect(minor.irreversible < 31)
        chain.groups = Array(repeating: 0, count: 7)
        chain.run(slots: 30)
        #expect(chain.heads.count == 1)
        #expect(chain.state(2).irreversible > 70)
        #expect(chain.events.contains { if case .switched = $0.event { $0.node == 2 } else { false } })
        #expect(chain.conflicts.isEmpty)
    }

    @Test("two halves without a quorum go on apart and join on the longer chain, nothing being irreversible")
    func halves() {
        var chain = DPoSSimulation(producers: 6, seed: 21)
        chain.run(slots: 20)
        chain.groups = [0, 0, 0, 1, 1, 1]
        chain.run(slots: 60)
        #expect(chain.state(0).irreversible <= 20 && chain.state(5).irreversible <= 20)
        #expect(chain.state(0).number > 40 && chain.state(5).number > 40)
        chain.groups = Array(repeating: 0, count: 6)
        chain.run(slots: 60)
        #expect(chain.heads.count == 1)
        #expect(chain.state(0).irreversible > 50)
        #expect(chain.conflicts.isEmpty)
    }

    @Test("an update on the losing fork waits again and comes with a later block")
    func updateOnLosingFork() {
        var chain = DPoSSimulation(producers: 7, seed: 22)
        chain.run(slots: 20)
        chain.groups = [0, 0, 1, 0, 1, 0, 0]
        chain.feed(.transaction(chain.transaction(owner: 2, key: [9])), to: 4, from: nil)
        chain.run(slots: 20)
        #expect(chain.state(4).producers[2].signingKey == [9])
        #expect(chain.state(0).producers[2].signingKey == [1, 2])
        chain.groups = Array(repeating: 0, count: 7)
        chain.run(slots: 20)
        #expect(chain.state(0).producers[2].signingKey == [9])
    }

    @Test("a fork that begins before the last irreversible block is refused, however long it is")
    func beforeIrreversible() throws {
        var chain = DPoSSimulation(producers: 4, isShuffled: false, seed: 23)
        chain.run(slots: 40)
        let ports = DPoSSimulation.ports(keys: (0..<4).map { [1, UInt8($0)] })
        var state = DPoS.ChainState(genesis: chain.configuration)
        let before = chain.state(0)
        #expect(before.irreversible > 20)
        for slot in UInt64(1)...60 {
            let producer = Int(slot % 4)
            let header = DPoS.Header(
                number: slot, parent: state.id, slot: slot, producer: producer, confirmsAbove: 0, version: "other",
                transactionsHash: DPoS.Header.hash([], ports))
            let block = try #require(DPoS.Block(header, [], key: [1, UInt8(producer)], ports))
            state = try state.applying(block, chain.configuration, ports)
            chain.feed(.block(block, now: 100, isNew: false), to: 0, from: nil)
        }
        #expect(state.irreversible > before.number)
        #expect(chain.state(0).id == before.id)
    }

    @Test("a confirmation on one fork is not used on another: the case where counting builders alone would fork")
    func lostVote() {
        // Producer 3 was alone for long; 0, 1 and 2 then made blocks that only 2 saw all of; 0 and 1 go over to the
        // longer chain of 3.
        var chain = DPoSSimulation(producers: 4, isShuffled: false, quorum: 3, seed: 24)
        chain.groups = [0, 0, 0, 1]
        for index in 0..<3 { chain.kill(index) }
        chain.run(slots: 80)
        for index in 0..<3 { chain.restart(index) }
        chain.run(slots: 2)
        chain.groups = [0, 0, 2, 1]
        chain.run(slots: 3)
        chain.groups = [1, 1, 2, 1]
        chain.run(slots: 40)
        #expect(chain.state(0).irreversible > 20)
        chain.groups = [1, 1, 1, 1]
        chain.run(slots: 20)
        #expect(chain.conflicts.isEmpty)
        #expect(chain.heads.count == 1)
    }

    @Test(
        "no two irreversible blocks at one height in 120 random schedules, and blocks become irreversible again after each",
        arguments: 0..<10)
    func randomSchedules(batch: Int) {
        var made: UInt64 = 0
        var switches = 0
        for step in 0..<12 {
            let seed = UInt64(270 + batch * 12 + step)
            var random = SplitMix(seed: seed &* 6151 &+ 7)
            let count = [4, 5, 7, 10][random.below(4)]
            var chain = DPoSSimulation(
                producers: count, observers: 1, repetitions: [1, 1, 3][random.below(3)],
                isShuffled: random.below(2) == 0,
                quorum: random.below(2) == 0 ? nil : DPoS.Configuration.share(75, of: count), seed: seed)
            chain.delay = [1...40, 1...400, 1...1800][random.below(3)]
            chain.loss = [0, 0.05, 0.4][random.below(3)]
            for _ in 0..<25 { disturb(&chain, &random) }
            #expect(chain.conflicts.isEmpty, "seed \(seed)")
            chain.groups = Array(repeating: 0, count: chain.nodes.count)
            chain.loss = 0
            chain.delay = 1...40
            for index in chain.nodes.indices where !chain.nodes[index].isUp { chain.restart(index) }
            // The quorum is one of all producers, so those that were disabled are needed again.
            chain.run(slots: 8)
            for owner in 0..<count {
                chain.feed(.transaction(chain.transaction(owner: owner, key: [1, UInt8(owner)])), to: 0, from: nil)
            }
            chain.run(slots: 3 * count)
            let height = chain.top
            chain.run(slots: 12 * count)
            #expect(chain.heads.count == 1, "seed \(seed)")
            #expect(chain.state(0).irreversible > height, "seed \(seed): \(chain.state(0).irreversible), \(height)")
            #expect(chain.conflicts.isEmpty, "seed \(seed)")
            made += chain.top
            switches += chain.events.count { if case .switched = $0.event { true } else { false } }
        }
        // The schedules are worth nothing unless the chains did something in them.
        #expect(made > 12 * 100)
        #expect(switches > 12)
    }

    private func disturb(_ chain: inout DPoSSimulation, _ random: inout SplitMix) {
        let index = random.below(chain.nodes.count)
        switch random.below(6) {
        case 0: chain.kill(index)
        case 1, 2: if !chain.nodes[index].isUp { chain.restart(index) }
        case 3: chain.groups = chain.groups.map { _ in random.below(2) }
        case 4: chain.groups = chain.groups.map { _ in 0 }
        default:
            let key: [UInt8] = random.below(4) == 0 ? [] : [1, UInt8(index)]
            chain.feed(.transaction(chain.transaction(owner: index, key: key)), to: index, from: nil)
        }
        chain.run(slots: 1 + random.below(12))
    }
}
