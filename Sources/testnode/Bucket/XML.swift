/// The little of XML that S3's request bodies use: elements, attributes (ignored), text and the predefined entities.
/// Document types, processing instructions after the first, and everything else are refused.
struct XMLElement: Sendable, Equatable {
    /// Name without a namespace prefix.
    var name: String
    var text = ""
    var children: [XMLElement] = []

    func first(_ name: String) -> XMLElement? { children.first { $0.name == name } }
    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    /// Parses a document, or throws ``S3Error/malformedXML``. The size must have been limited by whoever read it.
    static func parse(_ bytes: [UInt8], depth: Int = 8) throws(S3Error) -> XMLElement {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .malformedXML }
        var parser = XMLParser(bytes: bytes, depthLimit: depth)
        return try parser.document()
    }
}

private struct XMLParser {
    let bytes: [UInt8]
    let depthLimit: Int
    var index = 0

    init(bytes: [UInt8], depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    mutating func document() throws(S3Error) -> XMLElement {
        if starts("\u{FEFF}") { index += 3 }
        if starts("<?xml") { try skip(past: "?>") }
        try skipSpaceAndComments()
        let root = try element(depth: 1)
        try skipSpaceAndComments()
        guard index == bytes.count else { throw .malformedXML }
        return root
    }

    private func starts(_ text: String) -> Bool { bytes[index...].starts(with: text.utf8) }

    private mutating func skip(past text: String) throws(S3Error) {
        while index < bytes.count, !starts(text) { index += 1 }
        guard index < bytes.count else { throw .malformedXML }
        index += text.utf8.count
    }

    private mutating func skipSpace() {
        while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
    }

    private mutating func skipSpaceAndComments() throws(S3Error) {
        while true {
            skipSpace()
            guard starts("<!--") else { return }
            try skip(past: "-->")
        }
    }

    private mutating func take(_ text: String) -> Bool {
        guard starts(text) else { return false }
        index += text.utf8.count
        return true
    }

    private mutating func name() throws(S3Error) -> String {
        let start = index
        while index < bytes.count {
            switch bytes[index] {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5F, 0x80...0xFF: index += 1
            default:
                guard index > start else { throw .malformedXML }
                return String(decoding: bytes[start..<index], as: UTF8.self)
            }
        }
        throw .malformedXML
    }

    private mutating func element(depth: Int) throws(S3Error) -> XMLElement {
        guard depth <= depthLimit, take("<") else { throw .malformedXML }
        let qualified = try name()
        while true {
            skipSpace()
            if take("/>") { return XMLElement(name: local(qualified)) }
            if take(">") { break }
            _ = try name()
            skipSpace()
            guard take("=") else { throw .malformedXML }
            skipSpace()
            if take("\"") {
                try skip(past: "\"")
            } else if take("'") {
                try skip(past: "'")
            } else {
                throw .malformedXML
            }
        }
        var element = XMLElement(name: local(qualified))
        var text: [UInt8] = []
        while true {
            guard index < bytes.count else { throw .malformedXML }
            if take("</") {
                guard try name() == qualified else { throw .malformedXML }
                skipSpace()
                guard take(">") else { throw .malformedXML }
                element.text = String(decoding: text, as: UTF8.self)
                return element
            }
            if starts("<!--") {
                try skip(past: "-->")
            } else if bytes[index] == 0x3C {
                element.children.append(try self.element(depth: depth + 1))
            } else if bytes[index] == 0x26 {
                text += try entity()
            } else {
                text.append(bytes[index])
                index += 1
            }
        }
    }

    private func local(_ qualified: String) -> String {
        qualified.split(separator: ":").last.map(String.init) ?? qualified
    }

    private mutating func entity() throws(S3Error) -> [UInt8] {
        for (entity, byte) in [("&lt;", 0x3C), ("&gt;", 0x3E), ("&amp;", 0x26), ("&quot;", 0x22), ("&apos;", 0x27)] {
            if take(entity) { return [UInt8(byte)] }
        }
        guard take("&#") else { throw .malformedXML }
        let radix = take("x") ? 16 : 10
        let start = index
        try skip(past: ";")
        let digits = String(decoding: bytes[start..<index - 1], as: UTF8.self)
        guard digits.utf8.count <= 8, let code = UInt32(digits, radix: radix), let scalar = Unicode.Scalar(code) else {
            throw .malformedXML
        }
        return Array(String(Character(scalar)).utf8)
    }
}

/// Writes XML answers.
enum XMLText {
    static let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    /// Namespace of S3's answers.
    static let namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

    static func escape(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "\u{00}"..<"\u{20}": out += "&#\(scalar.value);"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    static func tag(_ name: String, _ text: String) -> String { "<\(name)>\(escape(text))</\(name)>" }
    static func tag(_ name: String, _ number: Int) -> String { "<\(name)>\(number)</\(name)>" }
    static func tag(_ name: String, _ flag: Bool) -> String { "<\(name)>\(flag)</\(name)>" }

    /// A whole document whose root has S3's namespace.
    static func document(_ root: String, _ inner: String) -> String {
        "\(declaration)<\(root) xmlns=\"\(namespace)\">\(inner)</\(root)>"
    }
}
