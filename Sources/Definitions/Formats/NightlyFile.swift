import Timeline

/// `nightly.yaml`: what `firedrill nightly` plays, and for how long.
public struct NightlyProfile: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// Wall time that a night may take.
    public var budget: DurationText
    /// Scenarios that are played; nil: all.
    public var scenarios: [String]?
    /// Arms that are played of each scenario that has them.
    public var arms: [String]
    /// Runs that must fail.
    public var canaries: [Canary]
    /// Whether fix pairs are played in the time that is left.
    public var playsFixes: Bool

    /// A run that must fail, and shows each night that a failure is detected.
    public struct Canary: Sendable, Hashable {
        /// Name of the scenario.
        public var scenario: String
        /// As on the command line, such as `fix:immediate-restart`.
        public var arm: String
    }

    /// Name of the file in a root folder.
    public static let fileName = "nightly.yaml"

    /// What is played where no profile says otherwise: the runbook of every scenario, and no canary.
    public static let standard = NightlyProfile(
        name: "default", budget: DurationText(.seconds(25 * 60)), scenarios: nil, arms: ["runbook"], canaries: [],
        playsFixes: true)

    /// Reads a profile and looks up what it names.
    /// - Parameters:
    ///   - path: the file.
    ///   - catalogue: where scenarios and arms must exist.
    /// - Throws: `DefinitionErrors` with everything that is wrong with it.
    public static func read(_ path: String, in catalogue: Catalogue) throws(DefinitionErrors) -> NightlyProfile {
        let sink = Sink()
        let split = path.lastIndex(of: "/").map { (String(path[..<$0]), String(path[path.index(after: $0)...])) }
        let (folder, file) = split ?? (".", path)
        do throws(ExpressionError) {
            let bytes = try RootFolder(path: folder).bytes(file, limit: Limits.yamlBytes)
            if let root = YAMLReader.read(bytes, file: file, diagnostics: &sink.list),
                let profile = read(root, catalogue: catalogue, sink: sink), !sink.list.hasErrors
            {
                return profile
            }
        } catch {
            sink.error(error.message, at: Location(file: file, line: 1, column: 1), remedy: error.remedy)
        }
        throw DefinitionErrors(diagnostics: sink.list.sorted)
    }

    private static func read(_ root: YAMLValue, catalogue: Catalogue, sink: Sink) -> NightlyProfile? {
        guard let reader = MappingReader(root, table: keys, sink: sink) else { return nil }
        let name = reader.name("nightly")
        let budget = reader.positiveDuration("budget")
        let scenarios = reader.has("scenarios") ? reader.names("scenarios") : nil
        let arms =
            reader.has("arms") ? reader.texts("arms") : standard.arms.map { Located(value: $0, at: root.at) }
        let fixes = reader.boolean("fixes")
        let canaries = reader.objects("canaries").compactMap { entry -> Canary? in
            defer { entry.finish() }
            let (scenario, arm) = (entry.name("scenario"), entry.text("arm"))
            guard let scenario, let arm else { return nil }
            check(arm, of: [scenario], catalogue: catalogue, sink: sink)
            return Canary(scenario: scenario.value, arm: arm.value)
        }
        reader.finish()
        for arm in arms {
            check(
                arm, of: scenarios ?? catalogue.scenarioNames.map { Located(value: $0, at: arm.at) },
                catalogue: catalogue, sink: sink)
        }
        guard let name, let budget, let fixes else { return nil }
        return NightlyProfile(
            name: name.value, budget: budget.value, scenarios: scenarios?.map(\.value), arms: arms.map(\.value),
            canaries: canaries, playsFixes: fixes)
    }

    /// Scenarios exist, and at least one of them has the arm.
    private static func check(_ arm: Located<String>, of names: [Located<String>], catalogue: Catalogue, sink: Sink) {
        var known: Set<String> = []
        for name in names {
            guard catalogue.scenarioNames.contains(name.value) else {
                sink.unknown("the scenario", name, among: catalogue.scenarioNames)
                return
            }
            // A scenario with mistakes has no arms to compare with; its own play says what is wrong with it.
            guard let arms = try? catalogue.arms(of: name.value) else { return }
            known.formUnion(arms.map(\.description))
        }
        if !known.contains(arm.value) { sink.unknown("the arm", arm, among: known) }
    }

    static let keys = KeyTable(
        "nightly",
        "What a night plays. `firedrill nightly` reads `nightly.yaml` of the root, or the file of `--profile`.",
        [
            .required("nightly", .name, "The profile's name.", example: "every-night"),
            .optional(
                "budget", .duration(.wall), "How long a night may take; what would not end within it is not begun.",
                standard: "25m", example: "25m"),
            .optional("scenarios", .list(.name), "Scenarios that are played; default: all.", example: "[switch-off]"),
            .optional(
                "arms", .list(.text), "Arms that are played of every scenario that has them; default: `runbook`.",
                example: "[runbook, no-fault]"),
            .optional(
                "canaries", .list(.object(canaryKeys)), "Runs that must fail, played first.",
                example: "[{scenario: switch-off, arm: fault-only}]"),
            .optional(
                "fixes", .boolean,
                "Whether fix pairs are played in the time that is left, the least recently proven first.",
                standard: "true", example: "true"),
        ])

    static let canaryKeys = KeyTable(
        "nightly.canary", "A run that must fail. When it passes, or nothing can be said, the night is not green.",
        [
            .required("scenario", .name, "The scenario.", example: "switch-off"),
            .required("arm", .text, "An arm that ends failed.", example: "fault-only"),
        ])
}
