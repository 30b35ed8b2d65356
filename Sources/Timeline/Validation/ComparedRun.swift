/// One replay of a comparison.
public struct ComparedRun: Sendable, Hashable {
    /// Name of its run folder.
    public var run: String
    /// What it says of the network.
    public var verdict: Verdict
    /// SHA-256 over what was deployed.
    public var deployed: String

    /// All parts as given.
    public init(run: String, verdict: Verdict, deployed: String) {
        self.run = run
        self.verdict = verdict
        self.deployed = deployed
    }

    /// Why nothing can be concluded from it; nil when something can.
    var inconclusiveReason: String? {
        verdict.outcome == .inconclusive ? verdict.reasons.first ?? "It is inconclusive." : nil
    }
}

/// The replays of one arm: the same thing played once or more.
public struct ComparedSide: Sendable, Hashable {
    /// As on the command line.
    public var arm: String
    /// In the order in which they were played.
    public var runs: [ComparedRun]

    /// All parts as given.
    public init(arm: String, runs: [ComparedRun]) {
        self.arm = arm
        self.runs = runs
    }

    /// What the runs show of a time; nil when one of them says nothing of it.
    public func spans(of measure: Promise.Measure, scope: String? = nil) -> [TimeSpan]? {
        let spans = runs.compactMap { $0.verdict.span(of: measure, scope: scope) }
        return spans.count == runs.count && !spans.isEmpty ? spans : nil
    }
}
