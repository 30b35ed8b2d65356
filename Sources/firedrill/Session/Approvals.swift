import Definitions
import Foundation
import Glibc

/// Asks a person at a terminal about hazardous steps that the scenario does not approve, before anything is started.
enum Approvals {
    private static func owner(of plan: Plan) -> String {
        plan.criteria.isFix ? "fix" : "scenario"
    }

    /// Where nobody is asked: everything must be approved in the files.
    /// - Throws: `Stop` naming the first step that is not.
    static func refuseUnapproved(in plan: Plan) throws {
        guard let step = plan.response.steps.first(where: { $0.hazard != nil && !$0.approved }) else { return }
        throw Stop(
            "\(step.file):\(step.line): step '\(step.name)' is hazardous and not approved for arm \(plan.criteria.arm). Add to the "
                + "\(owner(of: plan)): approvals: {\(step.name): \(step.approvalHash)}", .usage)
    }

    /// Marks what was approved in `plan`.
    /// - Throws: `Stop` when a step is not approved: by the person, or because there is no terminal to ask at.
    static func ask(for plan: inout Plan) throws {
        for index in plan.response.steps.indices {
            let step = plan.response.steps[index]
            guard let hazard = step.hazard, !step.approved else { continue }
            let place = "\(step.file):\(step.line)"
            guard isatty(STDIN_FILENO) == 1 else {
                throw Stop(
                    "\(place): step '\(step.name)' is hazardous and not approved. Run at a terminal, or add to the \(owner(of: plan)): "
                        + "approvals: {\(step.name): \(step.approvalHash)}", .usage)
            }
            Stop.printError("\(place): step '\(step.name)' on \(step.hosts.joined(separator: ", ")):\n  \(hazard)")
            Stop.printError("Approve it for this run? [y/N] ", terminator: "")
            guard ["y", "yes"].contains((readLine() ?? "").lowercased()) else {
                throw Stop("step '\(step.name)' was not approved; nothing was started", .usage)
            }
            plan.response.steps[index].approved = true
        }
    }
}
