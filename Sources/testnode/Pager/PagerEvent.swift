/// An event of PagerDuty's Events API v2, checked.
struct PagerEvent: Sendable, Equatable {
    enum Action: String, Sendable { case trigger, acknowledge, resolve }

    /// Lengths in characters, from the API's reference.
    private static let routingKeyLength = 32
    private static let longestDedupKey = 255
    private static let longestSummary = 1024
    private static let severities = ["critical", "warning", "error", "info"]

    var routingKey: String
    var action: Action
    /// Nil if a trigger left the choice to the service.
    var dedupKey: String?
    /// The event as sent, without the routing key, which is a secret.
    var body: JSON

    var payload: JSON { body["payload"] ?? .null }

    /// Checks an event; throws all that is wrong with it, in the real service's words.
    init(_ json: JSON) throws(PagerRefusal) {
        guard let members = json.members else { throw .invalid(["Event object is not a JSON object"]) }
        var errors: [String] = []
        let routingKey = Self.text(json, "routing_key", &errors) ?? ""
        if !routingKey.isEmpty {
            if routingKey.count != Self.routingKeyLength {
                errors.append("Length of 'routing_key' is incorrect (should be 32 characters)")
            }
            if !routingKey.utf8.allSatisfy(\.isAlphanumeric) {
                errors.append("'routing_key' cannot contain non-alphanumeric characters.")
            }
        }
        let action = Self.text(json, "event_action", &errors).flatMap(Action.init)
        if action == nil, json["event_action"]?.text?.isEmpty == false {
            errors.append(
                "'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')")
        }
        let dedupKey = Self.dedupKey(json, action, &errors)
        if action == .trigger { Self.checkPayload(json["payload"], &errors) }
        for name in ["links", "images"] where json[name].map({ $0.items == nil && $0 != .null }) == true {
            errors.append("'\(name)' is invalid (must be an array)")
        }
        guard errors.isEmpty, let action else { throw .invalid(errors) }
        self.routingKey = routingKey
        self.action = action
        self.dedupKey = dedupKey
        body = .object(members.filter { $0.name != "routing_key" })
    }

    private static func text(_ json: JSON, _ name: String, in parent: String = "", _ errors: inout [String]) -> String?
    {
        guard let text = json[name]?.text, text.contains(where: { !$0.isWhitespace }) else {
            errors.append("'\(parent)\(name)' is missing or blank")
            return nil
        }
        return text
    }

    private static func dedupKey(_ json: JSON, _ action: Action?, _ errors: inout [String]) -> String? {
        switch json["dedup_key"] {
        case nil, .null, .string(""):
            if action == .acknowledge || action == .resolve { errors.append("'dedup_key' is missing or blank") }
            return nil
        case .string(let key):
            if key.count > longestDedupKey {
                errors.append("Length of 'dedup_key' is too long (maximum \(longestDedupKey) characters)")
            }
            return key
        default:
            errors.append("'dedup_key' is invalid (must be a string)")
            return nil
        }
    }

    private static func checkPayload(_ payload: JSON?, _ errors: inout [String]) {
        guard let payload, payload.members != nil else {
            errors.append("'payload' is missing or blank")
            return
        }
        let summary = text(payload, "summary", in: "payload.", &errors)
        if let summary, summary.count > longestSummary {
            errors.append("Length of 'payload.summary' is too long (maximum \(longestSummary) characters)")
        }
        _ = text(payload, "source", in: "payload.", &errors)
        let severity = text(payload, "severity", in: "payload.", &errors)
        if let severity, !severities.contains(severity) {
            errors.append(
                "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')"
            )
        }
        for name in ["component", "group", "class", "timestamp"] {
            if let value = payload[name], value != .null, value.text == nil {
                errors.append("'payload.\(name)' is invalid (must be a string)")
            }
        }
    }
}

/// Why the pager refuses a request.
enum PagerRefusal: Error, Equatable {
    /// Each string names one thing that is wrong.
    case invalid([String])
    case notJSON(String)
    case unknownRoutingKey
    case tooLarge(limit: Int)
    /// The journal has reached its limit.
    case full
    case notFound
    case badParameter(String)
    case badUpdate(String)
    case storage(String)
}

extension UInt8 {
    fileprivate var isAlphanumeric: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }
}
