import Timeline

/// Reads one mapping by its key table: unknown keys are errors with the near miss, values are read from raw text.
final class MappingReader {
    let at: Location
    let table: KeyTable
    let sink: Sink
    private var entries: [String: YAMLValue.Entry] = [:]
    private var asked: Set<String> = []

    /// Nil, with an error, when `value` is not a mapping.
    init?(_ value: YAMLValue, table: KeyTable, sink: Sink) {
        self.at = value.at
        self.table = table
        self.sink = sink
        guard case .mapping(let list) = value.content else {
            sink.error(
                "\(table.name) must be a mapping, and this is \(value.kindName)", at: value.at,
                remedy: "Keys: \(table.names.joined(separator: ", ")).")
            return nil
        }
        for entry in list {
            if table.key(entry.key.value) == nil {
                sink.error(
                    "unknown key '\(Quote.short(entry.key.value))' in \(table.name)", at: entry.key.at,
                    remedy: NearMiss.hint(for: entry.key.value, among: table.names, noun: "key"))
            } else {
                entries[entry.key.value] = entry
            }
        }
        for key in table.keys where key.required && entries[key.name] == nil {
            sink.error(
                "the key '\(key.name)' is missing in \(table.name)", at: value.at,
                remedy: "Add it, for example '\(key.name): \(key.example)'.")
        }
    }

    /// Reports keys that are known but were not read: a key that is accepted must never be ignored.
    func finish(because reason: String = "does nothing here") {
        for (name, entry) in entries where !asked.contains(name) {
            sink.error("the key '\(name)' \(reason)", at: entry.key.at, remedy: "Remove it.")
        }
    }

    func has(_ key: String) -> Bool { entries[key] != nil }
    func location(of key: String) -> Location { entries[key]?.key.at ?? at }

    func value(_ key: String) -> YAMLValue? {
        asked.insert(key)
        guard let definition = table.key(key) else {
            sink.error("the reader asks for a key '\(key)' that \(table.name) does not have", at: at)
            return nil
        }
        if let entry = entries[key] {
            if entry.value.isEmptyScalar {
                sink.error(
                    "the key '\(key)' has no value", at: entry.key.at,
                    remedy: "Write one, for example '\(key): \(definition.example)', or remove the key.")
                return nil
            }
            return entry.value
        }
        return definition.standard.map { YAMLValue(at: at, content: .scalar(text: $0, quoted: false)) }
    }

    /// Any scalar, as its raw text.
    func text(_ key: String) -> Located<String>? { value(key).flatMap { Scalars.text($0, what: key, sink: sink) } }
    func name(_ key: String) -> Located<String>? { value(key).flatMap { Scalars.name($0, what: key, sink: sink) } }
    func boolean(_ key: String) -> Bool? { value(key).flatMap { Scalars.boolean($0, what: key, sink: sink) } }
    func duration(_ key: String) -> Located<DurationText>? {
        value(key).flatMap { Scalars.duration($0, what: key, sink: sink) }
    }

    /// A duration longer than zero.
    func positiveDuration(_ key: String, atMost limit: DurationText? = nil) -> Located<DurationText>? {
        guard let duration = duration(key) else { return nil }
        if duration.value.duration <= .zero {
            sink.error("'\(key)' must be longer than zero", at: duration.at, remedy: "Write a duration such as 30s.")
            return nil
        }
        if let limit, duration.value.duration > limit.duration {
            sink.error("'\(key)' is longer than \(limit)", at: duration.at, remedy: "Write a shorter one.")
            return nil
        }
        return duration
    }

    func integer(_ key: String) -> Located<Int>? {
        guard let value = value(key), case .integer(let range) = table.key(key)?.type.scalarChoice else { return nil }
        return Scalars.integer(value, range: range, what: key, sink: sink)
    }

    func number(_ key: String) -> Located<Double>? {
        guard let value = value(key), case .number(let range) = table.key(key)?.type else { return nil }
        return Scalars.number(value, range: range, what: key, sink: sink)
    }

    func choice(_ key: String) -> Located<String>? {
        guard let value = value(key), case .oneOf(let choices) = table.key(key)?.type else { return nil }
        return Scalars.choice(value, among: choices, what: key, sink: sink)
    }

    func hosts(_ key: String) -> Located<HostExpression>? {
        guard let text = text(key) else { return nil }
        do {
            return Located(value: try HostExpression(parsing: text.value), at: text.at)
        } catch {
            sink.error("'\(key)': \(error.message)", at: text.at, remedy: error.remedy)
            return nil
        }
    }

    func list(_ key: String) -> [YAMLValue] {
        guard let value = value(key) else { return [] }
        guard case .sequence(let items) = value.content else {
            sink.error(
                "'\(key)' must be a list, and this is \(value.kindName)", at: value.at,
                remedy: "Write [a, b] or '- ' items.")
            return []
        }
        return items
    }

    func texts(_ key: String) -> [Located<String>] { list(key).compactMap { Scalars.text($0, what: key, sink: sink) } }
    func names(_ key: String) -> [Located<String>] { list(key).compactMap { Scalars.name($0, what: key, sink: sink) } }

    /// A mapping with keys chosen by the author, checked against the table's rule for them.
    func map(_ key: String) -> [YAMLValue.Entry] {
        guard let value = value(key), case .map(let rule, _) = table.key(key)?.type else { return [] }
        guard case .mapping(let items) = value.content else {
            sink.error(
                "'\(key)' must be a mapping, and this is \(value.kindName)", at: value.at,
                remedy: "Write 'name: value' lines.")
            return []
        }
        return items.filter { Scalars.checkMapKey($0.key, rule: rule, in: key, sink: sink) }
    }

    func textMap(_ key: String) -> [String: Located<String>] {
        var result: [String: Located<String>] = [:]
        for entry in map(key) {
            guard let text = Scalars.text(entry.value, what: entry.key.value, sink: sink) else { continue }
            result[entry.key.value] = text
        }
        return result
    }

    func object(_ key: String) -> MappingReader? {
        guard let value = value(key), case .object(let table) = table.key(key)?.type else { return nil }
        return MappingReader(value, table: table, sink: sink)
    }

    /// The mappings in a list of objects.
    func objects(_ key: String) -> [MappingReader] {
        guard case .list(.object(let table)) = table.key(key)?.type else { return [] }
        return list(key).compactMap { MappingReader($0, table: table, sink: sink) }
    }

    /// The mappings under author-chosen names.
    func objectMap(_ key: String) -> [(name: Located<String>, reader: MappingReader)] {
        guard case .map(_, .object(let table)) = table.key(key)?.type else { return [] }
        return map(key).compactMap { entry in
            MappingReader(entry.value, table: table, sink: sink).map { (entry.key, $0) }
        }
    }
}

extension ValueType {
    /// The first alternative, for keys that take a number or a word.
    fileprivate var scalarChoice: ValueType {
        if case .either(let left, _) = self { return left }
        return self
    }
}
