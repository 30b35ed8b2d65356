/// What all pages share: a document that needs no network and no script.
enum HTMLPage {
    /// A whole page around `body`, which is markup already; the title is not.
    static func document(title: String, body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>\(Markup.escaped(title))</title>
        <style>
        \(HTMLStyle.text)
        </style>
        </head>
        <body>
        <main>
        \(body)
        </main>
        </body>
        </html>

        """
    }

    /// A heading with what stands below it; nothing when there is nothing.
    static func section(_ title: String, _ content: String) -> String {
        content.isEmpty ? "" : "<h2>\(Markup.escaped(title))</h2>\n\(content)"
    }

    static func paragraphs(_ texts: [String]) -> String {
        texts.map { "<p>\(Markup.escaped($0))</p>" }.joined(separator: "\n")
    }

    /// A table of cells that are markup already; the first cell of a row is its head. Columns in `figures` never break. What
    /// is wider than the page can be scrolled, by keyboard too.
    static func table(
        _ heads: [String], markup rows: [[String]], figures: Set<Int> = [], kind: String = "", label: String
    ) -> String {
        guard !rows.isEmpty else { return "" }
        let head = heads.map { "<th scope=\"col\">\(Markup.escaped($0))</th>" }.joined()
        let body = rows.map { row in
            "<tr>"
                + row.enumerated().map { index, cell in
                    let figure = figures.contains(index) ? " class=\"figure\"" : ""
                    return index == 0 ? "<th scope=\"row\">\(cell)</th>" : "<td\(figure)>\(cell)</td>"
                }.joined() + "</tr>"
        }.joined(separator: "\n")
        let name = kind.isEmpty ? "" : " class=\"\(kind)\""
        return """
            <div class="wide" role="region" tabindex="0" aria-label="\(Markup.escaped(label))"><table\(name)>\
            <thead><tr>\(head)</tr></thead>
            <tbody>
            \(body)
            </tbody></table></div>
            """
    }

    /// A table of texts.
    static func table(
        _ heads: [String], _ rows: [[String]], figures: Set<Int> = [], kind: String = "", label: String
    ) -> String {
        table(heads, markup: rows.map { $0.map(Markup.escaped) }, figures: figures, kind: kind, label: label)
    }

    static func link(_ path: String, _ text: String) -> String {
        Markup.element("a", [("href", path)], Markup.escaped(text))
    }

    /// Whether a name is a file's or folder's name and needs no escaping in an address; others get no link.
    static func isPlainName(_ name: String) -> Bool {
        name.first != "." && !name.isEmpty
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.+".contains($0)) }
    }
}
