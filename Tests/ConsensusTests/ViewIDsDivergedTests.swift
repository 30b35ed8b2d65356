import Testing

@testable import Consensus

/// At an epoch change whose leader does not propose, validators that are ahead ask for other views than the rest.
///
/// The interleaving: ten validators, quorum 7. Three rounds before an epoch ends, each holding three validators for longer
/// than the phase time-out: 6, 7 and 8 once, 3, 4 and 5 twice. Then 0, 1, 2 and 9 ask for view v, 6 to 8 for v + 1, 3 to 5
/// for v + 2, all of the same candidate. It fails every time (H2-C3).
@Suite("View ids that differ at an epoch change")
struct ViewIDsDivergedTests {
    private static let epoch = 28
    private static let rounds = [[6, 7, 8], [3, 4, 5], [3, 4, 5]]

    /// A shard that has crossed one epoch change, and in which validators were held before the next.
    private func shard(_ version: ProtocolVersion, rounds: [[Int]] = rounds, seed: UInt64) throws -> Simulation {
        var version = version
        version.epochLeaderStaysSilent = true
        var network = Simulation.Network()
        network.delay = 200...(seed.isMultiple(of: 2) ? 40_000 : 2_000)
        var shard = try Simulation(
            validators: 10, version: version, blocksPerEpoch: UInt64(Self.epoch), seed: seed, network: network)
        shard.startAll()
        shard.run(for: .seconds(120), until: { $0.topHeight == Self.epoch + 1 })
        #expect(shard.topHeight == Self.epoch + 1, "the same version crosses a boundary")
        // Holds begin at any moment between two blocks.
        shard.run(for: .milliseconds(Int64(seed * 89 % 1_000)))
        for round in rounds {
            for index in round { shard.pause(index) }
            shard.run(for: .milliseconds(3_400))
            for index in round { shard.resume(index) }
            shard.run(for: .milliseconds(300))
        }
        return shard
    }

    /// Goes on until the epoch's last block is there.
    private func finishEpoch(_ shard: inout Simulation) {
        shard.run(for: .seconds(60), until: { $0.topHeight == 2 * Self.epoch - 1 })
        #expect(shard.topHeight == 2 * Self.epoch - 1)
    }

    private func restart(_ indices: some Sequence<Int>, in shard: inout Simulation) {
        for index in indices { shard.crash(index) }
        for index in indices { shard.start(index) }
    }

    @Test("With nobody ahead, the defective version crosses the boundary", arguments: [UInt64(1), 2, 3])
    func crossesWithoutHold(seed: UInt64) throws {
        var shard = try shard(.november2019, rounds: [], seed: seed)
        finishEpoch(&shard)
        shard.run(for: .seconds(12))
        #expect(shard.topHeight > 2 * Self.epoch)
    }

    @Test("A validator that was held longer than the phase time-out is ahead, and votes on")
    func votesOnWhileAhead() throws {
        var shard = try shard(.november2019, seed: 5)
        for (index, ahead) in [0, 0, 0, 2, 2, 2, 1, 1, 1, 0].enumerated() {
            let status = try shard.status(index)
            #expect(status.mode == .normal)
            #expect(status.viewChangingID - status.viewID == UInt64(ahead), "validator \(index)")
        }
        let height = shard.topHeight
        // Without the votes of those that are ahead there would be four.
        shard.network.isolated = [0, 1, 2].contains(try shard.status(0).leader) ? [2, 9] : [0, 9]
        shard.run(for: .seconds(4))
        #expect(shard.topHeight >= height + 3)
    }

    @Test("The defective version is stuck, ids stay apart and rise, until all are restarted", arguments: UInt64(1)...20)
    func wedges(seed: UInt64) throws {
        var shard = try shard(.november2019, seed: seed)
        finishEpoch(&shard)
        shard.run(for: .seconds(4))
        let before = shard.viewChangingIDs()
        #expect(Set(before).count >= 3)
        // Three seconds of phase, then time-outs of one to six units: five have passed.
        shard.run(for: .seconds(15))
        #expect(shard.topHeight == 2 * Self.epoch - 1)
        #expect(shard.running.count == 10)
        #expect(Set(shard.viewChangingIDs()).count >= 2)
        #expect(zip(shard.viewChangingIDs(), before).allSatisfy { $0 > $1 + 2 })
        let rejections = shard.log.filter {
            if case .newViewRejected(_, _, _, let reason) = $0.event { reason == .badViewIDAggregate } else { false }
        }
        #expect(Set(rejections.map(\.node)).count >= 3, "the cause is an aggregate over different ids")
        restart(0..<10, in: &shard)
        shard.run(for: .seconds(4))
        #expect(shard.topHeight >= 2 * Self.epoch + 1)
    }

    @Test("A restart of fewer than a quorum does not bring it back", arguments: UInt64(1)...5)
    func restartOfSome(seed: UInt64) throws {
        var shard = try shard(.november2019, seed: seed)
        finishEpoch(&shard)
        shard.run(for: .seconds(10))
        restart(0..<6, in: &shard)
        shard.run(for: .seconds(60))
        #expect(shard.topHeight == 2 * Self.epoch - 1)
        restart(0..<10, in: &shard)
        shard.run(for: .seconds(12))
        #expect(shard.topHeight >= 2 * Self.epoch + 1)
    }

    /// The action item alone (H2-X1): ids still come to differ and the epoch's leader still does not propose.
    private static let ballotsByViewID = ProtocolVersion(
        ballots: .byViewID, keepsUnfinishedViewID: true, epochLeaderStaysSilent: true)

    @Test(
        "With ballots kept by view id and nothing else mended, it stands a while and goes on", arguments: UInt64(1)...20
    )
    func ballotsByViewIDAlone(seed: UInt64) throws {
        var shard = try shard(Self.ballotsByViewID, seed: seed)
        #expect(Set(shard.viewChangingIDs()).count >= 2, "the ids are apart")
        finishEpoch(&shard)
        shard.run(for: .seconds(8))
        #expect(shard.topHeight == 2 * Self.epoch - 1, "no id has a quorum at once")
        shard.run(for: .seconds(22))
        #expect(shard.topHeight > 2 * Self.epoch, "those behind reach the ids that the others had asked for")
    }

    @Test("The fixed version crosses the boundary in the same interleaving", arguments: UInt64(1)...20)
    func fixedCrosses(seed: UInt64) throws {
        var shard = try shard(.fixed, seed: seed)
        finishEpoch(&shard)
        shard.run(for: .seconds(8))
        #expect(shard.topHeight > 2 * Self.epoch)
    }
}
