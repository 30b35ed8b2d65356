import Definitions
import Testing

/// How one fault of the catalogue is tried beyond what its file says.
struct FaultCase: Sendable, CustomTestStringConvertible {
    let name: String
    /// What somebody does by hand, on the fault's own host and with its parameters, instead of an undo.
    let repair: String
    /// Hosts, besides the fault's own, that other trials must leave alone meanwhile.
    var others: Set<String> = []

    /// Faults whose effect needs a network of its own, and the test that plays them there with every arm.
    static let elsewhere = ["view-ids-diverged": "Tests/DrillTests/EpochChangeTests.swift"]

    var testDescription: String { name }

    func touches(_ plan: Plan) -> Set<String> {
        others.union(plan.faults.filter { $0.id == name }.flatMap(\.hosts))
    }

    static let all = onServices + onStorage + onMonitors + onOperators + onProxies + onNetwork

    private static let nodes: Set<String> = ["node-1", "node-2", "node-3", "node-4"]

    private static let onServices = [
        FaultCase(
            name: "clock-skewed",
            repair: """
                sed -i '/^export LD_PRELOAD/d' "/etc/sv/$SERVICE/run"
                /usr/local/lib/firedrill/service restart "$SERVICE" up
                """),
        FaultCase(
            name: "config-key-wrong", repair: "sed -i 's/^PORT=.*/PORT=80/' \"$FILE\" && sv restart \"$SERVICE\""),
        FaultCase(name: "cpu-hog", repair: "pkill -KILL -f firedrill-cpu-hog"),
        FaultCase(
            name: "crash-loop",
            repair: """
                { cat "/var/lib/firedrill/kept/crash-loop-$SERVICE/run"; echo '# mended'; } >/tmp/run
                cp /tmp/run "/etc/sv/$SERVICE/run" && sleep 1.2
                """),
        FaultCase(name: "dns-wrong", repair: "sed -i \"s/^$ADDRESS .*/127.55.1.1 $NAME/\" /etc/hosts"),
        FaultCase(name: "disk-full", repair: "rm \"$FOLDER/.filling\""),
        FaultCase(
            name: "file-descriptors-exhausted",
            repair: "/usr/local/lib/firedrill/service restart \"$SERVICE\" up"),
        FaultCase(
            name: "port-taken",
            repair: """
                pkill -f "TCP4-LISTEN:$PORT"
                until curl -s -m 1 -o /dev/null "$URL"; do sleep 0.1; done
                """),
        FaultCase(name: "process-crashed", repair: "sv once \"$SERVICE\" && sleep 0.2"),
        FaultCase(name: "process-killed", repair: "sv -w 5 up \"$SERVICE\""),
        FaultCase(
            name: "process-paused",
            repair: "/usr/local/lib/firedrill/service processes \"$SERVICE\" | xargs kill -CONT"),
    ]

    private static let onStorage = [
        FaultCase(name: "bucket-object-garbage", repair: publish, others: ["bucket"]),
        FaultCase(name: "bucket-object-truncated", repair: publish, others: ["bucket"]),
        FaultCase(
            name: "bucket-redirect",
            repair: """
                kept=/var/lib/firedrill/kept/bucket-redirect-$SERVICE
                kill "$(cat "$kept/process")" && cp -p "$kept/config" "$CONFIG"
                /usr/local/lib/firedrill/service restart "$SERVICE" up
                """, others: ["ops"]),
        FaultCase(name: "bucket-revoked", repair: "/opt/ops/public-access allow", others: ["bucket"]),
        FaultCase(
            name: "db-corrupted",
            repair: """
                service=/usr/local/lib/firedrill/service
                "$service" set "$SERVICE" down && rm -r "$DATABASE" && "$service" set "$SERVICE" up && sleep 1
                """, others: nodes),
        FaultCase(
            name: "db-stale",
            repair: """
                service=/usr/local/lib/firedrill/service
                "$service" set "$SERVICE" down && rm -r "$DATA" &&
                    cp -a "/var/lib/firedrill/kept/db-stale-$SERVICE/data" "$DATA" && "$service" set "$SERVICE" up
                """, others: nodes),
        FaultCase(
            name: "db-wiped", repair: "mkdir -p \"$DATABASE\" && /usr/local/lib/firedrill/service set \"$SERVICE\" up",
            others: nodes),
        FaultCase(
            name: "wrong-genesis",
            repair: """
                cp "/var/lib/firedrill/kept/wrong-genesis-$SERVICE/genesis" "$GENESIS"
                /usr/local/lib/firedrill/service restart "$SERVICE" up
                """, others: nodes),
    ]

    private static let onMonitors = [
        FaultCase(
            name: "alert-delayed",
            repair: """
                { cat /var/lib/firedrill/kept/alert-delayed-*/page; echo '# mended'; } >/tmp/page && cp /tmp/page "$PAGE"
                """),
        FaultCase(name: "ip-list-stale", repair: "sed -i \"s/^$NAMES\\$/$LACKS/\" \"$LIST\""),
        FaultCase(name: "monitor-misnamed", repair: "mv \"${SCRIPT%/*}/$MISNAMED\" \"$SCRIPT\""),
        FaultCase(name: "monitor-muted", repair: "sed -i '/muted for maintenance/d' \"$PAGE\""),
        FaultCase(name: "monitor-not-executable", repair: "chmod 755 \"$FILE\""),
    ]

    private static let onOperators = [
        FaultCase(
            name: "maintenance-begun",
            repair: "while sv status \"$SERVICE\" | grep -q '^run:'; do sleep 0.1; done; rm \"$LOG\""),
        FaultCase(
            name: "wrong-default-profile", repair: "xargs -I '{}' ssh -n '{}' \"$START\" <\"$FOLDER/live/nodes.txt\""),
    ]

    private static let onProxies = [
        FaultCase(
            name: "balancer-keeps-dead-backend",
            repair: rewrite("$CONFIG", "balancer-keeps-dead-backend-$SERVICE/config")),
        FaultCase(name: "certificate-expired", repair: "/opt/tls/issue && sv restart \"$SERVICE\""),
        FaultCase(name: "https-required", repair: rewrite("$CONFIG", "https-required-$SERVICE/config")),
    ]

    private static let onNetwork = [
        FaultCase(name: "host-isolated", repair: open, others: ["web-2"]),
        FaultCase(name: "packet-loss", repair: open, others: nodes),
        FaultCase(name: "partition", repair: open, others: nodes),
    ]

    /// Opens every path that is not open.
    private static let open = "network list | sed -e 's/^drop/clear/' -e 's/^loss [0-9]*/clear/' | network -"

    /// Publishes another release.
    private static let publish = """
        head -c 4000 /dev/urandom >/srv/release && /opt/ops/publish-release /srv/release
        """

    /// Puts a configuration back with a remark in it, so that it is neither what the injection left nor what was before.
    private static func rewrite(_ file: String, _ kept: String) -> String {
        """
        { cat "/var/lib/firedrill/kept/\(kept)"; echo '# mended by hand'; } >/tmp/mended && cp /tmp/mended "\(file)"
        /usr/local/lib/firedrill/service restart "$SERVICE" up
        """
    }
}
