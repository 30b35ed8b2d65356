/// How the people of the time did it, and how long that took: what the arm `as-documented` plays and is compared with.
public struct Documented: Sendable, Hashable, Codable {
    /// The people's steps, in order.
    public var steps: [Step]
    /// What is compared with the write-up.
    public var phases: [Phase]
    /// Wall time between two looks of the slowest probe that brings signals; zero without one.
    public var signalInterval: DurationText

    /// All parts as given.
    public init(steps: [Step], phases: [Phase], signalInterval: DurationText = DurationText(.zero)) {
        self.steps = steps
        self.phases = phases
        self.signalInterval = signalInterval
    }

    /// When a step was begun at the time.
    public struct Step: Sendable, Hashable, Codable {
        /// Name of a step of the response.
        public var name: String
        /// Incident time from onset.
        public var at: DurationText

        /// All parts as given.
        public init(name: String, at: DurationText) {
            self.name = name
            self.at = at
        }
    }

    /// A span between two moments that the write-up gives a length for.
    public struct Phase: Sendable, Hashable, Codable {
        /// Fact id, such as `H1-T5`.
        public var fact: String
        /// Where it begins.
        public var from: End
        /// Where it ends.
        public var to: End
        /// What the write-up says, in incident time: several values when it contradicts itself. One must match.
        public var documented: [DurationText]
        /// Incident time by which the phase differs between outages of the same kind, because it hangs on schedules that
        /// nobody synchronised, such as a monitor's; nil when it does not.
        public var spread: DurationText?

        /// All parts as given.
        public init(fact: String, from: End, to: End, documented: [DurationText], spread: DurationText? = nil) {
            self.spread = spread
            self.fact = fact
            self.from = from
            self.to = to
            self.documented = documented
        }
    }

    /// A moment of a run at which a phase begins or ends. Written as in a scenario: `onset`, `last-block`,
    /// `last-block:SCOPE`, `signal`, `report`, `step:NAME`, `symptom:ID`, `mitigated`, `mitigated:SCOPE`, `recovered`,
    /// `recovered:SCOPE`.
    public enum End: Sendable, Hashable, Codable, CustomStringConvertible {
        /// The injection completed.
        case onset
        /// The last block before the outage by the nodes' own block logs, in one scope or (nil) in the first that stopped.
        case lastBlock(String?)
        /// The first signal.
        case signal
        /// The first report of a user, whatever had been signalled before.
        case report
        /// A step of the response began.
        case step(String)
        /// The checks of an onset symptom began to hold together.
        case symptom(String)
        /// User impact ended, in one scope or (nil) in all.
        case mitigated(String?)
        /// The steady state was back, in one scope or (nil) in all.
        case recovered(String?)

        /// Reads the text of `description`; nil for anything else.
        public init?(_ text: String) {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let name = parts.count == 2 ? parts[1] : nil
            guard name.map({ !$0.isEmpty }) ?? true else { return nil }
            switch (parts[0], name) {
            case ("onset", nil): self = .onset
            case ("last-block", let scope): self = .lastBlock(scope)
            case ("signal", nil): self = .signal
            case ("report", nil): self = .report
            case ("step", let name?): self = .step(name)
            case ("symptom", let name?): self = .symptom(name)
            case ("mitigated", let scope): self = .mitigated(scope)
            case ("recovered", let scope): self = .recovered(scope)
            default: return nil
            }
        }

        /// As a scenario writes it.
        public var description: String {
            switch self {
            case .onset: "onset"
            case .lastBlock(let scope): "last-block" + (scope.map { ":\($0)" } ?? "")
            case .signal: "signal"
            case .report: "report"
            case .step(let name): "step:\(name)"
            case .symptom(let fact): "symptom:\(fact)"
            case .mitigated(let scope): "mitigated" + (scope.map { ":\($0)" } ?? "")
            case .recovered(let scope): "recovered" + (scope.map { ":\($0)" } ?? "")
            }
        }

        /// Reads the text of `description`; throws `DecodingError` for anything else.
        public init(from decoder: any Decoder) throws {
            let text = try decoder.singleValueContainer().decode(String.self)
            guard let value = Self(text) else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is no moment such as signal"))
            }
            self = value
        }

        /// Writes the text of `description`.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(description)
        }
    }
}
