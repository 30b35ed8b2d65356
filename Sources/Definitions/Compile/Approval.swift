import Crypto
import Timeline

/// The hash that an approval of a hazardous step names (DESIGN section 4): anything that changes what the step does
/// changes it, so that a changed step must be approved again.
struct ApprovalDigest {
    private var hash = SHA256()

    init() { add("format", "firedrill-approval-1") }

    /// Adds a field. Lengths keep fields apart.
    mutating func add(_ label: String, _ text: String) {
        hash.update(data: Array("\(label):\(text.utf8.count):".utf8))
        hash.update(data: Array(text.utf8))
    }

    mutating func add(_ label: String, _ script: ScriptPlan) {
        add("\(label).script", script.script)
        add("\(label).timeout", script.timeout.description)
        for name in script.environment.keys.sorted() {
            let isSecret = script.secrets.contains(name)
            add("\(label).variable", isSecret ? "secret \(name)" : "\(name)=\(script.environment[name] ?? "")")
        }
    }

    var text: String { Hash.hexText(hash.finalize()) }
}

extension TestnetCompiler {
    /// Deployed scripts that a script calls, by path and hash: every file of the hosts' layers whose path, or whose
    /// name when it lies in a folder of commands, appears in the script; and those that these call in turn.
    mutating func calledScripts(by script: String, on hosts: [String]) -> [String: String] {
        var found: [String: String] = [:]
        for host in hosts {
            var waiting = [script]
            var known: Set<String> = []
            let files = stableFiles(of: host)
            while let text = waiting.popLast() {
                let words = Set(
                    text.split { !($0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0))) }.map(String.init))
                for (path, content) in files where !known.contains(path) && Self.mentions(path, in: text, words: words)
                {
                    known.insert(path)
                    found["\(host):\(path)"] = Hash.hex(content)
                    if let inner = String(validating: content, as: UTF8.self) { waiting.append(inner) }
                }
            }
        }
        return found
    }

    private static let commandFolders = [
        "/usr/local/bin/", "/usr/local/sbin/", "/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/",
    ]

    private static func mentions(_ path: String, in text: String, words: Set<String>) -> Bool {
        if text.contains(path) { return true }
        guard let folder = commandFolders.first(where: { path.hasPrefix($0) }) else { return false }
        return words.contains(String(path.dropFirst(folder.count)))
    }
}
