import Timeline

/// A fix that a person has in a folder and has not written into a scenario: `firedrill validate --overlay DIR`.
public struct OwnFix: Sendable, Hashable {
    /// Its id in arms and reports.
    public static let id = "own-fix"
    /// Absolute path of the folder with the files, by layer, group or host; nil: no files.
    public var overlay: String?
    /// Absolute path of a new build of the program that the testnet's `release` rolls out; nil: the present one.
    public var program: String?
    /// Text of the promise, as a fix's `expect`.
    public var expect: String
    /// Text of the arm that is played with it; the control plays it too.
    public var plays: String
    /// Fault variants that it must hold under as well.
    public var under: [String]

    /// All parts as given.
    public init(overlay: String?, program: String?, expect: String, plays: String, under: [String]) {
        self.overlay = overlay
        self.program = program
        self.expect = expect
        self.plays = plays
        self.under = under
    }

    /// As a fix of a scenario; nil, with errors, when the promise cannot be read or an arm or variant does not exist.
    func entry(of scenario: ScenarioFile, sink: Sink) -> FixEntry? {
        func located(_ text: String) -> Located<String> { Located(value: text, at: .commandLine) }
        let promise: Promise
        do throws(ExpressionError) {
            promise = try PromiseParser.parse(expect)
        } catch {
            sink.error("--expect: \(error.message)", at: .commandLine, remedy: error.remedy)
            return nil
        }
        let variants = scenario.faultVariants.map(\.id.value)
        for variant in under where !variants.contains(variant) {
            sink.unknown("the fault variant", located(variant), among: variants)
        }
        let change = ChangeEntry(
            owner: "your own fix", at: .commandLine, overlay: overlay.map(located), remove: [], settings: [:],
            services: [], runbookVars: [:], manualDelays: [], approvals: [:], isOutsideRoot: true, program: program)
        return FixEntry(
            id: located(Self.id), summary: "A fix of your own.", facts: [], change: change, plays: located(plays),
            under: under.map(located), notClaimedUnder: [], expect: Located(value: promise, at: .commandLine))
    }
}
