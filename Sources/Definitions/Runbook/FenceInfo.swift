/// The info string of a fence: a language and `{key=value …}`.
struct FenceInfo {
    let language: String
    /// What follows the language.
    private let rest: String

    init(_ info: String) {
        let trimmed = info.drop { $0 == " " || $0 == "\t" }
        let word = trimmed.prefix { $0 != " " && $0 != "\t" && $0 != "{" }
        language = String(word)
        rest = String(trimmed.dropFirst(word.count).drop { $0 == " " || $0 == "\t" })
    }

    var hasAttributes: Bool { !rest.isEmpty && (isShell || rest.hasPrefix("{")) }
    var isShell: Bool { RunbookPage.shells.contains(language.lowercased()) }

    /// The attributes, checked against `RunbookFile.fenceKeys`.
    func attributes(at: Location, sink: Sink) -> [String: Located<String>] {
        var result: [String: Located<String>] = [:]
        let text = rest.reversed().drop { $0 == " " || $0 == "\t" }.reversed().map(String.init).joined()
        guard text.hasPrefix("{"), text.hasSuffix("}"), text.count >= 2 else {
            sink.error(
                "the info string must be 'sh {name=… role=…}'", at: at,
                remedy: "Put the attributes in one pair of braces.")
            return result
        }
        for word in text.dropFirst().dropLast().split(whereSeparator: { $0 == " " || $0 == "\t" }) {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else {
                sink.error(
                    "'\(Quote.short(String(word)))' is not 'key=value'", at: at, remedy: "Write name=… and role=….")
                continue
            }
            guard let key = RunbookFile.fenceKeys.key(parts[0]) else {
                sink.error(
                    "the attribute '\(Quote.short(parts[0]))' does not exist", at: at,
                    remedy: NearMiss.hint(for: parts[0], among: RunbookFile.fenceKeys.names, noun: "attribute"))
                continue
            }
            let value = Located(value: parts[1], at: at)
            let raw = YAMLValue(at: at, content: .scalar(text: parts[1], quoted: false))
            if case .oneOf(let choices) = key.type {
                guard Scalars.choice(raw, among: choices, what: key.name, sink: sink) != nil else { continue }
            } else if Scalars.name(raw, what: key.name, sink: sink) == nil {
                continue
            }
            if result.updateValue(value, forKey: key.name) != nil {
                sink.error("the attribute '\(key.name)' appears twice", at: at, remedy: "Remove one of them.")
            }
        }
        for key in RunbookFile.fenceKeys.keys where result[key.name] == nil && !text.contains(key.name) {
            sink.error("the fence has no \(key.name)", at: at, remedy: "Add \(key.name)=\(key.example).")
        }
        return result
    }
}

/// `Key: value` at the start of a list item.
struct LineKey {
    let name: String
    let value: String

    init?(_ item: MarkdownBlock) {
        guard case .item = item.kind, let first = item.children.first, case .paragraph = first.kind else { return nil }
        let name = first.text.prefix { $0.isASCII && ($0.isLetter || $0 == "-") }
        let rest = first.text.dropFirst(name.count)
        guard !name.isEmpty, rest.first == ":" else { return nil }
        self.name = String(name)
        self.value = rest.dropFirst().split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
    }
}

/// Counts HTML elements that a block leaves open, roughly: enough to tell that a fence stands inside `<details>`.
enum HTMLBalance {
    private static let voidElements: Set<String> = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
    ]

    static func openElements(in html: String) -> Int {
        var balance = 0
        var rest = html[...]
        while let open = rest.firstIndex(of: "<") {
            rest = rest[rest.index(after: open)...]
            if rest.hasPrefix("!--") {
                // A comment hides what it holds; one that never ends swallows the page as one block anyway.
                guard let end = rest.firstRange(of: "-->") else { return balance }
                rest = rest[end.upperBound...]
                continue
            }
            let isClosing = rest.first == "/"
            let name = rest.drop { $0 == "/" }.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }.lowercased()
            guard !name.isEmpty, !voidElements.contains(name) else { continue }
            let tag = rest.prefix { $0 != ">" }
            if !isClosing, tag.last == "/" { continue }
            balance += isClosing ? -1 : 1
        }
        return balance
    }
}
