import Foundation
import Testing

@testable import Definitions

@Suite struct NightlyTests {
    private func read(_ text: String) throws -> NightlyProfile {
        let folder = FileManager.default.temporaryDirectory.appending(path: "firedrill-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(text.utf8).write(to: folder.appending(path: "nightly.yaml"))
        return try NightlyProfile.read(folder.path + "/nightly.yaml", in: Catalogue.load(root: Fixture.root))
    }

    @Test func profileIsReadWithItsDefaults() throws {
        let own = try NightlyProfile.read(Fixture.root + "/nightly.yaml", in: Catalogue.load(root: Fixture.root))
        #expect(own.name == "every-night" && own.scenarios == ["switch-off"] && own.arms == ["runbook", "no-fault"])
        #expect(own.canaries == [.init(scenario: "switch-off", arm: "fault-only")] && !own.playsFixes)
        var least = NightlyProfile.standard
        least.name = "least"
        #expect(try read("nightly: least\n") == least)
    }

    @Test(arguments: [
        ("nightly: n\nscenarios: [switch-of]\n", "did you mean 'switch-off'"),
        ("nightly: n\ncanaries: [{scenario: switch-off, arm: falt-only}]\n", "did you mean 'fault-only'"),
        ("nightly: n\nbuget: 5m\n", "unknown key 'buget'"), ("nightly: n\nbudget: 0s\n", "longer than zero"),
        ("nightly: n\narms: [runbok]\n", "nightly.yaml:2:8"),
    ]) func mistakesAreNamed(text: String, expected: String) throws {
        let error = #expect(throws: DefinitionErrors.self) { try read(text) }
        let description = error?.description ?? ""
        #expect(description.lowercased().contains(expected.lowercased()), "\(description)")
    }
}
