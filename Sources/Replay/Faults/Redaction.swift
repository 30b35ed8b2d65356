import Definitions
import Foundation

/// Takes the values of secrets out of text that hosts sent, before it becomes an event.
struct Redaction: Sendable {
    private var secrets: [(name: String, value: String)]

    init(of scripts: [ScriptPlan]) {
        var found: [String: String] = [:]
        for script in scripts {
            for name in script.secrets {
                if let value = script.environment[name], !value.isEmpty { found[value] = name }
            }
        }
        // Longest first, so that a secret that holds another one is replaced whole.
        secrets = found.map { ($0.value, $0.key) }.sorted {
            ($0.value.utf8.count, $0.name) > ($1.value.utf8.count, $1.name)
        }
    }

    func apply(to text: String) -> String {
        secrets.reduce(text) { $0.replacingOccurrences(of: $1.value, with: "[\($1.name)]") }
    }
}
