import Definitions
import Foundation
import Subprocess
import SystemPackage
import Timeline

/// Boots the hosts of a plan, deploys to them and starts their services; then hands them to the caller for as long as it
/// wants. Must run inside `Containment`.
public struct TestnetBoot: Sendable {
    let plan: TestnetPlan
    let folder: RunFolder
    let connector: any HostConnector
    let sink: any EventSink
    let clock: any ReplayClock

    /// - Parameter sink: where events go.
    public init(
        plan: TestnetPlan, folder: RunFolder, connector: any HostConnector, sink: any EventSink, clock: any ReplayClock
    ) {
        self.plan = plan
        self.folder = folder
        self.connector = connector
        self.sink = sink
        self.clock = clock
    }

    /// Wall time between attempts to reach a host's SSH server while it comes up.
    private static let connectRetry = Duration.milliseconds(50)

    private enum Ending<Value: Sendable>: Sendable {
        case body(Value)
        case host(name: String, status: String)
    }

    /// Boots everything, runs `body` with a connection to every host, and ends the hosts' processes.
    /// - Throws: `BootError` with host, step and remedy when a host cannot be booted or deployed; whatever `body` throws.
    public func withHosts<Value: Sendable>(
        _ body: @escaping @Sendable ([String: any RemoteHost]) async throws -> Value
    ) async throws -> Value {
        await sink.record(.phase(.boot))
        try await Network.prepare()
        let keys = try await Keys.make(for: plan.hosts, in: folder)
        let files = HostFiles(folder: folder, hosts: plan.hosts)
        try files.makeMachines()
        for host in plan.hosts {
            try files.write(host, hostKeyFile: keys.privateHostKey(host.name), clientKey: keys.client)
        }
        try NetworkSwitch.prepare(folder)
        let bootDone = BootFlag()
        return try await withThrowingTaskGroup(of: Ending<Value>.self) { group in
            for host in plan.hosts { group.addTask { .host(name: host.name, status: try await runSandbox(host)) } }
            if plan.hosts.contains(where: \.controlsNetwork) {
                group.addTask { try await runNetworkSwitch() }
            }
            group.addTask {
                let hosts = try await bootAndDeploy(keys)
                await bootDone.set()
                return .body(try await body(hosts))
            }
            defer { group.cancelAll() }
            while let ending = try await group.next() {
                switch ending {
                case .body(let value): return value
                case .host(let name, let status):
                    guard await bootDone.isSet else {
                        throw BootError.hostEnded(host: name, status: status, message: consoleTail(name))
                    }
                    await sink.record(.hostLost(host: name, reason: "its first process ended (\(status))"))
                }
            }
            throw CancellationError()
        }
    }

    /// Runs the switch as a process of its own: it must answer the switch's host when this one stalls.
    private func runNetworkSwitch() async throws -> Never {
        let command = [folder.program, NetworkSwitch.subcommand, folder.path]
        try await Tool.runUntilCancelled(command, purpose: "control the paths between hosts")
    }

    /// Runs one host until it ends; its console goes to a file of the run folder.
    private func runSandbox(_ host: HostPlan) async throws -> String {
        let command = Sandbox.command(
            host: host.name, machine: folder.machine(host.name),
            networkSwitch: host.controlsNetwork ? folder.networkSwitch : nil, fileSystems: host.fileSystems,
            runtime: RuntimeLibraries.folder)
        let console = try FileDescriptor.open(
            FilePath(consolePath(host.name)), .writeOnly, options: [.create, .append], permissions: .ownerReadWrite)
        let output = FileDescriptorOutput.fileDescriptor(console, closeAfterSpawningProcess: true)
        do {
            let result = try await Subprocess.run(
                .name(command[0]), arguments: Arguments(Array(command.dropFirst())), output: output,
                error: .combinedWithOutput)
            return "\(result.terminationStatus)"
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw BootError.missingTool(command[0])
        }
    }

    private func consolePath(_ host: String) -> String { "\(folder.machine(host))/console.log" }

    private func consoleTail(_ host: String) -> String {
        let data = FileManager.default.contents(atPath: consolePath(host)) ?? Data()
        return String(decoding: data.suffix(400), as: UTF8.self).trimmingWhitespace()
    }

    /// Every host at once: wait for its SSH server, deploy, start its services; then the stages in order.
    private func bootAndDeploy(_ keys: Keys) async throws -> [String: any RemoteHost] {
        let started = ContinuousClock.now
        let deadline = started + plan.bootTimeout.duration
        let deployment = Deployment(folder: folder, plan: plan)
        var hosts: [String: any RemoteHost] = [:]
        try await withThrowingTaskGroup(of: (any RemoteHost).self) { group in
            for host in plan.hosts {
                let address = HostAddress(
                    name: host.name, address: host.address, port: 22, user: Sandbox.user,
                    privateKeyFile: folder.privateKey, hostKey: keys.hostKeys[host.name] ?? "")
                group.addTask {
                    let connection = try await connect(address, deadline: deadline)
                    let remote = LiveHost(connection, address: address, connector: connector, sink: sink, clock: clock)
                    await sink.record(.hostReady(host: host.name, took: DurationText(ContinuousClock.now - started)))
                    try await deployment.deploy(to: remote, as: host)
                    return remote
                }
            }
            for try await remote in group { hosts[remote.name] = remote }
        }
        await sink.record(.phase(.deploy))
        for stage in plan.stages { try await run(stage, on: hosts) }
        return hosts
    }

    /// Tries until the SSH server answers: it takes a moment to come up.
    private func connect(_ host: HostAddress, deadline: ContinuousClock.Instant) async throws -> any RemoteHost {
        while true {
            do {
                return try await connector.connect(to: host, timeout: deadline - .now)
            } catch {
                guard ContinuousClock.now + Self.connectRetry < deadline, !Task.isCancelled else {
                    throw BootError.hostUnreachable(
                        host: host.name, address: host.address, after: plan.bootTimeout.duration, reason: "\(error)")
                }
                try await Task.sleep(for: Self.connectRetry)
            }
        }
    }

    /// A stage's command on all its hosts at once; the stage has passed when it exits 0 on each.
    private func run(_ stage: StagePlan, on hosts: [String: any RemoteHost]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in stage.hosts {
                guard let host = hosts[name] else { continue }
                group.addTask {
                    let result = await host.run(stage.command, stdin: [])
                    guard result.outcome == .exited(code: 0) else {
                        let output = String(decoding: (result.stdout + result.stderr).suffix(600), as: UTF8.self)
                        throw BootError.stageFailed(
                            stage: stage.name, host: name,
                            reason: "\(result.outcome.summary): \(output.trimmingWhitespace())")
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

/// Whether boot is over; a host that ends before is an error, afterwards an observation.
private actor BootFlag {
    private(set) var isSet = false
    func set() { isSet = true }
}
