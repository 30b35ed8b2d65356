import Foundation
import Testing

@testable import testnode

/// H1-S7: after an uneven restart the validators are up, in different view-change rounds, and no block comes; a
/// restart of all at once cures it. Timers are half of those of the four-shard network, the stagger likewise.
@Suite("Node: uneven restart with the defective view change", .serialized, .timeLimit(.minutes(5)))
struct NodeUnevenRestartTests {
    static let early = ["v3", "v4", "v5"]
    static let late = ["v0", "v1", "v2", "v6"]
    static let stagger = Duration.milliseconds(6500)
    /// The later wave's bootstrap and its first three view-change time-outs: 2.5 s + 1 s + 2 s + 3 s.
    static let watch = Duration.milliseconds(8500)
    /// Only where the machine is seen to be late the restart is tried again, so often in all.
    static let attempts = 3
    static let lateness = Duration.milliseconds(400)

    @Test("it wedges the shard, and restarting all nodes at once brings blocks back")
    func wedges() async throws {
        var options = NodeTestNetwork.Options()
        options.protocolName = "august-2019"
        options.blocksPerEpoch = 1000
        options.settings = [
            "block_interval": "500ms", "phase_timeout": "2s", "view_change_unit": "1s", "bootstrap_timeout": "2500ms",
            "retry_interval": "500ms",
        ]
        try await NodeTestNetwork.with(options) { network in
            try network.start(network.names)
            #expect(try await network.reach(3, network.names))
            var last = try await restart(network)
            for _ in 1..<Self.attempts where !last.isWedged && last.wasLate { last = try await restart(network) }
            #expect(last.isWedged, "an uneven restart did not wedge the shard; the machine was late: \(last.wasLate)")
            network.kill(network.names)
            try network.start(network.names)
            let goal = (last.heights.compactMap { $0 }.max() ?? 0) + 3
            #expect(try await network.reach(goal, network.names, within: .seconds(60)))
            #expect(await network.hashes(at: goal, network.names).count == 1)
        }
    }

    /// What an uneven restart led to.
    private struct Restart {
        var heights: [Int?]
        /// No block came, and validators were in different rounds.
        var isWedged: Bool
        /// Something here took longer than `lateness`: the waves were not the ones that were asked for.
        var wasLate: Bool
    }

    /// Restarts the validators in two waves and watches them.
    private func restart(_ network: NodeTestNetwork) async throws -> Restart {
        network.kill(network.names)
        var wasLate = false
        func timed(_ expected: Duration, _ work: () async throws -> Void) async rethrows {
            let took = try await ContinuousClock().measure(work)
            if took > expected + Self.lateness { wasLate = true }
        }
        try await timed(Self.stagger) {
            try network.start(Self.early)
            try await Task.sleep(for: Self.stagger)
        }
        try await timed(.zero) { try network.start(Self.late) }
        #expect(try await network.reach(0, network.names))
        let before = await network.heights(network.names)
        var sawDifferentIDs = false
        let end = ContinuousClock.now + Self.watch
        while ContinuousClock.now < end {
            var ids: Set<Int?> = []
            try await timed(.milliseconds(500)) {
                try await Task.sleep(for: .milliseconds(500))
                for name in network.names { ids.insert(await network.consensus(name)?["viewChangeId"]?.integer) }
            }
            #expect(!ids.contains(nil), "every validator answers")
            if ids.count > 1 { sawDifferentIDs = true }
        }
        let stands = await network.heights(network.names) == before
        return Restart(heights: before, isWedged: stands && sawDifferentIDs, wasLate: wasLate)
    }
}
