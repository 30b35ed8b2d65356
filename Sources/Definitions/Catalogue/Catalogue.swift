import Timeline

/// Everything that a root folder defines: read, parsed, and ready to be checked or compiled.
///
/// Loading never throws: what is wrong with a file is a diagnostic, and the other files stay usable.
public struct Catalogue: Sendable {
    /// Path of the root folder.
    public let root: String
    /// What was wrong with single files; `check()` adds what is wrong between them.
    public let loadDiagnostics: [Diagnostic]
    let folder: RootFolder
    var testnets: [String: TestnetFile] = [:]
    var incidents: [String: IncidentFile] = [:]
    var faults: [String: FaultFile] = [:]
    var scenarios: [String: ScenarioFile] = [:]
    var runbooks: [String: RunbookFile] = [:]
    var mutants: [String: MutantFile] = [:]
    /// Path under the root to SHA-256 of every definition file that was read.
    var sources: [String: String] = [:]
    /// Ids of the incidents that `root` itself defines.
    var ownIncidents: Set<String> = []
    /// Files of each kind that exist, with the name that they must define, whether they parse or not.
    var files: [Kind: [String: String]] = [:]

    /// The kinds of definition.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case scenario, incident, fault, runbook, testnet, mutant
    }

    /// Reads the definitions below `root`.
    /// - Parameter builtIn: A second root, whose `chaos/faults` and `chaos/incidents` are used for names that `root`
    ///   lacks.
    public static func load(root: String, builtIn: String? = nil) -> Catalogue {
        var loader = CatalogueLoader(folder: RootFolder(path: root))
        loader.load(builtIn: builtIn.flatMap { $0 == root ? nil : RootFolder(path: $0) })
        return Catalogue(root: root, loader: loader)
    }

    private init(root: String, loader: CatalogueLoader) {
        self.root = root
        self.folder = loader.folder
        self.loadDiagnostics = loader.sink.list.sorted
        self.testnets = loader.testnets
        self.incidents = loader.incidents
        self.faults = loader.faults
        self.scenarios = loader.scenarios
        self.runbooks = loader.runbooks
        self.mutants = loader.mutants
        self.sources = loader.sources
        self.files = loader.files
        self.ownIncidents = loader.ownIncidents
    }

    /// One line about a definition, for `firedrill list`.
    public struct Summary: Sendable, Hashable, Codable {
        /// Raw value of a `Kind`.
        public var kind: String
        /// The name by which other definitions and commands know it.
        public var name: String
        /// In one line, as written in the file.
        public var summary: String
        /// Path under the root.
        public var file: String
    }

    /// All definitions, by kind and name. Files that cannot be read are listed with an empty summary.
    public var summaries: [Summary] {
        Kind.allCases.flatMap { kind in
            (files[kind] ?? [:]).sorted { $0.key < $1.key }.map { name, file in
                Summary(kind: kind.rawValue, name: name, summary: summary(of: kind, name) ?? "", file: file)
            }
        }
    }

    /// Names of the sizes of a testnet, in the order of its file; empty without sizes, or when it cannot be read.
    public func sizes(ofTestnet name: String) -> [String] { testnets[name]?.sizes.map(\.name.value) ?? [] }

    /// Names of the sizes of a scenario's testnet.
    public func sizes(ofScenario name: String) -> [String] {
        scenarios[name].map { sizes(ofTestnet: $0.testnet.value) } ?? []
    }

    /// Ids of the symptoms (facts of kind S) of the incidents that these scenarios replay, in the order of their files.
    public func symptoms(ofScenarios names: Set<String>) -> [String] {
        let replayed = Set(names.compactMap { scenarios[$0]?.incident.value })
        return replayed.sorted().flatMap { incidents[$0]?.symptomIDs ?? [] }
    }

    /// Names of all scenarios that exist, for `firedrill run all`.
    public var scenarioNames: [String] { (files[.scenario] ?? [:]).keys.sorted() }

    private func summary(of kind: Kind, _ name: String) -> String? {
        switch kind {
        case .scenario: scenarios[name].map { $0.summary ?? incidents[$0.incident.value]?.title ?? "" }
        case .incident: incidents[name]?.title
        case .fault: faults[name]?.summary
        case .runbook: runbooks[name]?.summary
        case .testnet: testnets[name]?.summary
        case .mutant: mutants[name]?.summary
        }
    }

    /// Diagnostics of one file, for definitions that depend on it.
    func problems(in file: String) -> [Diagnostic] { loadDiagnostics.filter { $0.location.file == file } }
}
