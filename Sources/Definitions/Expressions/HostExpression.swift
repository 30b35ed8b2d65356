/// Which hosts: names and groups joined by `!` (not), `&` (and), `|` (or), in falling precedence, with parentheses.
/// `all` is every host.
indirect enum HostExpression: Sendable, Hashable {
    case term(String)
    case not(HostExpression)
    case and(HostExpression, HostExpression)
    case or(HostExpression, HostExpression)

    private static let longestText = 1_000
    private static let deepest = 32

    /// - Throws: `ExpressionError` that says which character is wrong.
    init(parsing text: String) throws(ExpressionError) {
        guard text.utf8.count <= Self.longestText else {
            throw ExpressionError(
                "the host expression is longer than \(Self.longestText) characters", remedy: "Use a group.")
        }
        var tokens = try Self.tokens(of: text)[...]
        guard !tokens.isEmpty else {
            throw ExpressionError("the host expression is empty", remedy: "Name a host or a group.")
        }
        self = try Self.parseOr(&tokens, depth: 0)
        if let extra = tokens.first {
            throw ExpressionError("'\(extra)' is not expected here", remedy: "Join names with '&' or '|'.")
        }
    }

    /// Names and groups that the expression mentions.
    var terms: [String] {
        switch self {
        case .term(let name): [name]
        case .not(let inner): inner.terms
        case .and(let left, let right), .or(let left, let right): left.terms + right.terms
        }
    }

    /// Whether it matches a host with this name and these groups.
    func matches(name: String, groups: some Collection<String>) -> Bool {
        switch self {
        case .term(let term): term == "all" || term == name || groups.contains(term)
        case .not(let inner): !inner.matches(name: name, groups: groups)
        case .and(let left, let right):
            left.matches(name: name, groups: groups) && right.matches(name: name, groups: groups)
        case .or(let left, let right):
            left.matches(name: name, groups: groups) || right.matches(name: name, groups: groups)
        }
    }

    private static func tokens(of text: String) throws(ExpressionError) -> [String] {
        var tokens: [String] = []
        var word = ""
        for character in text {
            if character.isASCII, character.isLowercase || character.isNumber || character == "-" {
                word.append(character)
                continue
            }
            if !word.isEmpty { tokens.append(word) }
            word = ""
            switch character {
            case " ", "\t", "\n": continue
            case "!", "&", "|", "(", ")": tokens.append(String(character))
            default:
                throw ExpressionError(
                    "'\(Quote.short(String(character)))' cannot stand in a host expression",
                    remedy: "Use names, groups, '!', '&', '|' and parentheses.")
            }
        }
        if !word.isEmpty { tokens.append(word) }
        return tokens
    }

    private static func parseOr(_ tokens: inout ArraySlice<String>, depth: Int) throws(ExpressionError)
        -> HostExpression
    {
        var left = try parseAnd(&tokens, depth: depth)
        while tokens.first == "|" {
            tokens.removeFirst()
            left = .or(left, try parseAnd(&tokens, depth: depth))
        }
        return left
    }

    private static func parseAnd(_ tokens: inout ArraySlice<String>, depth: Int) throws(ExpressionError)
        -> HostExpression
    {
        var left = try parseNot(&tokens, depth: depth)
        while tokens.first == "&" {
            tokens.removeFirst()
            left = .and(left, try parseNot(&tokens, depth: depth))
        }
        return left
    }

    private static func parseNot(_ tokens: inout ArraySlice<String>, depth: Int) throws(ExpressionError)
        -> HostExpression
    {
        guard depth < deepest else {
            throw ExpressionError("the host expression is nested too deep", remedy: "Use a group.")
        }
        guard let token = tokens.popFirst() else {
            throw ExpressionError("a name is missing at the end", remedy: "Name a host or a group.")
        }
        switch token {
        case "!": return .not(try parseNot(&tokens, depth: depth + 1))
        case "(":
            let inner = try parseOr(&tokens, depth: depth + 1)
            guard tokens.popFirst() == ")" else {
                throw ExpressionError("a ')' is missing", remedy: "Close the parenthesis.")
            }
            return inner
        case "&", "|", ")":
            throw ExpressionError("a name is missing before '\(token)'", remedy: "Name a host or a group.")
        default: return .term(token)
        }
    }
}
