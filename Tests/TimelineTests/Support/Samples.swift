@testable import Timeline

/// One event body of every type and variant, for tests of the format and its documentation.
let everyBody: [Event.Body] = [
    .runStarted(runID: "r", scenario: "s", arm: "no-fault", seed: .max, size: "small"), .phase(.baseline),
    .hostReady(host: "h", took: DurationText(.milliseconds(1250))), .hostLost(host: "h", reason: "gone"),
    .sample(
        probe: "p", target: "t", started: 5,
        value: .object(["a": .array([.int(1), .double(0.5), .null, .bool(true), .string("ü\u{2028}\n\"\\\u{1}")])]),
        error: nil),
    .sample(probe: "p", target: "t", started: 5, value: .null, error: nil),
    .sample(probe: "p", target: "t", started: 5, value: nil, error: "refused"),
    .fault(id: "f", host: "h", stage: .injectStarted, detail: "d"),
    .signal(source: .alert, id: "i", names: ["a", "b"], summary: "s", resolved: false),
    .pagerTest(moment: "before", received: true, detail: "d"), .responder(action: .acknowledged, detail: "d"),
    .stepStarted(step: "s", role: "act", hosts: ["h"]),
    .stepResult(
        step: "s", host: "h", attempt: 2, outcome: .exited(code: -1), stdout: "o", stderr: "e", truncated: true,
        took: DurationText(.seconds(61))),
    .stepResult(
        step: "s", host: "h", attempt: 2, outcome: .signaled(name: "KILL"), stdout: "", stderr: "", truncated: false,
        took: DurationText(.zero)),
    .stepResult(
        step: "s", host: "h", attempt: 2, outcome: .unknown(reason: "lost"), stdout: "", stderr: "", truncated: false,
        took: DurationText(.zero)),
    .stepEnded(step: "s", role: "act", passed: true, simulated: false, reason: ""),
    .blockLog(scope: "shard0", lastBefore: 1, firstAfter: nil, source: "s"),
    .blockLog(scope: "shard0", lastBefore: nil, firstAfter: 2, source: "s"),
    .harnessTime(name: "boot", took: DurationText(.seconds(3))), .frozen, .note(level: .warning, message: "m"),
    .problem(kind: .leaseFired, reason: "r"), .runEnded(error: nil), .runEnded(error: "e"),
]

let everyEvent = everyBody.enumerated().map {
    Event(sequence: $0.offset, monotonic: Int64($0.offset) * 1_000, wall: "2026-01-02T10:00:00.000Z", body: $0.element)
}
