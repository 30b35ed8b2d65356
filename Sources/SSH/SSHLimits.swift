/// The module's bounds, by name. Every wait, buffer and count in it is one of these or a caller's parameter.
public enum SSHLimits {
    /// Largest private key file, in bytes.
    public static let keyFile = 64 * 1024
    /// Largest script, in bytes.
    public static let script = 1024 * 1024
    /// Largest environment of a command, names and values together, in bytes. Linux itself refuses a single variable
    /// of 128 KiB (MAX_ARG_STRLEN).
    public static let environment = 64 * 1024
    /// Output kept per stream of `run` unless the command says otherwise, in bytes.
    public static let defaultOutput = 1024 * 1024
    /// Output per stream of a command on the persistent channel, in bytes; more discards the channel.
    public static let shortOutput = 64 * 1024
    /// Longest time a command may take on the persistent channel.
    public static let shortCommand: Duration = .seconds(10)
    /// Largest local or remote file that `upload` and `download` move, in bytes.
    public static let file = 512 * 1024 * 1024
    /// Longest wait for a login unless the caller says otherwise.
    public static let connect: Duration = .seconds(10)
    /// Longest time a command may run unless the caller says otherwise.
    public static let command: Duration = .seconds(30)
    /// Longest time a file transfer may take unless the caller says otherwise.
    public static let transfer: Duration = .seconds(120)
    /// How often, and how many times, opening a channel is tried again while nothing else runs on the connection: sshd
    /// frees the place of an ended command a moment after it said that the command had ended.
    static let reopen: (every: Duration, attempts: Int) = (.milliseconds(20), 50)
    /// How long the start of the next short command's shell waits, so that commands under way on other hosts come first.
    /// A command that is there before does not wait for it.
    static let rest: Duration = .milliseconds(50)
    /// How often a host looks for short commands that no client times any more; one is killed at the second look.
    static let shortWatch: Duration = .seconds(12)
    /// How long a timed-out or cancelled command waits for the confirmation that its processes are gone.
    public static let kill: Duration = .seconds(5)
    /// How much later than the caller's deadline the remote side ends a command by itself.
    public static let remoteGrace: Duration = .seconds(5)
    /// How long `close` waits for the goodbye to leave.
    public static let close: Duration = .seconds(1)
    /// Channels in use at once on one connection; further commands wait. sshd allows 10 (`MaxSessions`), of which one
    /// is kept open as a spare and one is left for other users of the limit.
    public static let channels = 8
    /// Idle time after which a keepalive is sent.
    public static let keepalive: Duration = .seconds(15)
    /// How long sent data may stay unacknowledged before the connection counts as lost (TCP_USER_TIMEOUT).
    public static let unacknowledged: Duration = .seconds(10)
    /// Bytes a server may send before its login is complete.
    static let handshakeBytes = 256 * 1024
    /// Receive window of a channel, in bytes: the most a server may send ahead of a reader.
    static let window: UInt32 = 2 * 1024 * 1024
    /// Largest packet a server may send on a channel, in bytes (RFC 4254 section 5.1).
    static let packet: UInt32 = 32 * 1024
    /// Bytes waiting for the socket above which no more channel data is encrypted.
    static let outgoing = 512 * 1024
    /// Bytes one connection may take from its socket before the next connection of the same thread has its turn.
    static let turn = 1024 * 1024
    /// Bytes of streamed output waiting for their reader above which the channel is not read.
    static let streamBuffer = 512 * 1024
    /// Calls of libssh2's clean-up before memory is given up rather than the thread.
    static let cleanupAttempts = 16
}
