import Timeline

extension Catalogue {
    /// The scenario in which a runbook is played.
    /// - Parameter named: the one that was asked for; must use the runbook.
    /// - Throws: `DefinitionErrors` when there is no such runbook, when nothing or another scenario uses it, or when
    ///   several do and none was named.
    public func scenario(using runbook: String, named: String?) throws(DefinitionErrors) -> String {
        let sink = Sink()
        let using = scenarios.values.filter { $0.runbook?.value == runbook }.map(\.name.value).sorted()
        if (files[.runbook] ?? [:])[runbook] == nil {
            sink.unknown("the runbook", Located(value: runbook, at: .commandLine), among: (files[.runbook] ?? [:]).keys)
        } else if let named {
            _ = try find(named)
            if using.contains(named) { return named }
            sink.error(
                "the scenario '\(named)' does not use the runbook '\(runbook)'", at: .commandLine,
                remedy: using.isEmpty ? "No scenario does." : "Use one of: \(using.joined(separator: ", ")).")
        } else if let only = using.first, using.count == 1 {
            return only
        } else if using.isEmpty {
            sink.error(
                "no scenario uses the runbook '\(runbook)'", at: .commandLine,
                remedy: "Write a scenario with 'runbook: \(runbook)': mutants are replayed.")
        } else {
            sink.error(
                "\(using.count) scenarios use the runbook '\(runbook)'", at: .commandLine,
                remedy: "Name one with --scenario: \(using.joined(separator: ", ")).")
        }
        throw DefinitionErrors(diagnostics: sink.list.sorted)
    }
}
