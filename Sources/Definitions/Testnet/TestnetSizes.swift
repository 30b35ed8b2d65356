/// Sizes of a testnet: one definition, several numbers of hosts.
extension TestnetFile {
    static func readSizes(_ reader: MappingReader) -> [(name: Located<String>, values: [String: String])] {
        reader.map("sizes").compactMap { entry in
            guard case .mapping(let items) = entry.value.content else {
                reader.sink.error(
                    "the size '\(entry.key.value)' must be a mapping, and this is \(entry.value.kindName)",
                    at: entry.value.at, remedy: "Write {wiped: 8}.")
                return nil
            }
            var values: [String: String] = [:]
            for item in items where Scalars.checkMapKey(item.key, rule: .identifier, in: "sizes", sink: reader.sink) {
                values[item.key.value] = Scalars.text(item.value, what: item.key.value, sink: reader.sink)?.value
            }
            return (entry.key, values)
        }
    }

    static func checkSizes(
        _ sizes: [(name: Located<String>, values: [String: String])], standard: Located<String>?,
        _ reader: MappingReader
    ) {
        guard let first = sizes.first else {
            if reader.has("sizes") {
                reader.sink.error(
                    "'sizes' names none", at: reader.location(of: "sizes"), remedy: "Write {small: {wiped: 8}}.")
            } else if let standard {
                reader.sink.error("'default_size' needs 'sizes'", at: standard.at, remedy: "Remove it.")
            }
            return
        }
        for size in sizes.dropFirst() where Set(size.values.keys) != Set(first.values.keys) {
            reader.sink.error(
                "the sizes '\(first.name.value)' and '\(size.name.value)' have different values", at: size.name.at,
                remedy: "Give each: \(Set(first.values.keys).union(size.values.keys).sorted().joined(separator: ", "))."
            )
        }
        guard let standard else {
            reader.sink.error(
                "'sizes' needs 'default_size'", at: reader.location(of: "sizes"),
                remedy: "Add 'default_size: \(first.name.value)'.")
            return
        }
        if !sizes.contains(where: { $0.name.value == standard.value }) {
            reader.sink.unknown("the size", standard, among: sizes.map(\.name.value))
        }
    }

    /// The chosen size with its values as placeholders see them (`size.wiped`); `chosen` nil is the default one.
    /// A size that does not exist is an error with the near miss.
    func size(_ chosen: String?, sink: Sink) -> (name: String?, values: [String: String])? {
        guard let name = chosen ?? defaultSize?.value else { return (nil, [:]) }
        guard let size = sizes.first(where: { $0.name.value == name }) else {
            // What is wrong with the default itself is said where the file is read.
            guard chosen != nil else { return nil }
            if sizes.isEmpty {
                sink.error(
                    "the testnet '\(self.name.value)' has no sizes, and '\(Quote.short(name))' was chosen",
                    at: .commandLine, remedy: "Leave out --size.")
            } else {
                sink.unknown("the size", Located(value: name, at: .commandLine), among: sizes.map(\.name.value))
            }
            return nil
        }
        return (name, Dictionary(size.values.map { ("size.\($0.key)", $0.value) }) { first, _ in first })
    }

    /// Every choice of size that there is: nil alone without sizes.
    var sizeChoices: [String?] { sizes.isEmpty ? [nil] : sizes.map(\.name.value) }
}
