import Timeline

/// What a replay watches besides its probes: who is told, and what the nodes' own logs say.
public struct ObservationPlan: Sendable, Hashable, Codable {
    /// Shows, before and after, that the pager receives pages; nil: silence of the pager proves nothing.
    public var pagerTest: PagerTestPlan?
    /// Reads the nodes' own block logs after observation has stopped; nil: recovery is not cross-checked.
    public var crossCheck: CrossCheckPlan?
    /// Wall time for which an arm without a fault is observed after its baseline; nil: twice `hold`.
    public var noFaultWindow: DurationText?

    /// All parts as given.
    public init(pagerTest: PagerTestPlan? = nil, crossCheck: CrossCheckPlan? = nil, noFaultWindow: DurationText? = nil)
    {
        self.pagerTest = pagerTest
        self.crossCheck = crossCheck
        self.noFaultWindow = noFaultWindow
    }
}

/// A page that is sent on purpose. It is never taken for a signal.
public struct PagerTestPlan: Sendable, Hashable, Codable {
    /// Where the test is sent from, as real pages are.
    public var hosts: [String]
    /// Sends a page whose dedup key is the value of `PAGER_TEST_KEY`, which the replay sets for each test.
    public var command: ScriptPlan

    /// All parts as given.
    public init(hosts: [String], command: ScriptPlan) {
        self.hosts = hosts
        self.command = command
    }
}

/// How the nodes' own block logs are read.
public struct CrossCheckPlan: Sendable, Hashable, Codable {
    /// Prints the node's block log as JSON lines, oldest first.
    public var command: ScriptPlan
    /// Scope name to its hosts.
    public var scopes: [String: [String]]
    /// Path of the block's height in a line.
    public var height: String
    /// Path of the moment at which the node committed the block, in nanoseconds of CLOCK_MONOTONIC.
    public var monotonic: String

    /// All parts as given.
    public init(
        command: ScriptPlan, scopes: [String: [String]], height: String = ".height", monotonic: String = ".monotonic_ns"
    ) {
        self.command = command
        self.scopes = scopes
        self.height = height
        self.monotonic = monotonic
    }
}
