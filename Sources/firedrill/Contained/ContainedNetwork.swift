import Definitions
import Foundation
import Replay
import Timeline

/// One testnet inside its containment: boot, onboard, replay, and keep it running if asked to.
struct ContainedNetwork: Sendable {
    let folder: RunFolder
    let plan: Plan
    let log: RunLog
    let clock: SystemClock
    /// Keep the network until this is cancelled.
    let keepUp: Bool
    /// Nothing is replayed: the network is only for people.
    let bootOnly: Bool
    let stop: StopRequest

    /// Returns why the harness failed; nil when the run is one to judge.
    func run() async throws -> String? {
        let boot = TestnetBoot(
            plan: plan.testnet, folder: folder, connector: SSHConnector(), sink: log, clock: clock)
        return try await boot.withHosts { hosts in
            let identity = RunIdentity(run: RunIdentity.makeRun(), testnet: plan.testnet.name)
            try await onboard(hosts, as: identity)
            try Data("ready\n".utf8).write(to: URL(fileURLWithPath: folder.ready))
            var failure: String?
            if !bootOnly { failure = await replay(on: hosts, as: identity) }
            if keepUp {
                // The replay is over and can be judged; the outer process does not write while this one lives.
                await log.record(.runEnded(error: failure))
                await stop.wait()
            } else {
                await log.record(.phase(.teardown))
            }
            return failure
        }
    }

    /// Makes every host this run's; without that nothing on it may be changed.
    private func onboard(_ hosts: [String: any RemoteHost], as identity: RunIdentity) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for host in plan.testnet.hosts {
                guard let remote = hosts[host.name] else { continue }
                group.addTask {
                    try await HostAgent(host: remote, identity: identity).onboard(capabilities: host.capabilities)
                }
            }
            try await group.waitForAll()
        }
    }

    private func replay(on hosts: [String: any RemoteHost], as identity: RunIdentity) async -> String? {
        let conductor = Conductor(
            ConductorInput(
                plan: plan, identity: identity, hosts: hosts, log: log, clock: clock, journalPath: folder.journal,
                approver: nil))
        let interrupting = Task {
            await stop.wait()
            if !Task.isCancelled { await conductor.interrupt("a stop was requested") }
        }
        defer { interrupting.cancel() }
        let failure = await conductor.run()
        await HostLogs(folder: folder).collect(from: hosts)
        return failure
    }
}
