import Definitions
import Foundation
import Replay
import Synchronization
import Timeline

/// Keeps events in memory.
actor EventRecorder: EventSink {
    private(set) var bodies: [Event.Body] = []
    func record(_ body: Event.Body) async { bodies.append(body) }

    var faultStages: [Event.FaultStage] {
        bodies.compactMap { if case .fault(_, _, let stage, _) = $0 { stage } else { nil } }
    }
    var problems: [Event.ProblemKind] {
        bodies.compactMap { if case .problem(let kind, _) = $0 { kind } else { nil } }
    }
}

/// The machine's own clock.
struct MachineClock: ReplayClock {
    func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
    func wallLabel() -> String { "2019-08-31T05:31:24.000Z" }
    func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}

func script(
    _ text: String, _ environment: [String: String] = [:], secrets: [String] = [], timeout: Duration = .seconds(60)
)
    -> ScriptPlan
{
    ScriptPlan(script: text, environment: environment, secrets: secrets, timeout: DurationText(timeout))
}

/// A clock on which waiting costs nothing: every wait moves it forward.
final class FakeClock: ReplayClock {
    private let state = Mutex((now: Int64(1_000_000_000), slept: [Duration]()))
    var slept: [Duration] { state.withLock { $0.slept } }
    func now() -> Int64 { state.withLock { $0.now } }
    func wallLabel() -> String { "2019-08-31T05:31:24.000Z" }
    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        state.withLock { state in
            state.now += duration.nanoseconds
            state.slept.append(duration)
        }
        await Task.yield()
    }
}
