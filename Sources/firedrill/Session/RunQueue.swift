import Definitions
import Replay
import Timeline

/// What a `run` command plays, in order: scenarios, arms, repetitions.
struct RunQueue {
    /// A scenario's name, or `all`.
    var scenario: String
    /// An arm's name, or `all`.
    var arm: String
    /// How often each is played, one after the other.
    var repetitions: Int
    /// Choices of every compilation; the nonce is made anew for each.
    var options: CompileOptions

    /// One replay to be made.
    struct Item: Sendable, Hashable {
        var scenario: String
        var arm: Criteria.Arm
        /// From 1.
        var repetition: Int
    }

    /// Word that stands for every scenario, or every arm of one.
    static let every = "all"
    /// Most repetitions; a run takes a minute, so this is a week's end.
    static let mostRepetitions = 2000

    /// Whether more than one verdict comes of it.
    var isSeries: Bool { scenario == Self.every || arm == Self.every || repetitions > 1 }

    /// - Throws: `Stop` or `DefinitionErrors` when there is nothing of that name.
    func items(in catalogue: Catalogue) throws -> (items: [Item], notes: [String]) {
        guard (1...Self.mostRepetitions).contains(repetitions) else {
            throw Stop("--repeat takes a number from 1 to \(Self.mostRepetitions), not \(repetitions)", .usage)
        }
        let names = scenario == Self.every ? catalogue.scenarioNames : [scenario]
        guard !names.isEmpty else { throw Stop("there is no scenario under \(catalogue.root)/chaos/scenarios", .usage) }
        let lacking = try scenariosWithoutArm(names, catalogue)
        let notes = lacking.map { "\($0) has no arm \(arm) and is left out" }
        let items = try names.filter { !lacking.contains($0) }.flatMap { name in
            try arms(of: name, catalogue).flatMap { arm in
                (1...repetitions).map { Item(scenario: name, arm: arm, repetition: $0) }
            }
        }
        return (items, notes)
    }

    /// The plan of an item, with a nonce of its own.
    func compile(_ item: Item, _ catalogue: Catalogue) throws -> CompiledPlan {
        var options = options
        options.runNonce = RunIdentity.makeRun()
        options.size = takesSize(item.scenario, catalogue) ? options.size : nil
        return try catalogue.compile(scenario: item.scenario, arm: item.arm, options: options)
    }

    /// Of all scenarios, those without sizes are what they are. Where none has sizes, the compiler says so.
    private func takesSize(_ name: String, _ catalogue: Catalogue) -> Bool {
        scenario != Self.every || !catalogue.sizes(ofScenario: name).isEmpty
            || catalogue.scenarioNames.allSatisfy { catalogue.sizes(ofScenario: $0).isEmpty }
    }

    private func arms(of name: String, _ catalogue: Catalogue) throws -> [Criteria.Arm] {
        arm == Self.every ? try catalogue.arms(of: name) : [try catalogue.arm(named: arm, of: name)]
    }

    /// Of all scenarios, those that do not have the arm; an arm that none has is a mistake in its name.
    private func scenariosWithoutArm(_ names: [String], _ catalogue: Catalogue) throws -> [String] {
        guard scenario == Self.every, arm != Self.every else { return [] }
        let lacking = try names.filter { name in
            try !catalogue.arms(of: name).contains { $0.description == arm }
        }
        return lacking.count == names.count ? [] : lacking
    }
}
