extension Catalogue {
    /// Every fact of the incidents against what covers it.
    /// - Parameter name: An incident's id, or the name of one of its scenarios; nil: every incident that this root
    ///   defines or replays.
    /// - Throws: `DefinitionErrors` with the near miss when nothing has that name.
    public func coverage(of name: String? = nil) throws(DefinitionErrors) -> Coverage {
        guard let name else { return Coverage(incidents: coveredIncidents.map(coverage)) }
        if let incident = incidents[name] { return Coverage(incidents: [coverage(of: incident)]) }
        if let scenario = scenarios[name] {
            guard let incident = incidents[scenario.incident.value] else {
                let sink = Sink()
                sink.unknown("the incident", scenario.incident, among: incidents.keys)
                throw DefinitionErrors(diagnostics: sink.list.sorted)
            }
            return Coverage(incidents: [coverage(of: incident, only: scenario)])
        }
        for kind in [Kind.incident, .scenario] {
            if let file = files[kind]?[name] { throw DefinitionErrors(diagnostics: problems(in: file)) }
        }
        let sink = Sink()
        sink.unknown(
            "the incident or scenario", Located(value: name, at: .commandLine),
            among: Array(incidents.keys) + Array(scenarios.keys))
        throw DefinitionErrors(diagnostics: sink.list.sorted)
    }

    /// Incidents of this root, and built-in ones that it replays: those that it does not are no matter of its own.
    private var coveredIncidents: [IncidentFile] {
        let replayed = Set(scenarios.values.map(\.incident.value))
        return incidents.values.filter { replayed.contains($0.id.value) || ownIncidents.contains($0.id.value) }
            .sorted { $0.id.value < $1.id.value }
    }

    private func coverage(of incident: IncidentFile) -> Coverage.Incident { coverage(of: incident, only: nil) }

    private func coverage(of incident: IncidentFile, only one: ScenarioFile?) -> Coverage.Incident {
        let replaying = one.map { [$0] } ?? scenarios(of: incident)
        let citations = replaying.flatMap { scenario in
            scenario.citations(runbook: scenario.runbook.flatMap { runbooks[$0.value] })
        }
        let facts = incident.facts.map { fact -> Coverage.Fact in
            let covers = citations.filter {
                $0.fact.value == fact.id.value && $0.cover.kind.letters.contains(fact.letter)
            }
            .map(\.cover)
            let excuses = replaying.compactMap { scenario -> Coverage.Excuse? in
                guard let entry = scenario.excused.first(where: { $0.key.value == fact.id.value }),
                    case .scalar(let reason, _) = entry.value.content
                else { return nil }
                return Coverage.Excuse(scenario: scenario.name.value, reason: reason)
            }
            return Coverage.Fact(
                id: fact.id.value, text: fact.text, inferred: fact.inferred,
                status: covers.isEmpty ? excuses.isEmpty ? .uncovered : .excused : .covered, covers: covers,
                excuses: excuses)
        }
        return Coverage.Incident(
            id: incident.id.value, title: incident.title, scenarios: replaying.map(\.name.value), facts: facts)
    }

    private func scenarios(of incident: IncidentFile) -> [ScenarioFile] {
        scenarios.values.filter { $0.incident.value == incident.id.value }.sorted { $0.name.value < $1.name.value }
    }

    /// Reports facts that nothing covers or excuses, and excuses for facts that another scenario covers. Says nothing
    /// while a file that may cover them cannot be read.
    func checkCoverage(sink: Sink) {
        checkRunbookFacts(sink: sink)
        let unread = [(Kind.scenario, scenarios.keys.sorted()), (.runbook, runbooks.keys.sorted())].contains {
            kind, read in (files[kind] ?? [:]).keys.sorted() != read
        }
        guard !unread else { return }
        for incident in coveredIncidents {
            let replaying = scenarios(of: incident)
            guard !replaying.isEmpty else {
                sink.error(
                    "no scenario replays the incident '\(incident.id.value)', so nothing covers its facts",
                    at: incident.id.at, remedy: "Write one in chaos/scenarios.")
                continue
            }
            let coverage = coverage(of: incident)
            for (fact, entry) in zip(coverage.facts, incident.facts) {
                // A scenario without a symptom says so itself.
                guard entry.letter != "S" else { continue }
                if fact.status == .uncovered {
                    sink.error(
                        "the fact '\(fact.id)' is covered by nothing and not excused", at: entry.id.at,
                        remedy: Self.remedy(for: entry.letter))
                }
                guard let cover = fact.covers.first else { continue }
                for scenario in replaying where scenario.name.value != cover.scenario {
                    guard let excuse = scenario.excused.first(where: { $0.key.value == fact.id }) else { continue }
                    sink.error(
                        "'\(fact.id)' is excused and covered by \(cover.words)", at: excuse.key.at,
                        remedy: "Remove the excuse.")
                }
            }
        }
    }

    private static func remedy(for letter: Character) -> String {
        let place =
            switch letter {
            case "L": "Name it under 'latent' or 'set_by' of a scenario"
            case "F": "Name it in 'facts' of a scenario's fault"
            case "T": "Measure it as a phase under 'documented', or name it under 'set_by' of a scenario"
            case "R": "Name it in the runbook's line 'Facts:', or in 'facts' of a documented step or a wrong response"
            case "X": "Name it in 'facts' of a fix, or in the runbook's line 'Facts:' when it is a response"
            default: "Test it under 'claims' of a scenario"
            }
        return "\(place), or under 'excused' with a reason."
    }

    /// Ids on runbooks: of incidents that are known, and of a kind that a step can codify.
    private func checkRunbookFacts(sink: Sink) {
        for runbook in runbooks.values.sorted(by: { $0.name.value < $1.name.value }) {
            for step in runbook.steps {
                for fact in step.facts {
                    let id = String(fact.value.prefix { $0 != "-" })
                    guard let incident = incidents[id] else {
                        sink.unknown("the incident", Located(value: id, at: fact.at), among: incidents.keys)
                        continue
                    }
                    let cover = Coverage.Cover(
                        scenario: "", arms: [], kind: .runbookStep, name: step.name.value, probes: [])
                    FactCitation(fact: fact, cover: cover).check(against: incident, sink: sink)
                }
            }
        }
    }
}
