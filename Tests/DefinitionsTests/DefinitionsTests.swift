import Foundation
import Testing
import Timeline

@testable import Definitions

/// The sample root folder, and copies of it that tests may change.
enum Fixture {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/root").path

    static let options = CompileOptions(commit: "abc", runNonce: "nonce-1", programFolder: nil)

    static func catalogue() -> Catalogue { Catalogue.load(root: root) }

    /// Runs `body` on a private copy of the sample root, which is removed afterwards.
    static func withCopy<Result>(_ body: (String) throws -> Result) throws -> Result {
        let copy = FileManager.default.temporaryDirectory.appending(path: "definitions-\(UUID().uuidString)").path
        try FileManager.default.copyItem(atPath: root, toPath: copy)
        defer { try? FileManager.default.removeItem(atPath: copy) }
        return try body(copy)
    }

    /// Errors of a copy in which `old` is replaced by `new` in one file.
    static func check(_ file: String, replacing old: String, with new: String) throws -> [Diagnostic] {
        try withCopy { copy in
            let path = "\(copy)/\(file)"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try #require(text.contains(old), "the sample lacks '\(old)'")
            try text.replacing(old, with: new, maxReplacements: 1).write(
                toFile: path, atomically: false, encoding: .utf8)
            return Catalogue.load(root: copy).check().filter { $0.severity == .error }
        }
    }
}

@Suite struct SampleRoot {
    @Test func isFreeOfErrors() {
        let errors = Fixture.catalogue().check().filter { $0.severity == .error }
        #expect(errors.isEmpty, "\(errors.map(\.description).joined(separator: "\n"))")
    }

    @Test func compilesEveryArm() throws {
        let catalogue = Fixture.catalogue()
        for arm in try catalogue.arms(of: "switch-off") {
            let compiled = try catalogue.compile(scenario: "switch-off", arm: arm, options: Fixture.options)
            #expect(compiled.plan.criteria.arm == arm)
            #expect(compiled.plan.testnet.hosts.count == 9)
        }
    }
}

/// The definitions that come with Firedrill.
@Suite struct ShippedRoot {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    @Test func isFreeOfErrorsAndWarnings() {
        let found = Catalogue.load(root: Self.root).check()
        #expect(found.isEmpty, "\(found.map(\.description).joined(separator: "\n"))")
    }
}
