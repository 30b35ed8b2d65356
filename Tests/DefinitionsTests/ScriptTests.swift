import Foundation
import Testing

@testable import Definitions

@Suite struct ScriptTests {
    private func check(_ file: String, replacing old: String, with new: String) throws -> [Diagnostic] {
        try Fixture.withCopy { copy in
            let path = "\(copy)/\(file)"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try #require(text.contains(old), "the sample lacks '\(old)'")
            try text.replacing(old, with: new, maxReplacements: 1).write(
                toFile: path, atomically: false, encoding: .utf8)
            return Catalogue.load(root: copy).check()
        }
    }

    private func line(of text: String, in file: String) throws -> Int {
        let lines = try String(contentsOfFile: "\(Fixture.root)/\(file)", encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        return try #require(lines.firstIndex { $0.contains(text) }) + 1
    }

    @Test func theShellsSyntaxIsCheckedWhereTheScriptStands() throws {
        let scenario = "chaos/scenarios/switch-off.yaml"
        let inline = try check(scenario, replacing: "script: cat /var/switch/main", with: "script: \"cat (\"")
        let found = try #require(inline.first { $0.message.contains("shell cannot read") })
        #expect(found.severity == .error)
        #expect(found.location.file == scenario)
        #expect(try found.location.line == line(of: "cat /var/switch/main", in: scenario))
        let pager = try check(scenario, replacing: "script: page-test", with: "script: \"if true\"")
        #expect(pager.contains { $0.message.contains("shell cannot read") })
    }

    @Test func aFencesLineIsTheOneInThePage() throws {
        let page = "runbooks/switch-on.md"
        let fence = try line(of: "name=turn-on", in: page)
        let text = try String(contentsOfFile: "\(Fixture.root)/\(page)", encoding: .utf8)
        let first = text.split(separator: "\n", omittingEmptySubsequences: false)[fence]
        let found = try check(page, replacing: "\(first)\n", with: "\(first)\n:\nfi\n").filter {
            $0.message.contains("shell cannot read")
        }
        #expect(found.map(\.location.line) == [fence + 3])
    }

    @Test func scriptsOfLayersAreChecked() throws {
        let file = "testnet/two-shards/layers/base/etc/sv/node/run"
        try Fixture.withCopy { copy in
            try "#!/bin/sh\nwhile true; do\n".write(toFile: "\(copy)/\(file)", atomically: false, encoding: .utf8)
            let found = Catalogue.load(root: copy).check().filter { $0.message.contains("shell cannot read") }
            #expect(found.map(\.location.file) == [file])
            try "#!/usr/bin/awk -f\nwhile true; do\n".write(
                toFile: "\(copy)/\(file)", atomically: false, encoding: .utf8)
            #expect(!Catalogue.load(root: copy).check().contains { $0.message.contains("shell cannot read") })
        }
    }

    @Test func nothingOfAScriptIsRun() {
        let file = "/tmp/script-ran-\(UUID().uuidString)"
        #expect(ShellSyntax().mistake(in: "touch \(file)\n") == nil)
        #expect(!FileManager.default.fileExists(atPath: file))
        #expect(ShellSyntax().mistake(in: "a\nb\n)\n")?.line == 3)
        #expect(ShellSyntax.mistake(message: "sh: line 7: unexpected\n")?.line == 7)
    }

    @Test(arguments: [
        ("echo \"$SWTICH\"", ["SWTICH"]), ("echo \"$SWITCH\"", []), ("echo '$SWTICH' # $ALSO", []),
        ("echo \"$(awk '{print $NF}')\" \"it's $A_B\"", ["A_B"]), ("FOO=1; echo $FOO ${BAR:-x} ${BAZ}", ["BAZ"]),
        ("read -r NAME; echo $NAME $lower ${#LONG}", ["LONG"]), (". /etc/x; echo $ANY", []),
        ("echo \\$NOT \"\\$NOT\" $PATH", []), ("cd \"$(dirname \"$ONE\")\" && echo $TWO\necho $ONE", ["ONE", "TWO"]),
        (": ${SET:=x}; echo $SET", []), ("for X in a; do echo $X; done", []),
    ])
    func variablesThatNothingSetsAreFound(script: String, names: [String]) {
        #expect(ShellVariables.undeclared(in: script, declared: ["SWITCH"]).map(\.name) == names)
    }

    @Test func aMisspeltParameterIsAWarningWithTheNearMiss() throws {
        let file = "chaos/faults/switch-off.yaml"
        let found = try check(file, replacing: "$SWITCH", with: "$SWTICH").filter { $0.message.contains("SWTICH") }
        #expect(found.map(\.severity) == [.warning])
        #expect(found.first?.remedy == "Did you mean 'SWITCH'?")
        #expect(found.first?.location.file == file)
    }

    @Test func aProgramThatDoesNotExistIsFound() throws {
        try Fixture.withCopy { copy in
            let file = "\(copy)/testnet/two-shards/testnet.yaml"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            let programs = "\(copy)/programs"
            try FileManager.default.createDirectory(atPath: programs, withIntermediateDirectories: false)
            for name in ["testnode", "notes"] {
                try ":".write(toFile: "\(programs)/\(name)", atomically: false, encoding: .utf8)
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(programs)/testnode")
            let right = Catalogue.load(root: copy).check(programFolder: programs)
            #expect(!right.contains { $0.message.hasPrefix("the program") })
            try text.replacing("program: testnode", with: "program: testnod").write(
                toFile: file, atomically: false, encoding: .utf8)
            let found = Catalogue.load(root: copy).check(programFolder: programs)
            let program = try #require(found.first { $0.message.hasPrefix("the program 'testnod'") })
            #expect(program.severity == .error && program.remedy == "Did you mean 'testnode'?")
        }
    }

    @Test func aMisspeltFolderIsFound() throws {
        try Fixture.withCopy { copy in
            try FileManager.default.moveItem(atPath: "\(copy)/chaos/faults", toPath: "\(copy)/chaos/fualts")
            let found = Catalogue.load(root: copy).check().filter { $0.location.file == "chaos/fualts" }
            #expect(found.map(\.remedy) == ["Did you mean 'faults'?"])
            try FileManager.default.removeItem(atPath: "\(copy)/runbooks")
            try "".write(toFile: "\(copy)/runbooks", atomically: false, encoding: .utf8)
            let folder = Catalogue.load(root: copy).check().filter { $0.location.file == "runbooks" }
            #expect(folder.map(\.message) == ["this is not a folder"])
        }
    }

    @Test(arguments: [0, 0.5, -1, .nan, .infinity, 1e300])
    func aTimeScaleThatIsNoneIsRefused(scale: Double) {
        var options = Fixture.options
        options.timeScale = scale
        let catalogue = Fixture.catalogue()
        let scenario = #expect(throws: DefinitionErrors.self) {
            _ = try catalogue.compile(scenario: "switch-off", arm: .runbook, options: options)
        }
        #expect(scenario?.description.hasPrefix("error: the time scale \(scale) is not between 1 and 10000.") == true)
        #expect(throws: DefinitionErrors.self) {
            _ = try catalogue.compile(testnet: "two-shards", timeScale: scale, options: Fixture.options)
        }
    }

    @Test func namesFromTheCommandLineHaveNoPlace() {
        let error = #expect(throws: DefinitionErrors.self) { _ = try Fixture.catalogue().explanation(of: "swich-off") }
        #expect(error?.description == "error: the fact or definition 'swich-off' does not exist. Did you mean 'switch-off'?")
    }
}
