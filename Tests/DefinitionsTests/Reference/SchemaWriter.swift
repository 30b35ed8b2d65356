import Foundation
import Timeline

@testable import Definitions

/// Writes a JSON Schema for editors from a format's key tables, so that schema and parser cannot differ in their keys.
enum SchemaWriter {
    static func schema(of table: KeyTable, title: String) throws -> String {
        var definitions: [String: JSON] = [:]
        for inner in table.family.dropFirst() { definitions[inner.name] = object(inner) }
        guard case .object(var root) = object(table) else { return "" }
        root["$schema"] = .string("https://json-schema.org/draft/2020-12/schema")
        root["title"] = .string(title)
        if !definitions.isEmpty { root["$defs"] = .object(definitions) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(JSON.object(root)), as: UTF8.self) + "\n"
    }

    private static func object(_ table: KeyTable) -> JSON {
        var properties: [String: JSON] = [:]
        for key in table.keys {
            guard case .object(var property) = type(key.type) else { continue }
            property["description"] = .string(key.about)
            properties[key.name] = .object(property)
        }
        return .object([
            "type": .string("object"), "description": .string(table.about), "properties": .object(properties),
            "additionalProperties": .bool(false),
            "required": .array(table.keys.filter(\.required).map { .string($0.name) }),
        ])
    }

    private static func type(_ type: ValueType) -> JSON {
        switch type {
        case .text: .object(["type": .array(["string", "number", "boolean"].map(JSON.string))])
        case .nameTemplate, .hostExpression, .pattern, .comparison, .path, .strategy, .script:
            .object(["type": .string("string"), "minLength": .int(1)])
        case .name: string("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
        case .factID: string("^[A-Z]{1,4}[0-9]{1,3}(-[LFSTRXC][1-9][0-9]{0,2})?$")
        case .integer(let range):
            .object([
                "type": .string("integer"), "minimum": .int(Int64(range.lowerBound)),
                "maximum": .int(Int64(range.upperBound)),
            ])
        case .number(let range):
            .object([
                "type": .string("number"), "minimum": .double(range.lowerBound), "maximum": .double(range.upperBound),
            ])
        case .boolean: .object(["type": .string("boolean")])
        case .duration: string("^([0-9]+(\\.[0-9]+)?(d|h|ms|m|s))+$")
        case .oneOf(let choices): .object(["enum": .array(choices.map(JSON.string))])
        case .list(let inner):
            if case .comparison = inner {
                // One comparison may stand without a list.
                .object([
                    "anyOf": .array([.object(["type": .string("array"), "items": self.type(inner)]), self.type(inner)])
                ])
            } else {
                .object(["type": .string("array"), "items": self.type(inner)])
            }
        case .map(let rule, let inner):
            .object([
                "type": .string("object"), "propertyNames": string(pattern(of: rule)),
                "additionalProperties": self.type(inner),
            ])
        case .object(let table): .object(["$ref": .string("#/$defs/\(table.name)")])
        case .either(let left, let right): .object(["anyOf": .array([self.type(left), self.type(right)])])
        case .json: .object([:])
        }
    }

    private static func string(_ pattern: String) -> JSON {
        .object(["type": .string("string"), "pattern": .string(pattern)])
    }

    private static func pattern(of rule: ValueType.MapKey) -> String {
        switch rule {
        case .name: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
        case .identifier: "^[a-z_][a-z0-9_]{0,62}$"
        case .variable: "^[A-Z_][A-Z0-9_]{0,62}$"
        case .factID: "^[A-Z]{1,4}[0-9]{1,3}-[LFSTRXC][1-9][0-9]{0,2}$"
        case .header: "^[!-9;-~]+$"
        case .path: "^(/[^/]+)+$"
        }
    }
}

/// The part of JSON Schema that `SchemaWriter` uses.
enum SchemaValidator {
    static func problems(_ value: JSON, schema: JSON, root: JSON, path: String = "") -> [String] {
        guard case .object(let rules) = schema else { return [] }
        if case .string(let reference)? = rules["$ref"], case .object(let top) = root,
            case .object(let inner)? = top["$defs"]
        {
            let name = String(reference.dropFirst("#/$defs/".count))
            guard let target = inner[name] else { return ["\(path): no definition \(name)"] }
            return problems(value, schema: target, root: root, path: path)
        }
        if case .array(let choices)? = rules["anyOf"] {
            let all = choices.map { problems(value, schema: $0, root: root, path: path) }
            return all.contains(where: \.isEmpty) ? [] : all.flatMap { $0 }
        }
        var found: [String] = []
        if let type = rules["type"], !matches(value, type) { return ["\(path): is not \(type)"] }
        if case .array(let choices)? = rules["enum"], !choices.contains(value) {
            found.append("\(path): not in \(choices)")
        }
        if case .string(let pattern)? = rules["pattern"], case .string(let text) = value,
            (try? Regex(pattern).firstMatch(in: text)) == nil
        {
            found.append("\(path): '\(text)' does not match \(pattern)")
        }
        if case .array(let items) = value, let inner = rules["items"] {
            for (index, item) in items.enumerated() {
                found += problems(item, schema: inner, root: root, path: "\(path)[\(index)]")
            }
        }
        if case .object(let members) = value { found += problems(members, rules: rules, root: root, path: path) }
        return found
    }

    private static func problems(
        _ members: [String: JSON], rules: [String: JSON], root: JSON, path: String
    ) -> [String] {
        var found: [String] = []
        var properties: [String: JSON] = [:]
        if case .object(let known)? = rules["properties"] { properties = known }
        if case .array(let required)? = rules["required"] {
            for case .string(let key) in required where members[key] == nil { found.append("\(path): lacks \(key)") }
        }
        for (key, value) in members {
            if let inner = properties[key] {
                found += problems(value, schema: inner, root: root, path: "\(path).\(key)")
            } else if case .bool(false)? = rules["additionalProperties"] {
                found.append("\(path): unknown \(key)")
            } else if let inner = rules["additionalProperties"] {
                found += problems(value, schema: inner, root: root, path: "\(path).\(key)")
            }
            if let names = rules["propertyNames"] {
                found += problems(.string(key), schema: names, root: root, path: "\(path).\(key)")
            }
        }
        return found
    }

    private static func matches(_ value: JSON, _ type: JSON) -> Bool {
        if case .array(let types) = type { return types.contains { matches(value, $0) } }
        return switch (value, type) {
        case (.string, .string("string")), (.bool, .string("boolean")), (.object, .string("object")),
            (.array, .string("array")), (.int, .string("integer")), (.int, .string("number")),
            (.double, .string("number")):
            true
        default: false
        }
    }
}
