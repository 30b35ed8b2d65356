import Foundation
import Glibc
import Timeline

/// One way to kill a run, at one moment of it.
struct KillPoint: Sendable, CustomStringConvertible {
    /// What happens to whom.
    enum Method: String, Sendable, CaseIterable {
        /// SIGKILL for the `firedrill` that a person started.
        case killCommand = "kill-command"
        /// SIGKILL for the contained replay.
        case killReplay = "kill-replay"
        /// The replay gets no more memory (RLIMIT_AS); if it lives on regardless it is killed, as the kernel would.
        case noMemory = "no-memory"
        /// The file system of the run folder is filled to the last byte.
        case fullDisk = "full-disk"
        /// SIGSTOP for the replay for longer than the lease, then SIGKILL for the command.
        case stopThenKill = "stop-then-kill"
        /// SIGSTOP for the replay for longer than the lease, then SIGCONT; the run ends by itself.
        case stopThenContinue = "stop-then-continue"
        /// SIGSTOP for the replay of a run with `--keep-up` for longer than the lease; then `heal --all`, then `down`.
        case stopKept = "stop-kept"
        /// Command, supervisor and replay are stopped, then the command is killed, so that nobody can react in time.
        case stopAllThenKill = "stop-all-then-kill"
    }

    let method: Method
    let arm: String
    /// The event after which it happens: its type and what tells it from others of that type.
    let boundary: String
    /// From the event to the kill.
    let delay: Duration

    var description: String { "\(method.rawValue) \(arm) \(boundary) +\(delay)" }
}

extension Event.Body {
    /// What names this event among those of its run, run after run; nil for what is no boundary of fault or runbook.
    var boundary: String? {
        switch self {
        case .phase(let phase): "phase \(phase.rawValue)"
        case .hostReady(let host, _): "hostReady \(host)"
        case .fault(_, let host, let stage, _): "fault \(stage.rawValue) \(host)"
        case .signal(_, let id, _, _, let resolved): resolved ? nil : "signal \(id.isEmpty ? "" : "first")"
        case .pagerTest(let moment, _, _): "pagerTest \(moment)"
        case .responder(let action, _): "responder \(action.rawValue)"
        case .stepStarted(let step, _, _): "stepStarted \(step)"
        case .stepResult(let step, let host, let attempt, _, _, _, _, _):
            attempt == 1 ? "stepResult \(step) \(host)" : nil
        case .stepEnded(let step, _, _, _, _): "stepEnded \(step)"
        case .blockLog(let scope, _, _, _): "blockLog \(scope)"
        case .frozen: "frozen"
        case .runStarted, .sample, .hostLost, .harnessTime, .note, .problem, .runEnded: nil
        }
    }
}

/// Chooses points for a seed: the same ones every time.
struct KillPlan {
    /// SplitMix64.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// Each of these is tried at every boundary; the others, which take half a minute, at some.
    private static let quick: [KillPoint.Method] = [.killCommand, .killReplay, .noMemory, .fullDisk, .stopAllThenKill]
    private static let delays: [Duration] = [
        .zero, .zero, .milliseconds(3), .milliseconds(10), .milliseconds(40), .milliseconds(150),
    ]
    /// How many of the points stop something for longer than the lease.
    private static let slowShare = 10

    /// - Parameter boundaries: what a whole run went through, by arm.
    static func points(_ boundaries: [String: [String]], seed: UInt64, count: Int, canMount: Bool) -> [KillPoint] {
        var generator = Generator(state: seed)
        func point(_ method: KillPoint.Method, _ arm: String, _ boundary: String) -> KillPoint {
            KillPoint(
                method: method, arm: arm, boundary: boundary,
                delay: delays.randomElement(using: &generator) ?? .zero)
        }
        let places = boundaries.sorted { $0.key < $1.key }.flatMap { arm, names in names.map { (arm, $0) } }
        let quick = Self.quick.filter { canMount || $0 != .fullDisk }
        var all = quick.flatMap { method in places.map { point(method, $0.0, $0.1) } }.shuffled(using: &generator)
        // What is stopped with a fault in loses its lease.
        let stages = ["fault armed", "fault inject", "fault proven"]
        let withFault = places.filter { place in stages.contains { place.1.hasPrefix($0) } }
        let during = withFault + places.filter { $0.1 == "phase detection" || $0.1 == "responder acknowledged" }
        var slow: [KillPoint] = []
        for method in [KillPoint.Method.stopThenContinue, .stopThenKill, .stopKept] {
            slow += (method == .stopThenKill ? places : during).map { point(method, $0.0, $0.1) }
        }
        slow.shuffle(using: &generator)
        let slowCount = min(slow.count, max(1, count / slowShare))
        all = Array(all.prefix(max(0, count - slowCount)))
        return Array((slow.prefix(slowCount) + all).prefix(count))
    }
}
