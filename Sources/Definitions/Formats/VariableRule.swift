/// What a variable of a runbook or a parameter of a fault may be.
struct VariableRule: Sendable {
    var name: Located<String>
    var match: Located<String>
    var required: Bool
    var standard: Located<String>?

    static func read(_ name: Located<String>, _ reader: MappingReader) -> VariableRule? {
        defer { reader.finish() }
        let match = reader.text("match")
        let required = reader.boolean("required") ?? false
        let standard = reader.text("default")
        guard let match else { return nil }
        do throws(ExpressionError) {
            try Pattern.check(match.value)
        } catch {
            reader.sink.error(error.message, at: match.at, remedy: error.remedy)
            return nil
        }
        let rule = VariableRule(name: name, match: match, required: required, standard: standard)
        if required, let standard {
            reader.sink.error(
                "'\(name.value)' is required and has a default", at: standard.at, remedy: "Remove one of the two.")
        } else if let standard {
            rule.check(standard, sink: reader.sink)
        }
        return rule
    }

    /// Whole-string match (DESIGN section 5, commands on hosts).
    func check(_ value: Located<String>, sink: Sink) {
        guard value.value.unicodeScalars.count <= Limits.variableLength else {
            sink.error("the value of '\(name.value)' is longer than \(Limits.variableLength) characters", at: value.at)
            return
        }
        if !Pattern.matchesWhole(value.value, pattern: match.value) {
            sink.error(
                "'\(Quote.short(value.value))' does not match \(name.value)'s pattern /\(match.value)/", at: value.at,
                remedy: "Write a value that matches as a whole; the pattern is in \(match.at.file):\(match.at.line).")
        }
    }

    /// Environment for scripts from given values: unknown names, missing ones and mismatches are errors.
    static func resolve(
        _ rules: [VariableRule], with values: [String: Located<String>], at: Location, owner: String, sink: Sink
    ) -> [String: String] {
        for (name, value) in values where !rules.contains(where: { $0.name.value == name }) {
            sink.error(
                "\(owner) has no variable '\(Quote.short(name))'", at: value.at,
                remedy: NearMiss.hint(for: name, among: rules.map(\.name.value), noun: "variable"))
        }
        var environment: [String: String] = [:]
        for rule in rules {
            if let value = values[rule.name.value] {
                rule.check(value, sink: sink)
                environment[rule.name.value] = value.value
            } else if let standard = rule.standard {
                environment[rule.name.value] = standard.value
            } else if rule.required {
                sink.error(
                    "\(owner) needs a value for '\(rule.name.value)'", at: at,
                    remedy: "Give it here; it must match /\(rule.match.value)/.")
            } else {
                environment[rule.name.value] = ""
            }
        }
        return environment
    }

    static let keys = KeyTable(
        "variable", "A named value that reaches scripts as environment.",
        [
            .required(
                "match", .pattern, "Regular expression that the whole value must match.", example: "\"[a-z0-9.-]+\""),
            .optional("required", .boolean, "True when a value must be given.", standard: "false", example: "true"),
            .optional("default", .text, "Value when none is given; without one, the empty text.", example: "release"),
        ])
}
