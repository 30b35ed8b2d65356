import Foundation
import Testing

@testable import testnode

@Suite("Node: real processes on loopback", .serialized, .timeLimit(.minutes(5))) struct NodeProcessTests {
    @Test("seven nodes make blocks on one chain; an explorer follows; logs tell of every block")
    func makesBlocks() async throws {
        var options = NodeTestNetwork.Options()
        options.explorers = 1
        try await NodeTestNetwork.with(options) { network in
            // Start-up order must not matter.
            try network.start(network.names.reversed())
            #expect(try await network.reach(6, network.names))
            #expect(await network.hashes(at: 6, network.names).count == 1)
            #expect(await network.hashes(at: 6, network.names) != [nil])
            #expect(await network.call("e0", "hmyv2_getNodeMetadata")?["role"] == .string("ExplorerNode"))
            let lines = try network.validatorNames.flatMap { try network.log($0) }
            let ofFive = lines.filter { $0["blockNum"] == .int(5) && $0["hash"] != nil }
            #expect(ofFive.filter { $0["message"]?.text?.contains("HOORAY") == true }.count == 1)
            #expect(ofFive.filter { $0["message"]?.text?.contains("BINGO") == true }.count >= 4)
            #expect(Set(ofFive.map { $0["hash"]?.text }).count == 1)
            for key in ["ip", "viewID", "wall", "mono"] {
                #expect(ofFive.allSatisfy { $0[key] != nil })
            }
        }
    }

    @Test("without a quorum heights stand still; with it they go on, on one chain")
    func losesQuorum() async throws {
        try await NodeTestNetwork.with { network in
            try network.start(network.names)
            #expect(try await network.reach(3, network.names))
            let victims = Array(network.names.prefix(3))
            let others = Array(network.names.dropFirst(3))
            network.kill(victims)
            try await Task.sleep(for: .seconds(1))
            let stopped = await network.heights(others)
            try await Task.sleep(for: .seconds(3))
            #expect(await network.heights(others) == stopped)
            try network.start(victims)
            let goal = (stopped.compactMap { $0 }.max() ?? 0) + 3
            #expect(try await network.reach(goal, network.names, within: .seconds(60)))
            #expect(await network.hashes(at: goal, network.names).count == 1)
        }
    }

    @Test("all nodes restarted at once make blocks again within a few seconds")
    func restartsAll() async throws {
        try await NodeTestNetwork.with { network in
            try network.start(network.names)
            #expect(try await network.reach(3, network.names))
            network.kill(network.names)
            try network.start(network.names)
            #expect(try await network.reach(6, network.names, within: .seconds(15)))
        }
    }

    @Test("nodes killed and restarted at random moments never disagree on a block")
    func killStorm() async throws {
        var options = NodeTestNetwork.Options()
        options.settings = [
            "block_interval": "100ms", "phase_timeout": "1s", "view_change_unit": "500ms",
            "bootstrap_timeout": "1500ms", "retry_interval": "200ms",
        ]
        try await NodeTestNetwork.with(options) { network in
            try network.start(network.names)
            #expect(try await network.reach(3, network.names))
            for round in 0..<12 {
                // Every fourth time all of them, as a restart of a shard does; else one or two.
                let victims = round % 4 == 3 ? network.names : network.names.shuffled().suffix(1 + round % 2)
                network.kill(victims)
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...300)))
                try network.start(victims)
                try await Task.sleep(for: .milliseconds(Int.random(in: 300...1200)))
            }
            let goal = (await network.heights(network.names).compactMap { $0 }.max() ?? 0) + 3
            #expect(try await network.reach(goal, network.names, within: .seconds(60)))
            for height in 1...goal { #expect(await network.hashes(at: height, network.names).count == 1) }
        }
    }

    @Test("a node whose database was removed syncs again, no faster than its rate")
    func resyncs() async throws {
        var options = NodeTestNetwork.Options()
        options.settings["block_interval"] = "50ms"
        options.settings["sync_blocks_per_second"] = "20"
        options.blocksPerEpoch = 1000
        try await NodeTestNetwork.with(options) { network in
            try network.start(network.names)
            #expect(try await network.reach(40, network.names))
            network.kill(["v6"])
            try FileManager.default.removeItem(at: network.database("v6"))
            let started = ContinuousClock.now
            try network.start(["v6"])
            var sawSyncing = false
            while await network.height("v6") ?? 0 < 40, ContinuousClock.now - started < .seconds(30) {
                if await network.consensus("v6")?["mode"] == .string("Syncing") { sawSyncing = true }
                try await Task.sleep(for: .milliseconds(50))
            }
            // 40 blocks at 20 a second.
            #expect(ContinuousClock.now - started >= .milliseconds(1900))
            #expect(sawSyncing)
            #expect(try await network.reach(40, ["v6"]))
            #expect(await network.hashes(at: 40, network.names).count == 1)
        }
    }

    @Test("a corrupt database ends the start with exit code 74 and a log line", arguments: [0, 8192] as [UInt64])
    func corruptDatabase(offset: UInt64) async throws {
        try await NodeTestNetwork.with { network in
            try network.start(network.names)
            #expect(try await network.reach(4, network.names))
            network.kill(network.names)
            let file = network.database("v0").appending(path: "chain.sqlite")
            let handle = try FileHandle(forUpdating: file)
            try handle.seek(toOffset: offset)
            handle.write(Data(repeating: 0x58, count: 4096))
            try handle.close()
            try network.start(["v0"])
            #expect(try await network.exitCode("v0") == NodeExit.database.rawValue)
            let last = try #require(try network.log("v0").last)
            #expect(last["level"] == .string("error"))
            #expect(last["error"]?.text?.contains("corrupt") == true)
        }
    }

    @Test("a database that is damaged under a running node ends it with exit code 74")
    func damagedWhileRunning() async throws {
        var options = NodeTestNetwork.Options()
        options.validators = 1
        try await NodeTestNetwork.with(options) { network in
            try network.start(network.names)
            #expect(try await network.reach(2, network.names))
            let handle = try FileHandle(forUpdating: network.database("v0").appending(path: "chain.sqlite"))
            handle.write(Data(repeating: 0x58, count: 4096))
            try handle.close()
            #expect(try await network.exitCode("v0") == NodeExit.database.rawValue)
            #expect(try network.log("v0").contains { $0["level"] == .string("error") })
        }
    }

    @Test("a node that makes blocks and answers requests keeps within 15 MB of private memory")
    func memory() async throws {
        try await NodeTestNetwork.with { network in
            try network.start(network.names)
            for height in 1...5 {
                #expect(try await network.reach(height, network.names))
                _ = await network.post("v0", [UInt8](repeating: 0x20, count: 120_000))
            }
            let process = try #require(network.processID("v0"))
            let rollup = try String(contentsOfFile: "/proc/\(process)/smaps_rollup", encoding: .utf8)
            let kibibytes = rollup.split(separator: "\n").filter { $0.hasPrefix("Private_") }.compactMap {
                Int($0.split(separator: " ").dropFirst().first ?? "")
            }
            #expect(!kibibytes.isEmpty)
            #expect(kibibytes.reduce(0, +) <= 15 * 1024)
        }
    }

    @Test("a database of another network is refused, not overwritten")
    func otherNetwork() async throws {
        try await NodeTestNetwork.with { network in
            try network.start(["v0"])
            #expect(try await network.reach(0, ["v0"]))
            network.kill(["v0"])
            let file = network.folder.appending(path: "genesis")
            let text = try String(contentsOf: file, encoding: .utf8)
            try text.replacing("chain_id 2", with: "chain_id 3").write(to: file, atomically: true, encoding: .utf8)
            try network.start(["v0"])
            #expect(try await network.exitCode("v0") == NodeExit.database.rawValue)
        }
    }

    @Test("SIGTERM stops a node in order, with exit code 0")
    func stops() async throws {
        try await NodeTestNetwork.with { network in
            try network.start(["v0"])
            #expect(try await network.reach(0, ["v0"]))
            kill(try #require(network.processID("v0")), SIGTERM)
            #expect(try await network.exitCode("v0") == 0)
            let log = try network.log("v0")
            #expect(log.last?["message"] == .string("stopped"), "\(log.suffix(3))")
        }
    }

    @Test("version and help are told, with exit code 0")
    func versionAndHelp() async throws {
        let binary = NodeTestNetwork.executable.path
        for arguments in [["version"], ["--version"], ["node", "version"]] {
            let told = try await Command.run(binary, arguments)
            #expect(told.status == 0)
            #expect(told.text.hasPrefix(NodeIdentity.buildVersion))
            #expect(told.text.contains("fixed, august-2019, november-2019"))
        }
        let help = try await Command.run(binary, ["--help"])
        #expect(help.status == 0 && help.text.contains("usage: harmony --config FILE"))
        let wrong = try await Command.run(binary, ["--vrsion"])
        #expect(wrong.status == 64 && wrong.output.isEmpty)
    }

    @Test("wrong arguments and files end with exit code 64")
    func usage() async throws {
        try await NodeTestNetwork.with { network in
            let file = network.folder.appending(path: "v0.conf")
            try "name = v0\n".write(to: file, atomically: true, encoding: .utf8)
            try network.start(["v0"])
            #expect(try await network.exitCode("v0") == NodeExit.usage.rawValue)
        }
    }

    @Test("signers earn the block reward, and balances can be read as of a block")
    func rewards() async throws {
        try await NodeTestNetwork.with { network in
            try network.start(network.names)
            #expect(try await network.reach(5, network.names))
            let signers = try #require(await network.call("v0", "hmyv2_getBlockSigners", [.int(3)])?.items)
            #expect(signers.count >= 5)
            let initial = await network.call("v0", "hmyv2_getBalance", [.string(NodeTestNetwork.account)])
            #expect(initial == .number("1000000000000000000000"))
            var sums: [UInt128] = []
            for block in [0, 1, 2, 5] {
                var sum: UInt128 = 0
                let validators = try #require(await network.call("v0", "hmyv2_getValidators", [.int(0)])?["validators"])
                for validator in validators.items ?? [] {
                    let account = try #require(validator["address"])
                    let name = "hmyv2_getBalanceByBlockNumber"
                    guard case .number(let text)? = await network.call("v0", name, [account, .int(block)]) else {
                        continue
                    }
                    sum += try #require(UInt128(text))
                }
                sums.append(sum)
            }
            // Block 2 carries the signers of block 1, and so on; each block pays 28 ONE but for the division's rest.
            let paid = sums.map { Double($0) / 1e18 }
            #expect(paid[0] == 0 && paid[1] == 0)
            #expect(abs(paid[2] - 28) < 0.001 && abs(paid[3] - 4 * 28) < 0.001)
        }
    }
}
