import Definitions
import Timeline

/// Runs the agent scripts on one host and reads their reports: the only way by which a run changes a host.
public struct HostAgent: Sendable {
    /// The host that it works on.
    public let host: any RemoteHost
    /// What the host's marker must say.
    public let identity: RunIdentity
    /// Where the host keeps its state; another place only in tests.
    let state: String
    let lease: Duration

    /// An agent for an onboarded host, or one about to be.
    public init(host: any RemoteHost, identity: RunIdentity) {
        self.init(host: host, identity: identity, state: HostLayout.state, lease: GuardLimits.lease)
    }

    init(host: any RemoteHost, identity: RunIdentity, state: String, lease: Duration) {
        self.host = host
        self.identity = identity
        self.state = state
        self.lease = lease
    }

    /// Makes the host this run's: writes its marker and lays out its lease. Run by deploy, once, after the agent's files.
    /// - Throws: `AgentError.refused` when the host belongs to another run or has open fault records.
    public func onboard(capabilities: [String], validity: Duration = GuardLimits.markerValidity)
        async throws(AgentError)
    {
        _ = try await report(
            MarkerScripts.onboard,
            [
                "FIREDRILL_CAPABILITY": capabilities.joined(separator: " "),
                "FIREDRILL_EXPIRES_AFTER": "\(validity.wholeSecondsUp)",
            ],
            needs: "expires")
    }

    /// Moves the marker's expiry to `validity` from now.
    /// - Throws: `AgentError.refused` when the marker is not this run's or has expired already.
    public func renewMarker(validity: Duration = GuardLimits.markerValidity) async throws(AgentError) {
        _ = try await report(
            MarkerScripts.renew, ["FIREDRILL_EXPIRES_AFTER": "\(validity.wholeSecondsUp)"], needs: "expires")
    }

    /// Runs `command` under the guard: shared lock on the marker, check inside the lock, same shell, bounded by its timeout.
    /// Never retried.
    public func act(_ command: ScriptPlan, capability: String?) async -> GuardedOutcome {
        guard command.script.utf8.count <= GuardLimits.scriptBytes else {
            return .refused("the script is longer than \(GuardLimits.scriptBytes) bytes")
        }
        let (plan, token) = wrap(
            MarkerScripts.act, ["FIREDRILL_ACTION": command.script, "FIREDRILL_CAPABILITY": capability ?? ""],
            for: command)
        var result = await host.run(plan, stdin: [])
        let reports = AgentReport(token: token, in: result.stderr)
        result.stderr = reports.rest
        if let reason = reports["refused"] { return .refused(reason) }
        if reports.has("acting") { return .ran(result) }
        switch result.outcome {
        case .unknown: return .ran(result)
        case .exited, .signaled:
            // It ended without having begun to act: the guard could not even be evaluated.
            return .refused("the guard ended early: " + String(decoding: result.stderr.prefix(300), as: UTF8.self))
        }
    }

    /// The command that runs `script` with the agent's environment over that of `command`, and the token of its reports.
    func wrap(_ script: String, _ values: [String: String], for command: ScriptPlan) -> (ScriptPlan, token: String) {
        let token = RunIdentity.makeRun()
        var environment = command.environment
        environment["FIREDRILL_STATE"] = state
        environment["FIREDRILL_TOKEN"] = token
        environment["FIREDRILL_RUN"] = identity.run
        environment["FIREDRILL_TESTNET"] = identity.testnet
        environment["FIREDRILL_CAPABILITY"] = ""
        environment["FIREDRILL_LEASE_SECONDS"] = "\(lease.wholeSecondsUp)"
        environment["FIREDRILL_DEADLINE"] = "\(command.timeout.duration.wholeSecondsUp)"
        environment.merge(values) { _, new in new }
        let plan = ScriptPlan(
            script: script, environment: environment, secrets: command.secrets, timeout: command.timeout)
        return (plan, token)
    }

    /// Runs one of the agent's own scripts and returns its report lines.
    /// - Parameter needs: A report line without which the command did not do its work.
    func report(
        _ script: String, _ values: [String: String], stdin: [UInt8] = [], timeout: Duration = GuardLimits.agentCommand,
        needs: String?
    ) async throws(AgentError) -> AgentReport {
        let bare = ScriptPlan(script: "", environment: [:], secrets: [], timeout: DurationText(timeout))
        let (plan, token) = wrap(script, values, for: bare)
        return try check(await host.run(plan, stdin: stdin), token: token, needs: needs)
    }

    func check(_ result: CommandResult, token: String, needs: String?) throws(AgentError) -> AgentReport {
        let report = AgentReport(token: token, in: result.stdout, aside: result.stderr)
        if let reason = report["refused"] { throw .refused(host: host.name, reason: reason) }
        if case .unknown(let reason) = result.outcome {
            throw .unknown(host: host.name, reason: reason, acting: report.has("acting"))
        }
        guard needs.map(report.has) ?? true else {
            let words = String(decoding: result.stderr.suffix(300), as: UTF8.self)
            throw .unknown(
                host: host.name, reason: "the agent's command ended without its report (\(result.outcome)): \(words)",
                acting: report.has("acting"))
        }
        return report
    }
}

/// What became of a command that had to pass the guard.
public enum GuardedOutcome: Sendable, Hashable {
    /// The guard let it run, or it is not known whether it did (`CommandOutcome.unknown`).
    case ran(CommandResult)
    /// The guard did not let it run; nothing was changed.
    case refused(String)
}

/// Why an agent script did not do what it was asked.
public enum AgentError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The host said no, and nothing was changed.
    case refused(host: String, reason: String)
    /// How it ended is not known. `acting` is true when the change is known to have begun.
    case unknown(host: String, reason: String, acting: Bool)

    /// A full sentence that names the host.
    public var description: String {
        switch self {
        case .refused(let host, let reason): "Host \(host) refused: \(reason)."
        case .unknown(let host, let reason, _): "What happened on host \(host) is not known: \(reason)."
        }
    }
}

/// The lines `firedrill <token> <key> <text>` of one command; nobody else knows its token.
struct AgentReport: Sendable, Hashable {
    private(set) var lines: [(key: String, text: String)] = []
    /// What was printed beside the reports.
    private(set) var rest: [UInt8] = []

    init(token: String, in output: [UInt8], aside: [UInt8] = []) {
        let prefix = Array("firedrill \(token) ".utf8)
        for line in output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if line.starts(with: prefix) {
                let parts = line.dropFirst(prefix.count).split(separator: UInt8(ascii: " "), maxSplits: 1)
                lines.append(
                    (
                        parts.first.map { String(decoding: $0, as: UTF8.self) } ?? "",
                        parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : ""
                    ))
            } else {
                rest += line
                rest.append(UInt8(ascii: "\n"))
            }
        }
        if rest.last == UInt8(ascii: "\n") { rest.removeLast() }
        if !aside.isEmpty { rest = aside }
    }

    /// Text of the last line with that key.
    subscript(key: String) -> String? { lines.last { $0.key == key }?.text }
    func has(_ key: String) -> Bool { lines.contains { $0.key == key } }

    static func == (a: AgentReport, b: AgentReport) -> Bool {
        a.rest == b.rest && a.lines.elementsEqual(b.lines) { $0 == $1 }
    }
    func hash(into hasher: inout Hasher) {
        hasher.combine(rest)
        for line in lines {
            hasher.combine(line.key)
            hasher.combine(line.text)
        }
    }
}
