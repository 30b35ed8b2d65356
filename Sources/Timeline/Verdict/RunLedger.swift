/// What a verdict needs from events besides measured conditions: what was done, what went wrong, how long things took.
struct RunLedger: Sendable {
    struct Fault: Sendable, Hashable {
        var id: String
        var host: String
        /// Stages in the order of their events.
        var stages: [Event.FaultStage] = []
        var details: [Event.FaultStage: String] = [:]

        var isInjected: Bool { stages.contains(.injectStarted) }

        /// Proven after the injection completed; a proof from before it proves nothing.
        var isProven: Bool {
            guard let completed = stages.firstIndex(of: .injectCompleted), !stages.contains(.notProven) else {
                return false
            }
            return stages[completed...].contains(.proven)
        }
    }

    struct Step: Sendable, Hashable {
        var name: String
        var role: String
        /// Monotonic nanoseconds; nil when the record has no such event.
        var startedAt: Int64?
        var endedAt: Int64?
        /// Nil while it runs.
        var end: End?

        struct End: Sendable, Hashable {
            var passed: Bool
            var simulated: Bool
            var reason: String
        }
    }

    struct BlockLog: Sendable, Hashable {
        var lastBefore: Int64?
        var firstAfter: Int64?
        var source: String
    }

    private(set) var run: (id: String, scenario: String, arm: String, seed: UInt64, size: String?)?
    private(set) var startsRun = false
    /// How many starts the record holds: one, unless two runs were written into it.
    private(set) var starts = 0
    private(set) var hasEnded = false
    private(set) var endError: String?
    private(set) var hasEventsAfterEnd = false
    private(set) var faults: [Fault] = []
    private(set) var problems: [(kind: Event.ProblemKind, reason: String)] = []
    private(set) var steps: [Step] = []
    private(set) var unknownResults: [String] = []
    private(set) var lostHosts: [String] = []
    private(set) var pagerTests: [(at: Int64, moment: String, received: Bool)] = []
    private(set) var signalsInBaselineOrLater: [String] = []
    /// When the first user reported after the fault, monotonic nanoseconds.
    private(set) var firstReport: Int64?
    private(set) var blockLogs: [String: BlockLog] = [:]
    private(set) var harnessTimes: [String: Double] = [:]
    /// Longest answered look that the steady state or impact reads, between fault and freeze; nanoseconds.
    private(set) var longestLook: Int64 = 0
    /// Longest time from the beginning of an answered look of such a probe to the end of the next answered one at the same
    /// target: what changed after the one had asked is known from the other. Nanoseconds.
    private(set) var longestGap: Int64 = 0
    /// When the last look began, by probe and target; nothing after a look without an answer.
    private var lastLook: [String: Int64] = [:]

    private let measuring: [Check]
    private var hasBaseline = false
    private var hasFault = false
    private var isFrozen = false

    init(_ criteria: Criteria) {
        measuring = criteria.steadyState + criteria.impact
    }

    mutating func apply(_ event: Event) {
        if hasEnded { hasEventsAfterEnd = true }
        switch event.body {
        case .runStarted(let id, let scenario, let arm, let seed, let size):
            starts += 1
            if run == nil {
                run = (id, scenario, arm, seed, size)
                startsRun = event.sequence == 0
            }
        case .runEnded(let error):
            hasEnded = true
            endError = endError ?? error
        case .phase(.baseline): hasBaseline = true
        case .phase(.cleanup), .phase(.collect), .phase(.teardown), .frozen: isFrozen = true
        case .fault(let id, let host, let stage, let detail): note(fault: id, host: host, stage: stage, detail: detail)
        case .problem(let kind, let reason): problems.append((kind, reason))
        case .hostLost(let host, let reason) where !isFrozen: lostHosts.append("\(host): \(reason)")
        case .pagerTest(let moment, let received, _):
            pagerTests.append((Nanoseconds.moment(event.monotonic), moment, received))
        case .signal(let source, _, _, let summary, let resolved):
            guard !resolved, hasBaseline, !isFrozen else { break }
            signalsInBaselineOrLater.append("\(source.rawValue) '\(summary)'")
            if source == .report, hasFault, firstReport == nil { firstReport = Nanoseconds.moment(event.monotonic) }
        case .blockLog(let scope, let lastBefore, let firstAfter, let source):
            note(log: BlockLog(lastBefore: lastBefore, firstAfter: firstAfter, source: source), of: scope)
        case .harnessTime(let name, let took): harnessTimes[name] = Nanoseconds.seconds(Nanoseconds.span(took))
        case .sample(let probe, let target, let started, let value, _)
        where hasFault && !isFrozen && measuring.contains { $0.reads(probe, at: target) }:
            let (began, ended) = (Nanoseconds.moment(started), Nanoseconds.moment(event.monotonic))
            let before = lastLook.updateValue(began, forKey: "\(probe)/\(target)")
            guard value != nil else {
                lastLook["\(probe)/\(target)"] = nil
                break
            }
            longestLook = max(longestLook, ended - began)
            if let before { longestGap = max(longestGap, ended - before) }
        default: note(step: event.body, at: Nanoseconds.moment(event.monotonic))
        }
    }

    private mutating func note(fault id: String, host: String, stage: Event.FaultStage, detail: String) {
        if stage == .injectStarted { hasFault = true }
        let index = faults.firstIndex { $0.id == id && $0.host == host } ?? faults.count
        if index == faults.count { faults.append(Fault(id: id, host: host)) }
        faults[index].stages.append(stage)
        faults[index].details[stage] = detail
    }

    private mutating func note(step body: Event.Body, at now: Int64) {
        switch body {
        case .stepStarted(let step, let role, _): steps.append(Step(name: step, role: role, startedAt: now))
        case .stepEnded(let step, let role, let passed, let simulated, let reason):
            let end = Step.End(passed: passed, simulated: simulated, reason: reason)
            if let index = steps.lastIndex(where: { $0.name == step && $0.end == nil }) {
                steps[index].end = end
                steps[index].endedAt = now
            } else {
                steps.append(Step(name: step, role: role, endedAt: now, end: end))
            }
        case .stepResult(let step, let host, _, .unknown(let reason), _, _, _, _):
            unknownResults.append("step '\(step)' on \(host): \(reason)")
        default: break
        }
    }

    /// Several nodes of a scope may say: the scope was back when the first of them was.
    private mutating func note(log: BlockLog, of scope: String) {
        guard let known = blockLogs[scope] else {
            blockLogs[scope] = log
            return
        }
        blockLogs[scope] = BlockLog(
            lastBefore: [known.lastBefore, log.lastBefore].compactMap { $0 }.max(),
            firstAfter: [known.firstAfter, log.firstAfter].compactMap { $0 }.min(),
            source: known.source == log.source ? known.source : "\(known.source), \(log.source)")
    }
}
