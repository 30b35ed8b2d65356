import Definitions
import Foundation
import Glibc
import Replay
import Reporting
import Timeline

/// Plays a queue of replays one after the other, prints what each shows, and at the end what they amount to together.
struct RunSeries {
    let queue: RunQueue
    let catalogue: Catalogue
    let root: String
    let keepUp, json, quiet: Bool

    /// Plays everything.
    /// - Returns: What the command ends with: the gravest of the verdicts, or for every arm of a scenario whether each arm did
    ///   what the table of arms says of it.
    func play() async throws -> Timeline.ExitCode {
        let (items, notes) = try queue.items(in: catalogue)
        for note in notes { Stop.printError("firedrill: \(note)") }
        // Everything is compiled before anything is run: a mistake in the last scenario is found at once.
        var first: [RunQueue.Item: CompiledPlan] = [:]
        for item in items where item.repetition == 1 {
            var compiled = try queue.compile(item, catalogue)
            try Approvals.ask(for: &compiled.plan)
            first[item] = compiled
        }
        try OpenFaultGate.check(Set(first.values.map(\.plan.testnet.name)), root: root)
        var rows: [RunTable.Row] = []
        var codes: [Timeline.ExitCode] = []
        for (index, item) in items.enumerated() {
            let original = first[RunQueue.Item(scenario: item.scenario, arm: item.arm, repetition: 1)]
            guard let compiled = try item.repetition == 1 ? original : again(item, approvedIn: original) else {
                continue
            }
            if items.count > 1, !quiet { Stop.printError("\nrun \(index + 1) of \(items.count)") }
            let (ending, verdict, folder) = try await play(compiled)
            let isOneOfEveryArm = queue.arm == RunQueue.every && !ending.wasStopped
            codes.append(isOneOfEveryArm ? verdict.map(ArmExpectation.exitCode) ?? ending.code : ending.code)
            if let verdict { rows.append(.init(verdict: verdict, folder: folder.path)) }
            if ending.wasStopped {
                let left = items.count - index - 1
                if left > 0 { Stop.printError("firedrill: stopped; \(left) of \(items.count) runs were not made") }
                break
            }
        }
        show(rows)
        return Timeline.ExitCode.merged(codes)
    }

    /// A later repetition. What a person approved holds for the same step of the same series.
    private func again(_ item: RunQueue.Item, approvedIn original: CompiledPlan?) throws -> CompiledPlan {
        var compiled = try queue.compile(item, catalogue)
        let approved = (original?.plan.response.steps ?? []).filter { $0.hazard != nil && $0.approved }
        for index in compiled.plan.response.steps.indices {
            let step = compiled.plan.response.steps[index]
            if approved.contains(where: { $0.name == step.name && $0.approvalHash == step.approvalHash }) {
                compiled.plan.response.steps[index].approved = true
            }
        }
        try Approvals.ask(for: &compiled.plan)
        return compiled
    }

    /// Plays one replay to its end and prints its result.
    private func play(_ compiled: CompiledPlan) async throws -> (RunSession.Ending, Verdict?, RunFolder) {
        let plan = compiled.plan
        for warning in compiled.warnings where !quiet { Stop.printError("\(warning)") }
        let player = RunPlayer(
            root: root, keepUp: keepUp,
            display: quiet || json ? .quiet : isatty(STDERR_FILENO) == 1 ? .live : .lines)
        let played = try await player.play(compiled) { folder in
            if !quiet { Stop.printError("\(plan.criteria.scenario), \(plan.criteria.playing): \(folder.path)") }
        }
        let (ending, folder) = (played.ending, played.folder)
        guard let verdict = played.verdict else { return (ending, nil, folder) }
        // Of a quiet series the closing table is the result.
        if !json, !(quiet && queue.isSeries) { verdict.printSummary(folder: folder) }
        if keepUp, !json, !ending.wasStopped {
            print("\nThe network is up: ssh -F '\(folder.sshConfig)' HOST; firedrill down \(plan.testnet.name)")
        }
        return (ending, verdict, folder)
    }

    /// The closing table of several runs; as JSON one verdict for one run, and an array for a series, however many there are.
    private func show(_ rows: [RunTable.Row]) {
        if json {
            let texts = rows.map { $0.verdict.encoded() }
            if queue.isSeries {
                print("[\n" + texts.joined(separator: ",\n") + "]")
            } else {
                texts.forEach { print($0, terminator: "") }
            }
            return
        }
        guard queue.isSeries, !rows.isEmpty else { return }
        let style = TerminalStyle.detect(descriptor: STDOUT_FILENO, environment: ProcessInfo.processInfo.environment)
        let table = RunTable(
            rows: rows, symptoms: catalogue.symptoms(ofScenarios: Set(rows.map(\.verdict.scenario))),
            comparesArms: queue.arm == RunQueue.every, style: style)
        print((quiet ? "" : "\n") + table.lines.joined(separator: "\n"))
    }
}

extension Verdict {
    /// Prints the result for a person.
    func printSummary(folder: RunFolder) {
        let style = TerminalStyle.detect(descriptor: STDOUT_FILENO, environment: ProcessInfo.processInfo.environment)
        print(Summary(self, runFolder: folder.path, style: style).lines.joined(separator: "\n"))
    }
}
