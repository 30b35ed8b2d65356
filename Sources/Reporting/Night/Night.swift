import Timeline

/// One night: what was played, what came of it, and what it amounts to. `night.json` is this, and every other output of a
/// night is made from it.
public struct Night: Sendable, Hashable, Codable {
    /// Version of the file's format.
    public var format = 1
    /// Name of the night's folder.
    public var id: String
    /// RFC 3339 UTC.
    public var started: String
    /// RFC 3339 UTC; nil while the night goes on, or when it was ended from outside.
    public var ended: String?
    /// Digits of the seed; nil when each scenario has its own.
    public var seed: String?
    /// Wall seconds that the night may take.
    public var budget: Double
    /// `2/3` for the second of three parts; several when parts were joined.
    public var shards: [String]
    /// Commit of the root folder; empty when it is no repository.
    public var commit: String
    /// Class of the machine.
    public var machine: String
    /// Scenarios and canaries, in the order in which they are played.
    public var plays: [Play] = []
    /// Fix pairs, in the order in which they are played.
    public var pairs: [Pair] = []
    /// A sentence per time that became longer.
    public var regressions: [Regression] = []
    /// What went wrong around the runs: a file that could not be written, a message that could not be sent.
    public var problems: [String] = []

    /// A night at its start.
    public init(
        id: String, started: String, seed: String?, budget: Double, shards: [String], commit: String, machine: String
    ) {
        self.id = id
        self.started = started
        self.seed = seed
        self.budget = budget
        self.shards = shards
        self.commit = commit
        self.machine = machine
    }

    /// One scenario in one arm.
    public struct Play: Sendable, Hashable, Codable {
        /// Why it is played.
        public enum Role: String, Sendable, Hashable, Codable {
            /// It must pass.
            case scenario
            /// It must fail, which shows that a failure is still detected.
            case canary
        }
        /// Why it is played.
        public var role: Role
        /// Name of the scenario.
        public var scenario: String
        /// As on the command line, such as `fix:immediate-restart`.
        public var arm: String
        /// Name of the run folder; nil when there is none.
        public var run: String?
        /// `passed`, `failed`, `inconclusive`, `harness error`, `definition error` or `not played`.
        public var verdict: String
        /// As `ExitCode`; of a play that was not played, inconclusive.
        public var exitCode: Int
        /// A sentence.
        public var reason: String
        /// Wall seconds of TTR, and whether it is censored.
        public var ttr: Double?
        /// Whether TTR is censored.
        public var ttrCensored = false
        /// Budget of TTR, wall seconds.
        public var recoverBudget: Double?
        /// Wall seconds that the play took with everything.
        public var took = 0.0

        /// One that was not played yet.
        public init(role: Role, scenario: String, arm: String) {
            self.role = role
            self.scenario = scenario
            self.arm = arm
            verdict = Night.notPlayed
            exitCode = Int(ExitCode.inconclusive.rawValue)
            reason = "The night ended before it."
        }
    }

    /// A fix with its control.
    public struct Pair: Sendable, Hashable, Codable {
        /// Name of the scenario.
        public var scenario: String
        /// Id of the fix.
        public var fix: String
        /// `works`, `does-not-work`, `inconclusive` or `not played`.
        public var verdict: String
        /// A sentence.
        public var reason: String
        /// Runs of both sides.
        public var runs: [String] = []
        /// Wall seconds.
        public var took = 0.0

        /// One that was not played yet.
        public init(scenario: String, fix: String) {
            self.scenario = scenario
            self.fix = fix
            verdict = Night.notPlayed
            reason = "The night ended before it."
        }
    }

    /// A time that became longer.
    public struct Regression: Sendable, Hashable, Codable {
        /// Name of the scenario.
        public var scenario: String
        /// As on the command line, such as `fix:immediate-restart`.
        public var arm: String
        /// `recover` or `step NAME`.
        public var measure: String
        /// What changed, from what to what, and how sure that is.
        public var sentence: String

        /// All parts as given.
        public init(scenario: String, arm: String, measure: String, sentence: String) {
            self.scenario = scenario
            self.arm = arm
            self.measure = measure
            self.sentence = sentence
        }
    }

    /// Verdict of what was not played.
    public static let notPlayed = "not played"
}

extension Night.Play {
    /// What the play means for the night: a canary must fail, and one that passed shows that failures go unseen.
    public var contribution: ExitCode {
        let code = ExitCode(rawValue: Int32(exitCode)) ?? .harnessError
        guard role == .canary else { return code == .usage ? .harnessError : code }
        switch code {
        case .failed: return .passed
        case .passed: return .failed
        case .inconclusive: return .inconclusive
        case .harnessError, .usage: return .harnessError
        }
    }

    /// `harmony-release-bucket, runbook`, with a mark on canaries.
    public var name: String { "\(scenario), \(arm)\(role == .canary ? " (canary: must fail)" : "")" }

    /// A sentence that says what it means, where that is not what the verdict says.
    public var meaning: String {
        switch (role, contribution) {
        case (.canary, .passed): "It failed, as it must: a failure is still detected. \(reason)"
        case (.canary, .failed): "It passed, and must fail: do not trust this night's other results. \(reason)"
        case (.canary, _): "It neither passed nor failed, so nothing shows that a failure would be detected. \(reason)"
        case (.scenario, _): reason
        }
    }
}

extension Night.Pair {
    /// What the pair means for the night. One that the budget had no room for means nothing: its turn comes.
    public var contribution: ExitCode {
        switch verdict {
        case "works", Night.notPlayed: .passed
        case "does-not-work": .failed
        case "inconclusive": .inconclusive
        default: .harnessError
        }
    }
}

extension Night {
    /// What the night ends with. A regression fails it; a night that played nothing is inconclusive.
    public var exitCode: ExitCode {
        guard !plays.isEmpty || !pairs.isEmpty else { return .inconclusive }
        var codes = plays.map(\.contribution) + pairs.map(\.contribution)
        if !regressions.isEmpty { codes.append(.failed) }
        if !missingShards.isEmpty { codes.append(.inconclusive) }
        return ExitCode.merged(codes)
    }

    /// The night in a word or two: `passed`, `failed`, `inconclusive`, `harness error`.
    public var verdict: String { Night.word(exitCode) }

    /// The word of an exit code.
    public static func word(_ code: ExitCode) -> String {
        switch code {
        case .passed: "passed"
        case .failed: "failed"
        case .inconclusive: "inconclusive"
        case .harnessError: "harness error"
        case .usage: "definition error"
        }
    }

    /// What a person must look at, the gravest first; empty on a green night.
    public var troubles: [(title: String, text: String)] {
        let order: [ExitCode] = [.harnessError, .failed, .inconclusive]
        let bad =
            plays.filter { $0.contribution != .passed }.map {
                (code: $0.contribution, title: "\($0.name): \($0.verdict)", text: $0.meaning)
            }
            + pairs.filter { $0.contribution != .passed }.map {
                (code: $0.contribution, title: "\($0.scenario), fix \($0.fix): \($0.verdict)", text: $0.reason)
            }
            + regressions.map {
                (
                    code: ExitCode.failed, title: "\($0.scenario), \($0.arm): \($0.measure) became slower",
                    text: $0.sentence
                )
            }
        return order.flatMap { code in bad.filter { $0.code == code }.map { ($0.title, $0.text) } }
    }

    /// Joins the parts of a night that several machines played.
    /// - Parameters:
    ///   - id: name of the joined night.
    ///   - parts: at least one, in any order.
    public static func merged(id: String, _ parts: [Night]) -> Night {
        let parts = parts.sorted { ($0.shards.first ?? "", $0.id) < ($1.shards.first ?? "", $1.id) }
        func common(_ values: [String]) -> String {
            Set(values).count == 1 ? values[0] : Set(values).sorted().joined(separator: "; ")
        }
        var night = Night(
            id: id, started: parts.map(\.started).min() ?? "",
            seed: Set(parts.map(\.seed)).count == 1 ? parts[0].seed : nil,
            budget: parts.map(\.budget).max() ?? 0, shards: parts.flatMap(\.shards),
            commit: common(parts.map(\.commit)), machine: common(parts.map(\.machine)))
        night.ended = parts.contains { $0.ended == nil } ? nil : parts.compactMap(\.ended).max()
        night.plays = parts.flatMap(\.plays)
        night.pairs = parts.flatMap(\.pairs)
        night.regressions = parts.flatMap(\.regressions)
        night.problems =
            parts.flatMap(\.problems)
            + night.missingShards.map { "Part \($0) is missing: what it would have played is unknown." }
        if Set(parts.map(\.commit)).count > 1 {
            night.problems.append(
                "The parts were played from different commits: \(Set(parts.map(\.commit)).sorted().joined(separator: ", "))."
            )
        }
        return night
    }

    /// Parts of a joined night that did not arrive. One part alone misses nothing: its machine is not the only one.
    private var missingShards: [String] {
        let counts = Set(shards.compactMap { $0.split(separator: "/").last.flatMap { Int($0) } })
        guard shards.count > 1, counts.count == 1, let count = counts.first else { return [] }
        return (1...max(1, count)).map { "\($0)/\(count)" }.filter { !shards.contains($0) }
    }
}
