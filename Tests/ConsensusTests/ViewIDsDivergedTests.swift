import Testing

@testable import Consensus

/// At an epoch change whose leader does not propose, validators that are ahead ask for other views than the rest.
@Suite("View ids that differ at an epoch change")
struct ViewIDsDivergedTests {
    /// A shard some seconds before block 16 begins a new epoch, in which validators 1 and 2 were cut off for `cutOff` before the boundary.
    private func shard(_ version: ProtocolVersion, cutOff: Duration, seed: UInt64) throws -> Simulation {
        var version = version
        version.epochLeaderStaysSilent = true
        var shard = try Simulation(version: version, blocksPerEpoch: 16, seed: seed)
        shard.startAll()
        shard.run(for: .seconds(60), until: { $0.topHeight == 5 })
        shard.network.isolated = cutOff > .zero ? [1, 2] : []
        shard.run(for: cutOff)
        shard.network.isolated = []
        shard.run(for: .seconds(60), until: { $0.topHeight == 15 })
        return shard
    }

    @Test(
        "With nobody ahead, the defective version crosses the boundary by a view change", arguments: [UInt64(1), 2, 3])
    func crossesWithoutHold(seed: UInt64) throws {
        var shard = try shard(.november2019, cutOff: .zero, seed: seed)
        shard.run(for: .seconds(10))
        #expect(shard.topHeight >= 17)
    }

    @Test("With two validators ahead the defective version is stuck, ids rise, and a restart of all cures it")
    func wedges() throws {
        var shard = try shard(.november2019, cutOff: .milliseconds(4_500), seed: 1)
        #expect(Set(shard.viewChangingIDs()).count >= 2)
        let before = shard.viewChangingIDs().max() ?? 0
        shard.run(for: .seconds(30))
        #expect(shard.topHeight == 15)
        #expect(shard.running.count == 7)
        #expect((shard.viewChangingIDs().min() ?? 0) > before)
        let rejections = shard.log.count {
            if case .newViewRejected(_, _, _, let reason) = $0.event { reason == .badViewIDAggregate } else { false }
        }
        #expect(rejections >= 5, "the cause is an aggregate over different ids")
        for index in 0..<7 {
            shard.crash(index)
            shard.start(index)
        }
        shard.run(for: .seconds(4))
        #expect(shard.topHeight >= 17)
    }

    @Test("The fixed version crosses the boundary in the same schedule", arguments: [UInt64(1), 2, 3])
    func fixedCrosses(seed: UInt64) throws {
        var shard = try shard(.fixed, cutOff: .milliseconds(4_500), seed: seed)
        shard.run(for: .seconds(10))
        #expect(shard.topHeight >= 17)
    }
}
