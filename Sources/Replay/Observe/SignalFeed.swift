import Definitions
import Foundation
import Timeline

/// A signal as the pager or the chat gave it.
struct Signal: Sendable, Hashable {
    var sequence: Int64
    var source: Event.SignalSource
    /// Dedup key of a page; number of a chat message.
    var id: String
    var names: [String]
    var summary: String
    var resolved: Bool

    var event: Event.Body { .signal(source: source, id: id, names: names, summary: summary, resolved: resolved) }
}

/// Reads the pages and messages of one answer of the pager. Pure; what the answer holds is not trusted.
struct SignalReader: Sendable {
    /// Longest summary kept, in characters.
    static let summaryLimit = 300
    /// How deep and how long a page is searched for host names.
    static let depthLimit = 6
    static let stringLimit = 1_000

    /// Names that a signal may speak of.
    let hosts: Set<String>

    struct Batch: Sendable, Hashable {
        var signals: [Signal]
        var lastSequence: Int64
        var hasMore: Bool
    }

    /// `GET log_entries?since_sequence=N`: PagerDuty-like log entries with their sequence.
    func pages(in answer: JSON, after sequence: Int64) -> Result<Batch, ProbeFailure> {
        batch(in: answer, list: "log_entries", after: sequence) { entry, number in
            guard let channel = entry["channel"] as JSON?, case .string(let key)? = channel["dedup_key"] else {
                return nil
            }
            let resolved: Bool
            switch entry["type"] {
            case .string("trigger_log_entry"): resolved = false
            case .string("resolve_log_entry"): resolved = true
            default: return nil
            }
            var names: Set<String> = []
            var budget = Self.stringLimit
            for field in ["source", "component", "custom_details"] {
                if let value = channel[field] { collect(value, into: &names, depth: 0, budget: &budget) }
            }
            return Signal(
                sequence: number, source: .alert, id: key, names: names.sorted(), summary: text(channel["summary"]),
                resolved: resolved)
        }
    }

    /// `GET chat/<channel>/messages?since=N`.
    func messages(in answer: JSON, after sequence: Int64) -> Result<Batch, ProbeFailure> {
        batch(in: answer, list: "messages", after: sequence) { message, number in
            var names: Set<String> = []
            var budget = Self.stringLimit
            if let words = message["text"] { collect(words, into: &names, depth: 0, budget: &budget) }
            return Signal(
                sequence: number, source: .report, id: "chat-\(number)", names: names.sorted(),
                summary: text(message["text"]), resolved: false)
        }
    }

    private func batch(
        in answer: JSON, list: String, after sequence: Int64, _ read: (JSON, Int64) -> Signal?
    ) -> Result<Batch, ProbeFailure> {
        guard case .array(let entries)? = answer[list] else {
            return .failure(ProbeFailure("the pager's answer has no '\(list)'"))
        }
        var batch = Batch(signals: [], lastSequence: sequence, hasMore: answer["more"] == .bool(true))
        for entry in entries {
            guard case .int(let number)? = entry["sequence"] else {
                return .failure(ProbeFailure("an entry of the pager's '\(list)' has no sequence"))
            }
            // Entries seen before, or out of order, are not signals again.
            guard number > batch.lastSequence else { continue }
            batch.lastSequence = number
            if let signal = read(entry, number) { batch.signals.append(signal) }
        }
        return .success(batch)
    }

    private func text(_ value: JSON?) -> String {
        guard case .string(let text)? = value else { return "" }
        return String(text.prefix(Self.summaryLimit))
    }

    /// Finds host names in every string of a value: whole words of letters, digits, `.`, `_` and `-`.
    private func collect(_ value: JSON, into names: inout Set<String>, depth: Int, budget: inout Int) {
        guard depth <= Self.depthLimit, budget > 0 else { return }
        budget -= 1
        switch value {
        case .string(let text):
            for word in text.prefix(64 << 10).split(whereSeparator: {
                !($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == ".")
            }) {
                let trimmed = word.trimmingPrefix(".")
                let name = trimmed.last == "." ? String(trimmed.dropLast()) : String(trimmed)
                if hosts.contains(name) { names.insert(name) }
            }
        case .array(let elements):
            for element in elements { collect(element, into: &names, depth: depth + 1, budget: &budget) }
        case .object(let members):
            for (_, member) in members.sorted(by: { $0.key < $1.key }) {
                collect(member, into: &names, depth: depth + 1, budget: &budget)
            }
        default: break
        }
    }
}

extension JSON {
    subscript(key: String) -> JSON? {
        if case .object(let members) = self { members[key] } else { nil }
    }
}

/// Follows the pager's log or a chat channel: every entry becomes one `signal` event, once and in order.
actor SignalFeed {
    enum Kind: Sendable {
        case pager, chat
    }

    private let kind: Kind
    private let client: HTTPClient
    private let address: String
    private let port: UInt16
    private let path: String
    private let timeout: Duration
    private let reader: SignalReader
    private let sink: any EventSink
    private var sequence: Int64 = 0
    /// Dedup keys of pages that were sent on purpose: they are tests, not signals.
    private var testKeys: Set<String> = []
    private var testsSeen: Set<String> = []
    private var isLooking = false

    init(
        kind: Kind, client: HTTPClient, address: String, port: UInt16, path: String, timeout: Duration,
        hosts: Set<String>,
        sink: any EventSink
    ) {
        self.kind = kind
        self.client = client
        self.address = address
        self.port = port
        self.path = path
        self.timeout = timeout
        self.sink = sink
        reader = SignalReader(hosts: hosts)
    }

    /// Says that a page with this dedup key is a test.
    func expectTest(_ key: String) { testKeys.insert(key) }

    /// Whether the pager was seen to have received the test.
    func hasSeenTest(_ key: String) -> Bool { testsSeen.contains(key) }

    /// Reads what is new and records it. Nil, or why it could not.
    func look() async -> ProbeFailure? {
        // Two looks at once would record entries twice.
        guard !isLooking else { return nil }
        isLooking = true
        defer { isLooking = false }
        // A thousand entries come at a time; what is left comes with the next look.
        for _ in 0..<10 {
            let parameter = kind == .pager ? "since_sequence" : "since"
            let request = HTTPRequest(
                method: "GET", address: address, port: port, target: "\(path)?\(parameter)=\(sequence)",
                bodyLimit: 4 << 20)
            let batch: SignalReader.Batch
            switch await read(request) {
            case .success(let found): batch = found
            case .failure(let failure): return failure
            }
            sequence = batch.lastSequence
            for signal in batch.signals {
                if testKeys.contains(signal.id) {
                    testsSeen.insert(signal.id)
                } else {
                    await sink.record(signal.event)
                }
            }
            guard batch.hasMore, !batch.signals.isEmpty else { return nil }
        }
        return nil
    }

    private func read(_ request: HTTPRequest) async -> Result<SignalReader.Batch, ProbeFailure> {
        switch await client.send(request, timeout: timeout) {
        case .failure(let failure): return .failure(failure)
        case .success(let response):
            guard response.status == 200, !response.isCut else {
                return .failure(
                    ProbeFailure("HTTP status \(response.status)\(response.isCut ? ", and too long an answer" : "")"))
            }
            do throws(JSONReader.Failure) {
                let answer = try JSONReader.read(response.body)
                return kind == .pager
                    ? reader.pages(in: answer, after: sequence) : reader.messages(in: answer, after: sequence)
            } catch {
                return .failure(ProbeFailure("\(error)"))
            }
        }
    }
}
