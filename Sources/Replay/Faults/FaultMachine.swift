import Timeline

/// The fault contract for one fault on one host, as a value: results in, work and events out.
///
/// fingerprint, intent (journal, then host), lease, inject, prove, and undo from any of these, prove undone, close.
struct FaultMachine: Sendable, Hashable {
    enum State: Sendable, Hashable {
        case planned, fingerprinted, journalled, staged, armed, injecting
        /// The injection ended; `proven` once its effect was seen, `notProven` once it was given up.
        case injected, proven, notProven
        case undoing, proofOfUndo(superseded: Bool), closing(superseded: Bool)
        /// The record stays open, in the journal and on the host.
        case undoFailed
        case closed(End)
    }

    enum End: Sendable, Hashable {
        /// Nothing was ever changed.
        case untouched
        case undone, superseded
    }

    /// What a driver is asked to do next; its result comes back as an `Input`.
    enum Work: Sendable, Hashable {
        case fingerprint, journalIntent, stage, arm, inject, prove, undo, restage, proveUndone, close
    }

    enum Input: Sendable, Hashable {
        /// The work asked for is done.
        case done(detail: String)
        /// The work was refused or failed, and changed nothing that undo would have to know of.
        case failed(reason: String)
        /// Whether the work was done is not known.
        case unknown(reason: String)
        case undone(untouched: Bool, fired: Bool, detail: String)
        case superseded(fired: Bool)
        case recordMissing
        /// Start, or go on from armed.
        case inject
        case undo
        /// A heartbeat found that the lease has fired.
        case leaseFired
    }

    enum Output: Sendable, Hashable {
        case event(Event.FaultStage, String)
        case problem(Event.ProblemKind, String)
        case work(Work)
        case journal(JournalEntry.Stage, reason: String?)
    }

    /// How often an undo that failed or whose end is unknown is tried; comparing first makes that safe.
    static let undoAttempts = 3

    private(set) var state = State.planned
    private(set) var leaseHasFired = false
    private var undoAttempt = 0
    private var restaged = false
    /// `prepare` stops once armed; `inject` goes on from there.
    private var injectWanted = false

    init() {}

    /// A machine for a fault that a journal or a host's record left open.
    init(resuming stage: JournalEntry.Stage) {
        switch stage {
        case .intended: state = .staged
        case .armed: state = .armed
        case .injecting: state = .injecting
        case .injected: state = .injected
        case .undoFailed: state = .undoFailed
        case .undone: state = .closing(superseded: false)
        case .superseded: state = .closing(superseded: true)
        case .closed: state = .closed(.undone)
        }
    }

    /// True from the armed lease to its release: heartbeats are due. After an undo that failed there are none: the lease
    /// then fires, and the host goes on trying by itself.
    var needsHeartbeat: Bool {
        switch state {
        case .armed, .injecting, .injected, .proven, .notProven, .undoing, .proofOfUndo: !leaseHasFired
        case .planned, .fingerprinted, .journalled, .staged, .closing, .closed, .undoFailed: false
        }
    }

    /// True when something may have been changed and is not known to be undone.
    var isOpen: Bool {
        switch state {
        case .planned, .fingerprinted, .closed: false
        default: true
        }
    }

    /// The first piece of work, up to an armed lease.
    mutating func prepare() -> [Output] {
        guard state == .planned else { return [] }
        return [.work(.fingerprint)]
    }

    mutating func apply(_ input: Input) -> [Output] {
        switch input {
        case .leaseFired: return fire()
        case .undo: return beginUndo()
        case .inject:
            injectWanted = true
            if state == .armed { return beginInject() }
            return state == .planned ? prepare() : []
        default: break
        }
        switch state {
        case .planned, .fingerprinted, .journalled, .staged, .armed: return preparing(input)
        case .injecting, .injected: return injecting(input)
        case .undoing: return undoing(input)
        case .proofOfUndo(let superseded): return proving(input, superseded: superseded)
        case .closing(let superseded): return closing(input, superseded: superseded)
        case .proven, .notProven, .undoFailed, .closed: return []
        }
    }

    private mutating func preparing(_ input: Input) -> [Output] {
        guard case .done(let detail) = input else { return giveUp(input) }
        switch state {
        case .planned:
            state = .fingerprinted
            return [.event(.fingerprinted, detail), .work(.journalIntent)]
        case .fingerprinted:
            state = .journalled
            return [.work(.stage)]
        case .journalled:
            state = .staged
            return [.event(.intended, detail), .work(.arm)]
        case .staged:
            state = .armed
            return [.journal(.armed, reason: nil), .event(.armed, detail)] + (injectWanted ? beginInject() : [])
        default: return []
        }
    }

    /// Preparation failed: nothing was injected. What was written down is closed the ordinary way.
    private mutating func giveUp(_ input: Input) -> [Output] {
        let reason = Self.words(input)
        let problem = Output.problem(.faultNotProven, "The fault was not injected: \(reason)")
        switch state {
        case .planned, .fingerprinted:
            state = .closed(.untouched)
            return [.event(.notProven, reason), problem]
        default:
            return [.event(.notProven, reason), problem] + beginUndo()
        }
    }

    private mutating func beginInject() -> [Output] {
        state = .injecting
        return [.journal(.injecting, reason: nil), .event(.injectStarted, ""), .work(.inject)]
    }

    private mutating func injecting(_ input: Input) -> [Output] {
        switch (state, input) {
        case (.injecting, .done(let detail)):
            state = .injected
            return [.journal(.injected, reason: nil), .event(.injectCompleted, detail), .work(.prove)]
        case (.injecting, .unknown(let reason)):
            return [
                .problem(.resultUnknown, "Whether the fault was injected is not known: \(reason)"),
                .event(.notProven, reason),
            ] + beginUndo()
        case (.injected, .done(let detail)):
            state = .proven
            return [.event(.proven, detail)]
        default:
            let reason = Self.words(input)
            state = .notProven
            return [
                .event(.notProven, reason),
                .problem(.faultNotProven, "The fault's effect was not proven: \(reason)"),
            ] + beginUndo()
        }
    }

    private mutating func beginUndo() -> [Output] {
        switch state {
        case .planned, .fingerprinted:
            state = .closed(.untouched)
            return []
        case .closed, .undoing, .proofOfUndo: return []
        case .closing: return [.work(.close)]
        case .journalled, .staged, .armed, .injecting, .injected, .proven, .notProven, .undoFailed:
            state = .undoing
            undoAttempt = 1
            return [.event(.undoStarted, ""), .work(.undo)]
        }
    }

    private mutating func undoing(_ input: Input) -> [Output] {
        switch input {
        case .undone(let untouched, let fired, let detail):
            state = untouched ? .closing(superseded: false) : .proofOfUndo(superseded: false)
            return (fired ? fire() : []) + [.journal(.undone, reason: nil), .event(.undone, detail)]
                + [.work(untouched ? .close : .proveUndone)]
        case .superseded(let fired):
            state = .proofOfUndo(superseded: true)
            return (fired ? fire() : []) + [
                .journal(.superseded, reason: nil),
                .event(.superseded, "the state was changed since the injection, so it was left alone"),
                .work(.proveUndone),
            ]
        case .recordMissing where !restaged:
            restaged = true
            return [.work(.restage)]
        case .done: return [.work(.undo)]
        default:
            let reason = input == .recordMissing ? "the host lost its record of the fault" : Self.words(input)
            guard undoAttempt >= Self.undoAttempts else {
                undoAttempt += 1
                return [.event(.undoFailed, "\(reason); trying again"), .work(.undo)]
            }
            state = .undoFailed
            return [.journal(.undoFailed, reason: reason), .event(.undoFailed, reason)]
        }
    }

    private mutating func proving(_ input: Input, superseded: Bool) -> [Output] {
        if case .done = input {
            state = .closing(superseded: superseded)
            return [.work(.close)]
        }
        let reason =
            "the fault's effect can still be observed after \(superseded ? "it was superseded" : "undo"): \(Self.words(input))"
        state = .undoFailed
        return [.journal(.undoFailed, reason: reason), .event(.undoFailed, reason)]
    }

    private mutating func closing(_ input: Input, superseded: Bool) -> [Output] {
        if case .done = input {
            state = .closed(superseded ? .superseded : .undone)
            return [.journal(.closed, reason: nil), .event(.closed, superseded ? "superseded" : "undone")]
        }
        // What matters is undone; the record stays open until somebody can close it.
        return [.event(.undoFailed, "the record could not be closed: \(Self.words(input))")]
    }

    private mutating func fire() -> [Output] {
        guard !leaseHasFired else { return [] }
        leaseHasFired = true
        return [
            .event(.leaseFired, "the host undid the fault by itself"),
            .problem(.leaseFired, "The lease fired: the host heard no heartbeat and undid the fault by itself."),
        ]
    }

    private static func words(_ input: Input) -> String {
        switch input {
        case .failed(let reason), .unknown(let reason): reason
        default: "unexpected result \(input)"
        }
    }
}
