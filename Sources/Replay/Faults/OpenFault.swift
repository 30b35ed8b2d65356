import Definitions
import Timeline

/// A fault on a host that a journal says is not closed.
public struct OpenFault: Sendable, Hashable {
    /// Name of the record on the host.
    public var record: String
    /// Name of the host.
    public var host: String
    /// The run that left it.
    public var identity: RunIdentity
    /// The fault as it was planned.
    public var plan: FaultPlan
    /// RFC 3339 UTC: when it was intended.
    public var since: String
    /// SHA-256 of the fingerprint before, and after when the injection is known to have ended.
    public var before: String
    /// SHA-256 after the injection; nil when that is not known.
    public var after: String?
    /// How far it got.
    public var stage: JournalEntry.Stage
    /// Why the last undo failed.
    public var reason: String?

    /// The faults that `entries` leave open, in the order in which they were intended.
    public static func open(in entries: [JournalEntry]) -> [OpenFault] {
        var order: [String] = []
        var found: [String: OpenFault] = [:]
        for entry in entries {
            let key = entry.host + "/" + entry.record
            if entry.stage == .intended, let plan = entry.plan, let before = entry.fingerprint {
                if found[key] == nil { order.append(key) }
                found[key] = OpenFault(
                    record: entry.record, host: entry.host,
                    identity: RunIdentity(run: entry.run, testnet: entry.testnet), plan: plan, since: entry.wall,
                    before: before, after: nil, stage: .intended, reason: nil)
                continue
            }
            guard found[key] != nil else { continue }
            found[key]?.stage = entry.stage
            found[key]?.reason = entry.reason
            if entry.stage == .injected { found[key]?.after = entry.fingerprint }
        }
        return order.compactMap { found[$0] }.filter { $0.stage != .closed }
    }
}
