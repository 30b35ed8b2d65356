/// A YAML value with the place where it was written. Scalars keep their raw text: nothing is guessed from it.
struct YAMLValue: Sendable, Hashable {
    var at: Location
    var content: Content

    indirect enum Content: Sendable, Hashable {
        /// `quoted` is true for anything but a plain scalar, so that JSON values can tell `1` from `"1"`.
        case scalar(text: String, quoted: Bool)
        case sequence([YAMLValue])
        case mapping([Entry])
    }

    struct Entry: Sendable, Hashable {
        var key: Located<String>
        var value: YAMLValue
    }

    /// What this is, for messages.
    var kindName: String {
        switch content {
        case .scalar(let text, let quoted): text.isEmpty && !quoted ? "nothing" : "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    var isEmptyScalar: Bool {
        if case .scalar(let text, let quoted) = content { return text.isEmpty && !quoted }
        return false
    }
}
