import Definitions
import Foundation
import Testing
import Timeline

@testable import Replay

/// Commands aimed at hosts that did not agree: decoys, whose every file is compared before and after.
struct GuardAttackTests {
    /// One way to be the wrong host, made from a host that was onboarded.
    private struct Attack: Sendable {
        var name: String
        /// Shell that makes the decoy of the onboarded host; `$S` is its state folder.
        var setUp: String
        var run: String?
        var testnet: String?
        var capability: String?
        var timeout = Duration.seconds(10)
    }

    private static let attacks = [
        Attack(name: "never onboarded", setUp: "rm -rf \"$S\""),
        Attack(name: "another run's", setUp: ":", run: String(repeating: "a", count: 32)),
        Attack(name: "nobody's run", setUp: ":", run: ""),
        Attack(name: "another testnet's", setUp: ":", testnet: "mainnet"),
        Attack(name: "a testnet whose name begins like ours", setUp: ":", testnet: "harmony-four-shards-2"),
        Attack(name: "not onboarded for this", setUp: ":", capability: "windows"),
        Attack(name: "a capability that is part of another", setUp: ":", capability: "door"),
        Attack(name: "expired", setUp: "sed -i 's/^expires .*/expires 000000000001/' \"$S/marker\""),
        Attack(name: "expires before the command could end", setUp: ":", timeout: .seconds(900)),
        Attack(name: "expiry in exponents", setUp: "sed -i 's/^expires .*/expires 1e999/' \"$S/marker\""),
        Attack(
            name: "expiry too long for a number", setUp: "sed -i 's/^expires .*/expires 9999999999999/' \"$S/marker\""),
        Attack(
            name: "of another boot",
            setUp: "sed -i 's/^boot .*/boot 00000000-0000-0000-0000-000000000000/' \"$S/marker\""),
        Attack(
            name: "rewritten by root's editor",
            setUp: "sed 's/^run .*/run 0/' \"$S/marker\" >\"$S/m\"; mv \"$S/m\" \"$S/marker\""),
        Attack(name: "torn", setUp: "head -c 60 \"$S/marker\" >\"$S/m\"; mv \"$S/m\" \"$S/marker\""),
        Attack(name: "empty", setUp: ": >\"$S/marker\""),
        Attack(
            name: "two markers in one", setUp: "cat \"$S/marker\" \"$S/marker\" >\"$S/m\"; mv \"$S/m\" \"$S/marker\""),
        Attack(name: "a link to a good one", setUp: "mv \"$S/marker\" \"$S/m\"; ln -s m \"$S/marker\""),
        Attack(name: "a folder", setUp: "rm \"$S/marker\"; mkdir \"$S/marker\""),
        Attack(name: "a pipe that nobody writes", setUp: "rm \"$S/marker\"; mkfifo \"$S/marker\""),
        Attack(
            name: "with a command in it", setUp: "sed -i 's/^run .*/run $(touch \"$S\\/evaluated\")/' \"$S/marker\""),
        Attack(name: "endless", setUp: "head -c 100000 /dev/zero >>\"$S/marker\""),
        Attack(name: "unreadable", setUp: "chmod 0 \"$S/marker\"; [ \"$(id -u)\" -ne 0 ] || sed -i 1d \"$S/marker\""),
    ]

    /// Every file under the bench with its content and mode.
    private func fingerprint(_ bench: AgentBench) async -> String {
        let result = await bench.host.run(
            script(
                "cd \"$F\" && find . -path './command-*' -prune -o \\( -type f -exec sha256sum {} + \\) -o \\( ! -type d -print \\) | LC_ALL=C sort",
                ["F": bench.folder.root]), stdin: [])
        return String(decoding: result.stdout, as: UTF8.self)
    }

    /// No way of the guard's is passed: not a command's, not an injection's, not a renewal's.
    @Test func noDecoyIsEverTouched() async throws {
        let results = try await withThrowingTaskGroup(of: (attempts: Int, touches: Int).self) { group in
            for attack in Self.attacks { group.addTask { try await play(attack) } }
            return try await group.reduce((0, 0)) { ($0.0 + $1.attempts, $0.1 + $1.touches) }
        }
        #expect(results.0 > 50 && results.1 == 0)
        try GuardResults.write(attempts: results.0, touches: results.1)
    }

    private func play(_ attack: Attack) async throws -> (attempts: Int, touches: Int) {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: ["doors"])
        let made = await bench.host.run(script(attack.setUp, ["S": bench.folder.path("state")]), stdin: [])
        #expect(made.outcome == .exited(code: 0), "\(attack.name)")
        let before = await fingerprint(bench)
        let agent = bench.other(run: attack.run, testnet: attack.testnet)
        let act = script("echo touched >\"$DOOR\"", ["DOOR": bench.folder.path("door")], timeout: attack.timeout)
        var attempts = 1
        var touches = 0
        if case .ran = await agent.act(act, capability: attack.capability ?? "doors") {
            Issue.record("\(attack.name): the command ran")
            touches += 1
        }
        if attack.capability == nil, attack.timeout == .seconds(10) {
            attempts += 2
            if (try? await agent.renewMarker()) != nil { Issue.record("\(attack.name): the marker was renewed") }
            let record = FaultRecord(name: "decoy.0.door", identity: agent.identity, plan: bench.fault(), before: "x")
            if (try? await agent.stage(record)) != nil { Issue.record("\(attack.name): a record was laid down") }
        }
        let after = await fingerprint(bench)
        if before != after {
            Issue.record("\(attack.name): the decoy was touched: \(before) → \(after)")
            touches += 1
        }
        return (attempts, touches)
    }

    /// The wall clock an hour ahead or behind, as a host with a wrong clock has it: neither expiry nor lease moves.
    @Test(arguments: ["+1h", "-1h"])
    func aClockAnHourOffChangesNothing(_ offset: String) async throws {
        let library = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"].map {
            $0 + "/faketime/libfaketime.so.1"
        }
        .first { FileManager.default.fileExists(atPath: $0) }
        let fake = ["LD_PRELOAD": try #require(library, "faketime is not installed"), "FAKETIME": offset]
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: ["doors"], validity: .seconds(1_200))
        // The control: this is how far off the command's own clock is.
        let clock = await bench.agent.act(script("date +%s", fake), capability: "doors")
        guard case .ran(let result) = clock else {
            Issue.record("a valid marker was refused: \(clock)")
            return
        }
        let shown = try #require(
            Double(String(decoding: result.stdout, as: UTF8.self).trimmingCharacters(in: .newlines)))
        #expect(abs(abs(shown - Date().timeIntervalSince1970) - 3_600) < 300)
        let late = await bench.agent.act(script("true", fake, timeout: .seconds(3_000)), capability: "doors")
        guard case .refused(let reason) = late else {
            Issue.record("a clock that is wrong prolonged the marker")
            return
        }
        #expect(reason.contains("before this command's deadline"))
    }

    /// Two runs aim at one host at once: the one it belongs to acts, the other is refused, as often as they try.
    @Test func twoRunsAtOnceActOnlyOnTheirOwnHosts() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: [])
        let stranger = bench.other(run: String(repeating: "b", count: 32))
        let path = bench.folder.path("door")
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<6 {
                group.addTask {
                    let own = await bench.agent.act(
                        script("echo own\(number) >>\"$DOOR\"", ["DOOR": path]), capability: nil)
                    if case .refused(let reason) = own { Issue.record("refused: \(reason)") }
                }
                group.addTask {
                    let foreign = await stranger.act(
                        script("echo foreign >>\"$DOOR\"", ["DOOR": path]), capability: nil)
                    if case .ran = foreign { Issue.record("a stranger's command ran") }
                }
            }
        }
        let lines = (bench.door ?? "").split(separator: "\n").filter { $0 != "open" }
        #expect(lines.count == 6 && lines.allSatisfy { $0.hasPrefix("own") })
    }
}

/// Figures for `docs/safety.md`, written when `FIREDRILL_RESULTS` names a folder for them.
private enum GuardResults {
    static func write(attempts: Int, touches: Int) throws {
        guard let folder = ProcessInfo.processInfo.environment["FIREDRILL_RESULTS"] else { return }
        try Data("{\"attempts\": \(attempts), \"touches\": \(touches)}\n".utf8).write(
            to: URL(fileURLWithPath: "\(folder)/decoys-guard.json"))
    }
}
