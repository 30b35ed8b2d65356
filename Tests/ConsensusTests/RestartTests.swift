import Testing

@testable import Consensus

/// H1-S7 and its cure: restarts at different times leave validators in different view-change rounds, and no block comes; a restart
/// of all at about the same time helps at once. One unit is one second.
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

    /// A dead shard whose validators in `first` are started at 0 and the others `offset` later.
    private func unevenRestart(
        _ version: ProtocolVersion, first: Set<Int>, offset: Duration, seed: UInt64 = 3
    ) throws -> Simulation {
        var shard = try Simulation(version: version, seed: seed)
        shard.startAll()
        shard.run(for: .milliseconds(10_400))
        for index in 0..<7 { shard.crash(index) }
        shard.run(for: .seconds(1))
        for index in first.sorted() { shard.start(index) }
        shard.run(for: offset)
        for index in 0..<7 where !first.contains(index) { shard.start(index) }
        return shard
    }

    @Test("Restarted 3 and 4, far apart: all are up, in different rounds, without a block for many time-outs; one restart of all cures")
    func unevenRestartWedges() throws {
        var shard = try unevenRestart(.november2019, first: [0, 1, 6], offset: .seconds(14))
        let height = shard.topHeight
        let started = shard.now
        for _ in 0..<20 {
            shard.run(for: .seconds(1))
            #expect(shard.running.count == 7)
            #expect(Set(shard.viewChangingIDs()).count >= 2)
        }
        #expect(shard.topHeight == height)
        let timeouts = shard.log.count {
            if $0.at >= started, case .viewChangeStarted = $0.event { true } else { false }
        }
        #expect(timeouts >= 20)
        for index in 0..<7 {
            shard.crash(index)
            shard.start(index)
        }
        shard.run(for: .seconds(3))
        #expect(shard.topHeight >= height + 2)
    }
}
