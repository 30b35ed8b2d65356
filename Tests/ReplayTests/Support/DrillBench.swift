import Definitions
import Foundation
@testable import Replay
import Synchronization
import Timeline

/// A small network in a folder: three "nodes" whose height follows the clock until a file says stopped, an ops host that
/// can stop and start them, and a pager that pages once they are stopped. Real shells, real guard, real lease.
final class DrillBench: Sendable {
    let folder = TestFolder()
    let identity = RunIdentity(run: RunIdentity.makeRun(), testnet: "small")
    let clock = MachineClock()
    let hosts: [String: LocalHost]
    private let server: TestServer
    private let lease: Child

    init() async throws {
        var hosts: [String: LocalHost] = [:]
        for name in ["ops", "n1", "n2", "n3", "pager"] { hosts[name] = LocalHost(name: name, folder: folder) }
        self.hosts = hosts
        let stopped = folder.path("stopped")
        let tests = folder.path("tests")
        let seen = Mutex([String]())
        server = try TestServer { request in
            guard
                let since = request.split(separator: " ").dropFirst().first?.split(separator: "=").last.flatMap({
                    Int($0)
                })
            else { return .silence }
            let entries = seen.withLock { seen -> [String] in
                for key in (try? String(contentsOfFile: tests, encoding: .utf8))?.split(separator: "\n").map(
                    String.init) ?? []
                where !seen.contains(key) { seen.append(key) }
                if FileManager.default.fileExists(atPath: stopped), !seen.contains("n1-stopped") {
                    seen.append("n1-stopped")
                }
                return seen
            }
            let lines = entries.enumerated().filter { $0.offset + 1 > since }.map {
                #"{"sequence":\#($0.offset + 1),"type":"trigger_log_entry","channel":{"dedup_key":"\#($0.element)","source":"n1","summary":"n1 stopped"}}"#
            }
            return TestServer.ok(#"{"log_entries":[\#(lines.joined(separator: ","))],"more":false}"#)
        }
        let service = folder.path("sv/firedrill-lease")
        try FileManager.default.createDirectory(atPath: service, withIntermediateDirectories: true)
        for (path, file) in AgentFiles.all {
            let target = path.hasSuffix("/run") ? service + "/run" : folder.path((path as NSString).lastPathComponent)
            await LocalHost(folder: folder).install(file.content, at: target)
        }
        guard
            let child = Child.spawn(
                ["/usr/bin/runsv", service],
                environment: [
                    "PATH": "/usr/bin:/bin", "FIREDRILL_STATE": folder.path("state-ops"),
                    "FIREDRILL_LIBRARY": folder.root,
                ],
                stdout: folder.path("lease.log"), stderr: folder.path("lease.log"))
        else { throw CocoaError(.fileNoSuchFile) }
        lease = child
        for (name, host) in hosts { try await agent(host).onboard(capabilities: name == "ops" ? ["chain"] : []) }
    }

    func stop() {
        server.stop()
        kill(lease.pid, SIGTERM)
        if lease.wait(for: .seconds(5)) == nil { lease.kill() }
    }

    func agent(_ host: any RemoteHost) -> HostAgent {
        HostAgent(host: host, identity: identity, state: folder.path("state-\(host.name)"), lease: GuardLimits.lease)
    }

    private var environment: [String: String] { ["STOPPED": folder.path("stopped"), "TESTS": folder.path("tests")] }
    private static let height = "$(($(date +%s%N) / 500000000))"

    /// - Parameters:
    ///   - inject: What the fault does instead of stopping the nodes.
    ///   - horizon: Incident seconds; a run that is to recover gets plenty, for a machine that is busy otherwise.
    func plan(
        _ arm: Criteria.Arm, inject: String? = nil, steps: [(name: String, script: String)] = [], horizon: Double = 840
    ) -> Plan {
        func text(_ seconds: Double) -> DurationText { DurationText(.milliseconds(Int64(seconds * 1_000))) }
        let nodes = ["n1", "n2", "n3"]
        let advancing = Check(
            id: "blocks", probe: "head", scopes: ["shard0": nodes],
            predicate: .advancing(value: ".json.height", hash: "", quorum: 2, within: text(4)))
        let stalled = Check(
            id: "stalled", probe: "head", scopes: ["shard0": nodes],
            predicate: .stalled(value: ".json.height", lasting: text(3), answering: 2))
        let criteria = Criteria(
            scenario: "small", incident: "Z1", arm: arm, timeScale: 60, seed: 1, commit: "", probeInterval: text(0.2),
            hold: text(1.2),
            horizon: text(horizon), steadyState: [advancing], impact: [advancing],
            symptoms: [.init(fact: "Z1-S1", kind: .onset, summary: "no block", checks: [stalled], after: [])],
            budgets: .init(), inferred: [],
            probes: ["head": .init(interval: text(0.3), timeout: text(2))], affected: nodes)
        func command(_ body: String) -> ScriptPlan { script(body, environment) }
        let fault = FaultPlan(
            id: "chain-stopped", summary: "", hosts: ["ops"], capability: "chain", at: text(0), invariants: [],
            fingerprint: command("test -e \"$STOPPED\" && echo stopped || echo runs"),
            inject: command(inject ?? "echo \(Self.height) >\"$STOPPED\""), prove: command("test -e \"$STOPPED\""),
            undo: command("rm -f \"$STOPPED\""), proveUndone: command("! test -e \"$STOPPED\""))
        let response = ResponsePlan(
            kind: steps.isEmpty ? .none : .runbook, acknowledgeAfter: text(200), startAfter: text(200),
            steps: steps.map {
                StepPlan(
                    name: $0.name, heading: $0.name, role: .act, hosts: ["ops"],
                    strategy: .parallel(limit: nil, maxFail: 0),
                    command: command($0.script), instruction: nil, delay: text(0), expect: [], until: nil,
                    rollback: nil,
                    rollbackReason: nil, hazard: nil, approvalHash: "", approved: false, file: "r.md", line: 1)
            })
        let head = ProbePlan(
            id: "head", targets: nodes, interval: text(0.3), timeout: text(2),
            kind: .command(
                command("read -r h <\"$STOPPED\" || h=\(Self.height); echo \"{\\\"height\\\":$h}\" 2>/dev/null")),
            values: [:])
        let pages = ProbePlan(
            id: "pages", targets: ["pager"], interval: text(0.3), timeout: text(2),
            kind: .pager(port: Int(server.port), path: "/log_entries"),
            values: [:])
        let pagerTest = PagerTestPlan(hosts: ["ops"], command: command("echo \"$PAGER_TEST_KEY\" >>\"$TESTS\""))
        let logs = command("for n in 1 2 3; do echo \"{\\\"height\\\":$n,\\\"monotonic_ns\\\":$n}\"; done")
        return Plan(
            testnet: TestnetPlan(
                name: "small",
                hosts: hosts.keys.sorted().map {
                    HostPlan(name: $0, address: "127.0.0.1", groups: [], capabilities: [], files: [], services: [])
                }, programs: [:], stages: [], bootTimeout: text(10), settleTimeout: text(15)),
            probes: [head, pages], faults: [fault], response: response,
            criteria: criteria, sources: [:],
            observation: ObservationPlan(
                pagerTest: pagerTest, crossCheck: CrossCheckPlan(command: logs, scopes: ["shard0": nodes])))
    }

    /// Plays a plan and judges it from the file, as the command line does.
    func play(_ plan: Plan, interruptWhen isTime: (@Sendable (Set<Event.Phase>) -> Bool)? = nil) async throws -> (
        verdict: Verdict, events: [Event.Body], error: String?
    ) {
        let path = folder.path("events.jsonl")
        let log = try RunLog(path: path, criteria: plan.criteria, clock: clock)
        await log.record(
            .runStarted(
                runID: identity.run, scenario: plan.criteria.scenario, arm: plan.criteria.arm.description, seed: 1))
        let conductor = Conductor(
            ConductorInput(
                plan: plan, identity: identity, hosts: hosts, log: log, clock: clock,
                journalPath: folder.path("journal.jsonl"), approver: nil),
            makeAgent: { self.agent($0) })
        let watcher = Task { [isTime] in
            while let isTime, !Task.isCancelled {
                let events = (try? EventLogReader.readAll(path: path).events) ?? []
                let phases = Set(events.compactMap { if case .phase(let phase) = $0.body { phase } else { nil } })
                if isTime(phases) { return await conductor.interrupt("Interrupted by SIGINT.") }
                try? await Task.sleep(for: .milliseconds(50))
            }
        }
        let error = await conductor.run()
        watcher.cancel()
        await watcher.value
        await log.record(.runEnded(error: error))
        let events = try EventLogReader.readAll(path: path).events
        return (Judge.verdict(criteria: plan.criteria, events: events), events.map(\.body), error)
    }
}
