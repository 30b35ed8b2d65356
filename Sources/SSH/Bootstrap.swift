/// The shell text that every command goes through, and how a command is put into bytes for it.
///
/// The exec strings are constants. Everything that varies arrives on stdin, with counts, and is read by builtins of a
/// POSIX shell (`/bin/sh`; dash on Debian): no value is ever part of a command line, of shell text or of an argument.
/// Values become environment variables through `export "$name=$value"`, which evaluates nothing.
enum Bootstrap {
    /// What reads the script and its environment from stdin and becomes the script's own shell. The script must have
    /// arrived whole before its first line runs. Lines are read by the `read` builtin, which takes exactly one line from
    /// a pipe; a long script by one `head -c`, which takes exactly its count.
    private static let worker = #"""
        if [ "$1" = p ]; then printf "ready %010d\n" $$; fi
        IFS=" " read -r b s i n || exit 125
        if [ "$b" -gt 2048 ]; then
        x=$(head -c "$b"; echo .)
        x=${x%.}
        else
        x=
        while [ "$s" -gt 0 ]; do
        IFS= read -r l || exit 125
        x="$x$l
        "
        s=$((s-1))
        done
        fi
        IFS= read -r l || exit 125
        [ "$l" = . ] || exit 125
        while [ "$n" -gt 0 ]; do
        IFS=" " read -r k c || exit 125
        IFS= read -r v || exit 125
        while [ "$c" -gt 1 ]; do
        IFS= read -r l || exit 125
        v="$v
        $l"
        c=$((c-1))
        done
        export "$k=$v"
        n=$((n-1))
        done
        if [ "$i" != 1 ]; then exec </dev/null; fi
        unset b s i n k c v l
        eval "unset x; set --; $x"
        """#

    /// A pipe without a second process: a here-document's pipe, opened again for writing. The watching shell's own
    /// stderr goes there, because its message ("Killed") is the only way a shell tells a death by signal from an exit
    /// code above 128.
    private static let messagePipe = #"""
        exec 7>&2 8<<.
        .
        exec 9>/proc/self/fd/8 2>&9
        """#

    /// One command on a channel of its own. sshd made a session for it; its number, in the first record, is what to kill.
    /// `timeout` is the backstop for a client that is gone, and gives the script a
    /// process group of its own.
    private static let single = """
        IFS=" " read -r n t || exit 125
        IFS= read -r l </proc/$$/stat
        w=$1
        set -- ${l##*) }
        printf "%s b %010d\\n" "$n" "$4"
        \(messagePipe)
        ( exec timeout -s KILL "$t" /bin/sh -c "$w" sh ) 2>&7 7>&- 8<&- 9>&-
        c=$?
        echo . >&9
        IFS= read -r m <&8
        k=s
        if [ "$m" = . ]; then k=e; fi
        printf "%s %s %010d\\n" "$n" $k $c
        printf "%s %s %010d\\n" "$n" $k $c >&7
        """

    /// Short commands, one after the other. The next command's shell waits in its own session before the command
    /// arrives, so that a command costs no start of a shell; it is started when the client sends a line for it. The nonce follows the command and is read only after its
    /// end, so the command cannot know it. Children left in the command's process group are killed first; a capital
    /// letter in the record says that there were some.
    ///
    /// The watchdog is the backstop for a client that is gone: every `SSHLimits.shortWatch` it kills the worker that was
    /// already running a command the time before. (A worker that waits has the channel as stdin, one that runs has
    /// `/dev/null`.) At the end of the channel everything but workers goes with the group.
    private static let loop = """
        \(messagePipe)
        (
        exec <&- >/dev/null 2>&1 7>&- 8<&- 9>&-
        o=
        while sleep \(SSHLimits.shortWatch.components.seconds); do
        if ! [ -d /proc/$$ ]; then exit; fi
        a=
        read -r l </proc/$$/task/$$/children
        for p in $l; do
        if [ /proc/$p/fd/0 -ef /dev/null ]; then
        if [ "$p" = "$o" ]; then kill -s KILL -- "-$p"; fi
        a=$p
        fi
        done
        o=$a
        done
        ) &
        while :; do
        ( exec setsid /bin/sh -c "$1" sh p ) 2>&7 7>&- 8<&- 9>&-
        c=$?
        echo . >&9
        IFS= read -r m <&8
        k=e
        if [ "$m" != . ]; then IFS= read -r m <&8; k=s; fi
        IFS=" " read -r n p || kill -s KILL 0
        if kill -s KILL -- "-$p" 2>/dev/null; then if [ $k = e ]; then k=E; else k=S; fi; fi
        printf "%s %s %010d\\n" "$n" $k $c >&7
        printf "%s %s %010d\\n" "$n" $k $c
        read -r n || kill -s KILL 0
        done
        """

    /// The exec string for one command.
    static let singleExec = "exec /bin/sh -c '\(single)' sh '\(worker)'"
    /// The exec string of a persistent channel.
    static let loopExec = "exec /bin/sh -c '\(loop)' sh '\(worker)'"

    /// Kills every process of the session `SID` and waits until none is left; zombies count as gone. Builtins only,
    /// except for a short sleep between rounds. The fields are those of proc(5), `/proc/pid/stat`.
    static let killScript = #"""
        round=0
        while [ $round -lt 100 ]; do
        left=
        for file in /proc/[0-9]*/stat; do
        { IFS= read -r line <"$file"; } 2>/dev/null || continue
        pid=${line%% *}
        set -- ${line##*) }
        if [ "$4" = "$SID" ] && [ "$1" != Z ] && [ "$1" != X ]; then
        kill -KILL "$pid" 2>/dev/null
        left="$left $pid"
        fi
        done
        if [ -z "$left" ]; then exit 0; fi
        round=$((round+1))
        sleep 0.02
        done
        echo "still there:$left"
        exit 1
        """#

    /// The bytes for one command on a channel of its own: nonce and remote time limit, then the command.
    static func encodeSingle(_ command: RemoteCommand, nonce: String, timeLimit: Duration) -> [UInt8] {
        let milliseconds = max(1, timeLimit.saturatedNanoseconds / 1_000_000)
        let fraction = String(1000 + milliseconds % 1000).dropFirst()
        return Array("\(nonce) \(milliseconds / 1000).\(fraction)\n".utf8) + encode(command)
    }

    /// The bytes for one command on the persistent channel: the command, then the nonce and the session to clean up.
    static func encodeShort(_ command: RemoteCommand, nonce: String, session: Int) -> [UInt8] {
        encode(command) + Array("\(nonce) \(session)\n".utf8)
    }

    /// Header (bytes and lines of the script, 1 if stdin follows, number of variables), script, a dot, and for every
    /// variable its name, its number of lines and the lines.
    private static func encode(_ command: RemoteCommand) -> [UInt8] {
        let script = command.script + [Bytes.newline]
        let stdin = command.stdin == nil ? 0 : 1
        var bytes = Array("\(script.count) \(lines(script) - 1) \(stdin) \(command.environment.count)\n".utf8)
        bytes += script
        bytes += Array(".\n".utf8)
        for (name, value) in command.environment.sorted(by: { $0.key < $1.key }) {
            bytes += Array("\(name) \(lines(value))\n".utf8)
            bytes += value
            bytes.append(Bytes.newline)
        }
        return bytes
    }

    private static func lines(_ bytes: [UInt8]) -> Int {
        bytes.reduce(1) { $1 == Bytes.newline ? $0 + 1 : $0 }
    }
}
