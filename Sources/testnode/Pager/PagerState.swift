/// Something that reached the pager, as its journal keeps it.
struct PagerRecord: Sendable, Equatable {
    enum Content: Sendable, Equatable {
        /// An event for a service. The dedup key is filled in where the sender left it out.
        case event(service: String, action: PagerEvent.Action, dedupKey: String, body: JSON)
        /// A responder's change of an incident.
        case update(incident: String, status: Incident.Status, agent: String)
        /// A message to a chat channel; it pages nobody.
        case chat(channel: String, body: JSON)
    }

    /// From 1, without gaps.
    var sequence: Int
    /// When it was received.
    var wall: Timestamp
    /// The same moment on the machine's monotonic clock, in nanoseconds.
    var monotonic: Int64
    var content: Content
}

struct Incident: Sendable, Equatable {
    enum Status: String, Sendable { case triggered, acknowledged, resolved }

    /// One status change of an incident.
    struct Change: Sendable, Equatable {
        var status: Status
        var wall: Timestamp
        var agent: String
    }

    var id: String
    /// From 1, in order of creation.
    var number: Int
    var service: String
    var dedupKey: String
    var status: Status = .triggered
    var created: Timestamp
    var createdMonotonic: Int64
    var changed: Timestamp
    var acknowledgements: [Change] = []
    /// The first trigger's event.
    var body: JSON
    /// Triggers received while it was open, the first included.
    var triggers = 1

    /// PagerDuty's severity-based urgency.
    var urgency: String {
        ["critical", "error"].contains(body["payload"]?["severity"]?.text ?? "") ? "high" : "low"
    }

    var title: String { body["payload"]?["summary"]?.text ?? "" }
}

/// One line of the pager's log: what a record did.
struct LogEntry: Sendable, Equatable {
    enum Kind: String, Sendable {
        case trigger = "trigger_log_entry"
        case acknowledge = "acknowledge_log_entry"
        case resolve = "resolve_log_entry"
        /// An acknowledge or resolve that matched no open incident, or changed nothing.
        case unmatched = "unmatched_event_log_entry"
    }

    var record: PagerRecord
    var kind: Kind
    /// Nil if it matched none.
    var incident: String?
    var service: String
    /// True if it opened an incident, which is what pages somebody.
    var opensIncident: Bool
}

/// Incidents, log and chat as a value: records in, nothing else. Replaying the journal gives the same state.
struct PagerState: Sendable {
    private(set) var incidents: [Incident] = []
    private(set) var log: [LogEntry] = []
    private(set) var chat: [String: [PagerRecord]] = [:]
    private(set) var lastSequence = 0
    /// Index of the open incident by service and dedup key.
    private var open: [Key: Int] = [:]
    private var byID: [String: Int] = [:]

    private struct Key: Hashable {
        var service: String
        var dedupKey: String
    }

    func incident(_ id: String) -> Incident? { byID[id].map { incidents[$0] } }

    /// Takes the next record; its sequence must follow ``lastSequence``.
    mutating func apply(_ record: PagerRecord) {
        lastSequence = record.sequence
        switch record.content {
        case .event(let service, let action, let dedupKey, let body):
            apply(record, Key(service: service, dedupKey: dedupKey), action, body)
        case .update(let id, let status, let agent):
            guard let index = byID[id] else { return }
            let changed = change(index, to: status, by: agent, record)
            add(record, changed ? Self.kind(of: status) : .unmatched, index, incidents[index].service)
        case .chat(let channel, _):
            chat[channel, default: []].append(record)
        }
    }

    private mutating func apply(_ record: PagerRecord, _ key: Key, _ action: PagerEvent.Action, _ body: JSON) {
        let index = open[key]
        switch (action, index) {
        case (.trigger, .some(let index)):
            incidents[index].triggers += 1
            add(record, .trigger, index, key.service)
        case (.trigger, nil):
            let number = incidents.count + 1
            let digits = String(number, radix: 36, uppercase: true)
            let id = "P" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
            incidents.append(
                Incident(
                    id: id, number: number, service: key.service, dedupKey: key.dedupKey, created: record.wall,
                    createdMonotonic: record.monotonic, changed: record.wall, body: body))
            open[key] = number - 1
            byID[id] = number - 1
            add(record, .trigger, number - 1, key.service, opensIncident: true)
        case (.acknowledge, .some(let index)):
            let changed = change(index, to: .acknowledged, by: "events-api", record)
            add(record, changed ? .acknowledge : .unmatched, index, key.service)
        case (.resolve, .some(let index)):
            _ = change(index, to: .resolved, by: "events-api", record)
            add(record, .resolve, index, key.service)
        case (.acknowledge, nil), (.resolve, nil):
            add(record, .unmatched, nil, key.service)
        }
    }

    /// False if the incident was in that status, or is resolved for good.
    private mutating func change(
        _ index: Int, to status: Incident.Status, by agent: String, _ record: PagerRecord
    ) -> Bool {
        guard incidents[index].status != .resolved, incidents[index].status != status else { return false }
        incidents[index].status = status
        incidents[index].changed = record.wall
        if status == .acknowledged {
            incidents[index].acknowledgements.append(.init(status: status, wall: record.wall, agent: agent))
        }
        if status == .resolved {
            open[Key(service: incidents[index].service, dedupKey: incidents[index].dedupKey)] = nil
        }
        return true
    }

    private mutating func add(
        _ record: PagerRecord, _ kind: LogEntry.Kind, _ index: Int?, _ service: String, opensIncident: Bool = false
    ) {
        log.append(
            LogEntry(
                record: record, kind: kind, incident: index.map { incidents[$0].id }, service: service,
                opensIncident: opensIncident))
    }

    private static func kind(of status: Incident.Status) -> LogEntry.Kind {
        switch status {
        case .triggered: .trigger
        case .acknowledged: .acknowledge
        case .resolved: .resolve
        }
    }
}
