import Yams

/// Turns bytes into a tree of located values, or into diagnostics. Size, text and structure are checked before Yams
/// sees anything (`YAMLGate`); duplicate keys are all found, with both places.
enum YAMLReader {
    /// - Parameters:
    ///   - firstLine: line of the file at which `bytes` begin, for front matter.
    /// - Returns: nil when the text is unusable; `diagnostics` then holds at least one error.
    static func read(
        _ bytes: [UInt8], file: String, firstLine: Int = 1, diagnostics: inout Diagnostics
    ) -> YAMLValue? {
        let start = Location(file: file, line: firstLine, column: 1)
        var found = Diagnostics()
        defer { diagnostics.append(contentsOf: found.shifted(by: firstLine - 1)) }
        guard let text = Self.text(of: bytes, file: file, limit: Limits.yamlBytes, diagnostics: &found) else {
            return nil
        }
        let refusals = YAMLGate.refusals(in: Array(text.utf8), file: file)
        guard refusals.all.isEmpty else {
            found.append(contentsOf: refusals)
            return nil
        }
        guard let root = parse(text, file: file, diagnostics: &found) else {
            if found.all.isEmpty {
                found.error(
                    "the file is empty", at: Location(file: file, line: 1, column: 1), remedy: "Write the definition.")
            }
            return nil
        }
        return root.shifted(by: start.line - 1)
    }

    /// Checks size, UTF-8 and control characters.
    static func text(of bytes: [UInt8], file: String, limit: Int, diagnostics: inout Diagnostics) -> String? {
        let start = Location(file: file, line: 1, column: 1)
        guard bytes.count <= limit else {
            diagnostics.error(
                "the text is larger than \(limit / 1024) KiB", at: start,
                remedy: "Move long scripts into files of the testnet.")
            return nil
        }
        let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        guard let text = String(validating: bytes, as: UTF8.self) else {
            diagnostics.error("the text is not valid UTF-8", at: start, remedy: "Save the file as UTF-8.")
            return nil
        }
        var line = 1
        var column = 1
        var scalars = text.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            if scalar == "\n" {
                line += 1
                column = 1
                continue
            }
            let isLineEnd = scalar == "\r" && scalars.first == "\n"
            let isAllowed = scalar.value >= 0x20 && scalar.value != 0x7F || scalar == "\t" || isLineEnd
            let isOddLineBreak = [0x85, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF].contains(scalar.value)
            if !isAllowed || isOddLineBreak {
                let code = String(scalar.value, radix: 16, uppercase: true)
                diagnostics.error(
                    "the character U+\(code) is not allowed", at: Location(file: file, line: line, column: column),
                    remedy: "Remove it; lines end with a newline.")
                return nil
            }
            column += 1
        }
        // Only CR LF can be left: as one newline, lines split alike everywhere.
        guard text.utf8.contains(UInt8(ascii: "\r")) else { return text }
        return String(decoding: text.utf8.filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
    }

    /// How many duplicate keys are looked for in one file.
    private static let duplicateLimit = 20

    /// Yams stops at the first mapping with a duplicate key and names only the first place. Each key that it names is
    /// masked and the text parsed again, which finds the second place and further duplicates.
    private static func parse(_ text: String, file: String, diagnostics: inout Diagnostics) -> YAMLValue? {
        var text = text
        var masked: [TextPlace: Character] = [:]
        for _ in 0...duplicateLimit {
            do {
                guard let node = try Parser(yaml: text, encoding: .utf8).singleRoot() else { return nil }
                var builder = TreeBuilder(file: file, masked: masked)
                let root = builder.value(node, depth: 0)
                diagnostics.append(contentsOf: builder.diagnostics)
                return root
            } catch YamlError.duplicatedKeysInMapping(_, let context) {
                let mark = TextPlace(line: context.mark.line, column: context.mark.column)
                guard masked[mark] == nil, let original = mask(&text, at: mark, number: masked.count) else {
                    diagnostics.error(
                        "a key appears twice in the mapping", at: mark.location(in: file), remedy: "Remove one of them."
                    )
                    return nil
                }
                masked[mark] = original
            } catch let error as YamlError {
                report(error, file: file, diagnostics: &diagnostics)
                return nil
            } catch {
                diagnostics.error("the YAML cannot be read: \(error)", at: Location(file: file, line: 1, column: 1))
                return nil
            }
        }
        diagnostics.error(
            "more than \(duplicateLimit) keys appear twice", at: Location(file: file, line: 1, column: 1),
            remedy: "Remove the duplicates.")
        return nil
    }

    /// Stands for the first character of a masked key: one of the private use area for each, so that they differ.
    private static func mask(_ text: inout String, at mark: TextPlace, number: Int) -> Character? {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.indices.contains(mark.line - 1) else { return nil }
        var scalars = Array(lines[mark.line - 1].unicodeScalars)
        var index = mark.column - 1
        guard scalars.indices.contains(index) else { return nil }
        if scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
        guard scalars.indices.contains(index), scalars[index] != "\\", scalars[index] != "\"", scalars[index] != "'",
            let replacement = Unicode.Scalar(0xE000 + UInt32(number))
        else { return nil }
        let original = Character(scalars[index])
        scalars[index] = replacement
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        lines[mark.line - 1] = String(view)
        text = lines.joined(separator: "\n")
        return original
    }

    private static func report(_ error: YamlError, file: String, diagnostics: inout Diagnostics) {
        let at: Location
        let problem: String
        switch error {
        case .scanner(_, let text, let mark, _), .parser(_, let text, let mark, _), .composer(_, let text, let mark, _):
            at = Location(file: file, line: max(1, mark.line), column: max(1, mark.column))
            problem = text
        case .reader(let text, _, _, _):
            at = Location(file: file, line: 1, column: 1)
            problem = text
        default:
            at = Location(file: file, line: 1, column: 1)
            problem = "it cannot be parsed"
        }
        diagnostics.error(
            "this is not valid YAML: \(problem)", at: at,
            remedy: "Check indentation, quotes and colons on this line and the one before.")
    }
}

/// A place in the text that Yams parses.
struct TextPlace: Hashable {
    var line: Int
    var column: Int

    func location(in file: String) -> Location { Location(file: file, line: max(1, line), column: max(1, column)) }
}

/// Copies Yams' tree into ours and refuses what the gate should have caught.
private struct TreeBuilder {
    let file: String
    let masked: [TextPlace: Character]
    var diagnostics = Diagnostics()

    mutating func value(_ node: Node, depth: Int) -> YAMLValue {
        let at = location(of: node)
        if depth > Limits.yamlDepth {
            diagnostics.error("nested deeper than \(Limits.yamlDepth) levels", at: at, remedy: "Flatten the structure.")
            return YAMLValue(at: at, content: .scalar(text: "", quoted: false))
        }
        if node.anchor != nil {
            diagnostics.error("an anchor (&) is not allowed", at: at, remedy: "Write the value out, or quote the text.")
            return YAMLValue(at: at, content: .scalar(text: "", quoted: false))
        }
        switch node {
        case .scalar(let scalar):
            let quoted = scalar.style != .plain && scalar.style != .any
            return YAMLValue(at: at, content: .scalar(text: scalar.string, quoted: quoted))
        case .sequence(let sequence):
            return YAMLValue(at: at, content: .sequence(sequence.map { value($0, depth: depth + 1) }))
        case .mapping(let mapping):
            return YAMLValue(at: at, content: .mapping(entries(of: mapping, depth: depth)))
        case .alias:
            diagnostics.error("an alias (*) is not allowed", at: at, remedy: "Write the value out, or quote the text.")
            return YAMLValue(at: at, content: .scalar(text: "", quoted: false))
        }
    }

    private mutating func entries(of mapping: Node.Mapping, depth: Int) -> [YAMLValue.Entry] {
        var entries: [YAMLValue.Entry] = []
        var firstPlace: [String: Location] = [:]
        for (keyNode, valueNode) in mapping {
            let at = location(of: keyNode)
            guard case .scalar(let scalar) = keyNode else {
                diagnostics.error("a key must be plain text", at: at, remedy: "Write 'key: value'.")
                continue
            }
            var key = scalar.string
            if let original = masked[TextPlace(line: at.line, column: at.column)] {
                key = String(original) + key.dropFirst()
            }
            if let first = firstPlace[key] {
                diagnostics.error(
                    "the key '\(Quote.short(key))' appears twice, first on line \(first.line)", at: at,
                    remedy: "Remove one of them.")
                continue
            }
            firstPlace[key] = at
            entries.append(
                YAMLValue.Entry(key: Located(value: key, at: at), value: value(valueNode, depth: depth + 1)))
        }
        return entries
    }

    private func location(of node: Node) -> Location {
        Location(file: file, line: max(1, node.mark?.line ?? 1), column: max(1, node.mark?.column ?? 1))
    }
}

extension YAMLValue {
    func shifted(by lines: Int) -> YAMLValue {
        guard lines != 0 else { return self }
        var copy = self
        copy.at.line += lines
        switch content {
        case .scalar: break
        case .sequence(let items): copy.content = .sequence(items.map { $0.shifted(by: lines) })
        case .mapping(let entries):
            copy.content = .mapping(
                entries.map { entry in
                    var entry = entry
                    entry.key.at.line += lines
                    entry.value = entry.value.shifted(by: lines)
                    return entry
                })
        }
        return copy
    }
}

extension Diagnostics {
    func shifted(by lines: Int) -> Diagnostics {
        var copy = Diagnostics()
        for var diagnostic in all {
            diagnostic.location.line += lines
            copy.append(diagnostic)
        }
        return copy
    }
}

/// Text from a file, made fit for a message.
enum Quote {
    /// At most 60 characters, on one line, without control characters.
    static func short(_ text: String) -> String {
        let clean = String(
            text.unicodeScalars.prefix(61).map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) })
        return text.unicodeScalars.count > 60 ? String(clean.prefix(60)) + "…" : clean
    }
}
