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

        /// How healing ended.
        public enum End: Sendable, Hashable {
            case undone, superseded
            /// Still open, in the journal and on the host: it can be tried again.
            case stillOpen
            /// The host was not given.
            case noHost
        }
    }

    /// The faults that the journal at `path` leaves open, in the order of their intents.
    /// - Throws: `JournalError` when it cannot be read.
    public static func open(journal path: String) throws(JournalError) -> [OpenFault] {
        OpenFault.open(in: try Journal.read(path: path))
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
                healed.append(Healed(fault: fault, end: .noHost))
                continue
            }
            let driver = FaultDriver(
                healing: fault, host: host, journal: journal, sink: sink, clock: clock, state: state)
            let end: Healed.End =
                switch await driver.undo() {
                case .closed(.superseded): .superseded
                case .closed: .undone
                default: .stillOpen
                }
            healed.append(Healed(fault: fault, end: end))
        }
        return healed
    }
}
