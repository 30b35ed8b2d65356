import Testing

@testable import Consensus

/// Random schedules of crashes, restarts, pauses, partitions, loss, delay and duplication. `Simulation` checks after every input that
/// no two blocks are final at one height, that every certificate holds, and that every engine agrees with its disk.
@Suite("Safety")
struct SafetyTests {
    @Test("No fork in any random schedule, and blocks come back after a restart of all", arguments: 0..<10)
    func randomSchedules(batch: Int) throws {
        var blocks = 0
        var newViews = 0
        var restartedVotes = 0
        for step in 0..<52 {
            let seed = UInt64(batch * 52 + step)
            let version: ProtocolVersion = seed.isMultiple(of: 2) ? .november2019 : .fixed
            var random = SplitMix(seed: seed &* 7919 &+ 13)
            let slowest: Int64 = [5_000, 150_000, 900_000][random.below(3)]
            let network = Simulation.Network(
                delay: 1_000...slowest, loss: [0, 0.05, 0.3][random.below(3)], duplication: 0.1)
            var shard = try Simulation(
                validators: [4, 7][random.below(2)], explorers: 1, version: version,
                blocksPerEpoch: [4, 1_000][random.below(2)], timing: Self.timing, seed: seed, network: network)
            shard.committerCrashes = [0, 0.3, 0.6][random.below(3)]
            shard.startAll()
            for _ in 0..<40 { disturb(&shard, &random) }
            blocks += shard.topHeight
            newViews += shard.log.count { if case .newViewAccepted = $0.event { true } else { false } }
            restartedVotes += shard.nodes.count { $0.disk.votes != nil && $0.incarnation > 1 }
            heal(&shard)
            let height = shard.topHeight
            let recovered = shard.run(for: .seconds(60), until: { $0.topHeight > height + 1 })
            #expect(recovered, "seed \(seed): no block after a restart of all")
        }
        // The schedules are worth nothing unless the shards did something in them.
        #expect(blocks > 52 * 2)
        #expect(newViews > 52)
        #expect(restartedVotes > 52)
    }

    /// Short waits, so that blocks, time-outs and messages of different views mix.
    private static let timing = Timing(
        blockInterval: .milliseconds(100), phase: .milliseconds(600), viewChangeUnit: .milliseconds(300),
        bootstrap: .milliseconds(500), retry: .milliseconds(100))

    private func disturb(_ shard: inout Simulation, _ random: inout SplitMix) {
        let node = random.below(shard.nodes.count)
        switch random.below(9) {
        case 0: shard.crash(node)
        case 1, 2, 3:
            shard.crash(node)
            shard.start(node)
        case 4: shard.startAll()
        case 5: shard.pause(node)
        case 6: for index in shard.nodes.indices where shard.nodes[index].isPaused { shard.resume(index) }
        case 7: shard.network.isolated = Set((0..<3).map { _ in random.below(shard.nodes.count) })
        default: shard.network.isolated = []
        }
        shard.run(for: .milliseconds(20 + random.below(500)))
    }

    private func heal(_ shard: inout Simulation) {
        shard.network = Simulation.Network()
        shard.committerCrashes = 0
        for index in shard.nodes.indices { shard.crash(index) }
        shard.run(for: .seconds(5))
        // Everybody has synced before the start.
        let longest = shard.nodes.map(\.disk.chain).max { $0.count < $1.count } ?? []
        for index in shard.nodes.indices { shard.nodes[index].disk.chain = longest }
        shard.startAll()
    }
}
