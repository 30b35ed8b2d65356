import Timeline

/// Turns the arm `fix:A+B` into what is played: the scenario as the fixes change it, and what they promise together.
struct FixCompiler {
    let scenario: ScenarioFile
    /// At least one.
    let fixes: [FixEntry]
    let sink: Sink

    /// The played arm, the promise, and the scenario with the fixes' response.
    func apply(runbooks: [String: RunbookFile]) -> (fix: Criteria.Fix, scenario: ScenarioFile)? {
        guard let plays = played else { return nil }
        var changed = scenario
        for fix in fixes { respond(&changed, fix.change, runbooks: runbooks) }
        let terms = fixes.compactMap(\.expect?.value).flatMap(\.terms)
        var expect: Promise?
        if !terms.isEmpty {
            var seen: Set<Promise.Term> = []
            expect = Promise(terms: terms.filter { seen.insert($0).inserted })
        }
        setWindow(&changed, expect: expect, plays: plays)
        return (Criteria.Fix(plays: plays, expect: expect), changed)
    }

    /// Fixes that are played together must be played in one way.
    private var played: Criteria.Arm? {
        var arms: [Criteria.Arm] = []
        for fix in fixes {
            let known = ScenarioCompiler.arms(of: scenario).filter { $0 != .noFault }
            guard let arm = known.first(where: { $0.description == fix.plays.value }) else {
                sink.unknown("the arm", fix.plays, among: known.map(\.description))
                return nil
            }
            arms.append(arm)
        }
        if let other = arms.firstIndex(where: { $0 != arms[0] }) {
            sink.error(
                "'\(fixes[0].id.value)' plays \(arms[0]) and '\(fixes[other].id.value)' plays \(arms[other])",
                at: fixes[other].plays.at, remedy: "Combine fixes that are played in the same way.")
            return nil
        }
        return arms.first
    }

    private func respond(_ scenario: inout ScenarioFile, _ change: ChangeEntry, runbooks: [String: RunbookFile]) {
        scenario.responder.acknowledgeAfter = change.acknowledgeAfter ?? scenario.responder.acknowledgeAfter
        scenario.responder.startAfter = change.startAfter ?? scenario.responder.startAfter
        if let runbook = change.runbook {
            if let other = fixes.compactMap(\.change.runbook).first(where: { $0.value != runbook.value }) {
                sink.error(
                    "the fixes have the runbooks '\(runbook.value)' and '\(other.value)'", at: runbook.at,
                    remedy: "Combine fixes that have one runbook.")
            }
            scenario.runbook = runbook
            // Of what the scenario says for its own runbook, the part that this one has too.
            if let file = runbooks[runbook.value] {
                let (variables, steps) = (file.variables.map(\.name.value), file.steps.map(\.name.value))
                let hazardous = file.steps.filter { $0.hazard != nil }.map(\.name.value)
                scenario.runbookVars = scenario.runbookVars.filter { variables.contains($0.key) }
                scenario.manualDelays.removeAll { !steps.contains($0.key.value) }
                scenario.approvals = scenario.approvals.filter { hazardous.contains($0.key) }
            }
        }
        scenario.runbookVars.merge(change.runbookVars) { $1 }
        let delays = change.manualDelays
        scenario.manualDelays.removeAll { old in delays.contains { $0.key.value == old.key.value } }
        scenario.manualDelays += delays
        scenario.approvals.merge(change.approvals) { $1 + $0 }
    }

    /// What promises that nothing breaks is watched for a window, and not until the last recovery could have come.
    private func setWindow(_ scenario: inout ScenarioFile, expect: Promise?, plays: Criteria.Arm) {
        let windows = fixes.compactMap(\.window)
        let longest = windows.max { $0.value.duration < $1.value.duration }
        guard let window = longest ?? (expect?.promisesNoOutage == true ? scenario.noFaultWindow : nil) else { return }
        scenario.horizon = window
        if plays == .asDocumented { scenario.documented?.horizon = window }
    }

    // MARK: The testnet

    /// The testnet with the settings and services of the fixes.
    static func apply(_ changes: [ChangeEntry], to file: TestnetFile, sink: Sink) -> TestnetFile {
        var file = file
        for change in changes {
            for (name, text) in change.settings.sorted(by: { $0.key < $1.key }) {
                if file.scaled[name] != nil {
                    let value = YAMLValue(at: text.at, content: .scalar(text: text.value, quoted: false))
                    if let duration = Scalars.duration(value, what: name, sink: sink) {
                        file.scaled[name] = duration.value
                    }
                } else if file.settings[name] != nil {
                    file.settings[name] = text.value
                } else {
                    sink.unknown(
                        "the period or setting", Located(value: name, at: text.at),
                        among: Array(file.scaled.keys) + Array(file.settings.keys))
                }
            }
        }
        return file
    }

    static func addServices(_ changes: [ChangeEntry], to testnet: inout Testnet, sink: Sink) {
        let known = Set(testnet.hosts.flatMap { [$0.name] + $0.groups })
        for (place, services) in changes.flatMap(\.services) {
            guard known.contains(place.value) else {
                sink.unknown("the host or group", place, among: known)
                continue
            }
            for index in testnet.hosts.indices
            where testnet.hosts[index].name == place.value || testnet.hosts[index].groups.contains(place.value) {
                let has = testnet.hosts[index].services.map(\.value)
                testnet.hosts[index].services += services.filter { !has.contains($0.value) }
            }
        }
    }

    static func overlay(_ changes: [ChangeEntry], on testnet: Testnet, root: RootFolder, sink: Sink) -> Overlay {
        var overlay = Overlay()
        for change in changes {
            if let source = change.source(root: root, sink: sink) {
                overlay.add(source, owner: change.owner, testnet: testnet, sink: sink)
            }
            for path in change.remove { overlay.remove(path, testnet: testnet, sink: sink) }
        }
        return overlay
    }
}

extension ChangeEntry {
    /// Where the overlay lies; nil without one, or when its path leads out of the root.
    func source(root: RootFolder, sink: Sink) -> Overlay.Source? {
        guard let overlay else { return nil }
        if isOutsideRoot {
            let parts = overlay.value.split(separator: "/").map(String.init)
            let parent = "/" + parts.dropLast().joined(separator: "/")
            return Overlay.Source(root: RootFolder(path: parent), folder: parts.last ?? ".", at: overlay.at)
        }
        guard HostPath.isValid("/\(overlay.value)") else {
            sink.error(
                "'\(Quote.short(overlay.value))' is not a path under the root", at: overlay.at,
                remedy: "Write for example chaos/fixes/fail-download.")
            return nil
        }
        return Overlay.Source(root: root, folder: overlay.value, at: overlay.at)
    }
}
