import Definitions
import Timeline

/// The response in words: who acts when, each step with its script, what it expects, how often, and its rollback.
extension PlanText {
    var response: [String] {
        guard !plan.response.steps.isEmpty else { return ["", "response: none"] }
        let response = plan.response
        if plan.criteria.arm == .asDocumented {
            return ["", "the people's steps, each at its incident time from the completed injection"]
                + response.steps.enumerated().flatMap { step(number: $0 + 1, $1) }
        }
        return [
            "",
            "response: acknowledged \(response.acknowledgeAfter) after the first signal, begun \(response.startAfter) later (incident time)",
        ] + response.steps.enumerated().flatMap { step(number: $0 + 1, $1) }
    }

    private func step(number: Int, _ step: StepPlan) -> [String] {
        var head = "  \(number). \(step.name) (\(step.role.rawValue)), \(step.strategy.words)"
        if let at = step.at { head += ", at \(at) of incident time" }
        if step.delay.duration > .zero { head += ", after \(step.delay) of incident time" }
        if step.hazard != nil { head += step.approved ? ", hazardous, approved" : ", hazardous, NOT approved" }
        guard let script = step.command else { return ["\(head): \(step.instruction ?? "manual")"] }
        var lines = command(head, script, on: step.hosts)
        if !step.expect.isEmpty { lines.append("     expect \(step.expect.map(\.words).joined(separator: " and "))") }
        if let until = step.until {
            let hold = until.hold.map { ", then for \($0)" } ?? ""
            lines.append("     until it does: every \(until.every), at most \(until.atMost)\(hold)")
        }
        if let reason = step.rollbackReason { lines.append("     no rollback: \(reason)") }
        if let rollback = step.rollback { lines += command("     rollback", rollback, on: []) }
        return lines
    }
}

extension StepPlan.Expectation {
    fileprivate var words: String {
        switch self {
        case .exit(let code): "exit \(code)"
        case .stdout(let pattern): "stdout ~ /\(pattern)/"
        case .json(let comparison): "json \(comparison.words)"
        }
    }
}

extension StepPlan.Strategy {
    fileprivate var words: String {
        switch self {
        case .parallel(nil, let maxFail): "all hosts at once\(maxFail > 0 ? ", at most \(maxFail) may fail" : "")"
        case .parallel(let limit?, let maxFail):
            "\(limit) hosts at once\(maxFail > 0 ? ", at most \(maxFail) may fail" : "")"
        case .rolling(let batch, let maxFail):
            "\(batch) after \(batch)\(maxFail > 0 ? ", at most \(maxFail) may fail" : "")"
        }
    }
}
