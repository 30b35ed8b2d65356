import Foundation

/// Figures for `docs/safety.md`, written when `FIREDRILL_RESULTS` names a folder for them.
enum ResultsFile {
    static func write(_ results: some Encodable, _ name: String) throws {
        guard let folder = ProcessInfo.processInfo.environment["FIREDRILL_RESULTS"] else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(results).write(to: URL(fileURLWithPath: "\(folder)/\(name).json"))
    }
}

/// Attempts to reach what must not be reached, and how many of them did.
struct DecoyResults: Encodable {
    var attempts: Int
    var touches: Int
}
