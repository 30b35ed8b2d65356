extension Catalogue {
    /// What a fact id or a definition's name stands for, as text for a person.
    /// - Throws: `DefinitionErrors` with the near miss when nothing has that name.
    public func explanation(of name: String) throws(DefinitionErrors) -> String {
        let texts = [
            fact(name), scenario(name), fault(name), incident(name), runbook(name), testnet(name), mutant(name),
        ]
        .compactMap { $0 }
        if !texts.isEmpty { return texts.joined(separator: "\n\n") }
        let sink = Sink()
        let facts = incidents.values.flatMap { $0.facts.map(\.id.value) }
        sink.unknown(
            "the fact or definition", Located(value: name, at: .commandLine), among: facts + summaries.map(\.name))
        throw DefinitionErrors(diagnostics: sink.list.sorted)
    }

    private func fact(_ id: String) -> String? {
        for incident in incidents.values {
            guard let fact = incident.facts.first(where: { $0.id.value == id }) else { continue }
            var lines = [
                "\(id)  fact of \(incident.id.value): \(incident.title)\(fact.inferred ? "  (inferred)" : "")",
                "  \(fact.text)",
            ]
            for scenario in scenarios.values.sorted(by: { $0.name.value < $1.name.value })
            where scenario.incident.value == incident.id.value {
                guard let symptom = scenario.symptoms.first(where: { $0.fact.value == id }) else { continue }
                let after = symptom.after.isEmpty ? "" : ", after \(symptom.after.map(\.value).joined(separator: ", "))"
                lines.append(
                    "  \(scenario.name.value) observes it (\(symptom.kind.rawValue)\(after)) with \(symptom.checks.map(\.id.value).joined(separator: ", "))"
                )
            }
            return lines.joined(separator: "\n")
        }
        return nil
    }

    private func scenario(_ name: String) -> String? {
        guard let scenario = scenarios[name] else { return nil }
        let arms = ScenarioCompiler.arms(of: scenario).map(\.description)
        return """
            \(name)  scenario of \(scenario.incident.value) on \(scenario.testnet.value)
              \(scenario.summary ?? "")
              one wall second is \(scenario.timeScale) incident seconds; recovery is waited for \(scenario.horizon.value) of incident time
              faults: \(scenario.faults.map(\.fault.value).joined(separator: ", "))
              arms: \(arms.joined(separator: ", "))
            """ + changes(of: scenario) + (scenario.documented.map { documented($0, of: scenario) } ?? "")
    }

    /// What the arm `as-documented` plays and compares.
    private func documented(_ entry: DocumentedEntry, of scenario: ScenarioFile) -> String {
        let scale = entry.timeScale ?? scenario.timeScale
        let horizon = entry.horizon?.value ?? scenario.horizon.value
        var lines = [
            "",
            "  as-documented: one wall second is \(scale) incident seconds, at most \(horizon); the people's steps:",
        ]
        let width = entry.steps.map { "\($0.at.value)".count }.max() ?? 0
        for step in entry.steps {
            let moment = "\(step.at.value)"
            let facts = step.facts.isEmpty ? "" : "  (\(step.facts.map(\.value).joined(separator: ", ")))"
            let margin = String(repeating: " ", count: width - moment.count)
            lines.append("    \(margin)\(moment)  \(step.name.value)\(facts)")
        }
        lines.append("  compared with the write-up:")
        for phase in entry.phases {
            let lengths = phase.documented.map { "\($0.value)" }.joined(separator: " or ")
            let spread = phase.spread.map { ", give or take \($0.value) of unsynchronised polls" } ?? ""
            lines.append("    \(phase.fact.value)  \(phase.from.value) to \(phase.to.value): \(lengths)\(spread)")
        }
        return lines.joined(separator: "\n")
    }

    private func changes(of scenario: ScenarioFile) -> String {
        var lines = scenario.faultVariants.map { "variant \($0.id.value): \($0.summary)" }
        for fix in scenario.fixes {
            let facts = fix.facts.isEmpty ? "" : " (\(fix.facts.map(\.value).joined(separator: ", ")))"
            lines.append("fix:\(fix.id.value)\(facts): \(fix.summary)")
            lines.append(
                "  plays \(fix.plays.value) beside \(fix.control?.value ?? fix.plays.value)"
                    + (fix.expect.map { "; promises \($0.value)" } ?? ""))
        }
        for claim in scenario.claims {
            lines.append("claim \(claim.fact.value): \(claim.statement)")
            lines.append(
                "  \(claim.measure.rawValue) of \(claim.treatment.value) beside \(claim.control.value): \(claim.expect)"
            )
        }
        return lines.map { "\n  \($0)" }.joined()
    }

    private func fault(_ name: String) -> String? {
        guard let fault = faults[name] else { return nil }
        var lines = [
            "\(name)  fault, for hosts with the capability \(fault.capability.value)", "  \(fault.summary)",
        ]
        for parameter in fault.parameters {
            let need =
                parameter.required ? "required" : parameter.standard.map { "default '\($0.value)'" } ?? "optional"
            lines.append("  \(parameter.name.value): \(need), must match /\(parameter.match.value)/")
        }
        if !fault.requires.programs.isEmpty {
            lines.append("  needs: \(fault.requires.programs.map(\.value).joined(separator: ", "))")
        }
        if let parameter = fault.requires.fileSystem {
            lines.append("  \(parameter.value) must be one of the host's 'filesystems'")
        }
        lines.append("  kept as they were: \(fault.invariants.joined(separator: "; "))")
        return lines.joined(separator: "\n")
    }

    private func incident(_ id: String) -> String? {
        guard let incident = incidents[id] else { return nil }
        let facts = incident.facts.map { "  \($0.id.value)  \($0.text)\($0.inferred ? "  (inferred)" : "")" }
        return (["\(id)  incident: \(incident.title)"] + facts).joined(separator: "\n")
    }

    private func runbook(_ name: String) -> String? {
        guard let runbook = runbooks[name] else { return nil }
        let steps = runbook.steps.enumerated().map { "  \($0.offset + 1). \($0.element.heading)" }
        return (["\(name)  runbook in \(files[.runbook]?[name] ?? "runbooks/")"] + steps).joined(separator: "\n")
    }

    private func mutant(_ name: String) -> String? {
        guard let mutant = mutants[name] else { return nil }
        return """
            \(name)  mutant of fix:\(mutant.fix.value) of \(mutant.scenario.value)
              \(mutant.summary)
              \(mutant.source)
            """
    }

    private func testnet(_ name: String) -> String? {
        guard testnets[name] != nil, let summary = summaries.first(where: { $0.kind == "testnet" && $0.name == name })
        else { return nil }
        return "\(name)  testnet in \(summary.file)\n  \(summary.summary)"
    }
}
