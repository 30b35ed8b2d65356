import Timeline

/// Bounds on what definition files may hold. Every one is checked, and named in the error that it causes.
enum Limits {
    /// Bytes of one YAML file, or of a runbook's front matter.
    static let yamlBytes = 256 * 1024
    /// Nesting of mappings and sequences in a YAML file.
    static let yamlDepth = 24
    /// Bytes of a runbook. Smaller than for YAML: some Markdown constructs take quadratic time.
    static let runbookBytes = 64 * 1024
    /// Bytes of one line of a runbook.
    static let runbookLineBytes = 4 * 1024
    /// Quotes and lists inside each other in a runbook.
    static let markdownDepth = 16
    /// Characters of a regular expression, and groups inside each other.
    static let patternLength = 512
    static let patternDepth = 24
    /// Characters of a value of a variable or parameter.
    static let variableLength = 4 * 1024
    /// Hosts of one testnet.
    static let hosts = 250
    /// Bytes of one deployed file, files of one layer, and bytes of all staged files that come from layers.
    static let fileBytes = 16 * 1024 * 1024
    static let filesPerLayer = 1_000
    static let stagedBytes = 256 * 1024 * 1024
    /// Bytes of a program from beside the executable (a debug build is large).
    static let programBytes = 512 * 1024 * 1024
    /// Folders inside each other in a layer.
    static let layerDepth = 16
    /// Definition files of one kind.
    static let filesPerKind = 500
    /// Wall time of any single command.
    static let longestTimeout = DurationText(.seconds(3_600))
    /// Incident seconds per wall second.
    static let timeScales = 1.0...10_000
    /// A steady state is held for at least this many probe intervals and blocks (DESIGN section 3, scaled clock).
    static let holdProbeIntervals = 5
    static let holdBlocks = 3
}
