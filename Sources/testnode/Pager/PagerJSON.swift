/// Shapes of the pager's answers, after PagerDuty's REST API v2.
extension Incident {
    var json: JSON {
        .make([
            "id": .string(id), "type": .string("incident"), "incident_number": .int(number),
            "title": .string(title), "summary": .string("[#\(number)] \(title)"), "status": .string(status.rawValue),
            "urgency": .string(urgency), "incident_key": .string(dedupKey),
            "created_at": .string(created.iso8601), "created_wall_ns": .int(created.nanoseconds),
            "created_mono_ns": .int(createdMonotonic), "last_status_change_at": .string(changed.iso8601),
            "service": Self.reference(service, "service_reference"),
            "acknowledgements": .array(
                acknowledgements.map { change in
                    .make([
                        "at": .string(change.wall.iso8601),
                        "acknowledger": Self.reference(change.agent, "user_reference"),
                    ])
                }),
            "alert_counts": .make([
                "all": .int(1), "triggered": .int(status == .resolved ? 0 : 1),
                "resolved": .int(status == .resolved ? 1 : 0),
            ]),
            "alerts": .array([alert]),
        ])
    }

    /// The alert that opened the incident, with the event's fields where clients look for them.
    var alert: JSON {
        let payload = body["payload"] ?? .null
        return .make([
            "id": .string("A" + id.dropFirst()), "type": .string("alert"), "alert_key": .string(dedupKey),
            "summary": .string(title), "status": .string(status == .resolved ? "resolved" : "triggered"),
            "severity": payload["severity"], "created_at": .string(created.iso8601),
            "service": Self.reference(service, "service_reference"),
            "incident": Self.reference(id, "incident_reference"), "triggers": .int(triggers),
            "source": payload["source"], "component": payload["component"], "group": payload["group"],
            "class": payload["class"], "timestamp": payload["timestamp"], "custom_details": payload["custom_details"],
            "client": body["client"], "client_url": body["client_url"], "links": body["links"],
            "images": body["images"],
        ])
    }

    static func reference(_ id: String, _ type: String) -> JSON {
        .make(["id": .string(id), "type": .string(type), "summary": .string(id)])
    }
}

extension LogEntry {
    var json: JSON {
        var channel: JSON
        var agent = "events-api"
        switch record.content {
        case .event(_, let action, let dedupKey, let body):
            let payload = body["payload"]
            channel = .make([
                "type": .string("api"), "event_action": .string(action.rawValue), "dedup_key": .string(dedupKey),
                "summary": payload?["summary"], "source": payload?["source"], "severity": payload?["severity"],
                "component": payload?["component"], "group": payload?["group"], "class": payload?["class"],
                "custom_details": payload?["custom_details"],
            ])
        case .update(_, let status, let by):
            agent = by
            channel = .make(["type": .string("website"), "status": .string(status.rawValue)])
        case .chat:
            channel = .null
        }
        return .make([
            "id": .string("R\(record.sequence)"), "type": .string(kind.rawValue), "sequence": .int(record.sequence),
            "created_at": .string(record.wall.iso8601), "wall_ns": .int(record.wall.nanoseconds),
            "mono_ns": .int(record.monotonic), "opens_incident": .bool(opensIncident),
            "incident": incident.map { Incident.reference($0, "incident_reference") },
            "service": Incident.reference(service, "service_reference"),
            "agent": Incident.reference(agent, "agent_reference"), "channel": channel,
        ])
    }
}
