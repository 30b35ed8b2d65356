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

    /// Seconds of wall time for which the network was watched after the onset; nil when the run did not get that far.
    var watched: Double? {
        guard let onset = verdict.stamps.injectCompleted, let frozen = verdict.stamps.frozen else { return nil }
        return Nanoseconds.seconds(frozen - onset)
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

    /// Why an absent outage says nothing here: it was not watched for as long as the control took to show one. Nil when it was,
    /// or when every run has an outage.
    func watchedTooShortly(beside control: ComparedSide) -> String? {
        guard let broke = control.runs.compactMap(\.verdict.brokeAfter).max() else { return nil }
        for run in runs where run.verdict.outage == false && (run.watched ?? 0) < broke {
            func text(_ seconds: Double) -> String { JSON.numberText(seconds, decimals: 1) }
            return "\(run.run) was watched for \(text(run.watched ?? 0)) s of wall time, and in \(control.arm) it took "
                + "\(text(broke)) s until the outage showed: lengthen 'window' of the fix, or 'no_fault_window'."
        }
        return nil
    }

    /// What the runs show of a time; nil when one of them says nothing of it.
    public func spans(of measure: Promise.Measure, scope: String? = nil) -> [TimeSpan]? {
        let spans = runs.compactMap { $0.verdict.span(of: measure, scope: scope) }
        return spans.count == runs.count && !spans.isEmpty ? spans : nil
    }
}
