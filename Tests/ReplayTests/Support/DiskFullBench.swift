import Foundation
import Testing

@testable import Replay

/// Plays agent and lease inside one shell in a namespace whose state folder is a small, full tmpfs.
struct DiskFullBench {
    let bench: AgentBench

    init(_ bench: AgentBench) { self.bench = bench }

    func run() async throws {
        let folder = bench.folder
        let environment = ["DOOR": folder.path("tiny/door"), "TINY": folder.path("tiny")]
        var plan = bench.fault()
        plan.fingerprint = script("test -e \"$TINY/fill\" && echo full || echo free", environment)
        plan.inject = script(
            "cat /dev/zero >\"$TINY/fill\" 2>/dev/null; ! echo more >\"$TINY/probe\" 2>/dev/null", environment)
        plan.undo = script("rm -f \"$TINY/fill\"", environment)
        var record = FaultRecord(
            name: FaultRecord.name(run: bench.identity.run, number: 0, fault: plan.id), identity: bench.identity,
            plan: plan, before: "")
        record.before = try await bench.agent.fingerprint(plan)
        for (path, file) in AgentFiles.all { try folder.write(file.content, (path as NSString).lastPathComponent) }
        let steps: [(name: String, script: String, values: [String: String])] = [
            (
                "onboard", MarkerScripts.onboard,
                ["FIREDRILL_CAPABILITY": plan.capability, "FIREDRILL_EXPIRES_AFTER": "600"]
            ),
            ("stage", FaultScripts.stage, ["FIREDRILL_RECORD": record.name]),
            ("arm", FaultScripts.arm, ["FIREDRILL_RECORD": record.name]),
            ("inject", FaultScripts.inject, ["FIREDRILL_RECORD": record.name]),
        ]
        var lines = [
            "set -e", "mkdir -p \"$TINY\"", "mount -t tmpfs -o size=256k tmpfs \"$TINY\"",
            "( exec env FIREDRILL_STATE=\"$TINY/state\" FIREDRILL_LIBRARY=\"$ROOT\" /bin/sh \"$ROOT/run\" ) >\"$ROOT/lease.log\" 2>&1 &",
            "lease=$!", "trap 'kill $lease' EXIT",
        ]
        try Data(record.staging).write(to: URL(fileURLWithPath: folder.path("record.stdin")))
        for step in steps {
            try folder.write(step.script, step.name + ".sh")
            let values = step.values.merging([
                "FIREDRILL_STATE": folder.path("tiny/state"), "FIREDRILL_TOKEN": step.name,
                "FIREDRILL_RUN": bench.identity.run,
                "FIREDRILL_TESTNET": bench.identity.testnet, "FIREDRILL_LEASE_SECONDS": "3", "FIREDRILL_DEADLINE": "20",
            ]) { a, _ in a }
            let assignments = values.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
            lines.append("env \(assignments) setsid -w /bin/sh \"$ROOT/\(step.name).sh\" <\"$ROOT/record.stdin\"")
        }
        lines += [
            "df -k \"$TINY\" | tail -1 | grep -q '100%' || { echo 'the disk is not full' >&2; exit 5; }",
            "n=0; while [ -e \"$TINY/fill\" ]; do n=$((n + 1)); [ $n -lt 200 ] || exit 6; sleep 0.1; done",
            "n=0; until grep -q '^undone' \"$TINY/state/faults\"/*/state; do n=$((n + 1)); [ $n -lt 50 ] || exit 7; sleep 0.1; done",
            "grep -q '^fired' \"$TINY/state/faults\"/*/fired", "echo survived",
        ]
        try folder.write(lines.joined(separator: "\n") + "\n", "play.sh")
        let result = await bench.host.run(
            script(
                "exec unshare --user --map-root-user --mount /bin/sh \"$ROOT/play.sh\"",
                environment.merging(["ROOT": folder.root]) { a, _ in a }, timeout: .seconds(50)), stdin: [])
        let words = String(decoding: result.stdout + result.stderr, as: UTF8.self)
        #expect(result.outcome == .exited(code: 0), "\(words) \(folder.text("lease.log") ?? "")")
        #expect(words.contains("survived"))
    }
}
