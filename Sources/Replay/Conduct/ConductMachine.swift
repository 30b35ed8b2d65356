import Timeline

/// The sequence of an arm, as a value: what happened in, what to do next out.
///
/// settle, pager test, baseline, fault, detection, response, recovery, freeze, pager test, clean-up, collect. Whatever
/// happens, and from any state, it freezes observation and cleans up; what clean-up healed is not recovered.
struct ConductMachine: Sendable, Hashable {
    enum State: Sendable, Hashable {
        case idle, settling, testingPager, baseline, faulting, detecting, acknowledging, starting, responding,
            recovering
        /// Observing to the horizon, or (without a fault) for the window.
        case watching
        case testingPagerAgain, cleaning, collecting, ended
    }

    enum Input: Sendable, Hashable {
        case begin
        /// The work asked for is done: it held, it was seen, it is over.
        case done
        /// It did not come in its time.
        case timedOut(String)
        /// The fault was not injected or not proven.
        case notInjected
        case responded(ResponseEnd)
        case interrupted(String)
        /// The harness cannot go on.
        case broken(String)
    }

    enum Work: Sendable, Hashable {
        /// Wait until the steady state holds for the first time.
        case awaitSteady
        case testPager(moment: String)
        /// Wait until the steady state has held for `hold` and no onset symptom shows.
        case awaitBaseline
        case injectFaults
        /// Wait for the first signal, up to the horizon.
        case awaitSignal
        case acknowledge, startResponse, respond
        /// Wait until every scope has recovered for `hold`, up to the horizon.
        case awaitRecovery
        case awaitHorizon
        case awaitWindow
        /// Undo and close every fault.
        case cleanUp
        case collect
    }

    enum Output: Sendable, Hashable {
        case phase(Event.Phase)
        case work(Work)
        case problem(Event.ProblemKind, String)
        case note(String)
        case freeze
        /// The run is over; `error` says why the harness failed.
        case end(error: String?)
    }

    /// What a plan's arm asks for.
    enum Response: Sendable, Hashable {
        /// No fault at all.
        case withoutFault
        /// A fault that nobody answers.
        case unanswered
        /// Steps that are expected to bring the network back, after a signal.
        case healing
        /// What people did, each step at its own moment after the onset, whoever is told here.
        case documented
        /// Steps that are known to be wrong.
        case wrong
    }

    let response: Response
    private(set) var state = State.idle
    private var error: String?
    private var wasInterrupted = false

    /// - Parameter arm: of a fix, the one that it plays.
    init(arm: Criteria.Arm, hasSteps: Bool) {
        switch arm {
        case .noFault: response = .withoutFault
        case .faultOnly: response = .unanswered
        case .wrongResponse: response = .wrong
        case .asDocumented: response = hasSteps ? .documented : .unanswered
        case .runbook, .fix: response = hasSteps ? .healing : .unanswered
        }
    }

    mutating func apply(_ input: Input) -> [Output] {
        switch input {
        case .interrupted(let reason):
            guard !wasInterrupted, state != .ended else { return [] }
            wasInterrupted = true
            return [.problem(.interrupted, reason)] + abort()
        case .broken(let reason):
            error = error ?? reason
            return abort()
        default: break
        }
        switch state {
        case .idle:
            state = .settling
            return [.phase(.settle), .work(.awaitSteady)]
        case .settling, .testingPager, .baseline, .faulting: return beforeOnset(input)
        case .detecting, .acknowledging, .starting, .responding: return answering(input)
        case .recovering, .watching: return freeze()
        case .testingPagerAgain:
            state = .cleaning
            return [.phase(.cleanup), .work(.cleanUp)]
        case .cleaning:
            if wasInterrupted || error != nil { return end() }
            state = .collecting
            return [.phase(.collect), .work(.collect)]
        case .collecting: return end()
        case .ended: return []
        }
    }

    private mutating func beforeOnset(_ input: Input) -> [Output] {
        if case .timedOut(let reason) = input { return [.problem(.baselineNotSteady, reason)] + freeze() }
        switch state {
        case .settling:
            state = .testingPager
            return [.work(.testPager(moment: "before"))]
        case .testingPager:
            state = .baseline
            return [.phase(.baseline), .work(.awaitBaseline)]
        case .baseline where response == .withoutFault:
            state = .watching
            return [.work(.awaitWindow)]
        case .baseline:
            state = .faulting
            return [.phase(.fault), .work(.injectFaults)]
        default:
            // A fault that was not proven says nothing about the network; its problem is recorded by the fault itself.
            if input == .notInjected { return freeze() }
            if response == .documented {
                state = .responding
                return [.phase(.response), .work(.respond)]
            }
            state = response == .unanswered ? .watching : .detecting
            return [.phase(.detection), .work(response == .unanswered ? .awaitHorizon : .awaitSignal)]
        }
    }

    private mutating func answering(_ input: Input) -> [Output] {
        switch state {
        case .detecting:
            if case .timedOut(let reason) = input { return [.note("No response: \(reason)")] + freeze() }
            state = .acknowledging
            return [.work(.acknowledge)]
        case .acknowledging:
            state = .starting
            return [.phase(.response), .work(.startResponse)]
        case .starting:
            state = .responding
            return [.work(.respond)]
        default:
            switch input {
            case .responded(.unknown), .responded(.cancelled): return freeze()
            case .responded(.denied(let step, let reason)):
                return [.note("The response stopped before step \(step): \(reason)")] + freeze()
            case .responded(.failed(let step, let reason)):
                // Observed to the end all the same: a failed step is a run that is judged, and failed.
                state = .watching
                return [
                    .note("The response ended with step \(step): \(reason)"), .phase(.recovery), .work(.awaitHorizon),
                ]
            default:
                state = response == .wrong ? .watching : .recovering
                return [.phase(.recovery), .work(response == .wrong ? .awaitHorizon : .awaitRecovery)]
            }
        }
    }

    /// Stops observation and shows that the pager still works; then clean-up.
    private mutating func freeze() -> [Output] {
        state = .testingPagerAgain
        return [.freeze, .work(.testPager(moment: "after"))]
    }

    /// The shortest way to a clean end: nothing that only a judged run needs is done any more.
    private mutating func abort() -> [Output] {
        switch state {
        case .idle, .cleaning, .collecting: return end()
        case .ended: return []
        case .testingPagerAgain:
            state = .cleaning
            return [.phase(.cleanup), .work(.cleanUp)]
        default:
            state = .cleaning
            return [.freeze, .phase(.cleanup), .work(.cleanUp)]
        }
    }

    private mutating func end() -> [Output] {
        state = .ended
        return [.end(error: error)]
    }
}
