import Definitions
import Foundation
import Glibc
@testable import Replay
import Testing
import Timeline

/// Who may change the paths between hosts, and who undoes it when nobody else does.
extension FaultCatalogueTests {
    @Test("only the switch's host can ask, and nobody can touch the packet filter itself")
    func onlyTheSwitchControlsTheNetwork() async throws {
        let bench = try #require(Workbench.current)
        // Each line of its output names something that should have been impossible.
        let attempts = """
            [ ! -e /run/network ] || echo "sees the switch's socket"
            ! command -v network || echo "has the command"
            for path in $(sed -n 's|.* \\(/.*control\\)$|\\1|p' /proc/net/unix); do
                ! printf 'list\\n' | socat -t 1 - "UNIX-CONNECT:$path" >/dev/null 2>&1 || echo "reaches $path"
            done
            """
        let filter = """
            ! /usr/sbin/nft list ruleset >/dev/null 2>&1 || echo "sees the packet filter"
            ! /usr/sbin/nft flush ruleset >/dev/null 2>&1 || echo "changes the packet filter"
            grep '^Cap[IPEA]' /proc/self/status | grep -v '0000000000000000$'
            :
            """
        for (host, script) in [("web-1", attempts + "\n" + filter), ("switch", filter)] {
            let result = await bench.shell(host).run(ReplayTests.script(script), stdin: [])
            #expect(result.outcome == .exited(code: 0))
            #expect(String(decoding: result.stdout, as: UTF8.self) == "", "on \(host)")
        }
        // The control: it answers on the switch, and only for hosts of this run.
        let asked = await bench.shell("switch").run(
            script(
                """
                network list && ! network drop web-1 10.0.0.1 && ! network drop web-1 1.1.1.1 && ! network flush
                ! network 'drop web-1 web-2; flush ruleset' && : >/run/network/x
                """), stdin: [])
        let words = String(decoding: asked.stderr, as: UTF8.self)
        #expect(asked.outcome != .exited(code: 0), "the socket's folder can be written to")
        #expect(words.contains("'10.0.0.1' is no host of this testnet"), "\(words)")
        #expect(words.lowercased().contains("read-only"), "\(words)")
    }

    /// The lease must work when the orchestrator stalls: its process is stopped, and nobody sends heartbeats.
    @Test("a network fault is undone by its lease while the orchestrator is stopped")
    func leaseUndoesNetworkFaults() async throws {
        let bench = try #require(Workbench.current)
        let item = try #require(FaultCase.all.first { $0.name == "partition" })
        try await bench.queue.with(item.touches(bench.plan)) {
            let fault = try #require(bench.plan.faults.first { $0.id == "partition" })
            let agent = try await bench.agent("switch", lease: .seconds(30))
            var record = FaultRecord(
                name: FaultRecord.name(run: agent.identity.run, number: 9, fault: fault.id), identity: agent.identity,
                plan: fault, before: "")
            record.before = try await agent.fingerprint(fault)
            let orchestrator = try #require(try bench.orchestrator())
            kill(orchestrator, SIGSTOP)
            defer { kill(orchestrator, SIGCONT) }
            try await agent.stage(record)
            try await agent.arm(record)
            let injection = try await agent.inject(record)
            #expect(injection.exit == 0, "\(injection.words)")
            let proof = await agent.host.run(fault.prove, stdin: [])
            #expect(proof.outcome == .exited(code: 0))
            let undone = try await eventually(within: .seconds(150)) {
                try await agent.records().contains { $0.name == record.name && $0.state == "undone" && $0.fired }
            }
            let records = try await agent.records()
            #expect(undone, "\(records)")
            #expect(try await agent.fingerprint(fault) == record.before)
            let gone = await agent.host.run(fault.proveUndone, stdin: [])
            #expect(gone.outcome == .exited(code: 0))
            try await agent.close(record)
        }
    }
}

extension Workbench {
    /// The process that booted the hosts: a child of the first process of the contained namespace.
    func orchestrator() throws -> pid_t? {
        let text = try String(contentsOfFile: config, encoding: .utf8)
        let target = text.firstMatch(of: /--target (\d+)/).flatMap { pid_t($0.1) }
        guard let unshared = target, let first = Self.children(of: unshared).first else { return nil }
        return Self.children(of: first).first {
            (try? String(contentsOfFile: "/proc/\($0)/cmdline", encoding: .utf8))?.contains("_replay") ?? false
        }
    }

    private static func children(of pid: pid_t) -> [pid_t] {
        // Each thread lists those that it started.
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        return threads.flatMap { thread in
            let text = try? String(contentsOfFile: "/proc/\(pid)/task/\(thread)/children", encoding: .utf8)
            return text?.split(separator: " ").compactMap { pid_t($0) } ?? []
        }
    }
}
