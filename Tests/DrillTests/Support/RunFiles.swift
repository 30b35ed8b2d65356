import Foundation
import Timeline

/// The files of one run, read as a user's own tools would.
struct RunFiles: Sendable {
    let path: String

    func text(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }

    func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")) }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }

    func verdict() throws -> VerdictFile { try JSONDecoder().decode(VerdictFile.self, from: bytes("verdict.json")) }

    /// The record so far; empty while there is none.
    func events() -> [Event] { (try? RunRecord.events(in: path))?.events ?? [] }

    /// Waits for an event while the run goes on.
    func event(within limit: Duration = .seconds(60), _ condition: (Event.Body) -> Bool) async throws -> Event {
        let found = try await eventually(within: limit) { events().first { condition($0.body) } }
        guard let found else {
            throw TestFailure("the event did not come within \(limit); last: \(events().suffix(3))")
        }
        return found
    }

    func reached(_ phase: Event.Phase, within limit: Duration = .seconds(60)) async throws {
        _ = try await event(within: limit) { $0 == .phase(phase) }
    }

    func faultReached(_ stage: Event.FaultStage, within limit: Duration = .seconds(60)) async throws {
        _ = try await event(within: limit) { if case .fault(_, _, stage, _) = $0 { true } else { false } }
    }

    var faultStages: [Event.FaultStage] {
        events().compactMap { if case .fault(_, _, let stage, _) = $0.body { stage } else { nil } }
    }

    var problems: [Event.ProblemKind] {
        events().compactMap { if case .problem(let kind, _) = $0.body { kind } else { nil } }
    }
}

/// `verdict.json`, as far as tests look at it.
struct VerdictFile: Decodable {
    struct Phase: Decodable {
        struct Value: Decodable {
            var incident_s, tolerance_s: Double
            var result: String
        }
        var fact, from, to, result: String
        var documented: [Value]
        var incident_s: Double?
    }
    struct Fact: Decodable {
        var id, kind, evidence: String
        var observed, required: Bool
        var at: Double?
    }
    struct Time: Decodable {
        var wall_s, incident_s: Double?
        var censored: Bool
        var source: String
    }
    struct Times: Decodable { var ttd, tta, ttm, ttr: Time }
    struct Scope: Decodable { var ttm, ttr: Time }
    struct CrossCheck: Decodable {
        /// Nil when there was no recovery to compare.
        var agree: Bool?
        var scope, source: String
        var logs_s, probes_s, difference_s: Double?
    }
    struct Harness: Decodable { var boot_s, overhead_s, teardown_s: Double? }
    var verdict: String
    var phases: [Phase]?
    var exit_code: Int32
    var reasons, notes: [String]
    var facts: [Fact]
    var times: Times
    var by_scope: [String: Scope]
    var cross_check: [CrossCheck]
    var harness: Harness
    var precision_s: Double

    func fact(_ id: String) -> Fact? { facts.first { $0.id == id } }
}
