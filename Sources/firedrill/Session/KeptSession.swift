import Definitions
import Foundation
import Replay
import Timeline

extension RunSession {
    /// How often readiness of a network is looked for.
    private static let readyInterval = Duration.milliseconds(50)
    /// Room for starting and onboarding beyond the testnet's own boot time.
    private static let readyMargin = Duration.seconds(30)

    /// The right to be the one network of that name that is left running; held until it is on record.
    /// - Throws: `Stop` when a testnet of that name is up, or about to be: its record would be lost, and nothing could
    ///   end it.
    static func claim(_ testnet: String, root: String, identity: Identity) throws -> KeptNetwork.Claim {
        guard let claim = try KeptNetwork.Claim(testnet, root: root, owner: identity) else {
            throw Stop("another command is bringing \(testnet) up; 'firedrill status' lists what is up", .usage)
        }
        if let running = try KeptNetwork.running(testnet, root: root) {
            throw Stop(
                "\(testnet) is up already, since \(running.since); 'firedrill down \(testnet)' ends it", .usage)
        }
        return claim
    }

    /// Boots a network that stays; returns the path of its `ssh_config`. It is on record from the start, so that even a
    /// kill of this process leaves nothing that `firedrill down` cannot end.
    /// - Throws: `Stop` when the network ended, took too long, or somebody asked to stop; it is then gone.
    func up(root: String, testnet: TestnetPlan) async throws -> String {
        let signals = Signals.stream(Signals.stopping)
        let network = try start()
        do {
            let config = try keep(network, root: root, testnet: testnet)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await waitUntilReady(network, within: testnet.bootTimeout.duration) }
                group.addTask {
                    for await _ in signals { throw Stop("stopped; \(testnet.name) is not up", .harnessError) }
                }
                defer { group.cancelAll() }
                try await group.next()
            }
            return config
        } catch {
            await abandon(network)
            try? KeptNetwork.forget(testnet.name, root: root)
            throw error
        }
    }

    /// Waits until every host is booted and deployed.
    private func waitUntilReady(_ network: ContainedProcess, within bootTimeout: Duration) async throws {
        let deadline = ContinuousClock.now + bootTimeout + Self.readyMargin
        while !FileManager.default.fileExists(atPath: folder.ready) {
            if network.ended() != nil {
                let log =
                    FileManager.default.contents(atPath: folder.log).map {
                        String(decoding: $0.suffix(2000), as: UTF8.self)
                    } ?? ""
                throw Stop("the network could not be started:\n\(log)", .harnessError)
            }
            guard ContinuousClock.now < deadline else {
                throw Stop(
                    "the network was not up within \(DurationText(bootTimeout + Self.readyMargin)); see \(folder.log)",
                    .harnessError)
            }
            try await Task.sleep(for: Self.readyInterval)
        }
    }

    /// Records a network that stays up, and writes the `ssh_config` that reaches it. Returns that file's path.
    func keep(_ network: ContainedProcess, root: String, testnet: TestnetPlan) throws -> String {
        let kept = KeptNetwork(
            testnet: testnet.name, folder: folder.path, pid: network.pid,
            since: String(SystemClock().wallLabel().prefix(19)) + "Z", inside: containment.inside.path)
        try kept.save(root: root, owner: identity)
        let text = SSHConfiguration.text(hosts: testnet.hosts, folder: folder, pid: network.pid)
        try text.write(toFile: folder.sshConfig, atomically: true, encoding: .utf8)
        return folder.sshConfig
    }
}

extension Plan {
    /// A plan that only boots: no probes, no faults, nothing to judge.
    static func idle(on testnet: TestnetPlan) -> Plan {
        Plan(
            testnet: testnet, probes: [], faults: [],
            response: ResponsePlan(
                kind: .none, acknowledgeAfter: DurationText(.zero), startAfter: DurationText(.zero), steps: []),
            criteria: Criteria(
                scenario: "up", incident: "", arm: .noFault, timeScale: 1, seed: 0, commit: "",
                probeInterval: DurationText(.seconds(1)), hold: DurationText(.seconds(5)),
                horizon: DurationText(.seconds(60)),
                steadyState: [], impact: [], symptoms: [], budgets: Criteria.Budgets(), inferred: []),
            sources: [:])
    }
}
