import Testing

@testable import Consensus

/// Restarts at different times leave validators in different view-change rounds, and no block comes; a restart of all at about the
/// same time helps at once. One view-change unit is one second.
@Suite("Restarts")
struct RestartTests {
    @Test("A restart of all nodes at once brings blocks back, whatever they were doing", arguments: 0..<40)
    func restartOfAll(step: Int) throws {
        var shard = try Simulation(version: step.isMultiple(of: 2) ? .fixed : .november2019, seed: UInt64(step))
        shard.startAll()
        // Somewhere within a block: one takes about 50 ms of its second.
        shard.run(for: .milliseconds(5_000 + step * 3))
        for index in shard.nodes.indices { shard.crash(index) }
        let height = shard.topHeight
        shard.run(for: .seconds(5))
        shard.startAll()
        shard.run(for: .seconds(8))
        #expect(shard.topHeight >= height + 4)
    }

    @Test(
        "After any uneven restart, a restart of all at once brings a block within 2 s of virtual time",
        arguments: [ProtocolVersion.august2019, .november2019, .fixed])
    func cure(version: ProtocolVersion) throws {
        var random = SplitMix(seed: 42)
        var stuck = 0
        var boundByVotes = 0
        for trial in 0..<100 {
            var shard = try Simulation(version: version, seed: UInt64(trial))
            shard.startAll()
            shard.run(for: .milliseconds(6_000 + random.below(1_000)))
            for index in 0..<7 { shard.crash(index) }
            shard.run(for: .milliseconds(500))
            let height = shard.topHeight
            let starts = (0..<7).map { (second: random.below(14), node: $0) }.sorted { $0.second < $1.second }
            for (second, node) in starts {
                let wait = Int64(second) * 1_000_000 - (shard.now - 7_500_000)
                shard.run(for: .microseconds(max(0, wait)))
                shard.start(node)
            }
            shard.run(for: .milliseconds(random.below(25_000)), until: { $0.topHeight > height })
            guard shard.topHeight == height else { continue }
            stuck += 1
            for index in 0..<7 { shard.crash(index) }
            shard.startAll()
            let cured = shard.run(for: .seconds(2), until: { $0.topHeight > height })
            #expect(cured, "trial \(trial)")
            if (shard.sent[.refusal] ?? 0) > 0 { boundByVotes += 1 }
        }
        #expect(stuck > 15)
        #expect(boundByVotes > 0, "in some runs votes of the time before bound validators")
    }

    /// A dead shard with leader 0 restarted in three waves, `gap` apart: first validators 4, 5 and 6, then 0, then 1, 2 and 3; each
    /// process up to 0.4 s late.
    private func restartInWaves(_ version: ProtocolVersion, gap: Duration, seed: UInt64) throws -> Simulation {
        var shard = try Simulation(version: version, seed: seed)
        var random = SplitMix(seed: seed)
        shard.startAll()
        shard.run(for: .milliseconds(10_400))
        for index in 0..<7 { shard.crash(index) }
        shard.run(for: .seconds(1))
        for (wave, members) in [[4, 5, 6], [0], [1, 2, 3]].enumerated() {
            if wave > 0 { shard.run(for: gap - .milliseconds(400)) }
            for index in members {
                shard.run(for: .milliseconds(random.below(400 / members.count)))
                shard.start(index)
            }
        }
        return shard
    }

    private func rejectedAggregates(_ shard: Simulation) -> Int {
        shard.log.count {
            if case .newViewRejected(_, _, _, let reason) = $0.event { reason == .badViewIDAggregate } else { false }
        }
    }

    @Test(
        "After a restart in waves all are up, in different rounds, without a block for many time-outs; a restart of all cures",
        arguments: [UInt64(1), 2, 3, 4, 5], [8, 9])
    func wavesWedge(seed: UInt64, gap: Int) throws {
        var shard = try restartInWaves(.august2019, gap: .seconds(gap), seed: seed)
        let height = shard.topHeight
        var samplesApart = 0
        var timeouts = 0
        for _ in 0..<30 {
            let logged = shard.log.count
            shard.run(for: .seconds(1))
            timeouts += shard.log[logged...].count { if case .viewChangeStarted = $0.event { true } else { false } }
            let ids = shard.viewChangingIDs()
            #expect(ids.count == 7)
            if Set(ids).count >= 2 { samplesApart += 1 }
        }
        #expect(shard.topHeight == height)
        #expect(samplesApart == 30, "validators are in different rounds all the time")
        #expect(timeouts >= 30)
        #expect(rejectedAggregates(shard) > 0, "the defect showed")
        for index in 0..<7 {
            shard.crash(index)
            shard.start(index)
        }
        shard.run(for: .seconds(3))
        #expect(shard.topHeight >= height + 2)
    }

    @Test("The fixed version comes out of the same waves by itself", arguments: [UInt64(1), 2, 3, 4, 5], [8, 9])
    func fixedRecovers(seed: UInt64, gap: Int) throws {
        var shard = try restartInWaves(.fixed, gap: .seconds(gap), seed: seed)
        let height = shard.topHeight
        let recovered = shard.run(for: .seconds(35), until: { $0.topHeight > height })
        #expect(recovered)
        #expect(rejectedAggregates(shard) == 0)
    }
}
