/// The keys of one mapping of a file format: the single place that says which keys exist. The parser, the pages in
/// `docs/formats` and the JSON Schemas in `docs/schema` all follow it.
struct KeyTable: Sendable {
    /// Unique name of the mapping, such as `scenario.check`.
    var name: String
    /// What the mapping is, for its page.
    var about: String
    var keys: [Key]

    struct Key: Sendable {
        var name: String
        var type: ValueType
        var required: Bool
        /// What an absent key means: a value that is read like a written one.
        var standard: String?
        var about: String
        /// A value as it stands in a file, on one line.
        var example: String
    }

    func key(_ name: String) -> Key? { keys.first { $0.name == name } }
    var names: [String] { keys.map(\.name) }

    /// This table and all tables below it, each once, in the order of first mention.
    var family: [KeyTable] {
        var found: [KeyTable] = []
        func visit(_ table: KeyTable) {
            guard !found.contains(where: { $0.name == table.name }) else { return }
            found.append(table)
            for key in table.keys { key.type.tables.forEach(visit) }
        }
        visit(self)
        return found
    }
}

/// What a key's value may be.
indirect enum ValueType: Sendable {
    /// Any text; the raw scalar, quoted or not.
    case text
    /// Lower-case letters, digits and hyphens, at most 63, not at the ends.
    case name
    /// Like `name`, but may hold placeholders such as `{n}` (hosts made by `for`).
    case nameTemplate
    /// An incident's id or a fact's id.
    case factID
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case boolean
    case duration(Clock)
    case hostExpression
    /// A regular expression without slashes.
    case pattern
    /// `.path op operand`.
    case comparison
    /// `.path`.
    case path
    /// `parallel`, `rolling 1`, ...
    case strategy
    /// POSIX shell.
    case script
    case oneOf([String])
    case list(ValueType)
    /// A mapping whose keys are chosen by the author.
    case map(MapKey, ValueType)
    case object(KeyTable)
    case either(ValueType, ValueType)
    /// Any YAML value, read as JSON.
    case json

    /// Whether a duration is scaled (DESIGN section 3, scaled clock).
    enum Clock: String, Sendable {
        /// Never scaled.
        case wall
        /// Divided by the time scale.
        case incident
    }

    /// What an author's own keys look like.
    enum MapKey: String, Sendable {
        case name
        /// `[a-z_][a-z0-9_]*`
        case identifier
        /// `[A-Z_][A-Z0-9_]*`
        case variable
        case factID
        /// An HTTP header's name.
        case header
        /// An absolute path on a host.
        case path
    }

    var tables: [KeyTable] {
        switch self {
        case .object(let table): [table]
        case .list(let type), .map(_, let type): type.tables
        case .either(let left, let right): left.tables + right.tables
        default: []
        }
    }
}

extension KeyTable {
    init(_ name: String, _ about: String, _ keys: [Key]) {
        self.init(name: name, about: about, keys: keys)
    }
}

extension KeyTable.Key {
    static func required(_ name: String, _ type: ValueType, _ about: String, example: String) -> Self {
        Self(name: name, type: type, required: true, standard: nil, about: about, example: example)
    }

    static func optional(
        _ name: String, _ type: ValueType, _ about: String, standard: String? = nil, example: String
    ) -> Self {
        Self(name: name, type: type, required: false, standard: standard, about: about, example: example)
    }
}
