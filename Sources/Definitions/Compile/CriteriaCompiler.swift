import Timeline

/// Resolves a scenario's checks against its testnet and probes: scopes become host lists, incident time becomes wall
/// time where the judge wants wall time.
struct CriteriaCompiler {
    let scenario: ScenarioFile
    let testnet: Testnet
    let timeScale: Double
    /// Probe id to its targets.
    let targets: [String: [String]]
    let sink: Sink

    func checks(_ entries: [CheckEntry]) -> [Check] { entries.compactMap(check) }

    func check(_ entry: CheckEntry) -> Check? {
        guard let covered = hosts(of: entry) else { return nil }
        let scopes: [String: [String]]
        if let each = entry.each {
            scopes = testnet.scopes(of: each, among: covered, sink: sink)
        } else {
            scopes = ["all": covered]
        }
        checkPaths(entry)
        guard let predicate = predicate(entry, scopes: scopes) else { return nil }
        return Check(id: entry.id.value, probe: probe(of: entry), scopes: scopes, predicate: predicate)
    }

    /// Pages come through the detection's pager, silence through no probe in particular.
    private func probe(of entry: CheckEntry) -> String {
        if case .pages = entry.predicate { return scenario.detection?.pager?.value ?? "" }
        return entry.probe?.value ?? ""
    }

    /// The hosts that a check is about; nil when its probe or expression is wrong.
    private func hosts(of entry: CheckEntry) -> [String]? {
        guard let probe = entry.probe else {
            if let expression = entry.hosts { return testnet.resolve(expression, sink: sink) }
            return testnet.hosts.map(\.name)
        }
        guard let all = targets[probe.value] else {
            sink.unknown("the probe", probe, among: scenario.probes.map(\.id.value))
            return nil
        }
        guard let expression = entry.hosts else { return all }
        let wanted = testnet.resolve(expression, sink: sink)
        let covered = all.filter(wanted.contains)
        if covered.isEmpty, !wanted.isEmpty, !all.isEmpty {
            sink.error(
                "the probe '\(probe.value)' looks at none of these hosts", at: expression.at,
                remedy: "Widen the probe's 'hosts'.")
        }
        return covered
    }

    /// The first key of each path must be something that the probe's samples have.
    private func checkPaths(_ entry: CheckEntry) {
        guard let probe = entry.probe, let definition = scenario.probes.first(where: { $0.id.value == probe.value })
        else { return }
        guard let known = definition.sampleKeys else { return }
        if known.isEmpty {
            sink.error(
                "the probe '\(probe.value)' gives signals, not samples", at: probe.at,
                remedy: "Use 'pages' or 'quiet' for signals.")
            return
        }
        for path in entry.paths {
            let key = path.value.dropFirst().prefix { $0 != "." && $0 != "[" }
            guard !key.isEmpty, !known.contains(String(key)) else { continue }
            sink.error(
                "samples of the probe '\(probe.value)' have no '.\(key)'", at: path.at,
                remedy: NearMiss.hint(for: String(key), among: known, noun: "value"))
        }
    }

    private func predicate(_ entry: CheckEntry, scopes: [String: [String]]) -> Check.Predicate? {
        let smallest = scopes.values.map(\.count).min() ?? 0
        switch entry.predicate {
        case .advancing(let value, let hash, let quorum, let within):
            bound(quorum, by: smallest, what: "quorum")
            return .advancing(value: value.value, hash: hash?.value ?? "", quorum: quorum.value, within: within)
        case .stalled(let value, let lasting, let answering):
            bound(answering, by: smallest, what: "answering")
            return .stalled(value: value.value, lasting: lasting.wall(timeScale: timeScale), answering: answering.value)
        case .match(let comparisons, let quantity):
            return .match(comparisons: comparisons.map(\.value), targets: quantifier(quantity, smallest: smallest))
        case .distinct(let value, let atLeast, let matching, let answering, let lasting):
            bound(answering, by: smallest, what: "answering")
            return .distinct(
                value: value.value, atLeast: atLeast, matching: matching.map(\.value), answering: answering.value,
                lasting: lasting.wall(timeScale: timeScale))
        case .pages(let atLeast, let firstAlone):
            if let atLeast { bound(atLeast, by: smallest, what: "at_least") }
            if atLeast == nil, Set(scopes.values.map(\.count)).count > 1 {
                sink.error(
                    "'at_least: all' needs scopes of one size", at: entry.predicateAt,
                    remedy: "Write a number, or leave out 'each'.")
            }
            return .pages(atLeast: atLeast?.value ?? smallest, firstAlone: firstAlone)
        case .quiet(let lasting):
            return .quiet(lasting: lasting.wall(timeScale: timeScale))
        }
    }

    private func quantifier(_ quantity: Criteria.Quantity, smallest: Int) -> Check.Quantifier {
        switch quantity {
        case .all: return .all
        case .any: return .any
        case .none: return .none
        case .atLeast(let count):
            bound(count, by: smallest, what: "at_least")
            return .atLeast(count.value)
        case .atMost(let count): return .atMost(count.value)
        }
    }

    /// A number that no scope can reach would make a check that can never hold.
    private func bound(_ count: Located<Int>, by size: Int, what: String) {
        if count.value > size {
            sink.error(
                "'\(what)' is \(count.value), and the smallest scope has \(size) hosts", at: count.at,
                remedy: "Write at most \(size), or look at more hosts.")
        }
    }

    /// Facts that must hold before the fault.
    func latentConditions(incident: IncidentFile) -> [Criteria.Symptom] {
        scenario.latent.compactMap { entry in
            guard let fact = incident.fact(entry.fact.value), fact.letter == "L" else { return nil }
            return Criteria.Symptom(
                fact: entry.fact.value, kind: .latent, summary: fact.text, checks: checks(entry.checks), after: [])
        }
    }

    /// - Parameter citations: Everything in the scenario that covers a fact.
    func symptoms(incident: IncidentFile, citations: [FactCitation]) -> [Criteria.Symptom] {
        var result: [Criteria.Symptom] = []
        for entry in scenario.symptoms {
            // What is wrong with the id itself is said where citations are checked.
            guard let fact = incident.fact(entry.fact.value), fact.letter == "S" else { continue }
            for id in entry.after where !scenario.wrongResponses.contains(where: { $0.id.value == id.value }) {
                sink.unknown("the wrong response", id, among: scenario.wrongResponses.map(\.id.value))
            }
            result.append(
                Criteria.Symptom(
                    fact: entry.fact.value, kind: entry.kind, summary: fact.text, checks: checks(entry.checks),
                    after: entry.after.map(\.value), lasting: entry.lasting?.wall(timeScale: timeScale)))
        }
        for citation in citations { citation.check(against: incident, sink: sink) }
        checkExcuses(incident, citations: citations)
        return result
    }

    /// Every symptom of the incident is shown by this scenario or excused with a reason, and nothing is both covered
    /// and excused.
    private func checkExcuses(_ incident: IncidentFile, citations: [FactCitation]) {
        let facts = incident.facts.map(\.id.value)
        for entry in scenario.excused {
            if !facts.contains(entry.key.value) { sink.unknown("the fact", entry.key, among: facts) }
            if let citation = citations.first(where: { $0.fact.value == entry.key.value }) {
                sink.error(
                    "'\(entry.key.value)' is excused and covered by \(citation.cover.words)", at: entry.key.at,
                    remedy: "Remove one of the two.")
            }
            if let reason = Scalars.text(entry.value, what: entry.key.value, sink: sink), reason.value.count < 10 {
                sink.error("the reason is too short", at: reason.at, remedy: "Say why this scenario cannot show it.")
            }
        }
        let (shown, excused) = (Set(scenario.symptoms.map(\.fact.value)), Set(scenario.excused.map(\.key.value)))
        for id in incident.symptomIDs where !shown.contains(id) && !excused.contains(id) {
            sink.error(
                "the symptom '\(id)' of the incident is neither shown nor excused", at: scenario.incident.at,
                remedy: "Add it under 'symptoms', or under 'excused' with a reason.")
        }
    }
}

extension CheckEntry {
    /// Every path that the check reads from a sample.
    var paths: [Located<String>] {
        switch predicate {
        case .advancing(let value, let hash, _, _): [value] + (hash.map { [$0] } ?? [])
        case .stalled(let value, _, _): [value]
        case .match(let comparisons, _): comparisons.map { $0.map(\.path) }
        case .distinct(let value, _, let matching, _, _): [value] + matching.map { $0.map(\.path) }
        case .pages, .quiet: []
        }
    }
}
