/// What goes wrong before a command was sent, and with connections and files. A command that was sent never throws for
/// what happens to it afterwards: that is its outcome.
public enum SSHError: Error, Sendable, Hashable {
    /// The target's address, source address, user or keys cannot be used as written.
    case invalidTarget(host: String, reason: String)
    /// A private key file could not be read.
    case keyUnreadable(path: String, reason: String)
    /// A host key's text could not be read.
    case hostKeyUnreadable(reason: String)
    /// No TCP connection came about.
    case unreachable(host: String, reason: String)
    /// The peer did not complete `stage` in time.
    case connectTimedOut(host: String, stage: String, after: Duration)
    /// The peer is no SSH server, or one with which no algorithms are shared.
    case handshakeFailed(host: String, reason: String)
    /// The server presented a key that is not among the pinned ones.
    case hostKeyMismatch(host: String, presented: String)
    /// The server refused the login key.
    case loginRefused(host: String, user: String, key: String, reason: String)
    /// The connection was lost earlier, or while the operation waited; nothing was sent.
    case disconnected(host: String, reason: String)
    /// The connection was closed by its owner.
    case closed(host: String)
    /// The server refused to open a channel or to start a command on it.
    case channelRefused(host: String, reason: String)
    /// The command waited for its turn until its time was over; nothing was sent.
    case notSent(host: String, after: Duration)
    /// The task was cancelled before anything was sent.
    case cancelled(host: String)
    /// The command cannot be sent as written.
    case invalidCommand(reason: String)
    /// A local file could not be read or written.
    case localFile(path: String, reason: String)
    /// A file transfer did not end with the same file on both sides.
    case transferFailed(host: String, path: String, reason: String)
}

extension SSHError: CustomStringConvertible {
    /// A full sentence with the host, what happened and what to do.
    public var description: String {
        switch self {
        case .invalidTarget(let host, let reason):
            "Host \(host) cannot be used as written: \(reason)."
        case .keyUnreadable(let path, let reason):
            "Private key \(path) cannot be read: \(reason). Check its path and permissions."
        case .hostKeyUnreadable(let reason):
            "Host key cannot be read: \(reason). Copy the line of the host's /etc/ssh/ssh_host_ed25519_key.pub."
        case .unreachable(let host, let reason):
            "Host \(host) cannot be reached: \(reason). Check that the host is up and its sshd listens there."
        case .connectTimedOut(let host, let stage, let duration):
            "Host \(host) did not finish \(stage) within \(duration). Check its load and that an sshd answers there."
        case .handshakeFailed(let host, let reason):
            "Host \(host) did not agree on an SSH session: \(reason). Check that an OpenSSH server answers there."
        case .hostKeyMismatch(let host, let presented):
            "Host \(host) presented the host key \(presented), which is not pinned for it; nothing was sent. "
                + "Check that this is the right machine before pinning its key."
        case .loginRefused(let host, let user, let key, let reason):
            "Host \(host) refused user \(user) with the key \(key): \(reason). "
                + "Check the account and its authorized_keys."
        case .disconnected(let host, let reason):
            "The connection to host \(host) is lost: \(reason). Connect again."
        case .closed(let host):
            "The connection to host \(host) was closed before; connect again."
        case .channelRefused(let host, let reason):
            "Host \(host) did not start the command: \(reason). Check MaxSessions and the account's shell."
        case .notSent(let host, let duration):
            "The command was not sent to host \(host): its turn did not come within \(duration). "
                + "Run fewer commands at once or allow more time."
        case .cancelled(let host):
            "The command for host \(host) was cancelled before it was sent."
        case .invalidCommand(let reason):
            "The command cannot be sent: \(reason)."
        case .localFile(let path, let reason):
            "Local file \(path) cannot be used: \(reason)."
        case .transferFailed(let host, let path, let reason):
            "The transfer of \(path) on host \(host) failed: \(reason). "
                + "Either the old file or the whole new one is in its place; check before trying again."
        }
    }
}
