import Definitions
import Timeline

/// How a response ended.
public enum ResponseEnd: Sendable, Hashable {
    case completed
    /// A step failed, with its reason; what comes after it was not done.
    case failed(step: String, reason: String)
    /// A command's result is unknown, so nothing more may be done.
    case unknown(step: String, reason: String)
    /// A hazardous step was not approved.
    case denied(step: String, reason: String)
    case cancelled
}

/// Carries out the steps of a response, one after the other. No command is ever run again unless the step says `Until`,
/// and then only if it changes nothing.
struct StepRunner: Sendable {
    let agents: [String: HostAgent]
    let keeper: MarkerKeeper
    let sink: any EventSink
    let clock: any ReplayClock
    /// Incident seconds per wall second.
    let timeScale: Double
    /// Nil: nobody can be asked.
    let approver: (any Approver)?
    /// Monotonic nanoseconds from which steps with a moment of their own count it; nil: from when the response began.
    var onset: Int64?

    func run(_ steps: [StepPlan]) async -> ResponseEnd {
        var hasActed = false
        let onset = onset ?? clock.now()
        for step in steps {
            if Task.isCancelled { return .cancelled }
            guard let command = step.command else {
                guard await simulate(step) else { return .cancelled }
                continue
            }
            guard await wait(for: step, since: onset), await pause(step.delay) else { return .cancelled }
            if let reason = await refusal(of: step) {
                await end(step, passed: false, reason: reason)
                return .denied(step: step.name, reason: reason)
            }
            if step.role == .act, !hasActed {
                hasActed = true
                await sink.record(.responder(action: .firstAct, detail: step.name))
            }
            let result = await carryOut(step, command)
            await end(step, passed: result == .passed, reason: result.reason)
            switch result {
            case .passed: continue
            case .cancelled: return .cancelled
            case .unknown(let reason):
                await sink.record(.problem(kind: .resultUnknown, reason: "Step \(step.name), \(reason)."))
                return .unknown(step: step.name, reason: reason)
            case .refused(let reason):
                await sink.record(
                    .problem(kind: .harness, reason: "Step \(step.name): the guard refused it. \(reason)"))
                return .failed(step: step.name, reason: reason)
            case .failed(let reason):
                if step.role == .diagnose { continue }
                if step.role == .act { await rollBack(step) }
                return .failed(step: step.name, reason: reason)
            }
        }
        return .completed
    }

    // MARK: One step

    private enum StepEnd: Sendable, Hashable {
        case passed
        case failed(String)
        case unknown(String)
        case refused(String)
        case cancelled

        var reason: String {
            switch self {
            case .passed: ""
            case .failed(let reason), .unknown(let reason), .refused(let reason): reason
            case .cancelled: "cancelled"
            }
        }
    }

    /// Waits until a step's own moment has come, if it has one; false when cancelled.
    private func wait(for step: StepPlan, since onset: Int64) async -> Bool {
        guard let at = step.at else { return true }
        let left = onset + (at.duration / timeScale).nanoseconds - clock.now()
        guard left > 0 else { return true }
        return (try? await clock.sleep(for: .nanoseconds(left))) != nil
    }

    /// Waits incident time; false when cancelled.
    private func pause(_ delay: DurationText) async -> Bool {
        guard delay.duration > .zero else { return true }
        return (try? await clock.sleep(for: delay.duration / timeScale)) != nil
    }

    /// A manual step only takes its stated time.
    private func simulate(_ step: StepPlan) async -> Bool {
        await sink.record(.stepStarted(step: step.name, role: step.role.rawValue, hosts: step.hosts))
        let wasWaited = await pause(step.delay)
        await sink.record(
            .stepEnded(
                step: step.name, role: step.role.rawValue, passed: wasWaited, simulated: true,
                reason: wasWaited ? "waited \(step.delay) of incident time; nobody did anything" : "cancelled"))
        return wasWaited
    }

    /// Why a step may not run; nil when it may. Records its start.
    private func refusal(of step: StepPlan) async -> String? {
        await sink.record(.stepStarted(step: step.name, role: step.role.rawValue, hosts: step.hosts))
        if step.until != nil, step.role == .act || step.role == .rollback {
            return "it changes something and says Until; such a step is never repeated"
        }
        guard step.hazard != nil, !step.approved else { return nil }
        guard let approver else {
            return
                "it is hazardous and not approved; approve it at a terminal, or add 'approvals: {\(step.name): \(step.approvalHash)}' to the scenario"
        }
        switch await approver.approve(step) {
        case .approved: return nil
        case .denied(let reason): return "it is hazardous and was not approved: \(reason)"
        }
    }

    private func end(_ step: StepPlan, passed: Bool, reason: String) async {
        await sink.record(
            .stepEnded(step: step.name, role: step.role.rawValue, passed: passed, simulated: false, reason: reason))
    }

    private func carryOut(_ step: StepPlan, _ command: ScriptPlan) async -> StepEnd {
        var tracker = StrategyTracker(step.strategy, hosts: step.hosts)
        var reasons: [String] = []
        var worst: StepEnd?
        await withTaskGroup(of: (String, StepEnd).self) { group in
            for host in tracker.begin() { group.addTask { (host, await onHost(host, step, command)) } }
            for await (host, end) in group {
                tracker.finish(host, passed: end == .passed)
                if end != .passed { reasons.append("\(host): \(end.reason)") }
                switch end {
                case .unknown, .refused, .cancelled: worst = worst ?? end
                case .passed, .failed: break
                }
                // After an unknown result nothing new is begun anywhere.
                guard worst == nil, !Task.isCancelled else { continue }
                for next in tracker.begin() { group.addTask { (next, await onHost(next, step, command)) } }
            }
        }
        let shown =
            reasons.prefix(5).joined(separator: "; ") + (reasons.count > 5 ? "; and \(reasons.count - 5) more" : "")
        switch worst {
        case .unknown: return .unknown(shown)
        case .refused: return .refused(shown)
        case .cancelled: return .cancelled
        default: break
        }
        if Task.isCancelled { return .cancelled }
        guard tracker.isStopped else { return .passed }
        let rest = tracker.waiting.isEmpty ? "" : "; not begun on \(tracker.waiting.joined(separator: ", "))"
        return .failed("\(shown)\(rest)")
    }

    private func onHost(_ name: String, _ step: StepPlan, _ command: ScriptPlan) async -> StepEnd {
        guard let agent = agents[name] else { return .refused("it is not a host of this run") }
        let expectations = Expectations(step.expect)
        var tracker = UntilTracker(step.until, start: clock.now())
        var reporter = ResultReporter(step: step.name, host: name, command: command, sink: sink)
        while true {
            let began = clock.now()
            let result: CommandResult
            if step.role == .act || step.role == .rollback {
                switch await guarded(command, agent) {
                case .ran(let ran): result = ran
                case .refused(let reason): return .refused(reason)
                }
            } else {
                result = await agent.host.run(command, stdin: [])
            }
            await reporter.report(result, attempt: tracker.attempts + 1)
            if case .unknown(let reason) = result.outcome { return Task.isCancelled ? .cancelled : .unknown(reason) }
            let failure = expectations.failure(of: result).map { Redaction(of: [command]).apply(to: $0) }
            switch tracker.attempted(failure: failure, began: began, now: clock.now()) {
            case .passed: return .passed
            case .gaveUp(let reason): return .failed(reason)
            case .again(let wait):
                guard (try? await clock.sleep(for: wait)) != nil else { return .cancelled }
            }
        }
    }

    private func guarded(_ command: ScriptPlan, _ agent: HostAgent) async -> GuardedOutcome {
        do throws(AgentError) {
            try await keeper.cover(command.timeout.duration, on: agent.host.name)
        } catch {
            return .refused(error.description)
        }
        return await agent.act(command, capability: nil)
    }

    /// Runs a failed step's rollback on all its hosts, once, as a step of its own.
    private func rollBack(_ step: StepPlan) async {
        guard let command = step.rollback else { return }
        var rollback = step
        rollback.name = "\(step.name)-rollback"
        rollback.role = .rollback
        rollback.command = command
        rollback.rollback = nil
        rollback.until = nil
        rollback.expect = []
        rollback.strategy = .parallel(limit: nil, maxFail: 0)
        await sink.record(.stepStarted(step: rollback.name, role: rollback.role.rawValue, hosts: rollback.hosts))
        let result = await carryOut(rollback, command)
        await end(rollback, passed: result == .passed, reason: result.reason)
        if case .unknown(let reason) = result {
            await sink.record(.problem(kind: .resultUnknown, reason: "Step \(rollback.name), \(reason)."))
        }
    }
}
