import Definitions
import Timeline

/// The fault contract's commands on one host. Each returns what the host reported, and changes nothing else.
extension HostAgent {
    /// Hash of what `fault.fingerprint` prints now.
    func fingerprint(_ fault: FaultPlan) async throws(AgentError) -> String {
        let (plan, token) = wrap(
            FaultScripts.fingerprint, ["FIREDRILL_ACTION": fault.fingerprint.script], for: fault.fingerprint)
        let result = await host.run(plan, stdin: [])
        let report = try check(result, token: token, needs: nil)
        if let hash = report["fingerprint"] { return hash }
        if let status = report["exit"] {
            throw .refused(host: host.name, reason: "the fingerprint ended with status \(status): \(words(report))")
        }
        throw .unknown(host: host.name, reason: "the fingerprint gave no result: \(words(report))", acting: false)
    }

    /// Lays the record on the host, synced, under the guard.
    func stage(_ record: FaultRecord) async throws(AgentError) {
        _ = try await report(
            FaultScripts.stage, ["FIREDRILL_RECORD": record.name, "FIREDRILL_CAPABILITY": record.plan.capability],
            stdin: record.staging, needs: "state")
    }

    /// Puts the lease in force for the record, and sees its watcher alive.
    func arm(_ record: FaultRecord) async throws(AgentError) {
        _ = try await report(
            FaultScripts.arm, ["FIREDRILL_RECORD": record.name, "FIREDRILL_CAPABILITY": record.plan.capability],
            timeout: GuardLimits.agentCommand + GuardLimits.watcherStart, needs: "state")
    }

    /// What an injection reported: its script's exit status, and the fingerprint's hash afterwards, if it could be taken.
    struct Injection: Sendable, Hashable {
        var exit: Int32
        var after: String?
        var words: String
    }

    func inject(_ record: FaultRecord) async throws(AgentError) -> Injection {
        let report = try await report(
            FaultScripts.inject, ["FIREDRILL_RECORD": record.name, "FIREDRILL_CAPABILITY": record.plan.capability],
            timeout: record.injectDeadline, needs: "state")
        return Injection(
            exit: report["exit"].flatMap { Int32($0) } ?? -1, after: report["after"], words: words(report))
    }

    /// How an undo ended on the host.
    struct Undoing: Sendable, Hashable {
        enum End: Sendable, Hashable {
            case undone, superseded, closed
            case failed(String)
            /// The host has no such record.
            case missing
        }
        var end: End
        /// The lease had fired for this record.
        var fired: Bool
        var detail: String
    }

    func undo(_ record: FaultRecord) async throws(AgentError) -> Undoing {
        let report = try await report(
            FaultScripts.undo, ["FIREDRILL_RECORD": record.name], timeout: record.undoDeadline, needs: nil)
        if report.has("missing") { return Undoing(end: .missing, fired: false, detail: "") }
        var notes: [String] = []
        if report.has("untouched") { notes.append("nothing had been injected") }
        if report.has("restored") { notes.append("the fingerprint is as before") }
        if report.has("unwritten") { notes.append("the host could not write its record") }
        let detail = notes.joined(separator: "; ")
        let end: Undoing.End
        switch report["state"] {
        case "undone": end = .undone
        case "superseded": end = .superseded
        case "closed": end = .closed
        case "undo-failed": end = .failed([report["reason"] ?? "it failed", words(report)].joined(separator: ": "))
        default:
            throw .unknown(
                host: host.name, reason: "the undo gave no result: \(words(report))", acting: report.has("acting"))
        }
        return Undoing(end: end, fired: report.has("fired"), detail: detail)
    }

    func close(_ record: FaultRecord) async throws(AgentError) {
        _ = try await report(FaultScripts.close, ["FIREDRILL_RECORD": record.name], needs: "state")
    }

    /// What a heartbeat found.
    enum Pulse: Sendable, Hashable {
        case renewed
        /// The lease has fired, or has expired and is about to.
        case fired
    }

    func heartbeat() async throws(AgentError) -> Pulse {
        let report = try await report(FaultScripts.heartbeat, [:], timeout: .seconds(5), needs: "lease")
        return report["lease"] == "armed" ? .renewed : .fired
    }

    /// The fault records that the host keeps: name and state.
    public func records() async throws(AgentError) -> [(name: String, state: String, fired: Bool)] {
        let report = try await report(FaultScripts.list, [:], needs: "end")
        return report.lines.filter { $0.key == "record" }.map { line in
            let parts = line.text.split(separator: " ").map(String.init)
            return (parts.first ?? "", parts.dropFirst().first ?? "unknown", parts.dropFirst(2).first == "fired")
        }
    }

    private func words(_ report: AgentReport) -> String {
        String(decoding: report.rest.suffix(300), as: UTF8.self)
            .split(whereSeparator: \.isNewline).joined(separator: " | ")
    }
}
