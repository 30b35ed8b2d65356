/// Finds and parses the files of a root folder.
struct CatalogueLoader {
    let folder: RootFolder
    let sink = Sink()
    var testnets: [String: TestnetFile] = [:]
    var incidents: [String: IncidentFile] = [:]
    var faults: [String: FaultFile] = [:]
    var scenarios: [String: ScenarioFile] = [:]
    var runbooks: [String: RunbookFile] = [:]
    var mutants: [String: MutantFile] = [:]
    var sources: [String: String] = [:]
    var ownIncidents: Set<String> = []
    var files: [Catalogue.Kind: [String: String]] = [:]

    init(folder: RootFolder) { self.folder = folder }

    mutating func load(builtIn: RootFolder?) {
        checkFolders()
        loadTestnets()
        for kind in [Catalogue.Kind.incident, .fault, .scenario, .runbook, .mutant] {
            for (name, file) in list(kind, in: folder) { load(kind, name: name, file: file, from: folder) }
        }
        ownIncidents = Set(incidents.keys)
        guard let builtIn else { return }
        for kind in [Catalogue.Kind.incident, .fault] {
            for (name, file) in list(kind, in: builtIn) where files[kind]?[name] == nil {
                load(kind, name: name, file: file, from: builtIn)
            }
        }
    }

    private static func place(of kind: Catalogue.Kind) -> (folder: String, ending: String) {
        switch kind {
        case .testnet: ("testnet", "")
        case .incident: ("chaos/incidents", ".yaml")
        case .fault: ("chaos/faults", ".yaml")
        case .scenario: ("chaos/scenarios", ".yaml")
        case .runbook: ("runbooks", ".md")
        case .mutant: ("chaos/mutants", ".yaml")
        }
    }

    /// A misspelt folder would be ignored with everything in it, and so would one that cannot be read.
    private func checkFolders() {
        for path in [
            "testnet", "chaos", "chaos/incidents", "chaos/faults", "chaos/scenarios", "chaos/fixes", "chaos/mutants",
            "runbooks",
        ]
        where folder.entry(path) != nil && folder.names(in: path) == nil {
            sink.error(
                folder.entry(path) == .folder ? "the folder cannot be read" : "this is not a folder",
                at: Location(file: path, line: 1, column: 1),
                remedy: folder.entry(path) == .folder ? "Check its permissions." : "Definitions lie in a folder here.")
        }
        let known = ["faults", "incidents", "scenarios", "fixes", "mutants"]
        for name in folder.names(in: "chaos") ?? []
        where !name.hasPrefix(".") && name.lowercased() != "readme.md" && !known.contains(name) {
            sink.error(
                "'\(Quote.short(name))' would be ignored", at: Location(file: "chaos/\(name)", line: 1, column: 1),
                remedy: NearMiss.hint(for: name, among: known, noun: "folder"))
        }
    }

    private mutating func loadTestnets() {
        for name in folder.names(in: "testnet") ?? [] where !name.hasPrefix(".") {
            if folder.entry("testnet/\(name)") == .link {
                sink.error(
                    "a testnet's folder cannot be a symbolic link",
                    at: Location(file: "testnet/\(name)", line: 1, column: 1), remedy: "Put the folder itself there.")
            }
            guard folder.entry("testnet/\(name)") == .folder else { continue }
            let file = "testnet/\(name)/testnet.yaml"
            guard folder.entry(file) != nil else {
                sink.error(
                    "the testnet's folder has no testnet.yaml",
                    at: Location(file: "testnet/\(name)", line: 1, column: 1),
                    remedy: "Add it, or move the folder out of testnet/.")
                continue
            }
            load(.testnet, name: name, file: file, from: folder)
        }
    }

    /// Definition files of a kind: name to path. A file that would be ignored by its ending is an error.
    private func list(_ kind: Catalogue.Kind, in folder: RootFolder) -> [(name: String, file: String)] {
        let (path, ending) = Self.place(of: kind)
        var found: [(String, String)] = []
        for name in folder.names(in: path) ?? [] where !name.hasPrefix(".") && name.lowercased() != "readme.md" {
            let file = "\(path)/\(name)"
            let here = Location(file: file, line: 1, column: 1)
            // A mutant's files lie in a folder beside it.
            if kind == .mutant, folder.entry(file) == .folder { continue }
            guard name.hasSuffix(ending), name.count > ending.count else {
                sink.error(
                    "the file would be ignored", at: here,
                    remedy: "Definitions here end in '\(ending)': rename or move it.")
                continue
            }
            guard found.count < Limits.filesPerKind else {
                sink.error(
                    "there are more than \(Limits.filesPerKind) files", at: here, remedy: "Split the root folder.")
                return found
            }
            found.append((String(name.dropLast(ending.count)), file))
        }
        return found
    }

    private mutating func load(_ kind: Catalogue.Kind, name: String, file: String, from folder: RootFolder) {
        files[kind, default: [:]][name] = file
        let bytes: [UInt8]
        do throws(ExpressionError) {
            bytes = try folder.bytes(file, limit: Limits.yamlBytes)
        } catch {
            sink.error(error.message, at: Location(file: file, line: 1, column: 1), remedy: error.remedy)
            return
        }
        sources[file] = Hash.hex(bytes)
        if kind == .runbook {
            if let runbook = RunbookReader.read(bytes, file: file, sink: sink), matches(runbook.name, name) {
                runbooks[name] = runbook
            }
            return
        }
        guard let root = YAMLReader.read(bytes, file: file, diagnostics: &sink.list) else { return }
        read(kind, name: name, root: root)
    }

    private mutating func read(_ kind: Catalogue.Kind, name: String, root: YAMLValue) {
        switch kind {
        case .testnet:
            if let value = TestnetFile.read(root, sink: sink), matches(value.name, name) { testnets[name] = value }
        case .incident:
            if let value = IncidentFile.read(root, sink: sink), matches(value.id, name) { incidents[name] = value }
        case .fault:
            if let value = FaultFile.read(root, sink: sink), matches(value.name, name) { faults[name] = value }
        case .scenario:
            if let value = ScenarioFile.read(root, sink: sink), matches(value.name, name) { scenarios[name] = value }
        case .mutant:
            if let value = MutantFile.read(root, sink: sink), matches(value.id, name) { mutants[name] = value }
        case .runbook: break
        }
    }

    /// A definition is found by its file's name, so both must be the same.
    private func matches(_ written: Located<String>, _ name: String) -> Bool {
        if written.value == name { return true }
        sink.error(
            "the file defines '\(Quote.short(written.value))' and is named '\(Quote.short(name))'", at: written.at,
            remedy: "Did you mean '\(Quote.short(name))'? Rename one of them.")
        return false
    }
}
