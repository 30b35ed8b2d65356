import Timeline

/// What a fix or a mutant changes: of the testnet's files, settings and services, and of how people respond.
struct ChangeEntry: Sendable {
    /// The fix or mutant, for messages: `the fix 'fail-download'`.
    var owner: String
    var at: Location
    var overlay: Located<String>?
    /// `/path` on every host that has it, or `<layer, group or host>/path`.
    var remove: [Located<String>]
    /// Instead of the testnet's scaled periods and settings of these names.
    var settings: [String: Located<String>]
    /// By host or group.
    var services: [(place: Located<String>, services: [Located<String>])]
    /// Incident time; nil: the scenario's.
    var acknowledgeAfter: DurationText?
    var startAfter: DurationText?
    var runbook: Located<String>?
    var runbookVars: [String: Located<String>]
    var manualDelays: [YAMLValue.Entry]
    var approvals: [String: [Located<String>]]
    /// `overlay` is an absolute path, given on the command line.
    var isOutsideRoot = false
    /// Absolute path of a new build that the testnet's `release` rolls out.
    var program: String?

    static func read(_ reader: MappingReader, owner: String) -> ChangeEntry {
        let overlay = reader.text("overlay")
        let remove = reader.texts("remove")
        for path in remove where !HostPath.isValid(path.value.hasPrefix("/") ? path.value : "/\(path.value)") {
            reader.sink.error(
                "'\(Quote.short(path.value))' is not a path on a host", at: path.at,
                remedy: "Write /opt/ops/list.txt, or ops/opt/ops/list.txt for one layer, group or host.")
        }
        let services = reader.map("services").map { entry in
            (entry.key, readNames(entry.value, what: entry.key.value, sink: reader.sink))
        }
        let responder = reader.object("responder")
        let (acknowledge, start) = (responder?.duration("acknowledge_after"), responder?.duration("start_after"))
        responder?.finish()
        return ChangeEntry(
            owner: owner, at: reader.at, overlay: overlay, remove: remove, settings: reader.textMap("settings"),
            services: services, acknowledgeAfter: acknowledge?.value, startAfter: start?.value,
            runbook: reader.has("runbook") ? reader.name("runbook") : nil, runbookVars: reader.textMap("runbook_vars"),
            manualDelays: reader.map("manual_delays"), approvals: ScenarioFile.readApprovals(reader))
    }

    private static func readNames(_ value: YAMLValue, what: String, sink: Sink) -> [Located<String>] {
        guard case .sequence(let items) = value.content else {
            sink.error("the services of '\(Quote.short(what))' must be a list", at: value.at, remedy: "Write [a, b].")
            return []
        }
        return items.compactMap { Scalars.name($0, what: what, sink: sink) }
    }

    /// The keys that a fix and a mutant share.
    static let keys: [KeyTable.Key] = [
        .optional(
            "overlay", .text,
            "Folder under the root whose files are laid over the testnet's: `<layer, group or host>/<path on the host>`. "
                + "They replace files of that path or add to them; names ending in `.mustache` are rendered.",
            example: "chaos/fixes/harmony-release-bucket/fail-download"),
        .optional(
            "remove", .list(.text),
            "Files of the testnet to leave out: `/path` on every host that has it, or `<layer, group or host>/<path>`.",
            example: "[ops/opt/ops/mainnet/shard0.txt]"),
        .optional(
            "settings", .map(.identifier, .text), "Instead of the testnet's `scaled` and `settings` of these names.",
            example: "{update_poll: 1h}"),
        .optional(
            "services", .map(.name, .list(.name)), "Services that a host or group has besides the testnet's.",
            example: "{watchdog: [restarter]}"),
        .optional(
            "responder", .object(responderKeys), "How fast people are; a delay that is not written is the scenario's.",
            example: "{start_after: 0s}"),
        .optional("runbook", .name, "Instead of the scenario's runbook.", example: "restart-all-shards"),
        .optional(
            "runbook_vars", .map(.variable, .text),
            "Values for the runbook's variables, on top of those of the scenario that the runbook knows.",
            example: "{BUCKET: release}"),
        .optional(
            "manual_delays", .map(.name, .duration(.incident)),
            "How long manual steps take, on top of those of the scenario that the runbook has.",
            example: "{call-the-exchange: 3m}"),
        .optional(
            "approvals", .map(.name, .either(.text, .list(.text))),
            "Hazardous steps by name with their hash, for steps that differ from the scenario's: another runbook's, or ones "
                + "that call a changed script.",
            example: "{restore-read: 5f70bf18a086}"),
    ]

    static let responderKeys = KeyTable(
        "scenario.fix.responder", "How fast people are with the fix.",
        [
            .optional(
                "acknowledge_after", .duration(.incident), "From the first signal; the scenario's when absent.",
                example: "0s"),
            .optional(
                "start_after", .duration(.incident),
                "From the acknowledgement to the first step; the scenario's when absent.", example: "0s"),
        ])
}
