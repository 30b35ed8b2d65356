import Definitions
import Foundation
@testable import Replay
import Timeline

/// A host in a folder: marker, lease and records under `state`, a fault that rewrites the file `door`, and the real
/// lease service under runsv when asked for.
final class AgentBench: Sendable {
    let folder = TestFolder()
    let host: LocalHost
    let agent: HostAgent
    let identity: RunIdentity
    let recorder = EventRecorder()
    let clock = MachineClock()

    init(lease: Duration = GuardLimits.lease, state: String? = nil) throws {
        identity = RunIdentity(run: RunIdentity.makeRun(), testnet: "harmony-four-shards")
        host = LocalHost(folder: folder)
        agent = HostAgent(host: host, identity: identity, state: state ?? folder.path("state"), lease: lease)
        try folder.write("open\n", "door")
    }

    func other(run: String? = nil, testnet: String? = nil) -> HostAgent {
        HostAgent(
            host: host, identity: RunIdentity(run: run ?? identity.run, testnet: testnet ?? identity.testnet),
            state: agent.state, lease: agent.lease)
    }

    var door: String? { folder.text("door")?.trimmingCharacters(in: .newlines) }

    func fault(
        inject: String = "echo shut >\"$DOOR\"", prove: String = "grep -q shut \"$DOOR\"",
        undo: String = "echo open >\"$DOOR\"; echo done >>\"$DOOR.undone\""
    ) -> FaultPlan {
        let environment = ["DOOR": folder.path("door")]
        return FaultPlan(
            id: "door-shut", summary: "The door is shut", hosts: ["local"], capability: "doors",
            at: DurationText(.zero),
            invariants: ["the door"], fingerprint: script("cat \"$DOOR\"", environment),
            inject: script(inject, environment),
            prove: script(prove, environment), undo: script(undo, environment),
            proveUndone: script("! grep -q shut \"$DOOR\"", environment))
    }

    func driver(_ plan: FaultPlan, number: Int = 0) throws -> FaultDriver {
        FaultDriver(
            plan: plan, number: number, agent: agent, journal: try Journal(path: folder.path("journal.jsonl")),
            sink: recorder, clock: clock, keeper: nil)
    }

    /// How often the undo script ran.
    var undoCount: Int { folder.text("door.undone")?.split(separator: "\n").count ?? 0 }

    /// Starts runsv over the real lease service; stop it with `stopLease`.
    func startLease() async throws -> Child {
        let service = folder.path("sv/firedrill-lease")
        let library = folder.path("lib")
        try FileManager.default.createDirectory(atPath: service, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: library, withIntermediateDirectories: true)
        for (path, file) in AgentFiles.all {
            await host.install(
                file.content,
                at: (path.hasSuffix("/run") ? service : library) + "/" + (path as NSString).lastPathComponent)
        }
        guard
            let child = Child.spawn(
                ["/usr/bin/runsv", service],
                environment: [
                    "PATH": "/usr/bin:/bin", "FIREDRILL_STATE": agent.state, "FIREDRILL_LIBRARY": library,
                ], stdout: folder.path("lease.log"), stderr: folder.path("lease.log"))
        else { throw CocoaError(.fileNoSuchFile) }
        return child
    }

    /// Process id of the watcher, as runsv sees it.
    var leasePID: pid_t? {
        folder.text("sv/firedrill-lease/supervise/pid").flatMap {
            pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }

    func stopLease(_ child: Child) {
        // TERM makes runsv stop its service and end.
        kill(child.pid, SIGTERM)
        if child.wait(for: .seconds(5)) == nil {
            if let pid = leasePID { kill(-pid, SIGKILL) }
            child.kill()
        }
    }
}
