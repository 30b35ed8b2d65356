import Consensus
import Foundation
import Testing

@testable import testnode

@Suite("DPoS node: real processes on loopback", .serialized, .timeLimit(.minutes(5))) struct DPoSProcessTests {
    @Test(
        "five producers make one chain; a killed one's slots are missed and counted; it comes back; a late node syncs")
    func network() async throws {
        try await DPoSTestNetwork.with(others: 1) { network in
            let producers = network.names.filter { $0.hasPrefix("p") }
            try network.start(producers)
            #expect(try await network.reach(15, producers))
            #expect(try await network.wait { await network.number("irreversible", "p0") > 3 })
            let made = try network.log("p0").filter { $0["message"]?.text == "produced block" }
            #expect(!made.isEmpty)
            for key in ["blockNum", "hash", "producer", "slot", "wall", "mono", "ip"] {
                #expect(made.allSatisfy { $0[key] != nil })
            }
            let before = await network.missed("p2", at: "p0")
            network.kill(["p2"])
            let height = await network.number("head", "p0")
            #expect(try await network.wait { await network.missed("p2", at: "p0") >= before + 2 })
            #expect(await network.number("head", "p0") > height)
            try network.start(["p2", "o0"])
            let goal = await network.number("head", "p0") + 8
            #expect(try await network.reach(goal, network.names))
            #expect(
                try await network.wait {
                    let ids = [await network.report("o0"), await network.report("p2"), await network.report("p0")]
                    return Set(ids.map { $0?["id"]?.text }).count == 1
                })
            #expect(try network.log("o0").contains { $0["message"]?.text == "sync ended" })
            #expect(network.kill(["o0"], signal: SIGTERM) == [0])
        }
    }

    @Test("an update signed by the owner's active key moves production to the node that has the new key")
    func keyUpdate() async throws {
        try await DPoSTestNetwork.with(others: 1) { network in
            try network.configure("o0", producer: "p1", keys: ["p1-backup"])
            try network.start(network.names)
            #expect(try await network.reach(8, network.names))
            #expect(try network.log("o0").contains { $0["message"]?.text?.contains("no private key") == true })
            let update = DPoS.Update(
                owner: "p1", signingKey: PrivateKey(seed: DPoSTestNetwork.seed, name: "p1-backup").publicKey.bytes,
                url: "http://p1.example", expiration: Int64((Date().timeIntervalSince1970 + 60) * 1e9))
            #expect(await network.submit(update, signedBy: "p2-active", to: "p0")?.hasPrefix("refused") == true)
            #expect(await network.submit(update, signedBy: "p1-active", to: "p0") == "accepted")
            #expect(
                try await network.wait {
                    try network.log("o0").contains { $0["message"]?.text == "produced block" }
                })
            #expect(
                try await network.wait {
                    try network.log("p1").contains {
                        $0["message"]?.text?.hasPrefix("not producing block: no private key") == true
                    }
                })
            #expect(await network.submit(update, signedBy: "p1-active", to: "p3") == "duplicate")
        }
    }

    @Test("a restart of all keeps the chain, after SIGKILL too")
    func restart() async throws {
        try await DPoSTestNetwork.with(producers: 4) { network in
            try network.start(network.names)
            #expect(try await network.reach(10, network.names))
            let before = await network.number("head", "p0")
            network.kill(network.names)
            try network.start(["p0"])
            #expect(try await network.wait { await network.number("head", "p0") >= before })
            try network.start(["p1", "p2", "p3"])
            #expect(try await network.reach(before + 8, network.names))
            #expect(try await network.wait { await network.number("irreversible", "p3") > before })
        }
    }

    @Test("replay, hard replay and resync rebuild what they say; another genesis and damage are refused")
    func repairs() async throws {
        try await DPoSTestNetwork.with(producers: 4, others: 1) { network in
            try network.start(network.names)
            #expect(try await network.reach(20, network.names))
            #expect(try await network.wait { await network.number("irreversible", "o0") > 8 })
            network.kill(["o0"])
            // The state is damaged: only a replay helps, and the chain is there without any peer's help.
            let state = network.file("o0/state/state.bin")
            try Data(repeating: 0x55, count: 8192).write(to: state)
            #expect(try await network.exitCode("o0") == 74)
            for argument in ["--replay", "--hard-replay"] {
                try network.configure("o0", producer: nil, keys: [])
                try network.start(["o0"], [argument])
                #expect(try await network.reach(8, ["o0"]))
                #expect(network.kill(["o0"], signal: SIGTERM) == [0])
            }
            #expect(FileManager.default.fileExists(atPath: network.file("o0/blocks/blocks.log.old").path))
            #expect(try await network.exitCode("o0", ["--genesis", network.file("genesis.other").path]) == 74)
            // A damaged block log is of no use to a replay.
            let handle = try FileHandle(forWritingTo: network.file("o0/blocks/blocks.log"))
            try handle.seek(toOffset: 4096)
            try handle.write(contentsOf: Data(repeating: 0x55, count: 16384))
            try handle.close()
            #expect(try await network.exitCode("o0", ["--replay"]) == 74)
            try network.start(["o0"], ["--delete-all"])
            #expect(try await network.reach(20, ["o0"]))
        }
    }

    @Test("a node with another genesis on empty data gets no block from the network")
    func otherGenesis() async throws {
        try await DPoSTestNetwork.with(producers: 4, others: 1) { network in
            try network.start(network.names.filter { $0 != "o0" })
            #expect(try await network.reach(6, ["p0"]))
            try network.start(["o0"], ["--genesis", network.file("genesis.other").path])
            #expect(try await network.wait { await network.report("o0") != nil })
            try await Task.sleep(for: .seconds(2))
            #expect(await network.number("head", "o0") == 0)
        }
    }
}
