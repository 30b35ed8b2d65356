import CMarkGFM

/// A block of a Markdown page with its place in the text; what a runbook's rules need, and nothing else.
struct MarkdownBlock: Sendable {
    var kind: Kind
    /// Lines of the text, from 1.
    var line: Int
    var endLine: Int
    var column: Int
    /// Text of the block's own inline content, without markup.
    var text: String
    /// True when the inline content is only text and code spans, so that `text` is what the author typed.
    var isPlain: Bool
    var children: [MarkdownBlock]

    enum Kind: Sendable, Hashable {
        case heading(level: Int)
        case paragraph, list, item, quote, table, rule
        case task(isChecked: Bool)
        case code(isFenced: Bool, info: String, text: String)
        case html(String)
        case other(String)
    }
}

/// Parses GitHub-flavoured Markdown with cmark-gfm. All C memory lives inside `parse`.
enum MarkdownTree {
    /// - Throws: `ExpressionError` when a line is too long or blocks are nested too deep.
    static func parse(_ text: String) throws(ExpressionError) -> [MarkdownBlock] {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        where line.utf8.count > Limits.runbookLineBytes {
            throw ExpressionError(
                "line \(index + 1) is longer than \(Limits.runbookLineBytes) bytes", remedy: "Break it.")
        }
        guard isRegistered, let parser = cmark_parser_new(CMARK_OPT_DEFAULT) else {
            throw ExpressionError("the Markdown parser cannot start", remedy: "Free some memory.")
        }
        defer { cmark_parser_free(parser) }
        for name in ["table", "strikethrough", "autolink", "tasklist"] {
            guard let found = cmark_find_syntax_extension(name),
                cmark_parser_attach_syntax_extension(parser, found) == 1
            else {
                throw ExpressionError("cmark-gfm lacks the extension '\(name)'", remedy: "Run 'firedrill doctor'.")
            }
        }
        var text = text
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { cmark_parser_feed(parser, $0.baseAddress, $0.count) }
        }
        guard let document = cmark_parser_finish(parser) else {
            throw ExpressionError("the page cannot be parsed", remedy: "Make it smaller.")
        }
        defer { cmark_node_free(document) }
        return try blocks(below: document, depth: 0)
    }

    /// Registering is not thread-safe; a static is initialised once.
    private static let isRegistered: Bool = {
        cmark_gfm_core_extensions_ensure_registered()
        return true
    }()

    private typealias Pointer = OpaquePointer

    private static func blocks(below parent: Pointer, depth: Int) throws(ExpressionError) -> [MarkdownBlock] {
        guard depth <= Limits.markdownDepth else {
            throw ExpressionError(
                "quotes and lists are nested deeper than \(Limits.markdownDepth) near line \(cmark_node_get_start_line(parent))",
                remedy: "Flatten the page.")
        }
        var result: [MarkdownBlock] = []
        var next = cmark_node_first_child(parent)
        while let node = next {
            result.append(try block(node, depth: depth))
            next = cmark_node_next(node)
        }
        return result
    }

    private static func block(_ node: Pointer, depth: Int) throws(ExpressionError) -> MarkdownBlock {
        let kind = kind(of: node)
        var text = ""
        var isPlain = true
        var children: [MarkdownBlock] = []
        switch kind {
        case .heading, .paragraph: collectText(below: node, into: &text, isPlain: &isPlain)
        case .list, .item, .task, .quote: children = try blocks(below: node, depth: depth + 1)
        case .table, .rule, .code, .html, .other: break
        }
        return MarkdownBlock(
            kind: kind, line: Int(cmark_node_get_start_line(node)), endLine: Int(cmark_node_get_end_line(node)),
            column: Int(cmark_node_get_start_column(node)), text: text, isPlain: isPlain, children: children)
    }

    private static func kind(of node: Pointer) -> MarkdownBlock.Kind {
        let name = string(cmark_node_get_type_string(node))
        switch name {
        case "heading": return .heading(level: Int(cmark_node_get_heading_level(node)))
        case "paragraph": return .paragraph
        case "list": return .list
        case "item": return .item
        case "tasklist": return .task(isChecked: cmark_gfm_extensions_get_tasklist_item_checked(node))
        case "block_quote": return .quote
        case "table": return .table
        case "thematic_break": return .rule
        case "html_block": return .html(string(cmark_node_get_literal(node)))
        case "code_block":
            var length: Int32 = 0
            var offset: Int32 = 0
            var mark: CChar = 0
            let isFenced = cmark_node_get_fenced(node, &length, &offset, &mark) != 0
            return .code(
                isFenced: isFenced, info: string(cmark_node_get_fence_info(node)),
                text: string(cmark_node_get_literal(node)))
        default: return .other(name)
        }
    }

    /// Walks inline nodes with cmark's own iterator: emphasis may be nested deeper than a stack allows.
    private static func collectText(below node: Pointer, into text: inout String, isPlain: inout Bool) {
        guard let iterator = cmark_iter_new(node) else { return }
        defer { cmark_iter_free(iterator) }
        while true {
            let event = cmark_iter_next(iterator)
            if event == CMARK_EVENT_DONE || event == CMARK_EVENT_NONE { return }
            guard event == CMARK_EVENT_ENTER, let inner = cmark_iter_get_node(iterator), inner != node else { continue }
            switch string(cmark_node_get_type_string(inner)) {
            case "text", "code": text += string(cmark_node_get_literal(inner))
            case "softbreak", "linebreak": text += " "
            case "html_inline":
                text += string(cmark_node_get_literal(inner))
                isPlain = false
            default: isPlain = false
            }
        }
    }

    private static func string(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }
}
