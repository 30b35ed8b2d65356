import Definitions
import Foundation
import Testing
import Timeline

@testable import Replay

/// The guard on the host: nothing runs without a marker that says so, checked under its lock.
struct GuardTests {
    private func touch(_ bench: AgentBench, timeout: Duration = .seconds(10)) -> ScriptPlan {
        script(
            "echo touched >\"$DOOR\"; echo out; echo err >&2; exit 7", ["DOOR": bench.folder.path("door")],
            timeout: timeout)
    }

    @Test func actsOnAnOnboardedHost() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: ["doors", "windows"])
        guard case .ran(let result) = await bench.agent.act(touch(bench), capability: "windows") else {
            Issue.record("refused")
            return
        }
        #expect(result.outcome == .exited(code: 7))
        #expect(result.stdout == Array("out\n".utf8))
        #expect(result.stderr == Array("err\n".utf8))
        #expect(bench.door == "touched")
    }

    private func expectRefusal(_ bench: AgentBench, _ outcome: GuardedOutcome, _ words: String) {
        guard case .refused(let reason) = outcome else {
            Issue.record("not refused: \(outcome)")
            return
        }
        #expect(reason.contains(words), "\(reason)")
        #expect(bench.door == "open")
    }

    @Test func refusesAHostWithoutMarker() async throws {
        let bench = try AgentBench()
        expectRefusal(bench, await bench.agent.act(touch(bench), capability: nil), "no marker")
    }

    @Test func refusesAnotherRunOrTestnetOrCapability() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: ["doors"])
        expectRefusal(bench, await bench.other(run: "ffff").act(touch(bench), capability: nil), "another run")
        expectRefusal(
            bench, await bench.other(testnet: "mainnet").act(touch(bench), capability: nil), "another testnet")
        expectRefusal(bench, await bench.agent.act(touch(bench), capability: "door"), "not onboarded for door")
    }

    @Test func refusesWhatWouldEndAfterTheExpiry() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: [], validity: .seconds(300))
        expectRefusal(
            bench, await bench.agent.act(touch(bench, timeout: .seconds(600)), capability: nil),
            "before this command's deadline")
        try await bench.agent.renewMarker(validity: .seconds(3_000))
        guard case .ran = await bench.agent.act(touch(bench, timeout: .seconds(600)), capability: nil) else {
            Issue.record("refused after renewal")
            return
        }
    }

    @Test func anExpiredMarkerIsNotRevived() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: [], validity: .seconds(1))
        try await Task.sleep(for: .milliseconds(1_100))
        await #expect(throws: AgentError.self) { try await bench.agent.renewMarker() }
        expectRefusal(bench, await bench.agent.act(touch(bench), capability: nil), "expires at")
    }

    @Test func refusesAMarkerOfAnotherBoot() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: [])
        let text = try #require(bench.folder.text("state/marker"))
        let boot = try #require(text.split(separator: "\n").first { $0.hasPrefix("boot ") })
        try bench.folder.write(
            text.replacingOccurrences(of: boot, with: "boot 00000000-0000-0000-0000-000000000000"), "state/marker")
        expectRefusal(bench, await bench.agent.act(touch(bench), capability: nil), "last boot")
    }

    @Test(arguments: [
        "", "firedrill-marker 2\nend\n", "run x\n", "\u{0}\u{1}\u{2}", "firedrill-marker 1\nrun RUN\n",
        "firedrill-marker 1\nrun RUN\ntestnet harmony-four-shards\nexpires 08x\nend\n",
        "firedrill-marker 1\nrun RUN\ntestnet harmony-four-shards\nboot b\nexpires 9\nend\nrun other\n",
        "firedrill-marker 1\nwhatever $(touch x)\nend\n",
    ])
    func refusesWhatIsNotAMarker(_ text: String) async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: [])
        try bench.folder.write(text.replacingOccurrences(of: "RUN", with: bench.identity.run), "state/marker")
        expectRefusal(bench, await bench.agent.act(touch(bench), capability: nil), "marker")
    }

    @Test func refusesAMarkerThatIsALinkOrHuge() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: [])
        let marker = bench.folder.path("state/marker")
        let text = try #require(bench.folder.text("state/marker"))
        try bench.folder.write(text + String(repeating: "x", count: 5_000), "state/marker")
        expectRefusal(bench, await bench.agent.act(touch(bench), capability: nil), "larger")
        try bench.folder.write(text, "elsewhere")
        try FileManager.default.removeItem(atPath: marker)
        try FileManager.default.createSymbolicLink(atPath: marker, withDestinationPath: bench.folder.path("elsewhere"))
        expectRefusal(bench, await bench.agent.act(touch(bench), capability: nil), "no marker")
    }

    /// Whoever rewrites the marker under its lock while a command waits is seen: the check comes after the lock.
    @Test func aMarkerThatChangesWhileWaitedForIsRefused() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: [])
        let changed = try #require(bench.folder.text("state/marker"))
            .replacingOccurrences(of: bench.identity.run, with: String(repeating: "0", count: 32))
        try bench.folder.write(changed, "changed")
        async let rewrite = bench.host.run(
            script(
                "exec 9<\"$M\"; flock -x 9; touch \"$M.held\"; sleep 3; cat \"$M.new\" 1<>\"$M\"",
                ["M": bench.folder.path("state/marker")]), stdin: [])
        try FileManager.default.copyItem(
            atPath: bench.folder.path("changed"), toPath: bench.folder.path("state/marker.new"))
        #expect(await eventually { bench.folder.exists("state/marker.held") })
        expectRefusal(bench, await bench.agent.act(touch(bench), capability: nil), "another run")
        _ = await rewrite
    }

    @Test func aMarkerThatIsReplacedWhileWaitedForIsRefused() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: [])
        async let replace = bench.host.run(
            script(
                "exec 9<\"$M\"; flock -x 9; touch \"$M.held\"; sleep 3; cp \"$M\" \"$M.new\"; mv \"$M.new\" \"$M\"",
                ["M": bench.folder.path("state/marker")]), stdin: [])
        #expect(await eventually { bench.folder.exists("state/marker.held") })
        expectRefusal(bench, await bench.agent.act(touch(bench), capability: nil), "replaced")
        _ = await replace
    }

    /// The lock is held for as long as the change lasts, so nobody can renew or take over the host meanwhile.
    @Test func theLockIsHeldWhileActing() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: [])
        let environment = ["M": bench.folder.path("state/marker"), "DOOR": bench.folder.path("door")]
        async let acting = bench.agent.act(
            script("echo in >\"$DOOR\"; sleep 3; echo out >\"$DOOR\"", environment), capability: nil)
        #expect(await eventually { bench.door == "in" })
        let attempt = await bench.host.run(script("exec 9<\"$M\"; flock -n -x 9", environment), stdin: [])
        #expect(attempt.outcome == .exited(code: 1))
        _ = await acting
        let after = await bench.host.run(script("exec 9<\"$M\"; flock -n -x 9", environment), stdin: [])
        #expect(after.outcome == .exited(code: 0))
    }

    @Test func aDaemonLeftBehindDoesNotKeepTheLock() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: [])
        _ = await bench.agent.act(script("sleep 3 >/dev/null 2>&1 & echo started"), capability: nil)
        try await bench.agent.renewMarker()
    }

    @Test func theActionSeesNothingOfTheGuardAndCannotSpeakForIt() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: [])
        let outcome = await bench.agent.act(
            script(
                "env | grep FIREDRILL_; echo 'firedrill none refused no' >&2; read -r line && echo \"$line\"; echo \"$V\"",
                ["V": "a'b\"$(echo x)\n`y`"]),
            capability: nil)
        guard case .ran(let result) = outcome else {
            Issue.record("refused")
            return
        }
        #expect(String(decoding: result.stdout, as: UTF8.self) == "a'b\"$(echo x)\n`y`\n")
    }

    @Test func scriptsThatTryToEscapeTheirSubshellStayInIt() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: [])
        for text in [") ; echo free; (", "exit 3", "set -e; false", "if", "fd_refuse gotcha"] {
            guard case .ran(let result) = await bench.agent.act(script(text), capability: nil) else {
                Issue.record("'\(text)' was taken for a refusal")
                continue
            }
            #expect(result.outcome != .exited(code: 0), "\(text)")
            #expect(result.stdout.isEmpty, "\(text)")
        }
    }

    @Test func aCommandEndsAtItsDeadlineWithNobodyConnected() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: [])
        var command = script(
            "sleep 30; echo late >\"$DOOR\"", ["DOOR": bench.folder.path("door")], timeout: .seconds(1))
        let (wrapped, _) = bench.agent.wrap(MarkerScripts.act, ["FIREDRILL_ACTION": command.script], for: command)
        command = wrapped
        // The far side would wait for a minute; the host's own watchdog does not.
        command.timeout = DurationText(.seconds(60))
        let result = await bench.host.run(command, stdin: [])
        #expect(result.outcome == .signaled(name: "9"))
        #expect(bench.door == "open")
    }

    @Test func anotherRunDoesNotTakeAHostOver() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: [])
        await #expect(throws: AgentError.self) { try await bench.other(run: "ffff").onboard(capabilities: []) }
        let short = try AgentBench()
        try await short.agent.onboard(capabilities: [], validity: .zero)
        try await short.other(run: "ffff").onboard(capabilities: [])
    }

    @Test func theKeeperRenewsOnlyWhenItMust() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: [], validity: .seconds(300))
        let keeper = MarkerKeeper(agents: ["local": bench.agent], clock: bench.clock)
        try await keeper.cover(.seconds(1_000), on: "local")
        let renewed = bench.folder.text("state/marker")
        guard case .ran = await bench.agent.act(touch(bench, timeout: .seconds(1_000)), capability: nil) else {
            Issue.record("refused")
            return
        }
        try await Task.sleep(for: .milliseconds(1_100))
        try await keeper.cover(.seconds(10), on: "local")
        #expect(bench.folder.text("state/marker") == renewed)
        await #expect(throws: AgentError.self) { try await keeper.cover(.zero, on: "stranger") }
    }
}
