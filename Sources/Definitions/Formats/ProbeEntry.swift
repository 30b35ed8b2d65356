import Timeline

/// A probe as a scenario writes it.
struct ProbeEntry: Sendable {
    var id: Located<String>
    var hosts: Located<HostExpression>
    /// Nil: the scenario's `probe_interval`.
    var interval: Located<DurationText>?
    var timeout: DurationText
    var kind: ProbePlan.Kind
    /// The script of a command, as written.
    var command: ScriptBlock?
    var values: [String: String]

    /// What checks may read from a sample when no `values` are named: nil means anything (the shape is the server's).
    var sampleKeys: [String]? {
        if !values.isEmpty { return values.keys.sorted() }
        return switch kind {
        case .rpc: nil
        case .http: ["status", "sha256", "body", "headers"]
        case .command: ["exit", "stdout", "stderr", "json"]
        case .pager, .chat: []
        }
    }

    private static let kinds = ["rpc", "http", "command", "pager", "chat"]

    static func read(_ id: Located<String>, _ reader: MappingReader) -> ProbeEntry? {
        defer { reader.finish(because: "cannot be used with this kind of probe") }
        let hosts = reader.hosts("hosts")
        let interval = reader.positiveDuration("interval", atMost: Limits.longestTimeout)
        let present = kinds.filter { reader.has($0) }
        guard present.count == 1, let kindName = present.first else {
            reader.sink.error(
                "the probe '\(id.value)' must have exactly one of \(kinds.joined(separator: ", "))", at: id.at,
                remedy: present.isEmpty ? "Add one." : "It has \(present.joined(separator: " and ")): make two probes.")
            for kind in kinds { _ = reader.value(kind) }
            return nil
        }
        let isSignal = kindName == "pager" || kindName == "chat"
        let values = isSignal ? [:] : readValues(reader)
        guard let (kind, command) = readKind(kindName, reader) else { return nil }
        let timeout = command?.timeout ?? reader.positiveDuration("timeout", atMost: Limits.longestTimeout)?.value
        guard let hosts, let timeout else { return nil }
        return ProbeEntry(
            id: id, hosts: hosts, interval: interval, timeout: timeout, kind: kind, command: command, values: values)
    }

    private static func readValues(_ reader: MappingReader) -> [String: String] {
        var values: [String: String] = [:]
        for (name, path) in reader.textMap("values") {
            values[name] = reader.parse(path, what: name, ComparisonParser.parsePath)
        }
        return values
    }

    private static func readKind(_ name: String, _ reader: MappingReader) -> (ProbePlan.Kind, ScriptBlock?)? {
        guard let inner = reader.object(name) else { return nil }
        defer { inner.finish() }
        switch name {
        case "rpc":
            let (port, path) = (inner.integer("port"), inner.text("path"))
            let method = inner.text("method")
            let params = inner.value("params").map(Scalars.json) ?? .array([])
            guard let port, let path, let method else { return nil }
            return (.rpc(port: port.value, path: path.value, method: method.value, params: params), nil)
        case "http":
            let headers = inner.textMap("headers").mapValues(\.value)
            guard let url = inner.text("url") else { return nil }
            guard url.value.hasPrefix("http://") || url.value.hasPrefix("https://") else {
                inner.sink.error(
                    "'url' must begin with http:// or https://", at: url.at, remedy: "Write the whole URL.")
                return nil
            }
            return (.http(url: url.value, headers: headers), nil)
        case "command":
            return ScriptBlock.read(inner).map { (.command($0.plan()), $0) }
        default:
            let (port, path) = (inner.integer("port"), inner.text("path"))
            guard let port, let path else { return nil }
            if name == "pager" { return (.pager(port: port.value, path: path.value), nil) }
            return (.chat(port: port.value, path: path.value), nil)
        }
    }

    func plan(targets: [String], standardInterval: DurationText) -> ProbePlan {
        ProbePlan(
            id: id.value, targets: targets, interval: interval?.value ?? standardInterval, timeout: timeout, kind: kind,
            values: values)
    }

    static let keys = KeyTable(
        "scenario.probe",
        "One way to look at the network. Exactly one of `rpc`, `http`, `command`, `pager` and `chat`.",
        [
            .required("hosts", .hostExpression, "The targets.", example: "validators"),
            .optional(
                "interval", .duration(.wall), "Between looks at one target; `probe_interval` when absent.",
                example: "1s"),
            .optional(
                "timeout", .duration(.wall),
                "A look that takes longer is unknown. Not with `command`, which has its own.",
                standard: "1s", example: "2s"),
            .optional(
                "values", .map(.identifier, .path),
                "Names for parts of the answer; checks then read `.name`. Without it, checks read the whole sample. Not with `pager` and `chat`.",
                example: "{height: .result.blockNumber}"),
            .optional(
                "rpc", .object(rpcKeys), "JSON-RPC 2.0 over POST to each target. Sample: the response.",
                example: "{port: 9500, method: hmyv2_latestHeader}"),
            .optional(
                "http", .object(httpKeys), "HTTP GET. Sample: `status`, `sha256`, `body` (first 4 KiB), `headers`.",
                example: "{url: \"http://{address}/release/harmony\"}"),
            .optional(
                "command", .object(commandKeys),
                "A script on the target over SSH. Sample: `exit`, `stdout`, `stderr`, and `json` when stdout is one JSON value.",
                example: "{timeout: 5s, script: sha256sum /usr/local/bin/harmony}"),
            .optional(
                "pager", .object(signalKeys("scenario.probe.pager")), "The pager's log; gives signals, not samples.",
                example: "{port: 8080, path: /log_entries}"),
            .optional(
                "chat", .object(signalKeys("scenario.probe.chat")), "Users' messages; gives signals, not samples.",
                example: "{port: 8080, path: /chat/messages}"),
        ])

    private static let port = ValueType.integer(1...65_535)

    static let rpcKeys = KeyTable(
        "scenario.probe.rpc", "A JSON-RPC call.",
        [
            .required("port", port, "TCP port on the target.", example: "9500"),
            .optional("path", .text, "Path of the URL.", standard: "/", example: "/rpc"),
            .required("method", .text, "JSON-RPC method.", example: "hmyv2_latestHeader"),
            .optional("params", .json, "JSON-RPC parameters; an empty list when absent.", example: "[]"),
        ])

    static let httpKeys = KeyTable(
        "scenario.probe.http", "An HTTP GET.",
        [
            .required(
                "url", .text, "URL; `{address}` is the target's address.",
                example: "\"http://{address}/release/harmony\""),
            .optional("headers", .map(.header, .text), "Headers to send.", example: "{Accept: text/plain}"),
        ])

    static let commandKeys: KeyTable = {
        var table = ScriptBlock.keys("scenario.probe.command", "A short script on the target.")
        table.keys.append(ScriptBlock.envKey)
        return table
    }()

    private static func signalKeys(_ name: String) -> KeyTable {
        KeyTable(
            name, "Where signals are read.",
            [
                .required("port", port, "TCP port on the target.", example: "8080"),
                .required("path", .text, "Path of the URL.", example: "/log_entries"),
            ])
    }
}
