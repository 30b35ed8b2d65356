/// Looks at a YAML text before the parser does: refuses what these files may not contain (anchors, aliases, tags, merge
/// keys, complex keys, directives, several documents) and anything nested too deep.
///
/// It follows YAML's lexical rules for scalars only as far as needed to tell an indicator from text inside a script or
/// a quoted string. Where the two could differ it errs towards refusing; the tree that the parser returns is checked
/// again.
struct YAMLGate {
    private let bytes: [UInt8]
    private let file: String
    private var position = 0
    private var line = 1
    private var lineStart = 0
    /// Columns (from 0) of the block mappings and sequences that are open.
    private var indents: [Int] = []
    private var flowDepth = 0
    private var sawContent = false
    private(set) var diagnostics = Diagnostics()

    init(text: [UInt8], file: String) {
        self.bytes = text
        self.file = file
    }

    /// Everything that is refused. An empty result means that the parser may see the text.
    static func refusals(in text: [UInt8], file: String) -> Diagnostics {
        var gate = YAMLGate(text: text, file: file)
        gate.scan()
        return gate.diagnostics
    }

    private mutating func scan() {
        while position < bytes.count, diagnostics.all.count < 20 {
            let before = position
            if position == lineStart, flowDepth == 0 { startLine() }
            if position < bytes.count { scanToken() }
            if position == before { position += 1 }
        }
    }

    /// Indentation and document markers.
    private mutating func startLine() {
        if bytes[position] == UInt8(ascii: "%") { refuse("a directive is not allowed", "Remove the line.") }
        let marker = bytes[position...].prefix(3)
        let follower = position + 3 < bytes.count ? bytes[position + 3] : newline
        if marker.elementsEqual(Array("...".utf8)) || marker.elementsEqual(Array("---".utf8)), isBlank(follower) {
            if sawContent || marker.first == UInt8(ascii: ".") {
                refuse("a file holds one document", "Remove the '---' or '...' line and split the file.")
            }
            position += 3
            return
        }
        while position < bytes.count, bytes[position] == space { position += 1 }
        guard position < bytes.count, bytes[position] != newline, bytes[position] != hash else { return }
        sawContent = true
        let column = position - lineStart
        while let last = indents.last, last > column { indents.removeLast() }
    }

    private mutating func scanToken() {
        let byte = bytes[position]
        switch byte {
        case newline: nextLine()
        case space, tab, carriageReturn: position += 1
        case hash: skipToEndOfLine()
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            flowDepth += 1
            checkDepth()
            position += 1
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            flowDepth = max(0, flowDepth - 1)
            position += 1
        case UInt8(ascii: ","): position += 1
        case UInt8(ascii: "&"): refuse("an anchor (&) is not allowed", "Write the value out, or quote the text.")
        case UInt8(ascii: "*"): refuse("an alias (*) is not allowed", "Write the value out, or quote the text.")
        case UInt8(ascii: "!"): refuse("a tag (!) is not allowed", "Quote the text if it is meant as text.")
        case UInt8(ascii: "?") where isBlank(after: position):
            refuse("a complex key (?) is not allowed", "Write 'key: value'.")
        case UInt8(ascii: "-") where isBlank(after: position) && flowDepth == 0:
            open(column: position - lineStart)
            position += 1
        case UInt8(ascii: ":") where isBlank(after: position): position += 1
        case UInt8(ascii: "|"), UInt8(ascii: ">"):
            if flowDepth == 0 { skipBlockScalar() } else { skipPlain() }
        case UInt8(ascii: "\""), UInt8(ascii: "'"): skipQuoted(byte)
        default: skipPlain()
        }
    }

    private mutating func skipQuoted(_ quote: UInt8) {
        let start = position
        let startColumn = position - lineStart
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            if byte == quote {
                if quote == UInt8(ascii: "'"), position + 1 < bytes.count, bytes[position + 1] == quote {
                    position += 2
                    continue
                }
                position += 1
                noteKey(start: start, column: startColumn)
                return
            }
            if byte == newline { nextLine() } else { position += 1 }
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\""), position < bytes.count {
                if bytes[position] == newline { nextLine() } else { position += 1 }
            }
        }
    }

    /// A scalar without quotes, which in block context goes on over lines that are indented more than its parent.
    private mutating func skipPlain() {
        let start = position
        let startColumn = position - lineStart
        while position < bytes.count {
            let byte = bytes[position]
            if byte == newline {
                guard continuesPlain() else { return }
                continue
            }
            if byte == UInt8(ascii: ":"), isBlank(after: position) || (flowDepth > 0 && isFlowMark(after: position)) {
                noteKey(start: start, column: startColumn)
                return
            }
            if byte == hash, position > start, isBlank(bytes[position - 1]) { return }
            if flowDepth > 0, isFlowMark(byte), position > start { return }
            position += 1
        }
    }

    /// At a line end inside a plain scalar: moves to the next line that has text and says whether the scalar goes on
    /// there.
    private mutating func continuesPlain() -> Bool {
        var next = position
        var newLine = line
        var newStart = lineStart
        while next < bytes.count, isBlank(bytes[next]) {
            next += 1
            if bytes[next - 1] == newline {
                newLine += 1
                newStart = next
            }
        }
        guard next < bytes.count, bytes[next] != hash else { return false }
        if flowDepth == 0 {
            guard next - newStart > indents.last ?? -1, newStart > lineStart else { return false }
        }
        if next == newStart, flowDepth == 0 { return false }
        position = next
        line = newLine
        lineStart = newStart
        return true
    }

    /// A scalar from `start` just ended; when a colon follows it was a key, and its column opens a mapping.
    private mutating func noteKey(start: Int, column: Int) {
        guard flowDepth == 0 else { return }
        var next = position
        while next < bytes.count, bytes[next] == space { next += 1 }
        guard next < bytes.count, bytes[next] == UInt8(ascii: ":"), isBlank(after: next) else { return }
        if bytes[start..<position].elementsEqual(Array("<<".utf8)) {
            refuse("a merge key (<<) is not allowed", "Write the keys out.", at: start)
        }
        open(column: column)
    }

    /// `|` or `>`: everything indented more than the parent is text.
    private mutating func skipBlockScalar() {
        let parent = indents.last ?? -1
        var contentIndent: Int?
        position += 1
        while position < bytes.count, bytes[position] != newline, bytes[position] != hash {
            if (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(bytes[position]) {
                contentIndent = max(parent, 0) + Int(bytes[position] - UInt8(ascii: "0"))
            }
            position += 1
        }
        skipToEndOfLine()
        while position < bytes.count {
            nextLine()
            var first = position
            while first < bytes.count, bytes[first] == space { first += 1 }
            let indent = first - position
            let isEmpty = first >= bytes.count || bytes[first] == newline || bytes[first] == carriageReturn
            if !isEmpty {
                if contentIndent == nil { contentIndent = max(indent, parent + 1, 1) }
                if indent < contentIndent ?? 1 { return }
            }
            skipToEndOfLine()
        }
    }

    private mutating func open(column: Int) {
        if column > indents.last ?? -1 { indents.append(column) }
        checkDepth()
    }

    private mutating func checkDepth() {
        if indents.count + flowDepth > Limits.yamlDepth {
            refuse("nested deeper than \(Limits.yamlDepth) levels", "Flatten the structure.")
            position = bytes.count
        }
    }

    private mutating func refuse(_ message: String, _ remedy: String, at offset: Int? = nil) {
        let offset = offset ?? position
        // Columns count Unicode scalars: continuation bytes of UTF-8 do not count.
        let column = bytes[min(lineStart, offset)..<offset].count { $0 & 0xC0 != 0x80 } + 1
        diagnostics.error(message, at: Location(file: file, line: line, column: column), remedy: remedy)
        position = max(position, offset) + 1
    }

    private mutating func nextLine() {
        position += 1
        line += 1
        lineStart = position
    }

    private mutating func skipToEndOfLine() {
        while position < bytes.count, bytes[position] != newline { position += 1 }
    }

    private func isBlank(_ byte: UInt8) -> Bool {
        byte == space || byte == tab || byte == newline || byte == carriageReturn
    }

    private func isBlank(after offset: Int) -> Bool { offset + 1 >= bytes.count || isBlank(bytes[offset + 1]) }

    private func isFlowMark(_ byte: UInt8) -> Bool { Array(",[]{}".utf8).contains(byte) }

    private func isFlowMark(after offset: Int) -> Bool { offset + 1 < bytes.count && isFlowMark(bytes[offset + 1]) }
}

private let newline = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")
private let space = UInt8(ascii: " ")
private let tab = UInt8(ascii: "\t")
private let hash = UInt8(ascii: "#")
