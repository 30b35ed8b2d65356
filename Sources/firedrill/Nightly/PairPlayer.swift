import Foundation
import Reporting
import Subprocess
import Timeline

/// Plays one fix with its control through `firedrill validate`, in a process of its own: whatever happens there, the night goes
/// on.
struct PairPlayer {
    let root: String
    /// Wall seconds after which the pair is ended.
    let limit: Double

    /// Most of the answer that is read, bytes.
    private static let outputLimit = 4 << 20
    /// A pair that just began is not cut off at once.
    private static let leastLimit = 60.0
    /// How long the pair may take to undo its faults once it was asked to end.
    private static let orderlyStop = Duration.seconds(60)

    /// Fills in what came of `pair`.
    /// - Returns: what each pair of runs said, for the history.
    func play(_ pair: inout Night.Pair) async -> [HistoryPair] {
        let begun = ContinuousClock.now
        let started = SystemClock().wallLabel()
        defer { pair.took = (ContinuousClock.now - begun).inSeconds }
        guard let output = await answer(for: pair) else {
            (pair.verdict, pair.reason) = ("inconclusive", "It did not end within the night's budget.")
            return []
        }
        guard let json = try? JSONReader.read(Array(output.utf8)), let path = JSONPath(".pairs"),
            case .array(let results)? = path.value(in: json), !results.isEmpty
        else {
            (pair.verdict, pair.reason) = ("harness error", "'firedrill validate' gave no answer.")
            return []
        }
        func text(_ json: JSON, _ path: String) -> String {
            if case .string(let text)? = JSONPath(path)?.value(in: json) { text } else { "" }
        }
        let took = (ContinuousClock.now - begun).inSeconds
        let kept = results.map { result in
            HistoryPair(
                started: started, scenario: pair.scenario, fix: pair.fix, variant: text(result, ".variant"),
                verdict: text(result, ".verdict"), reason: text(result, ".reason"), commit: text(json, ".commit"),
                took: took)
        }
        let order = ["does-not-work", "inconclusive", "works"]
        let worst = order.first { word in kept.contains { $0.verdict == word } } ?? "harness error"
        pair.verdict = worst
        pair.reason =
            kept.filter { $0.verdict == worst }.map { $0.variant.isEmpty ? $0.reason : "\($0.variant): \($0.reason)" }
            .first ?? ""
        pair.runs = results.flatMap { result in
            [".control.runs", ".treatment.runs"].flatMap { path -> [String] in
                guard case .array(let runs)? = JSONPath(path)?.value(in: result) else { return [] }
                return runs.map { text($0, ".run") }.filter { !$0.isEmpty }
            }
        }
        return kept
    }

    /// What `validate` printed; nil when it was ended because time ran out.
    private func answer(for pair: Night.Pair) async -> String? {
        let limit = Duration.seconds(max(limit, Self.leastLimit))
        return await withTaskGroup(of: String?.self) { group in
            group.addTask {
                var options = PlatformOptions()
                options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: Self.orderlyStop)]
                let result = try? await Subprocess.run(
                    .path(.init(Programs.own)),
                    arguments: ["validate", pair.scenario, "--fix", pair.fix, "--json", "--root", root],
                    platformOptions: options, output: .string(limit: Self.outputLimit), error: .discarded)
                return Task.isCancelled ? nil : result?.standardOutput ?? ""
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}
