import Timeline

extension Event.Body {
    /// One line for people; nil for what is too frequent to show (samples, single hosts, single successful commands).
    var words: String? {
        switch self {
        case .runStarted(let runID, let scenario, let arm, _, let size):
            "run \(runID): \(scenario), arm \(arm)\(size.map { ", size \($0)" } ?? "")"
        case .phase(let phase): "phase \(phase.rawValue)"
        case .hostLost(let host, let reason): "host \(host) was lost: \(reason)"
        case .fault(let id, let host, let stage, let detail):
            "fault \(id) on \(host): \(stage.words)\(detail.isEmpty ? "" : " (\(detail))")"
        case .signal(let source, _, _, let summary, let resolved):
            "\(source == .alert ? "page" : "report")\(resolved ? " resolved" : ""): \(summary)"
        case .pagerTest(let moment, let received, _): "test page \(moment): \(received ? "received" : "not received")"
        case .responder(.acknowledged, let detail): "responder acknowledges\(detail.isEmpty ? "" : ": \(detail)")"
        case .responder(.firstAct, let detail): "responder acts\(detail.isEmpty ? "" : ": \(detail)")"
        case .stepStarted(let step, let role, let hosts):
            "step \(step) (\(role)) on \(hosts.count == 1 ? hosts[0] : "\(hosts.count) hosts")"
        case .stepResult(let step, let host, _, let outcome, _, _, _, _):
            outcome.words.map { "step \(step) on \(host): \($0)" }
        case .stepEnded(let step, _, let passed, let simulated, let reason):
            "step \(step) \(passed ? "passed" : "failed: \(reason)")\(simulated ? " (simulated)" : "")"
        case .frozen: "observation stopped"
        case .note(let level, let message): level == .warning ? "warning: \(message)" : message
        case .problem(_, let reason): "problem: \(reason)"
        case .runEnded(let error): error.map { "run ended with an error: \($0)" } ?? "run ended"
        case .sample, .hostReady, .blockLog, .harnessTime: nil
        }
    }
}

extension Event.FaultStage {
    var words: String {
        switch self {
        case .fingerprinted: "fingerprint taken"
        case .intended: "intent written"
        case .armed: "lease armed"
        case .injectStarted: "injecting"
        case .injectCompleted: "injected"
        case .proven: "effect proven"
        case .notProven: "effect not proven"
        case .undoStarted: "undoing"
        case .undone: "undone"
        case .superseded: "left alone, its state was changed since"
        case .undoFailed: "undo failed"
        case .closed: "closed"
        case .leaseFired: "its lease fired"
        }
    }
}

extension CommandOutcome {
    /// Nil for success.
    fileprivate var words: String? {
        switch self {
        case .exited(code: 0): nil
        case .exited(let code): "exit \(code)"
        case .signaled(let name): "killed by \(name)"
        case .unknown(let reason): "result unknown: \(reason)"
        }
    }
}
