import Definitions
import Timeline

/// Undoes what a run left broken, from its journal alone, in any process that can reach the hosts.
public enum FaultHealing {
    /// What became of one open fault.
    public struct Healed: Sendable, Hashable {
        /// What was open.
        public var fault: OpenFault
        /// What it is now.
        public var end: End
        /// Whether the fault's invariants are as they were before it: its fingerprint now, and then.
        public var invariants: Invariants
        /// Why it is still open; empty otherwise.
        public var reason: String

        /// How healing ended.
        public enum End: String, Sendable, Hashable, Codable {
            case undone, superseded
            /// Still open, in the journal and on the host: it can be tried again.
            case stillOpen
            /// The host was not given.
            case noHost
        }

        /// What comparing fingerprints showed.
        public enum Invariants: String, Sendable, Hashable, Codable {
            case asBefore, changed, unknown
        }
    }

    /// The faults that the journal at `path` leaves open, in the order of their intents.
    /// - Throws: `JournalError` when it cannot be read.
    public static func open(journal path: String) throws(JournalError) -> [OpenFault] {
        OpenFault.open(in: try Journal.read(path: path))
    }

    /// The longest that healing one fault may take on its host: every attempt, its proof, and closing.
    public static func deadline(_ fault: OpenFault) -> Duration {
        let record = FaultRecord(name: fault.record, identity: fault.identity, plan: fault.plan, before: fault.before)
        return record.undoDeadline * (FaultMachine.undoAttempts + 1) + FaultDriver.proofTimeout
            + fault.plan.proveUndone.timeout.duration + GuardLimits.agentCommand * 3
    }

    /// Undoes them, last in first out. Harmless when done twice: each compares before it acts.
    public static func heal(
        _ faults: [OpenFault], hosts: [String: any RemoteHost], journal: Journal, sink: any EventSink,
        clock: any ReplayClock
    ) async -> [Healed] {
        await heal(faults, hosts: hosts, journal: journal, sink: sink, clock: clock, state: HostLayout.state)
    }

    static func heal(
        _ faults: [OpenFault], hosts: [String: any RemoteHost], journal: Journal, sink: any EventSink,
        clock: any ReplayClock, state: String
    ) async -> [Healed] {
        var healed: [Healed] = []
        for fault in faults.reversed() {
            guard let host = hosts[fault.host] else {
                healed.append(Healed(fault: fault, end: .noHost, invariants: .unknown, reason: "the host is not there"))
                continue
            }
            let driver = FaultDriver(
                healing: fault, host: host, journal: journal, sink: sink, clock: clock, state: state)
            let end: Healed.End
            var reason = ""
            switch await driver.undo() {
            case .closed(.superseded): end = .superseded
            case .closed: end = .undone
            default:
                end = .stillOpen
                reason = await driver.lastFailure
            }
            let agent = HostAgent(host: host, identity: fault.identity, state: state, lease: GuardLimits.lease)
            let now = try? await agent.fingerprint(fault.plan)
            healed.append(
                Healed(
                    fault: fault, end: end,
                    invariants: now.map { $0 == fault.before ? .asBefore : .changed } ?? .unknown, reason: reason))
        }
        return healed
    }
}
