/// Finds variables in capitals that a script uses and nothing sets: usually a misspelt parameter.
///
/// Reads quotes, comments and `$(…)`, not the whole language: what it cannot see gives no warning.
enum ShellVariables {
    struct Use: Hashable {
        var name: String
        /// Line of the script, from 1.
        var line: Int
    }

    /// Set by the shell, by SSH or by convention.
    private static let conventional: Set<String> = [
        "PATH", "HOME", "PWD", "OLDPWD", "IFS", "USER", "LOGNAME", "SHELL", "TERM", "TZ", "LANG", "LC_ALL", "TMPDIR",
        "MAIL", "PPID", "OPTARG", "OPTIND", "LINENO", "PS1", "PS2", "PS4", "SSH_CLIENT", "SSH_CONNECTION", "SSH_TTY",
    ]

    /// First use of each name, in order. Nothing for scripts that read others (`.`, `eval`): those may set anything.
    static func undeclared(in script: String, declared: [String]) -> [Use] {
        let scanned = scan(script)
        guard !scanned.readsOthers else { return [] }
        var known = conventional.union(declared).union(scanned.assigned)
        return scanned.uses.filter { known.insert($0.name).inserted }
    }

    private struct Scanned {
        var uses: [Use] = []
        var assigned: Set<String> = []
        var readsOthers = false
    }

    private static func scan(_ script: String) -> Scanned {
        var result = Scanned()
        for use in Uses(Array(script.unicodeScalars)).list {
            if use.assigns { result.assigned.insert(use.name) } else { result.uses.append(Use(name: use.name, line: use.line)) }
        }
        for line in script.split(whereSeparator: \.isNewline) {
            let words = line.split { " \t;&|(){}\"'`".contains($0) }.map(String.init)
            for (index, word) in words.enumerated() {
                if let equals = word.firstIndex(of: "="), isName(word[..<equals]) {
                    result.assigned.insert(String(word[..<equals]))
                }
                if ["for", "read", "export", "local", "readonly", "getopts", "unset"].contains(word) {
                    result.assigned.formUnion(words[(index + 1)...].filter { isName($0[...]) })
                }
                if word == "." || word == "eval" { result.readsOthers = true }
            }
        }
        return result
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.unicodeScalars.first, first.properties.isAlphabetic || first == "_" else { return false }
        return text.unicodeScalars.allSatisfy(Uses.isNameScalar)
    }

    /// Every `$NAME` and `${NAME…}` in capitals outside single quotes and comments.
    private struct Uses {
        private(set) var list: [(name: String, line: Int, assigns: Bool)] = []
        private let text: [Unicode.Scalar]
        private var index = 0
        private var line = 1
        /// Whether text is in double quotes, for each `$(` that is open.
        private var quoted = [false]

        init(_ text: [Unicode.Scalar]) {
            self.text = text
            while index < text.count { step() }
        }

        static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
            scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_")
        }

        private var isQuoted: Bool { quoted.last ?? false }

        private func scalar(_ offset: Int) -> Unicode.Scalar? {
            text.indices.contains(index + offset) ? text[index + offset] : nil
        }

        private mutating func advance() {
            if index < text.count, text[index] == "\n" { line += 1 }
            index += 1
        }

        private mutating func skip(to end: Unicode.Scalar) {
            while index < text.count, text[index] != end { advance() }
        }

        private mutating func step() {
            switch text[index] {
            case "\\": advance()
            case "'" where !isQuoted:
                advance()
                skip(to: "'")
            case "\"": quoted[quoted.count - 1].toggle()
            case "#" where !isQuoted && (scalar(-1).map { " \t\n;".unicodeScalars.contains($0) } ?? true):
                skip(to: "\n")
                return
            case ")" where !isQuoted && quoted.count > 1: quoted.removeLast()
            case "$":
                dollar()
                return
            default: break
            }
            advance()
        }

        private mutating func dollar() {
            advance()
            if scalar(0) == "(" {
                quoted.append(false)
                advance()
                return
            }
            let isBraced = scalar(0) == "{"
            if isBraced { advance() }
            if isBraced, scalar(0) == "#" { advance() }
            var name = ""
            while let next = scalar(0), Self.isNameScalar(next) {
                name.unicodeScalars.append(next)
                advance()
            }
            guard let first = name.unicodeScalars.first, first.properties.isUppercase,
                name.unicodeScalars.allSatisfy({ !$0.properties.isLowercase })
            else { return }
            let mark = scalar(0) == ":" ? scalar(1) : scalar(0)
            if isBraced, let mark, "-+=?".unicodeScalars.contains(mark) {
                // The script says what happens when it is unset.
                if mark == "=" { list.append((name, line, true)) }
                return
            }
            list.append((name, line, false))
        }
    }
}
