import Foundation
import Testing

@testable import testnode

/// `testnode history`: a past that other nodes accept as they accept any chain.
@Suite(.serialized) struct NodeHistoryTests {
    private func history(_ network: NodeTestNetwork, _ name: String, blocks: Int) async throws -> CommandResult {
        try await Command.run(
            NodeTestNetwork.executable.path,
            ["history", "--config", network.folder.appending(path: "\(name).conf").path, "--blocks", "\(blocks)"])
    }

    @Test func aPastIsGoneOnFromAndNodesThatSyncAcceptIt() async throws {
        try await NodeTestNetwork.with(.init(validators: 4, explorers: 1, blocksPerEpoch: 16)) { network in
            let made = try await history(network, "v0", blocks: 40)
            #expect(made.status == 0, "\(made.errors)")
            #expect(made.text.contains("block 40 of shard 0"), "\(made.text)")
            for name in network.validatorNames.dropFirst() {
                try FileManager.default.createDirectory(
                    at: network.folder.appending(path: name), withIntermediateDirectories: true)
                try FileManager.default.copyItem(at: network.database("v0"), to: network.database(name))
            }
            // The explorer has no copy: it checks every block of the past for itself.
            try network.start(network.names)
            #expect(try await network.reach(42, network.names))
            #expect(await network.hashes(at: 40, network.names).count == 1)
            #expect(await network.call("e0", "hmyv2_inSync") == .bool(true))
            let signers = await network.call("e0", "hmyv2_getBlockSigners", [.int(20), .make([:])])
            guard case .array(let accounts)? = signers else { throw ToolFailure(description: "no signers: \(made)") }
            #expect(accounts.count == 4, "the whole committee signed")
        }
    }

    @Test func moreThanAMillionBlocksAreRefused() async throws {
        try await NodeTestNetwork.with(.init(validators: 1)) { network in
            let result = try await history(network, "v0", blocks: 1_000_001)
            #expect(result.status == 64 && result.errors.contains("usage: testnode history"), "\(result.errors)")
        }
    }
}
