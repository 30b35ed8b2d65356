@testable import Definitions

/// Renders a key table as the Markdown table that stands on its format's page.
enum KeyTableMarkdown {
    static func render(_ table: KeyTable) -> String {
        var lines = [
            table.about, "", "| key | type | required, or default | meaning | example |",
            "| --- | --- | --- | --- | --- |",
        ]
        for key in table.keys {
            let presence = key.required ? "required" : key.standard.map { "`\($0)`" } ?? "optional"
            lines.append(
                "| `\(key.name)` | \(name(of: key.type)) | \(presence) | \(escape(key.about)) | `\(escape(key.example))` |"
            )
        }
        return lines.joined(separator: "\n")
    }

    private static func escape(_ text: String) -> String { text.replacing("|", with: "\\|") }

    static func name(of type: ValueType) -> String {
        switch type {
        case .text: "text"
        case .name: "name"
        case .nameTemplate: "name with `{placeholders}`"
        case .factID: "id"
        case .integer(let range): "whole number, \(range.lowerBound) to \(range.upperBound)"
        case .number(let range): "number, \(plain(range.lowerBound)) to \(plain(range.upperBound))"
        case .boolean: "`true` or `false`"
        case .duration(.wall): "duration, wall time"
        case .duration(.incident): "duration, incident time"
        case .hostExpression: "host expression"
        case .pattern: "regular expression"
        case .comparison: "comparison"
        case .path: "path"
        case .strategy: "strategy"
        case .script: "POSIX shell"
        case .oneOf(let choices): choices.map { "`\($0)`" }.joined(separator: ", ")
        case .list(let inner): "list of \(name(of: inner))"
        case .map(let rule, let inner): "mapping of \(keyName(rule)) to \(name(of: inner))"
        case .object(let table): "[\(table.name)](#\(anchor(table)))"
        case .either(let left, let right): "\(name(of: left)), or \(name(of: right))"
        case .json: "any value, read as JSON"
        }
    }

    static func anchor(_ table: KeyTable) -> String { table.name.filter { $0 != "." } }

    private static func plain(_ number: Double) -> String { String(Int(number)) }

    private static func keyName(_ rule: ValueType.MapKey) -> String {
        switch rule {
        case .name: "name"
        case .identifier: "`lower_case` name"
        case .variable: "`VARIABLE`"
        case .factID: "fact id"
        case .header: "header name"
        case .path: "path"
        }
    }
}
