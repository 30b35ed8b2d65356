import Timeline

/// Choices of one compilation.
public struct CompileOptions: Sendable, Hashable {
    /// Instead of the scenario's `time_scale`; from 1 to 10000.
    public var timeScale: Double?
    /// Instead of the scenario's `seed`.
    public var seed: UInt64?
    /// Instead of the testnet's `default_size`.
    public var size: String?
    /// A fix of the person's own, played as `fix:own-fix`.
    public var ownFix: OwnFix?
    /// Fault variant, by id, instead of the scenario's own faults.
    public var variant: String?
    /// Commit of the root folder, with `+changes`; empty when unknown.
    public var commit: String
    /// Random text, fresh for each run and kept secret: generated tokens are derived from it.
    public var runNonce: String
    /// Folder of the `firedrill` executable, where programs lie. Nil leaves programs out: only for checking.
    public var programFolder: String?

    /// Makes options; what is not given comes from the scenario.
    public init(
        timeScale: Double? = nil, seed: UInt64? = nil, size: String? = nil, variant: String? = nil, commit: String = "",
        runNonce: String, programFolder: String?
    ) {
        self.timeScale = timeScale
        self.seed = seed
        self.size = size
        self.variant = variant
        self.commit = commit
        self.runNonce = runNonce
        self.programFolder = programFolder
    }
}

/// A plan with the file contents that it pins.
public struct CompiledPlan: Sendable {
    /// What the replay does and the judge reads.
    public var plan: Plan
    /// Sorted by hash; each once.
    public var staged: [StagedFile]
    /// Warnings; never errors.
    public var warnings: [Diagnostic]
}
