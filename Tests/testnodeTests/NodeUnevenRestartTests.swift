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
    static let attempts = 3

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
            var before: [Int?]?
            for _ in 0..<Self.attempts where before == nil { before = try await wedge(network) }
            let stood = try #require(before, "no uneven restart of \(Self.attempts) wedged the shard")
            network.kill(network.names)
            try network.start(network.names)
            let goal = (stood.compactMap { $0 }.max() ?? 0) + 3
            #expect(try await network.reach(goal, network.names, within: .seconds(60)))
            #expect(await network.hashes(at: goal, network.names).count == 1)
        }
    }

    /// Restarts the validators in two waves.
    /// - Returns: The heights at which the shard then stood still, in different rounds; nil when it did not: where the
    ///   machine is busy, processes start so late that the waves meet.
    private func wedge(_ network: NodeTestNetwork) async throws -> [Int?]? {
        network.kill(network.names)
        try network.start(Self.early)
        try await Task.sleep(for: Self.stagger)
        try network.start(Self.late)
        #expect(try await network.reach(0, network.names))
        let before = await network.heights(network.names)
        var sawDifferentIDs = false
        let end = ContinuousClock.now + Self.watch
        while ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(500))
            var ids: Set<Int?> = []
            for name in network.names { ids.insert(await network.consensus(name)?["viewChangeId"]?.integer) }
            #expect(!ids.contains(nil), "every validator answers")
            if ids.count > 1 { sawDifferentIDs = true }
        }
        let stands = await network.heights(network.names) == before
        return stands && sawDifferentIDs ? before : nil
    }
}
