import Foundation
import Glibc
import Reporting
import Subprocess
import Timeline

/// Tells people elsewhere about a night. Addresses and keys are secrets: they come from the environment or a file, reach curl on
/// its standard input, and stand in no argument, event, report or log.
struct Messenger: Sendable {
    /// Incoming webhook; nil: nobody is told.
    var webhook: String?
    /// Key of a PagerDuty integration.
    var pagerDutyKey: String?
    /// Where PagerDuty's events go.
    var pagerDutyURL = Self.eventsAddress
    /// Where the report can be read.
    var link = ""

    /// Events API v2 of PagerDuty.
    static let eventsAddress = "https://events.pagerduty.com/v2/enqueue"
    /// Longest time for one message, with everything.
    static let limit = 15  // seconds
    private static let attempts = 2
    /// Longest value of a variable or file.
    private static let valueLimit = 4_096  // bytes

    /// Reads what the environment says, and takes it out of it.
    static func takeFromEnvironment() throws -> Messenger {
        var messenger = Messenger()
        messenger.webhook = try take("FIREDRILL_WEBHOOK_URL").map { try address($0, "FIREDRILL_WEBHOOK_URL") }
        messenger.pagerDutyKey = try take("FIREDRILL_PAGERDUTY_KEY")
        if let url = try take("FIREDRILL_PAGERDUTY_URL") {
            messenger.pagerDutyURL = try address(url, "FIREDRILL_PAGERDUTY_URL")
        }
        messenger.link = ProcessInfo.processInfo.environment["FIREDRILL_LINK"] ?? ""
        return messenger
    }

    private static func take(_ name: String) throws -> String? {
        let environment = ProcessInfo.processInfo.environment
        defer {
            unsetenv(name)
            unsetenv(name + "_FILE")
        }
        if let file = environment[name + "_FILE"], !file.isEmpty {
            guard environment[name] == nil else { throw Stop("set \(name) or \(name)_FILE, not both", .usage) }
            guard let handle = FileHandle(forReadingAtPath: file), let data = try? handle.read(upToCount: valueLimit)
            else {
                throw Stop("the file that \(name)_FILE names cannot be read", .usage)
            }
            return try checked(String(decoding: data, as: UTF8.self), name)
        }
        return try environment[name].flatMap { $0.isEmpty ? nil : $0 }.map { try checked($0, name) }
    }

    /// One line of printable ASCII; the value itself is never quoted in a message.
    private static func checked(_ value: String, _ name: String) throws -> String {
        let text = value.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty, text.utf8.count < valueLimit, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw Stop("\(name) holds no single line of printable ASCII", .usage)
        }
        return text
    }

    private static func address(_ text: String, _ name: String) throws -> String {
        guard text.hasPrefix("https://") || text.hasPrefix("http://") else {
            throw Stop("\(name) must begin with https:// or http://", .usage)
        }
        return text
    }

    /// Tells about a red night; PagerDuty also learns of a green one, which resolves its incident.
    /// - Returns: a sentence for each message that did not arrive.
    func send(_ night: Night) async -> [String] {
        let messages = NightMessages(night, link: link)
        var problems: [String] = []
        if let webhook, night.exitCode != .passed {
            problems += await post(messages.webhook, to: webhook, what: "the webhook")
        }
        if let pagerDutyKey {
            problems += await post(messages.pagerDuty(routingKey: pagerDutyKey), to: pagerDutyURL, what: "PagerDuty")
        }
        return problems
    }

    private func post(_ body: String, to url: String, what: String) async -> [String] {
        var last = ""
        for _ in 0..<Self.attempts {
            guard let failure = await tryPost(body, to: url) else { return [] }
            last = failure
        }
        return ["\(what) could not be told about the night: \(last)."]
    }

    /// A line of curl's configuration; its quoted strings know these two escapes, and nothing else here needs one.
    private static func line(_ option: String, _ value: String) -> String {
        "\(option) = \"\(value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"\n"
    }

    /// - Returns: why it failed; nil when it arrived.
    private func tryPost(_ body: String, to url: String) async -> String? {
        let configuration =
            Self.line("url", url) + Self.line("data-raw", body) + Self.line("header", "Content-Type: application/json")
            + Self.line("max-time", String(Self.limit)) + Self.line("connect-timeout", "5")
            + Self.line("max-filesize", "65536")
            + Self.line("proto", "=http,https") + "silent\nshow-error\nfail\n"
        do {
            // -q: nobody's curlrc has a say.
            let result = try await Subprocess.run(
                .name("curl"), arguments: ["-q", "--config", "-"], input: .string(configuration),
                output: .string(limit: 1 << 17), error: .string(limit: 1 << 12))
            if result.terminationStatus.isSuccess { return nil }
            let said = result.standardError.trimmingCharacters(in: .whitespacesAndNewlines)
            return Self.withoutSecrets(said.isEmpty ? "curl ended with \(result.terminationStatus)" : said, url)
        } catch {
            return "curl could not be started; install it with 'make setup'"
        }
    }

    /// Curl names hosts, never paths; this makes sure of it.
    private static func withoutSecrets(_ text: String, _ url: String) -> String {
        let path = url.split(separator: "/", maxSplits: 3).dropFirst(2).last.map(String.init) ?? ""
        return text.replacing(url, with: "(address)").replacing(path.count >= 8 ? path : url, with: "(path)")
    }
}
