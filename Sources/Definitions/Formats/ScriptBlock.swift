import Timeline

/// A script with its deadline, as faults, stages, probes and responses write it.
struct ScriptBlock: Sendable {
    var script: Located<String>
    var timeout: DurationText
    var environment: [String: String]

    /// Reads `script`, `timeout` and, where the table has it, `env`.
    static func read(_ reader: MappingReader) -> ScriptBlock? {
        let timeout = reader.positiveDuration("timeout", atMost: Limits.longestTimeout)
        let script = reader.text("script")
        let environment = reader.table.key("env") == nil ? [:] : reader.textMap("env").mapValues(\.value)
        guard let timeout, let script else { return nil }
        if script.value.allSatisfy(\.isWhitespace) {
            reader.sink.error(
                "the script is empty", at: script.at, remedy: "Write shell; ':' alone does nothing on purpose.")
        }
        return ScriptBlock(script: script, timeout: timeout.value, environment: environment)
    }

    func plan(environment more: [String: String] = [:]) -> ScriptPlan {
        ScriptPlan(
            script: script.value, environment: environment.merging(more) { _, other in other }, secrets: [],
            timeout: timeout)
    }

    static func keys(_ name: String, _ about: String) -> KeyTable {
        KeyTable(
            name, about,
            [
                .required(
                    "timeout", .duration(.wall), "Deadline of the script; its process group is killed then.",
                    example: "10s"),
                .required("script", .script, "POSIX shell, run by the host's `sh`.", example: "sv status harmony"),
            ])
    }

    static let envKey = KeyTable.Key.optional(
        "env", .map(.variable, .text), "Environment of the script.", example: "{LIMIT: 10}")
}
