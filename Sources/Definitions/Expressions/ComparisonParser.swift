import Timeline

/// Reads `.path op operand`: `.status == 403`, `.body ~ /<Error>/`, `.sha256 == $baseline`, `.started > $response`.
enum ComparisonParser {
    private static let longestText = 1_000

    /// - Throws: `ExpressionError` that says which part is wrong.
    static func parse(_ text: String) throws(ExpressionError) -> Comparison {
        guard text.utf8.count <= longestText else {
            throw ExpressionError("the comparison is longer than \(longestText) characters", remedy: "Split it.")
        }
        let trimmed = text.drop { $0 == " " }
        let pathText = trimmed.prefix { $0 != " " }
        let path = try parsePath(String(pathText))
        let afterPath = trimmed.dropFirst(pathText.count).drop { $0 == " " }
        let operationText = afterPath.prefix { $0 != " " }
        guard let operation = Comparison.Operation(rawValue: String(operationText)) else {
            throw ExpressionError(
                "'\(Quote.short(String(operationText)))' is not a comparison in '\(Quote.short(text))'",
                remedy: "Use ==, !=, <, <=, >, >=, ~ or !~, with spaces around it.")
        }
        let rest = afterPath.dropFirst(operationText.count)
        let operandText = String(rest.drop { $0 == " " }.trimmingSuffix { $0 == " " })
        let operand = try parseOperand(operandText, for: operation)
        try checkFit(operand, operation)
        return Comparison(path: path, operation: operation, operand: operand)
    }

    /// What has no order is not compared by order; what is a moment is compared by nothing else.
    private static func checkFit(_ operand: Comparison.Operand, _ operation: Comparison.Operation)
        throws(ExpressionError)
    {
        let isEquality = operation == .equal || operation == .notEqual
        switch operand {
        case .value(.bool), .value(.null):
            if !isEquality {
                throw ExpressionError("true, false and null have no order", remedy: "Compare with == or !=.")
            }
        case .moment:
            if isEquality {
                throw ExpressionError("no sample is taken at the very moment", remedy: "Compare with <, <=, > or >=.")
            }
        case .value, .pattern, .baseline: break
        }
    }

    /// `.`, `.a.b[0]`, `.[0]`: keys are letters, digits, `_` and `-`.
    static func parsePath(_ text: String) throws(ExpressionError) -> String {
        let wrong = ExpressionError(
            "'\(Quote.short(text))' is not a path", remedy: "Write for example .status, .result.height or .items[0].")
        guard text.first == ".", text.utf8.count <= 200 else { throw wrong }
        if text == "." { return text }
        var rest = text[...]
        var isFirst = true
        while let mark = rest.popFirst() {
            if mark == "." {
                let key = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
                rest = rest.dropFirst(key.count)
                guard !key.isEmpty || (isFirst && rest.first == "[") else { throw wrong }
            } else if mark == "[" {
                let index = rest.prefix { $0.isASCII && $0.isNumber }
                rest = rest.dropFirst(index.count)
                guard Scalars.plainInteger(index) != nil, index.count <= 6, rest.popFirst() == "]" else { throw wrong }
            } else {
                throw wrong
            }
            isFirst = false
        }
        return text
    }

    private static func parseOperand(
        _ text: String, for operation: Comparison.Operation
    ) throws(ExpressionError) -> Comparison.Operand {
        let isPattern = operation == .matches || operation == .matchesNot
        if let pattern = Pattern.body(of: text) {
            guard isPattern else {
                throw ExpressionError(
                    "a regular expression needs ~ or !~, not \(operation.rawValue)", remedy: "Write ~ instead.")
            }
            try Pattern.check(pattern)
            return .pattern(pattern)
        }
        guard !isPattern else {
            throw ExpressionError(
                "\(operation.rawValue) needs a regular expression", remedy: "Write it between slashes: /text/.")
        }
        switch text {
        case "":
            throw ExpressionError("the value to compare with is missing", remedy: "Write for example '.status == 200'.")
        case "$baseline": return .baseline
        case "$injected": return .moment(.injected)
        case "$response": return .moment(.response)
        case "true": return .value(.bool(true))
        case "false": return .value(.bool(false))
        case "null": return .value(.null)
        default: break
        }
        if text.first == "$" {
            throw ExpressionError(
                "'\(Quote.short(text))' does not exist",
                remedy: NearMiss.hint(for: text, among: ["$baseline", "$injected", "$response"], noun: "moment"))
        }
        if text.first == "\"" { return .value(.string(try parseString(text))) }
        if let integer = Scalars.plainInteger(text) { return .value(.int(Int64(integer))) }
        if let number = Scalars.plainNumber(text) { return .value(.double(number)) }
        throw ExpressionError(
            "'\(Quote.short(text))' is not a value to compare with",
            remedy:
                "Write a number, \"text\" in double quotes, /pattern/, true, false, null, $baseline, $injected or $response."
        )
    }

    /// `"text"` with `\"`, `\\`, `\n` and `\t`.
    private static func parseString(_ text: String) throws(ExpressionError) -> String {
        let wrong = ExpressionError(
            "the text '\(Quote.short(text))' is not closed", remedy: "End it with a double quote.")
        guard text.count >= 2, text.last == "\"" else { throw wrong }
        var result = ""
        var rest = text.dropFirst().dropLast()
        while let character = rest.popFirst() {
            if character == "\"" { throw wrong }
            guard character == "\\" else {
                result.append(character)
                continue
            }
            switch rest.popFirst() {
            case "\"": result.append("\"")
            case "\\": result.append("\\")
            case "n": result.append("\n")
            case "t": result.append("\t")
            default:
                throw ExpressionError(
                    "an escape in \(Quote.short(text)) is not known", remedy: "Use \\\", \\\\, \\n or \\t.")
            }
        }
        return result
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> Substring {
        var copy = self
        while let last = copy.last, predicate(last) { copy.removeLast() }
        return copy
    }
}
