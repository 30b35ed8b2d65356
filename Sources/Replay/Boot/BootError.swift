import Timeline

/// Why a testnet could not be started. Every case says what happened, where, and what to do next.
public enum BootError: Error, Sendable, Hashable, CustomStringConvertible {
    case noOrdinaryUser
    case missingTool(String)
    case toolFailed(tool: String, purpose: String, status: String, message: String)
    case namespaceForbidden(message: String)
    case hostUnreachable(host: String, address: String, after: Duration, reason: String)
    case hostEnded(host: String, status: String, message: String)
    case deployFailed(host: String, reason: String)
    case stageFailed(stage: String, host: String, reason: String)
    case fileSystem(path: String, action: String, reason: String)

    /// What happened, where, and what to do next, in full sentences.
    public var description: String {
        switch self {
        case .noOrdinaryUser:
            """
            Firedrill was started as root and there is no ordinary user to drop to: start it through sudo, or run \
            'make setup', which makes the system account '\(Identity.systemAccount)'.
            """
        case .missingTool(let tool):
            "The program '\(tool)' is not installed: run 'make setup', then 'firedrill doctor' to see that nothing else is missing."
        case .toolFailed(let tool, let purpose, let status, let message):
            "'\(tool)' failed to \(purpose) (\(status)): \(message). Run 'firedrill doctor' to test what this machine allows."
        case .namespaceForbidden(let message):
            """
            This machine does not let an ordinary user make user and network namespaces: \(message). \
            Run 'firedrill doctor' for the setting that allows it.
            """
        case .hostUnreachable(let host, let address, let after, let reason):
            """
            Host \(host) (\(address)) did not answer over SSH within \(DurationText(after)): \(reason). \
            Its server's log is machines/\(host)/var/log/sshd.log in the run folder; run again with --keep-up to look at it.
            """
        case .hostEnded(let host, let status, let message):
            "Host \(host) ended while it was booting or being deployed (\(status)): \(message). Run 'firedrill doctor', then try again."
        case .deployFailed(let host, let reason):
            "Deploying to host \(host) failed: \(reason). Check the files of its layers and the free space of the run folder."
        case .stageFailed(let stage, let host, let reason):
            "Stage '\(stage)' failed on host \(host): \(reason). 'firedrill plan' prints the stage's script."
        case .fileSystem(let path, let action, let reason):
            "Could not \(action) \(path): \(reason). Check free space and permissions of the run folder."
        }
    }
}
