/// Regular expressions in definition files: Swift `Regex` syntax, compiled when the file is checked.
enum Pattern {
    /// - Throws: `ExpressionError` when the pattern is too long, too deep, not a regular expression, or one that could take
    ///   exponentially long.
    static func check(_ text: String) throws(ExpressionError) {
        _ = try compile(text)
        guard !PatternAmbiguity.isExponential(text) else {
            throw ExpressionError(
                "'\(Quote.short(text))' repeats what can match the same text in several ways, which can take for ever",
                remedy:
                    "Let each turn of a repetition begin with a character that its rest cannot match, as in '[a-z]+( [a-z]+)*'."
            )
        }
    }

    /// - Throws: as `check`, but for what takes long.
    static func compile(_ text: String) throws(ExpressionError) -> Regex<AnyRegexOutput> {
        guard !text.isEmpty else {
            throw ExpressionError("the regular expression is empty", remedy: "Write what must match.")
        }
        guard text.unicodeScalars.count <= Limits.patternLength else {
            throw ExpressionError(
                "the regular expression is longer than \(Limits.patternLength) characters",
                remedy: "Write a shorter one.")
        }
        guard depth(of: text) <= Limits.patternDepth else {
            throw ExpressionError(
                "the regular expression is nested deeper than \(Limits.patternDepth) groups", remedy: "Flatten it.")
        }
        do {
            return try Regex(text)
        } catch {
            throw ExpressionError(
                "'\(Quote.short(text))' is not a regular expression: \(Quote.short("\(error)"))",
                remedy: "Escape special characters with a backslash.")
        }
    }

    /// Whether the whole of `value` matches. A pattern that cannot be compiled matches nothing.
    static func matchesWhole(_ value: String, pattern: String) -> Bool {
        guard let regex = try? compile(pattern) else { return false }
        return (try? regex.wholeMatch(in: value)) != nil
    }

    private static func depth(of text: String) -> Int {
        var depth = 0
        var deepest = 0
        for character in text.unicodeScalars {
            if character == "(" || character == "[" { depth += 1 }
            if character == ")" || character == "]" { depth = max(0, depth - 1) }
            deepest = max(deepest, depth)
        }
        return deepest
    }

    /// `/.../` with the slashes taken off; nil without them.
    static func body(of literal: some StringProtocol) -> String? {
        guard literal.count >= 2, literal.first == "/", literal.last == "/" else { return nil }
        return String(literal.dropFirst().dropLast())
    }
}
