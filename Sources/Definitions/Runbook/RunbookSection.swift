/// Everything under one heading of a runbook that matters for a step.
struct RunbookSection {
    var heading: String
    var at: Location
    var fences: [Fence] = []
    var tasks: [Located<String>] = []
    /// Visible lines by key; only `Expect` may come more than once.
    var lines: [(key: Located<String>, value: Located<String>)] = []
    /// The first hazard mark and the text of its quote.
    var hazards: [Located<String>] = []

    struct Fence {
        var at: Location
        var name: Located<String>?
        var role: Located<String>?
        var script: String
    }
}

/// Splits a page into sections and refuses what must not be on a runbook.
struct RunbookPage {
    private(set) var sections: [RunbookSection]
    private let file: String
    /// Lines of front matter before the page.
    private let lineOffset: Int
    private let lines: [Substring]
    private let sink: Sink
    /// HTML elements that are open at the present block.
    private var openHTML = 0
    /// Lines inside code and HTML, where marks mean nothing.
    private var literalLines: Set<Int> = []
    /// First lines of top-level quotes.
    private var quoteLines: Set<Int> = []

    static let shells = ["sh", "bash", "shell", "zsh", "ksh", "dash", "ash", "posix", "fish"]
    static let marks = ["NOTE", "TIP", "IMPORTANT", "WARNING", "CAUTION"]
    static let hazardMarks = ["WARNING", "CAUTION"]

    init(blocks: [MarkdownBlock], text: String, file: String, lineOffset: Int, sink: Sink) {
        self.file = file
        self.lineOffset = lineOffset
        self.sink = sink
        self.lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        self.sections = [RunbookSection(heading: "", at: Location(file: file, line: lineOffset + 1, column: 1))]
        for block in blocks { visitTop(block) }
        checkMarks()
    }

    private func place(_ block: MarkdownBlock) -> Location {
        Location(file: file, line: block.line + lineOffset, column: max(1, block.column))
    }

    private func place(line: Int) -> Location { Location(file: file, line: line + lineOffset, column: 1) }

    private mutating func visitTop(_ block: MarkdownBlock) {
        switch block.kind {
        case .heading: sections.append(RunbookSection(heading: block.text, at: place(block)))
        case .code(let isFenced, let info, let text):
            noteLiteral(block)
            if isFenced { visitFence(block, info: info, text: text) }
        case .html(let text): visitHTML(block, text: text)
        case .quote:
            quoteLines.insert(block.line)
            if let hazard = hazard(of: block) { sections[sections.count - 1].hazards.append(hazard) }
            refuseFences(in: block.children, place: "a quote")
        case .list: visitList(block)
        case .paragraph:
            for key in RunbookFile.lineKeys.names where block.text.hasPrefix("\(key):") {
                sink.error("'\(key):' must be a list item", at: place(block), remedy: "Write '- \(key): …'.")
            }
        default: break
        }
    }

    private mutating func visitFence(_ block: MarkdownBlock, info: String, text: String) {
        let at = place(block)
        checkClosed(block)
        let parsed = FenceInfo(info)
        guard parsed.isShell || parsed.hasAttributes else { return }
        if openHTML > 0 {
            sink.error("a shell fence stands inside HTML", at: at, remedy: "Move it out: readers may not see it.")
        }
        guard parsed.hasAttributes else {
            sink.error(
                "a shell fence has no name", at: at,
                remedy: "Add {name=… role=…}, or mark it as text if it is not meant to run.")
            return
        }
        guard parsed.language == "sh" else {
            sink.error(
                "an executable fence must be 'sh', and this is '\(Quote.short(parsed.language))'", at: at,
                remedy: "Hosts run POSIX shell: write ```sh.")
            return
        }
        // An unclosed fence goes on until the closing line of the next one, and takes that step with it.
        if text.split(separator: "\n").contains(where: { $0.hasPrefix("```") || $0.hasPrefix("~~~") }) {
            sink.error("a fence begins inside this fence", at: at, remedy: "Close this one first.")
        }
        let attributes = parsed.attributes(at: at, sink: sink)
        if text.allSatisfy(\.isWhitespace) {
            sink.error(
                "the fence is empty", at: at, remedy: "Write the commands, or use a task-list item for a manual step.")
        }
        sections[sections.count - 1].fences.append(
            RunbookSection.Fence(at: at, name: attributes["name"], role: attributes["role"], script: text))
    }

    /// A fence that is never closed swallows the rest of the page.
    private func checkClosed(_ block: MarkdownBlock) {
        guard lines.indices.contains(block.line - 1) else { return }
        let opening = lines[block.line - 1].drop { $0 == " " }
        let mark = opening.first ?? "`"
        let length = opening.prefix { $0 == mark }.count
        let last = lines.indices.contains(block.endLine - 1) ? lines[block.endLine - 1] : ""
        let closing = last.drop { $0 == " " }
        let run = closing.prefix { $0 == mark }
        let isClosed =
            block.endLine > block.line && run.count >= length && closing.dropFirst(run.count).allSatisfy(\.isWhitespace)
        if !isClosed {
            sink.error(
                "the fence is not closed", at: place(block),
                remedy: "End it with \(String(repeating: mark, count: length)).")
        }
    }

    private mutating func visitHTML(_ block: MarkdownBlock, text: String) {
        noteLiteral(block)
        if text.contains("```") || text.contains("~~~") {
            sink.error("a fence stands inside HTML", at: place(block), remedy: "Move it out: readers may not see it.")
        }
        openHTML = max(0, openHTML + HTMLBalance.openElements(in: text))
    }

    private mutating func visitList(_ block: MarkdownBlock) {
        let hasLines = block.children.contains { item in
            guard let key = LineKey(item) else { return false }
            return RunbookFile.lineKeys.names.contains(key.name)
        }
        for item in block.children {
            if case .task(let isChecked) = item.kind {
                visitTask(item, isChecked: isChecked)
            } else if let key = LineKey(item) {
                visitLine(item, key: key, listHasLines: hasLines)
            } else {
                refuseStray(item, listHasLines: hasLines)
            }
            refuseFences(in: item.children, place: "a list")
            refuseNestedTasks(in: item.children)
        }
    }

    private mutating func visitTask(_ item: MarkdownBlock, isChecked: Bool) {
        if isChecked {
            sink.error("a manual step is already ticked", at: place(item), remedy: "Write '- [ ] …'.")
        }
        let text = item.children.first.map(\.text) ?? ""
        sections[sections.count - 1].tasks.append(Located(value: text, at: place(item)))
    }

    private mutating func visitLine(_ item: MarkdownBlock, key: LineKey, listHasLines: Bool) {
        let at = place(item)
        guard RunbookFile.lineKeys.names.contains(key.name) else {
            let close = NearMiss.closest(to: key.name, among: RunbookFile.lineKeys.names)
            let edits = close.map { NearMiss.distance($0.lowercased(), key.name.lowercased()) } ?? .max
            // In a list of its own, only a clear slip is an error: `- Ports: 80` is prose.
            if listHasLines || edits <= ((close?.count ?? 0) > 5 ? 2 : 1) {
                sink.error(
                    "the line '\(Quote.short(key.name)):' does not exist", at: at,
                    remedy: NearMiss.hint(for: key.name, among: RunbookFile.lineKeys.names, noun: "line"))
            }
            return
        }
        let keyText = Located(value: key.name, at: at)
        if item.children.count != 1 {
            sink.error("the line '\(key.name):' holds more than one paragraph", at: at, remedy: "Keep it to one line.")
        }
        if item.children.first?.isPlain == false {
            sink.error("the line '\(key.name):' holds markup", at: at, remedy: "Put the value in backticks.")
            return
        }
        if key.name != "Expect", sections[sections.count - 1].lines.contains(where: { $0.key.value == key.name }) {
            sink.error("the line '\(key.name):' appears twice in this step", at: at, remedy: "Remove one of them.")
            return
        }
        sections[sections.count - 1].lines.append((keyText, Located(value: key.value, at: at)))
    }

    private func refuseStray(_ item: MarkdownBlock, listHasLines: Bool) {
        let text = item.children.first?.text ?? ""
        if text.hasPrefix("[]") || text.hasPrefix("[x]") || text.hasPrefix("[ ]") {
            sink.error("this is not a task-list item", at: place(item), remedy: "Write '- [ ] what to do'.")
        } else if listHasLines {
            sink.error(
                "an item among a step's lines is not one", at: place(item),
                remedy:
                    "Lines: \(RunbookFile.lineKeys.names.joined(separator: ", ")). Put other text outside this list.")
        }
    }

    private mutating func refuseFences(in blocks: [MarkdownBlock], place name: String) {
        for block in blocks {
            switch block.kind {
            case .code(let isFenced, let info, _):
                noteLiteral(block)
                let parsed = FenceInfo(info)
                if isFenced, parsed.isShell || parsed.hasAttributes {
                    sink.error(
                        "a shell fence stands inside \(name)", at: place(block),
                        remedy: "Move it to the top level, under a heading of its own.")
                }
            case .html(let text):
                noteLiteral(block)
                if text.contains("```") || text.contains("~~~") {
                    sink.error(
                        "a fence stands inside HTML", at: place(block), remedy: "Move it out: readers may not see it.")
                }
            default: refuseFences(in: block.children, place: name)
            }
        }
    }

    private func refuseNestedTasks(in blocks: [MarkdownBlock]) {
        for block in blocks {
            if case .task = block.kind {
                sink.error(
                    "a manual step stands inside another item", at: place(block), remedy: "Move it to the top level.")
            }
            refuseNestedTasks(in: block.children)
        }
    }

    private mutating func noteLiteral(_ block: MarkdownBlock) {
        literalLines.formUnion(block.line...max(block.line, block.endLine))
    }
}

/// `[!CAUTION]` and its kind.
extension RunbookPage {
    /// Text of a top-level quote that begins with a hazard mark, read from the source line: a link definition of the
    /// same name must not hide it.
    private func hazard(of block: MarkdownBlock) -> Located<String>? {
        guard let mark = mark(onLine: block.line), Self.hazardMarks.contains(mark.name.uppercased()) else { return nil }
        let first = min(block.line, lines.count)
        let last = min(max(block.endLine, block.line), lines.count)
        let text = lines[first..<last].map { line in
            String(line.drop { $0 == " " || $0 == ">" })
        }
        return Located(value: text.joined(separator: " "), at: place(block))
    }

    /// The mark at the start of a line, after quote and list markers.
    private func mark(onLine line: Int) -> (name: String, markers: Substring, rest: Substring)? {
        guard lines.indices.contains(line - 1) else { return nil }
        let whole = lines[line - 1]
        let text = whole.drop { " >-*+\t".contains($0) }
        guard text.hasPrefix("["), let close = text.firstIndex(of: "]") else { return nil }
        let inner = text[text.index(after: text.startIndex)..<close]
        let name = inner.hasPrefix("!") ? inner.dropFirst() : inner
        let rest = text[text.index(after: close)...]
        let isNear =
            !inner.hasPrefix("!")
            && Self.marks.contains { NearMiss.distance($0, name.uppercased()) <= 1 } && quoteLines.contains(line)
        guard inner.hasPrefix("!") || isNear else { return nil }
        return (inner.hasPrefix("!") ? String(name) : "?\(name)", whole.prefix { " >-*+\t".contains($0) }, rest)
    }

    private func checkMarks() {
        for line in 1...max(1, lines.count) where !literalLines.contains(line) {
            guard let mark = mark(onLine: line) else { continue }
            let at = place(line: line)
            let name = mark.name.uppercased()
            guard Self.marks.contains(name) else {
                sink.error(
                    "the mark '[\(mark.name.hasPrefix("?") ? "" : "!")\(Quote.short(mark.name.drop { $0 == "?" }.description))]' does not exist",
                    at: at,
                    remedy: NearMiss.hint(
                        for: name.drop { $0 == "?" }.description, among: Self.marks.map { $0 }, noun: "mark")
                        + " Write it as [!NAME].")
                continue
            }
            let isAlone = mark.rest.allSatisfy(\.isWhitespace)
            if !quoteLines.contains(line) || mark.markers.filter({ !" \t".contains($0) }) != ">" || !isAlone {
                sink.error(
                    "the mark '[!\(mark.name)]' does not stand alone on the first line of a quote", at: at,
                    remedy: "Write '> [!\(name)]' and the text on the next lines, at the top level.")
            }
        }
    }
}
