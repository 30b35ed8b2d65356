/// A place in a definition file. Lines and columns count from 1; columns count Unicode scalars.
public struct Location: Sendable, Hashable, Codable {
    /// Path relative to the root folder.
    public var file: String
    /// From 1.
    public var line: Int
    /// From 1, in Unicode scalars.
    public var column: Int

    /// Not in a file: something that was named on the command line.
    static let commandLine = Location(file: "", line: 0, column: 0)

    /// Makes a place from its parts.
    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }
}

/// A value together with the place where it was written.
struct Located<Value: Sendable>: Sendable {
    var value: Value
    var at: Location

    func map<Other>(_ transform: (Value) -> Other) -> Located<Other> { Located<Other>(value: transform(value), at: at) }
}

extension Located: Equatable where Value: Equatable {}
extension Located: Hashable where Value: Hashable {}

/// Something wrong, or worth knowing, about a definition file: where, what, and what to do.
public struct Diagnostic: Error, Sendable, Hashable, CustomStringConvertible {
    /// An error makes a definition unusable; a warning does not.
    public enum Severity: String, Sendable, Hashable, Codable {
        case error, warning
    }

    /// Where it is.
    public var location: Location
    /// Whether it makes the definition unusable.
    public var severity: Severity
    /// What is wrong, without a full stop.
    public var message: String
    /// What to do about it, as full sentences; may be empty.
    public var remedy: String

    /// Makes a diagnostic from its parts.
    public init(location: Location, severity: Severity, message: String, remedy: String) {
        self.location = location
        self.severity = severity
        self.message = message
        self.remedy = remedy
    }

    /// `file:line:column: error: message. remedy`, without the place when it is about a name on the command line.
    public var description: String {
        let place = location == .commandLine ? "" : "\(location.file):\(location.line):\(location.column): "
        let text = "\(place)\(severity.rawValue): \(message)."
        return remedy.isEmpty ? text : "\(text) \(remedy)"
    }
}

/// Every diagnostic that made a definition unusable.
public struct DefinitionErrors: Error, Sendable, CustomStringConvertible {
    /// Errors and warnings, in order of file and line; at least one is an error.
    public var diagnostics: [Diagnostic]

    /// - Parameter diagnostics: At least one error.
    public init(diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

    /// One diagnostic a line.
    public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}

/// Collects diagnostics while reading goes on, so that one run shows many errors.
struct Diagnostics {
    /// More than this from one load helps nobody; the rest is dropped and counted.
    static let limit = 500
    private(set) var all: [Diagnostic] = []
    private(set) var dropped = 0

    var hasErrors: Bool { all.contains { $0.severity == .error } }

    mutating func error(_ message: String, at location: Location, remedy: String = "") {
        append(Diagnostic(location: location, severity: .error, message: message, remedy: remedy))
    }

    mutating func warning(_ message: String, at location: Location, remedy: String = "") {
        append(Diagnostic(location: location, severity: .warning, message: message, remedy: remedy))
    }

    mutating func append(_ diagnostic: Diagnostic) {
        if all.contains(diagnostic) { return }
        if all.count < Self.limit { all.append(diagnostic) } else { dropped += 1 }
    }

    mutating func append(contentsOf other: Diagnostics) {
        for diagnostic in other.all { append(diagnostic) }
        dropped += other.dropped
    }

    /// By file, line and column, so that output does not depend on the order of checks.
    var sorted: [Diagnostic] {
        all.sorted {
            ($0.location.file, $0.location.line, $0.location.column, $0.message)
                < ($1.location.file, $1.location.line, $1.location.column, $1.message)
        }
    }
}

/// Where the readers of one load put what they find. Lives on one thread, for the time of a load.
final class Sink {
    var list = Diagnostics()

    func error(_ message: String, at location: Location, remedy: String = "") {
        list.error(message, at: location, remedy: remedy)
    }

    func warning(_ message: String, at location: Location, remedy: String = "") {
        list.warning(message, at: location, remedy: remedy)
    }

    /// Reports a name that does not exist, with the near miss.
    func unknown(_ noun: String, _ name: Located<String>, among known: some Collection<String>) {
        error(
            "\(noun) '\(Quote.short(name.value))' does not exist", at: name.at,
            remedy: NearMiss.hint(for: name.value, among: known, noun: noun))
    }
}
