import Definitions
import Testing

/// How one fault of the catalogue is tried beyond what its file says.
struct FaultCase: Sendable, CustomTestStringConvertible {
    let name: String
    /// What somebody does by hand, on the fault's own host and with its parameters, instead of an undo.
    let repair: String
    /// Hosts, besides the fault's own, that other trials must leave alone meanwhile.
    var others: Set<String> = []

    var testDescription: String { name }

    func touches(_ plan: Plan) -> Set<String> {
        others.union(plan.faults.filter { $0.id == name }.flatMap(\.hosts))
    }

    static let all: [FaultCase] = [
        FaultCase(
            name: "balancer-keeps-dead-backend",
            repair: rewrite("$CONFIG", "balancer-keeps-dead-backend-$SERVICE/config")),
        FaultCase(name: "bucket-revoked", repair: "/opt/ops/public-access allow"),
        FaultCase(name: "certificate-expired", repair: "/opt/tls/issue && sv restart \"$SERVICE\""),
        FaultCase(
            name: "config-key-wrong",
            repair: "sed -i 's/^PORT=.*/PORT=80/' \"$FILE\" && sv restart \"$SERVICE\""),
        FaultCase(
            name: "crash-loop",
            repair: """
                kept=/var/lib/firedrill/kept/crash-loop-$SERVICE/run
                { cat "$kept"; echo '# mended'; } >/tmp/run && cp /tmp/run "/etc/sv/$SERVICE/run" && sleep 1.2
                """),
        FaultCase(
            name: "db-wiped", repair: "mkdir \"$DATABASE\" && /usr/local/lib/firedrill/service set \"$SERVICE\" up"),
        FaultCase(name: "dns-wrong", repair: "sed -i \"s/^$ADDRESS .*/127.55.1.1 $NAME/\" /etc/hosts"),
        FaultCase(name: "https-required", repair: rewrite("$CONFIG", "https-required-$SERVICE/config")),
        FaultCase(name: "ip-list-stale", repair: "sed -i \"s/^$NAMES\\$/$LACKS/\" \"$LIST\""),
        FaultCase(name: "monitor-not-executable", repair: "chmod 755 \"$FILE\""),
        FaultCase(
            name: "port-taken",
            repair: "pkill -f TCP4-LISTEN:$PORT; until curl -s -m 1 -o /dev/null \"$URL\"; do sleep 0.1; done"),
        FaultCase(name: "process-killed", repair: "sv -w 5 up \"$SERVICE\""),
        FaultCase(
            name: "process-paused", repair: "/usr/local/lib/firedrill/service processes \"$SERVICE\" | xargs kill -CONT"
        ),
        FaultCase(
            name: "wrong-default-profile",
            repair: "xargs -I '{}' ssh -n '{}' \"$START\" <\"$FOLDER/first/nodes.txt\"",
            others: ["web-1", "web-2", "web-3", "web-4"]),
    ]

    /// Puts a configuration back with a remark in it, so that it is neither what the injection left nor what was before.
    private static func rewrite(_ file: String, _ kept: String) -> String {
        """
        { cat "/var/lib/firedrill/kept/\(kept)"; echo '# mended by hand'; } >/tmp/mended && cp /tmp/mended "\(file)"
        /usr/local/lib/firedrill/service restart "$SERVICE" up
        """
    }
}
