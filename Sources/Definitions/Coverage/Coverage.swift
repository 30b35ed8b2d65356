import Timeline

/// Which facts of the incidents are covered, and by what: the union over the scenarios that replay an incident.
public struct Coverage: Sendable, Hashable, Codable {
    /// By id.
    public var incidents: [Incident]

    /// One incident with all of its facts.
    public struct Incident: Sendable, Hashable, Codable {
        /// Such as `H1`.
        public var id: String
        /// In one line.
        public var title: String
        /// Names of the scenarios that replay it, sorted; those that cannot be read are left out.
        public var scenarios: [String]
        /// In the order of the incident's file.
        public var facts: [Fact]
    }

    /// One numbered fact.
    public struct Fact: Sendable, Hashable, Codable {
        /// Such as `H1-S3`.
        public var id: String
        /// What it says.
        public var text: String
        /// The source implies it but does not state it.
        public var inferred: Bool
        /// What became of it.
        public var status: Status
        /// Everything that covers it.
        public var covers: [Cover]
        /// Scenarios that leave it out, with their reasons.
        public var excuses: [Excuse]
    }

    /// What became of a fact.
    public enum Status: String, Sendable, Hashable, Codable, CaseIterable {
        /// Something shows, plays or carries it.
        case covered
        /// Nothing does, and every scenario that says why gives a reason.
        case excused
        /// Nothing does, and nothing says why.
        case uncovered
    }

    /// One thing that covers a fact.
    public struct Cover: Sendable, Hashable, Codable {
        /// The scenario that it belongs to, or through which a runbook does.
        public var scenario: String
        /// Arms that show or play it, as on the command line.
        public var arms: [String]
        /// What it is.
        public var kind: Kind
        /// Its name: a fault, a wrong response, a runbook's step, checks.
        public var name: String
        /// Probes that it is seen by, sorted; empty when it is done and not seen.
        public var probes: [String]

        /// In words, as part of a sentence.
        var words: String { "\(kind.words) '\(name)' of '\(scenario)'" }
    }

    /// What can cover a fact.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// A latent condition, seen before the fault.
        case latent
        /// A symptom, seen by its checks.
        case symptom
        /// A fault of the scenario.
        case fault
        /// A wrong response.
        case wrongResponse = "wrong-response"
        /// A step that people took, in the arm `as-documented`.
        case documentedStep = "documented-step"
        /// A span that is measured and compared with the documented one.
        case phase
        /// A step of the runbook.
        case runbookStep = "runbook-step"
        /// A scaled period or a setting of the testnet.
        case setting
        /// A fix, compared with its control.
        case fix
        /// A claim, answered by comparing two arms.
        case claim

        var words: String {
            switch self {
            case .latent: "the latent condition with checks"
            case .symptom: "the symptom with checks"
            case .fault: "the fault"
            case .wrongResponse: "the wrong response"
            case .documentedStep: "the people's step"
            case .phase: "the phase"
            case .runbookStep: "the runbook's step"
            case .setting: "the testnet's"
            case .fix: "the fix"
            case .claim: "the comparison"
            }
        }

        /// Letters of the facts that it can cover.
        var letters: String {
            switch self {
            case .latent: "L"
            case .symptom: "S"
            case .fault: "F"
            case .wrongResponse, .documentedStep: "R"
            case .phase: "T"
            // Some action items of the write-ups are responses.
            case .runbookStep: "RX"
            case .setting: "LT"
            case .fix: "X"
            case .claim: "C"
            }
        }
    }

    /// A reason for which a scenario leaves a fact out.
    public struct Excuse: Sendable, Hashable, Codable {
        /// The scenario.
        public var scenario: String
        /// In its author's words.
        public var reason: String
    }
}

/// A fact's id where a definition names it, and what covers the fact there.
struct FactCitation: Sendable {
    var fact: Located<String>
    var cover: Coverage.Cover

    /// The fact exists in the incident, and is of a kind that fits the place.
    func check(against incident: IncidentFile, sink: Sink) {
        let letters = cover.kind.letters
        let fitting = incident.facts.filter { letters.contains($0.letter) }.map(\.id.value)
        guard let known = incident.fact(fact.value) else {
            sink.unknown("the fact", fact, among: fitting)
            return
        }
        guard !letters.contains(known.letter) else { return }
        let nouns = letters.compactMap { FactLetter.nouns[$0] }.joined(separator: " or ")
        sink.error(
            "'\(fact.value)' is not a \(nouns)", at: fact.at,
            remedy: fitting.isEmpty
                ? "The incident has none." : "Those are: \(fitting.joined(separator: ", ")).")
    }
}

/// The letter of a fact's id.
enum FactLetter {
    static let nouns: [Character: String] = [
        "L": "latent condition", "F": "fault", "S": "symptom", "T": "time", "R": "response", "X": "fix", "C": "claim",
    ]
}

extension ScenarioFile {
    /// Every fact that the scenario names as covered, by what it is named at.
    /// - Parameter runbook: The scenario's runbook.
    func citations(runbook: RunbookFile?) -> [FactCitation] {
        let all = ScenarioCompiler.arms(of: self)
        let faulted = all.filter { $0 != .noFault }.map(\.description)
        func cover(
            _ kind: Coverage.Kind, _ name: String, arms: [String], checks: [CheckEntry] = []
        ) -> Coverage.Cover {
            let probes = Set(checks.map { $0.probe?.value ?? detection?.pager?.value ?? "" }).subtracting([""])
            return Coverage.Cover(
                scenario: self.name.value, arms: arms, kind: kind, name: name, probes: probes.sorted())
        }
        var found: [FactCitation] = latent.map {
            FactCitation(
                fact: $0.fact,
                cover: cover(.latent, $0.checks.names, arms: all.map(\.description), checks: $0.checks))
        }
        found += symptoms.map { symptom in
            let arms = symptom.kind == .response ? symptom.after.map { "wrong-response:\($0.value)" } : faulted
            return FactCitation(
                fact: symptom.fact,
                cover: cover(.symptom, symptom.checks.names, arms: arms, checks: symptom.checks))
        }
        for use in faults {
            found += use.facts.map { FactCitation(fact: $0, cover: cover(.fault, use.fault.value, arms: faulted)) }
        }
        for response in wrongResponses {
            let played = cover(
                .wrongResponse, response.id.value, arms: ["wrong-response:\(response.id.value)"])
            found += response.facts.map { FactCitation(fact: $0, cover: played) }
        }
        let documentedArm = [Criteria.Arm.asDocumented.description]
        for step in documented?.steps ?? [] {
            let played = cover(.documentedStep, step.name.value, arms: documentedArm)
            found += step.facts.map { FactCitation(fact: $0, cover: played) }
        }
        found += (documented?.phases ?? []).map { phase in
            let span = "\(phase.from.value) to \(phase.to.value)"
            return FactCitation(fact: phase.fact, cover: cover(.phase, span, arms: documentedArm))
        }
        for step in runbook?.steps ?? [] {
            let played = cover(.runbookStep, step.name.value, arms: ["runbook"])
            // A runbook may serve several incidents.
            found += step.facts.filter { $0.value.hasPrefix("\(incident.value)-") }.map {
                FactCitation(fact: $0, cover: played)
            }
        }
        found += setBy.map {
            FactCitation(fact: $0.fact, cover: cover(.setting, $0.target.value, arms: all.map(\.description)))
        }
        for fix in fixes {
            let played = cover(.fix, fix.id.value, arms: ["fix:\(fix.id.value)"])
            found += fix.facts.map { FactCitation(fact: $0, cover: played) }
        }
        found += claims.map { claim in
            let compared = cover(
                .claim, "\(claim.measure.rawValue) \(claim.expect)", arms: [claim.control.value, claim.treatment.value])
            return FactCitation(fact: claim.fact, cover: compared)
        }
        return found
    }
}

extension [CheckEntry] {
    fileprivate var names: String { map(\.id.value).joined(separator: ", ") }
}
