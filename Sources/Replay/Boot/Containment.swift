/// The command that starts the contained part of Firedrill: one private user, network, mount and process namespace,
/// owned by an ordinary user, without a route to anywhere.
///
/// The process namespace is what makes tear-down certain: its first process is `SupervisorProcess`, and when that one
/// ends, for whatever reason, the kernel ends everything else in it.
public struct Containment: Sendable, Hashable {
    /// Where the run folder appears inside when the caller was root: an ordinary user may be unable to reach the
    /// caller's own folders (`/root`, for one), so root binds just this one into a private mount namespace.
    static let folderSeenFromRoot = "/mnt/run"

    /// The part that root does; positional parameters: run folder, uid, gid. Constant text, nothing spliced.
    static let rootScript = """
        set -eu
        mount -t tmpfs -o mode=0755,size=64k firedrill /mnt
        mkdir /mnt/run
        mount --bind "$1" /mnt/run
        uid=$2 gid=$3
        shift 3
        cd /
        exec setpriv --reuid="$uid" --regid="$gid" --clear-groups --inh-caps=-all "$@"
        """

    /// The arguments of `unshare` for an ordinary user (checked on Debian 12; DESIGN section 3).
    static let namespaces = [
        "unshare", "--user", "--net", "--pid", "--fork", "--kill-child=KILL", "--mount-proc",
        "--map-current-user", "--keep-caps", "--",
    ]

    /// Makes the kernel end what follows with the thread that started it, even while it is stopped and cannot notice.
    static let endsWithCaller = ["setpriv", "--pdeathsig", "KILL", "--"]

    /// The folder as seen by the contained process.
    public let inside: RunFolder
    /// Program and arguments.
    public let command: [String]

    /// - Parameters:
    ///   - folder: the run folder, already owned by `identity`.
    ///   - asRoot: whether the caller is root and must drop first.
    ///   - arguments: given to the program after the inside path of the run folder.
    ///   - endsWithCaller: whether it must not outlive the caller.
    public init(
        folder: RunFolder, identity: Identity, asRoot: Bool, subcommand: String, arguments: [String] = [],
        endsWithCaller: Bool = false
    ) {
        inside = asRoot ? RunFolder(path: Self.folderSeenFromRoot) : folder
        let contained =
            (endsWithCaller ? Self.endsWithCaller : []) + Self.namespaces + [inside.program, subcommand, inside.path]
            + arguments
        command =
            asRoot
            ? [
                "unshare", "--mount", "--propagation", "private", "--", "sh", "-c", Self.rootScript, "firedrill",
                folder.path, "\(identity.uid)", "\(identity.gid)",
            ] + contained
            : contained
    }
}
