import ArgumentParser
import Foundation

/// What a command's exit status means (DESIGN section 5).
enum ExitStatus {
    static let passed: Int32 = 0
    static let failed: Int32 = 1
    static let inconclusive: Int32 = 2
    static let harness: Int32 = 3
    static let usage: Int32 = 64

    /// The worst of several runs: a harness error, then failed, then inconclusive, then passed.
    static func merged(_ statuses: [Int32]) -> Int32 {
        let order = [usage, harness, failed, inconclusive, passed]
        return order.first { statuses.contains($0) } ?? passed
    }
}

/// Where definitions are read from and runs are kept.
struct PlaceOptions: ParsableArguments {
    @Option(help: "Folder that holds testnet/, chaos/ and runbooks/, and receives .firedrill/.")
    var root: String = "."

    /// Absolute, without links.
    var rootPath: String {
        URL(fileURLWithPath: root, relativeTo: URL(fileURLWithPath: FileManager.default.currentDirectoryPath))
            .standardizedFileURL.resolvingSymlinksInPath().path
    }
}

/// The programs that come together.
enum Programs {
    /// This very program.
    static let own: String = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    /// What hosts run, beside the CLI.
    static var testnode: String { beside("testnode") }
    static func beside(_ name: String) -> String {
        URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(name).path
    }
}
