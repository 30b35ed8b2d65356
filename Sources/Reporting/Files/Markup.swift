/// Text made safe for XML and HTML, in content and in quoted attributes.
enum Markup {
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            // XML 1.0 section 2.2 allows none of these, not even escaped.
            case "\u{0}"..<" ", "\u{7f}"..."\u{9f}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// An XML element with escaped attributes and content that is markup already.
    static func element(_ name: String, _ attributes: [(String, String)], _ content: String = "") -> String {
        let list = attributes.map { " \($0)=\"\(escaped($1))\"" }.joined()
        return content.isEmpty ? "<\(name)\(list)/>" : "<\(name)\(list)>\(content)</\(name)>"
    }
}
