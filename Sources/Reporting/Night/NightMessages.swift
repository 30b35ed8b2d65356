import Timeline

/// What a night that is not green says to people elsewhere.
public struct NightMessages {
    let night: Night
    /// Where the report can be read, such as the address of the CI job; empty when nobody said.
    let link: String

    /// Most troubles that a message names; more are counted.
    static let named = 10

    /// Messages about `night`.
    public init(_ night: Night, link: String) {
        self.night = night
        self.link = link
    }

    private var title: String {
        "Firedrill: the nightly run \(night.exitCode == .passed ? "passed" : "is \(night.verdict)")"
    }

    private var troubles: [String] {
        let all = night.troubles
        let shown = all.prefix(Self.named).map { Text.cut(Text.harmless("\($0.title). \($0.text)"), to: 500) }
        return shown + (all.count > Self.named ? ["and \(all.count - Self.named) more"] : [])
    }

    /// Slack's three control characters; everything else is text there.
    static func slack(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    /// The body of an incoming webhook as Slack, Mattermost and others take it: `{"text": ...}`.
    public var webhook: String {
        var lines = [Self.slack(title)] + troubles.map { "• " + Self.slack($0) }
        if !link.isEmpty { lines.append(Self.slack(link)) }
        return JSON.object(["text": .string(lines.joined(separator: "\n"))]).text()
    }

    /// An event of PagerDuty's Events API v2: triggered by a red night, resolved by a green one, under one key, so that red
    /// nights in a row are one incident.
    /// - Parameter routingKey: key of the integration; a secret.
    public func pagerDuty(routingKey: String, deduplicationKey: String = "firedrill-nightly") -> String {
        var event: [String: JSON] = [
            "routing_key": .string(routingKey), "dedup_key": .string(deduplicationKey),
            "event_action": .string(night.exitCode == .passed ? "resolve" : "trigger"), "client": .string("Firedrill"),
        ]
        if night.exitCode != .passed {
            event["payload"] = .object([
                "summary": .string(Text.cut(title + ": " + (troubles.first ?? ""), to: 1_024)),
                "source": .string(night.machine),
                "severity": .string(night.exitCode == .inconclusive ? "warning" : "error"),
                "component": .string("firedrill"), "group": .string("nightly"), "class": .string(night.verdict),
                "custom_details": .object([
                    "night": .string(night.id), "commit": .string(night.commit),
                    "troubles": .array(troubles.map { .string($0) }),
                ]),
            ])
        }
        if !link.isEmpty { event["client_url"] = .string(link) }
        return JSON.object(event).text()
    }
}
