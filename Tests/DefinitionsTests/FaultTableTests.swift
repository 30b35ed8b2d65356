import Foundation
import Testing

@testable import Definitions

/// Holds the index of the fault catalogue, `chaos/faults/README.md`, to the files beside it.
/// After changing a fault, run these tests once with FIREDRILL_WRITE_REFERENCE=1 and commit what they write.
@Suite struct FaultTableTests {
    private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    private static let marks = ("<!-- faults -->\n", "<!-- /faults -->")

    private static func table(_ faults: [FaultFile]) -> String {
        let rows = faults.sorted { $0.name.value < $1.name.value }.map { fault in
            let parameters = fault.parameters.map { parameter in
                let name = "`\(parameter.name.value)`"
                if let standard = parameter.standard { return "\(name) (`\(standard.value)`)" }
                return parameter.required ? name : "\(name) (optional)"
            }
            let needs = fault.requires.programs.map { "`\($0.value)`" }
            return
                "| [\(fault.name.value)](\(fault.name.value).yaml) | \(fault.summary) | `\(fault.capability.value)` | "
                + "\(parameters.joined(separator: ", ")) | \(needs.joined(separator: ", ")) |\n"
        }
        return
            "| fault | what it does | capability | parameters (default) | programs |\n| --- | --- | --- | --- | --- |\n"
            + rows.joined()
    }

    @Test func indexFollowsTheFiles() throws {
        let catalogue = Catalogue.load(root: Self.package.path)
        #expect(Set(catalogue.faults.keys) == Set((catalogue.files[.fault] ?? [:]).keys), "a fault cannot be read")
        let file = Self.package.appending(path: "chaos/faults/README.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let start = try #require(text.range(of: Self.marks.0)).upperBound
        let end = try #require(text.range(of: Self.marks.1)).lowerBound
        let expected = text[..<start] + Self.table(Array(catalogue.faults.values)) + text[end...]
        if ProcessInfo.processInfo.environment["FIREDRILL_WRITE_REFERENCE"] == "1" {
            try String(expected).write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(text == expected, "the index does not follow the files")
    }
}
