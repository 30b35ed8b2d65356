import Timeline

/// What a call of `firedrill validate` played and concluded.
public struct ValidationReport: Sendable, Hashable {
    /// Commit of the root folder, with `+changes`; empty when unknown.
    public var commit: String
    /// What it ran on, in words: kind of machine and number of processors, no names.
    public var machine: String
    /// Fixes beside their controls.
    public var pairs: [Pair]
    /// Claims and their answers.
    public var claims: [ClaimResult]
    /// Changes that only look like fixes.
    public var mutants: [MutantResult]

    /// All parts as given.
    public init(
        commit: String, machine: String, pairs: [Pair] = [], claims: [ClaimResult] = [], mutants: [MutantResult] = []
    ) {
        self.commit = commit
        self.machine = machine
        self.pairs = pairs
        self.claims = claims
        self.mutants = mutants
    }

    /// One fix under one fault.
    public struct Pair: Sendable, Hashable {
        /// Names of scenario, incident and fix (several joined by `+`).
        public var scenario, incident, fix: String
        /// X facts that it implements.
        public var facts: [String]
        /// Nil: the scenario's own faults.
        public var variant: String?
        /// What the fix promises.
        public var promise: Promise
        /// The replays without and with it.
        public var control, treatment: ComparedSide
        /// What they say.
        public var judgement: PairJudge.Judgement
        /// Why the promise leaves this variant out; nil: the judgement counts.
        public var notClaimed: String?

        /// All parts as given.
        public init(
            scenario: String, incident: String, fix: String, facts: [String], variant: String?, promise: Promise,
            control: ComparedSide, treatment: ComparedSide, notClaimed: String?
        ) {
            self.scenario = scenario
            self.incident = incident
            self.fix = fix
            self.facts = facts
            self.variant = variant
            self.promise = promise
            self.control = control
            self.treatment = treatment
            self.notClaimed = notClaimed
            judgement = PairJudge.judge(promise, control: control, treatment: treatment)
        }
    }

    /// One claim.
    public struct ClaimResult: Sendable, Hashable {
        /// Names of scenario and incident.
        public var scenario, incident: String
        /// What is claimed.
        public var claim: Claim
        /// The replays that are compared.
        public var control, treatment: ComparedSide
        /// What they say.
        public var answer: ClaimJudge.Answer

        /// All parts as given.
        public init(scenario: String, incident: String, claim: Claim, control: ComparedSide, treatment: ComparedSide) {
            self.scenario = scenario
            self.incident = incident
            self.claim = claim
            self.control = control
            self.treatment = treatment
            answer = ClaimJudge.answer(claim, control: control, treatment: treatment)
        }
    }

    /// One change that looks like a fix.
    public struct MutantResult: Sendable, Hashable {
        /// Its id, the fix that it is held to, and why it looks right.
        public var id, fix, summary: String
        /// It beside its control, under each fault.
        public var pairs: [Pair]

        /// All parts as given.
        public init(id: String, fix: String, summary: String, pairs: [Pair]) {
            self.id = id
            self.fix = fix
            self.summary = summary
            self.pairs = pairs
        }

        /// Nil: no pair shows that it does not work, and one that might is inconclusive.
        public var isRejected: Bool? {
            let verdicts = pairs.map(\.judgement.verdict)
            if verdicts.contains(.doesNotWork) { return true }
            return verdicts.contains(.inconclusive) || verdicts.isEmpty ? nil : false
        }

        /// Why, in full sentences.
        public var reason: String {
            let telling: PairJudge.Judgement.Verdict =
                switch isRejected {
                case true: .doesNotWork
                case false: .works
                default: .inconclusive
                }
            guard let pair = pairs.first(where: { $0.judgement.verdict == telling }) else {
                return "It was not played."
            }
            return (pair.variant.map { "Under \($0): " } ?? "") + pair.judgement.reason
        }
    }

    /// Every replay that could not be judged because the harness failed.
    private var hasHarnessError: Bool {
        let sides = (pairs + mutants.flatMap(\.pairs)).flatMap { [$0.control, $0.treatment] }
        return (sides + claims.flatMap { [$0.control, $0.treatment] }).flatMap(\.runs).contains {
            $0.verdict.isHarnessError
        }
    }

    /// 0: every promise is kept and every mutant rejected; 1: one is not; 2: one cannot be told; 3: the harness failed. Answers
    /// of claims are findings, whatever they are; what a fix leaves out of its promise decides nothing.
    public var exitCode: ExitCode {
        let codes =
            pairs.filter { $0.notClaimed == nil }.map { pair -> ExitCode in
                switch pair.judgement.verdict {
                case .works: .passed
                case .doesNotWork: .failed
                case .inconclusive: .inconclusive
                }
            } + mutants.map { $0.isRejected.map { $0 ? .passed : .failed } ?? .inconclusive }
            + (hasHarnessError ? [.harnessError] : []) + (claims.isEmpty ? [] : [.passed])
        return ExitCode.merged(codes)
    }
}
