import Timeline

/// Checks the shell scripts of all definitions: their syntax, and names of variables that nothing sets.
struct ScriptChecker {
    let catalogue: Catalogue
    let sink: Sink
    private let syntax = ShellSyntax()

    init(catalogue: Catalogue, sink: Sink) {
        self.catalogue = catalogue
        self.sink = sink
    }

    func check() {
        for fault in sorted(catalogue.faults) { check(fault) }
        for runbook in sorted(catalogue.runbooks) { check(runbook) }
        for scenario in sorted(catalogue.scenarios) { check(scenario) }
        for testnet in sorted(catalogue.testnets) { check(testnet) }
        checkOverlays()
    }

    private func sorted<Value>(_ definitions: [String: Value]) -> [Value] {
        definitions.sorted { $0.key < $1.key }.map(\.value)
    }

    private func check(_ fault: FaultFile) {
        let declared = fault.parameters.map(\.name.value)
        for block in [fault.fingerprint, fault.inject, fault.prove, fault.undo, fault.proveUndone] {
            check(block)
            checkVariables(block.script, declared: declared + block.environment.keys, place: block.script.placeOfLine)
        }
    }

    private func check(_ runbook: RunbookFile) {
        let declared = runbook.variables.map(\.name.value)
        for step in runbook.steps + runbook.rollbacks where step.role != .manual {
            let script = Located(value: step.script, at: step.name.at)
            checkSyntax(script, place: script.placeInFence)
            checkVariables(script, declared: declared, place: script.placeInFence)
        }
    }

    private func check(_ scenario: ScenarioFile) {
        let blocks =
            scenario.probes.map(\.command) + scenario.wrongResponses.flatMap { $0.steps.map(\.block) }
            + [scenario.detection?.pagerTest?.block, scenario.crossCheck?.block]
        for block in blocks.compactMap({ $0 }) { check(block) }
    }

    private func check(_ block: ScriptBlock) { checkSyntax(block.script, place: block.script.placeOfLine) }

    /// Stages, the files that they name, and the scripts of all layers, whether a host uses the layer or not.
    private func check(_ testnet: TestnetFile) {
        let folder = "testnet/\(testnet.name.value)"
        // What is wrong with the files themselves is reported when the testnet is compiled.
        let elsewhere = Sink()
        for stage in testnet.stages {
            let text = stage.block.script.value
            guard text.hasPrefix("./"), !text.contains("\n"), !text.contains(" ") else {
                check(stage.block)
                continue
            }
            let path = "\(folder)\(text.dropFirst(1))"
            if HostPath.isValid("/\(path)"), let bytes = try? catalogue.folder.bytes(path, limit: Limits.yamlBytes) {
                checkFile(path, bytes)
            }
        }
        if let block = testnet.release?.block, !block.script.value.hasPrefix("./") { check(block) }
        for layer in catalogue.folder.names(in: "\(folder)/layers") ?? [] {
            let located = Located(value: layer, at: testnet.at)
            let files = LayerReader.read(
                located, testnet: testnet.name.value, root: catalogue.folder, sink: elsewhere)
            for file in files where !file.isTemplate && Self.isShell(file.bytes) { checkFile(file.source, file.bytes) }
        }
    }

    /// The scripts that fixes and mutants deploy.
    private func checkOverlays() {
        let changes =
            sorted(catalogue.scenarios).flatMap { $0.fixes.map(\.change) } + sorted(catalogue.mutants).map(\.change)
        for overlay in changes.compactMap(\.overlay) where HostPath.isValid("/\(overlay.value)") {
            let files = LayerReader.read(folder: overlay.value, at: overlay.at, root: catalogue.folder, sink: Sink())
            for file in files where !file.isTemplate && Self.isShell(file.bytes) { checkFile(file.source, file.bytes) }
        }
    }

    /// The first line names `sh`. Scripts for other programs are not ours to read.
    private static func isShell(_ bytes: [UInt8]) -> Bool {
        let first = String(decoding: bytes.prefix { $0 != 0x0A }.prefix(200), as: UTF8.self)
        guard first.hasPrefix("#!") else { return false }
        let words = first.dropFirst(2).split(separator: " ")
        return words.first == "/bin/sh" || words.prefix(2) == ["/usr/bin/env", "sh"]
    }

    private func checkFile(_ path: String, _ bytes: [UInt8]) {
        guard bytes.count <= Limits.yamlBytes, let text = String(validating: bytes, as: UTF8.self) else { return }
        let script = Located(value: text, at: Location(file: path, line: 1, column: 1))
        checkSyntax(script) { Location(file: path, line: $0, column: 1) }
    }

    private func checkSyntax(_ script: Located<String>, place: (Int) -> Location) {
        guard let mistake = syntax.mistake(in: script.value) else { return }
        sink.error(
            "the shell cannot read the script: \(Quote.short(mistake.message))", at: place(mistake.line),
            remedy: "Correct the script; 'sh -n' shows the same.")
    }

    private func checkVariables(_ script: Located<String>, declared: [String], place: (Int) -> Location) {
        for use in ShellVariables.undeclared(in: script.value, declared: declared) {
            sink.warning(
                "nothing sets the variable '\(Quote.short(use.name))' that the script uses", at: place(use.line),
                remedy: NearMiss.closest(to: use.name, among: declared).map { "Did you mean '\($0)'?" }
                    ?? "Declare it, or write ${\(use.name):-} if it may be unset.")
        }
    }
}

extension Located<String> {
    /// Place of the script's line `number` (from 1): a block (`script: |`) begins on the line after its mark.
    fileprivate func placeOfLine(_ number: Int) -> Location {
        value.contains("\n") ? placeInFence(number) : at
    }

    /// Place of line `number` (from 1) of what begins on the line after this one's.
    fileprivate func placeInFence(_ number: Int) -> Location {
        Location(file: at.file, line: at.line + number, column: 1)
    }
}
