import Definitions
import Replay
import SSH
import Timeline

/// Opens the replay's hosts through the SSH module.
struct SSHConnector: HostConnector {
    func connect(to host: HostAddress, timeout: Duration) async throws -> any RemoteHost {
        let target = SSHTarget(
            name: host.name, address: host.address, port: UInt16(host.port), user: host.user,
            privateKey: try SSHPrivateKey(file: host.privateKeyFile), hostKeys: [try SSHHostKey(openSSH: host.hostKey)])
        return SSHHost(name: host.name, connection: try await SSHConnection.connect(to: target, timeout: timeout))
    }
}

/// One host over one SSH connection. A connection that is lost stays lost: the replay decides whether to open another.
struct SSHHost: RemoteHost {
    let name: String
    let connection: SSHConnection

    func run(_ command: ScriptPlan, stdin: [UInt8]) async -> Replay.CommandResult {
        let remote = RemoteCommand(
            command.script, environment: command.environment, secrets: Set(command.secrets),
            stdin: stdin.isEmpty ? nil : Payload(stdin))
        return await result { () async throws(SSHError) in
            try await connection.run(remote, timeout: command.timeout.duration)
        }
    }

    func ask(_ command: ScriptPlan) async -> Replay.CommandResult {
        let remote = RemoteCommand(
            command.script, environment: command.environment, secrets: Set(command.secrets))
        return await result { () async throws(SSHError) in
            try await connection.ask(remote, timeout: min(command.timeout.duration, SSHLimits.shortCommand))
        }
    }

    func upload(_ bytes: [UInt8], to path: String, mode: UInt16) async throws {
        try await connection.upload(Payload(bytes), to: path, mode: UInt32(mode))
    }

    func download(_ path: String, limit: Int) async throws -> [UInt8] {
        try await connection.download(path, limit: limit).bytes
    }

    func close() async { await connection.close() }

    /// What was never sent has not run, but the replay has no use for the difference: it must not count on it either way.
    private func result(
        _ call: () async throws(SSHError) -> SSH.CommandResult
    ) async -> Replay.CommandResult {
        do {
            let result = try await call()
            return Replay.CommandResult(
                outcome: result.outcome.forTimeline, stdout: result.stdout, stderr: result.stderr,
                truncated: result.stdoutTruncated || result.stderrTruncated, took: result.elapsed)
        } catch {
            return Replay.CommandResult(
                outcome: .unknown(reason: "\(error)"), stdout: [], stderr: [], truncated: false, took: .zero)
        }
    }
}

extension SSH.CommandOutcome {
    fileprivate var forTimeline: Timeline.CommandOutcome {
        switch self {
        case .exited(let code): .exited(code: code)
        case .signaled(let name): .signaled(name: name)
        case .unknown(let reason): .unknown(reason: reason)
        }
    }
}
