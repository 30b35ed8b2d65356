/// One line of `events.jsonl`: what was observed or done, and when.
///
/// Events are the single record of a run. A verdict is computed from them and the plan's criteria, and from nothing
/// else.
public struct Event: Sendable, Hashable {
    /// Position in the file, from 0, without gaps.
    public var sequence: Int
    /// Monotonic clock (CLOCK_MONOTONIC), nanoseconds. Comparable across every process of one machine boot.
    public var monotonic: Int64
    /// Wall clock label, RFC 3339 UTC with milliseconds. For people; never used in arithmetic.
    public var wall: String
    /// What happened.
    public var body: Body

    /// All parts as given.
    public init(sequence: Int, monotonic: Int64, wall: String, body: Body) {
        self.sequence = sequence
        self.monotonic = monotonic
        self.wall = wall
        self.body = body
    }

    /// What happened. Every case is written by the replay as it happens.
    public enum Body: Sendable, Hashable {
        /// First line of every run. `size` is the testnet's; nil when it has none.
        case runStarted(runID: String, scenario: String, arm: String, seed: UInt64, size: String? = nil)
        /// The replay entered a phase.
        case phase(Phase)
        /// A host answered over SSH for the first time. `took` is wall time since its boot began.
        case hostReady(host: String, took: DurationText)
        /// A host or its SSH server is gone while it should be there.
        case hostLost(host: String, reason: String)
        /// One probe looked at one target. Exactly one of `value` and `error` is set; an error is an unknown sample.
        /// `started` is the monotonic time at which the look began; the event's own time is when it ended.
        case sample(probe: String, target: String, started: Int64, value: JSON?, error: String?)
        /// The fault contract moved on (DESIGN section 5).
        case fault(id: String, host: String, stage: FaultStage, detail: String)
        /// A signal reached a responder: a page the pager received, or a report by a user.
        case signal(source: SignalSource, id: String, names: [String], summary: String, resolved: Bool)
        /// The test event sent to the pager before and after, which shows that silence means silence.
        case pagerTest(moment: String, received: Bool, detail: String)
        /// The (simulated) responder did something: `acknowledged`, or began the first `act` step.
        case responder(action: ResponderAction, detail: String)
        /// A runbook or response step started.
        case stepStarted(step: String, role: String, hosts: [String])
        /// One command of a step finished on one host.
        case stepResult(
            step: String, host: String, attempt: Int, outcome: CommandOutcome, stdout: String, stderr: String,
            truncated: Bool, took: DurationText)
        /// The step as a whole ended. `simulated` marks a manual step that only waited its stated delay.
        case stepEnded(step: String, role: String, passed: Bool, simulated: Bool, reason: String)
        /// What a node's own block log says about one scope, for the cross-check of recovery:
        /// monotonic nanoseconds of the last block before the outage and the first one after, and where that was read.
        case blockLog(scope: String, lastBefore: Int64?, firstAfter: Int64?, source: String)
        /// How much wall time the harness itself spent, by name (`boot`, `teardown`, ...).
        case harnessTime(name: String, took: DurationText)
        /// Observation stopped: what happens later (clean-up) cannot count as recovery.
        case frozen
        /// Something worth telling a person; never an input of the verdict.
        case note(level: NoteLevel, message: String)
        /// Something that makes the run inconclusive or an error, with its reason.
        case problem(kind: ProblemKind, reason: String)
        /// Last line of a run that ended by itself. `error` is set when the harness failed.
        case runEnded(error: String?)
    }

    /// The phases of a replay, in order.
    public enum Phase: String, Sendable, Hashable, Codable, CaseIterable {
        case boot, deploy, settle, baseline, fault, detection, response, recovery, cleanup, collect, teardown
    }

    /// The stages of the fault contract.
    public enum FaultStage: String, Sendable, Hashable, Codable, CaseIterable {
        case fingerprinted, intended, armed, injectStarted, injectCompleted, proven, notProven
        case undoStarted, undone, superseded, undoFailed, closed, leaseFired
    }

    /// Who told the responders first.
    public enum SignalSource: String, Sendable, Hashable, Codable, CaseIterable {
        /// The pager received an event that names what is affected.
        case alert
        /// A user's agent saw its own requests fail and said so; it pages nobody.
        case report
    }

    /// What a responder did.
    public enum ResponderAction: String, Sendable, Hashable, Codable, CaseIterable {
        case acknowledged, firstAct
    }

    /// How bad a note is.
    public enum NoteLevel: String, Sendable, Hashable, Codable, CaseIterable {
        case info, warning
    }

    /// Why a run cannot be judged, or went wrong in the harness itself.
    public enum ProblemKind: String, Sendable, Hashable, Codable, CaseIterable {
        /// The steady state never held before the fault.
        case baselineNotSteady
        /// The fault's effect was not proven.
        case faultNotProven
        /// A command's result is unknown.
        case resultUnknown
        /// A lease fired: the orchestrator lost touch while a fault was in.
        case leaseFired
        /// The harness itself failed; the run says nothing about the network.
        case harness
        /// The run was interrupted by a person or a signal.
        case interrupted
    }
}

/// How a command on a host ended (DESIGN section 5, commands on hosts).
public enum CommandOutcome: Sendable, Hashable {
    case exited(code: Int32)
    case signaled(name: String)
    /// Whether it ran, and how it ended, is not known: `reason` says why. Never retried.
    case unknown(reason: String)
}
