import Glibc

/// Why a configuration file was refused. Every case says where, what, and what to do.
enum ConfigurationFailure: Error, Equatable, CustomStringConvertible {
    case unreadable(file: String, reason: String)
    case tooLarge(file: String, limit: Int)
    case notUTF8(file: String)
    case notAPair(file: String, line: Int)
    case unknownKey(file: String, line: Int, key: String, nearest: String?)
    case duplicateKey(file: String, line: Int, key: String, firstLine: Int)
    case missingKey(file: String, key: String)
    case badValue(file: String, line: Int, key: String, expected: String)
    case usage(String)

    var description: String {
        switch self {
        case .unreadable(let file, let reason): "\(file): cannot be read: \(reason)."
        case .tooLarge(let file, let limit): "\(file): is larger than \(limit) bytes."
        case .notUTF8(let file): "\(file): is not UTF-8 text."
        case .notAPair(let file, let line):
            "\(file):\(line): expected 'key = value', a comment with '#', or an empty line."
        case .unknownKey(let file, let line, let key, let nearest):
            "\(file):\(line): unknown key '\(key)'" + (nearest.map { "; did you mean '\($0)'?" } ?? ".")
        case .duplicateKey(let file, let line, let key, let firstLine):
            "\(file):\(line): key '\(key)' was already set on line \(firstLine); remove one of them."
        case .missingKey(let file, let key): "\(file): key '\(key)' is missing; add '\(key) = …'."
        case .badValue(let file, let line, let key, let expected): "\(file):\(line): '\(key)' must be \(expected)."
        case .usage(let text): text
        }
    }
}

/// A program's configuration file: one `key = value` on each line, `#` begins a comment line.
///
/// Programs declare the keys they know; any other key, and any key written twice, is an error with file and line.
/// A declared key that ends in `.*` stands for a family such as `peer.1`, `peer.2`. Values are never logged here,
/// because some are secrets.
struct Configuration: Sendable {
    private struct Entry: Sendable {
        var value: String
        var line: Int
    }

    private static let largestFile = 1024 * 1024

    let file: String
    private var entries: [String: Entry] = [:]
    private var order: [String] = []

    /// Reads and checks a file.
    /// - Parameter keys: all keys this program knows, families as `name.*`.
    init(file: String, keys: [String]) throws(ConfigurationFailure) {
        guard let handle = fopen(file, "re") else {
            throw .unreadable(file: file, reason: String(cString: strerror(errno)))
        }
        defer { fclose(handle) }
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.largestFile + 1) { space, count in
            count = fread(space.baseAddress, 1, space.count, handle)
        }
        guard ferror(handle) == 0 else { throw .unreadable(file: file, reason: "it is not a readable file") }
        guard bytes.count <= Self.largestFile else { throw .tooLarge(file: file, limit: Self.largestFile) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8(file: file) }
        try self.init(file: file, text: text, keys: keys)
    }

    /// Checks text that was already read; `file` is used in messages only.
    init(file: String, text: String, keys: [String]) throws(ConfigurationFailure) {
        self.file = file
        let known = Set(keys.filter { !$0.hasSuffix(".*") })
        let families = keys.filter { $0.hasSuffix(".*") }.map { String($0.dropLast()) }
        var line = 0
        // By bytes: to Swift's characters CR LF is one, and no line end.
        for rawLine in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
            line += 1
            let isCRLF = rawLine.last == 0x0D
            let content = String(decoding: isCRLF ? rawLine.dropLast() : rawLine, as: UTF8.self).trimmingSpaces()
            if content.isEmpty || content.hasPrefix("#") { continue }
            let parts = content.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw .notAPair(file: file, line: line) }
            let key = parts[0].trimmingSpaces()
            guard !key.isEmpty else { throw .notAPair(file: file, line: line) }
            guard known.contains(key) || families.contains(where: { key.hasPrefix($0) && key != $0 }) else {
                throw .unknownKey(file: file, line: line, key: key, nearest: Self.nearest(to: key, in: keys))
            }
            if let first = entries[key] {
                throw .duplicateKey(file: file, line: line, key: key, firstLine: first.line)
            }
            entries[key] = Entry(value: parts[1].trimmingSpaces(), line: line)
            order.append(key)
        }
    }

    /// The value of a key; nil if it is not set.
    subscript(key: String) -> String? { entries[key]?.value }

    /// The value of a key that must be set and not be empty.
    func required(_ key: String) throws(ConfigurationFailure) -> String {
        guard let entry = entries[key] else { throw .missingKey(file: file, key: key) }
        guard !entry.value.isEmpty else { throw bad(key, "something, not empty") }
        return entry.value
    }

    /// The members of a family in file order: for `peer.*` the part after the point, and the value.
    func family(_ prefix: String) -> [(name: String, value: String)] {
        order.filter { $0.hasPrefix(prefix + ".") }.map { (String($0.dropFirst(prefix.count + 1)), self[$0] ?? "") }
    }

    /// A whole number within `range`; `fallback` if the key is not set.
    func integer(_ key: String, in range: ClosedRange<Int>, default fallback: Int) throws(ConfigurationFailure) -> Int {
        guard let text = self[key] else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            throw bad(key, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// An IPv4 address and port such as `127.0.4.2:80`.
    func endpoint(_ key: String) throws(ConfigurationFailure) -> (address: String, port: UInt16) {
        let parts = try required(key).split(separator: ":", omittingEmptySubsequences: false)
        var address = in_addr()
        guard parts.count == 2, inet_pton(AF_INET, String(parts[0]), &address) == 1, let port = UInt16(parts[1]) else {
            throw bad(key, "an IPv4 address and a port, such as 127.0.4.2:80")
        }
        return (String(parts[0]), port)
    }

    /// The error for a value that a program finds wrong, with the line it stands on.
    func bad(_ key: String, _ expected: String) -> ConfigurationFailure {
        .badValue(file: file, line: entries[key]?.line ?? 0, key: key, expected: expected)
    }

    /// The path after `--config`, which must be all there is.
    static func path(from arguments: [String], program: String) throws(ConfigurationFailure) -> String {
        guard arguments.count == 2, arguments[0] == "--config", !arguments[1].isEmpty else {
            throw .usage("usage: testnode \(program) --config FILE")
        }
        return arguments[1]
    }

    /// What `key` is set to in a file, before it is known which keys the file may have; nil when the file cannot be
    /// read or does not set it.
    static func peek(_ key: String, file: String) -> String? {
        guard let handle = fopen(file, "re") else { return nil }
        defer { fclose(handle) }
        let bytes = [UInt8](unsafeUninitializedCapacity: largestFile) { space, count in
            count = fread(space.baseAddress, 1, space.count, handle)
        }
        for line in bytes.split(separator: 0x0A) {
            let parts = String(decoding: line, as: UTF8.self).split(separator: "=", maxSplits: 1)
            if parts.count == 2, parts[0].trimmingSpaces() == key {
                return String(parts[1].filter { $0 != "\r" }).trimmingSpaces()
            }
        }
        return nil
    }

    /// The known key closest to a mistyped one, if it is close enough to be a typing error.
    private static func nearest(to key: String, in keys: [String]) -> String? {
        keys.map { (key: $0, distance: distance(Array(key.utf8), Array($0.utf8))) }
            .filter { $0.distance <= max(2, key.utf8.count / 3) }
            .min { $0.distance < $1.distance }?.key
    }

    /// Levenshtein distance.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (i, byte) in left.enumerated() {
            var previous = row[0]
            row[0] = i + 1
            for (j, other) in right.enumerated() {
                let replaced = previous + (byte == other ? 0 : 1)
                previous = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[right.count]
    }
}
