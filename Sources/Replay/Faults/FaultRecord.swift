import Definitions
import Foundation

/// What a host keeps about a fault in `faults/<name>/`: enough to undo it with nobody connected.
struct FaultRecord: Sendable, Hashable {
    var name: String
    var identity: RunIdentity
    var plan: FaultPlan
    /// SHA-256 of the fingerprint before the injection.
    var before: String
    /// SHA-256 after it, empty while unknown.
    var after = ""
    /// State that the record starts in: `intended`, unless a lost record is laid down again.
    var state = "intended"

    /// `<run>.<number>.<fault>`, of characters that are safe in a path.
    static func name(run: String, number: Int, fault: String) -> String {
        let safe = fault.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "-" }
        return "\(run.prefix(12)).\(number).\(String(safe).prefix(64))"
    }

    /// Deadline of one undo on the host: its scripts, and room for locks and syncs.
    var undoDeadline: Duration {
        plan.undo.timeout.duration + plan.fingerprint.timeout.duration * 2 + .seconds(12)
    }

    /// Deadline of the injection on the host.
    var injectDeadline: Duration {
        plan.inject.timeout.duration + plan.fingerprint.timeout.duration * 2 + .seconds(12)
    }

    /// The files, as lines `path mode base64` for the `stage` script.
    var staging: [UInt8] {
        var lines: [String] = []
        func add(_ path: String, _ content: String, mode: String = "600") {
            lines.append("\(path) \(mode) \(Data(content.utf8).base64EncodedString())")
        }
        func slot(_ text: String) -> String { text.padding(toLength: 80, withPad: " ", startingAt: 0) + "\n" }
        add(
            "about",
            """
            run \(identity.run)
            testnet \(identity.testnet)
            fault \(plan.id)
            undo-deadline \(undoDeadline.wholeSecondsUp)

            """)
        add("state", slot(state))
        add("before", slot(before))
        add("after", slot(after))
        add("fired", slot(""))
        for (name, script) in [
            ("fingerprint", plan.fingerprint), ("inject", plan.inject), ("undo", plan.undo),
            ("prove_undone", plan.proveUndone),
        ] {
            add("\(name)/script", script.script)
            for (variable, value) in script.environment.sorted(by: { $0.key < $1.key }) {
                add("\(name)/environment/\(variable)", value)
            }
        }
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }
}
