/// The one format of an event: a flat JSON object (docs/formats/events.md).
extension Event {
    /// One line of `events.jsonl`, without the line feed: `n`, `t`, `wall` and `type` first, then the fields sorted.
    public var line: String { json.text(.init(leadingKeys: ["n", "t", "wall", "type"])) }

    /// The event as a JSON object.
    public var json: JSON {
        var members = body.fields
        members["n"] = .int(Int64(sequence))
        members["t"] = .int(monotonic)
        members["wall"] = .string(wall)
        members["type"] = .string(body.type)
        return .object(members)
    }

    /// Reads the object that `json` gives; every field must be there, of its type, and no other.
    public init(json: JSON) throws(EventFormatError) {
        var fields = try EventFields(json)
        fields.type = try fields.text("type")
        guard let sequence = Int(exactly: try fields.integer("n")), sequence >= 0 else {
            throw .wrong(field: "n", type: fields.type, expected: "a whole number from 0")
        }
        self.init(
            sequence: sequence, monotonic: try fields.integer("t"), wall: try fields.text("wall"),
            body: try Body(type: fields.type, from: &fields))
        try fields.finish()
    }
}

extension Event: Codable {
    /// The same object as `json`, for other encoders.
    public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }

    /// Reads what `encode(to:)` wrote; throws `EventFormatError` for anything else.
    public init(from decoder: any Decoder) throws { try self.init(json: JSON(from: decoder)) }
}

extension Event.Body {
    /// The name of the case, as the field `type` gives it.
    public var type: String {
        switch self {
        case .runStarted: "runStarted"
        case .phase: "phase"
        case .hostReady: "hostReady"
        case .hostLost: "hostLost"
        case .sample: "sample"
        case .fault: "fault"
        case .signal: "signal"
        case .pagerTest: "pagerTest"
        case .responder: "responder"
        case .stepStarted: "stepStarted"
        case .stepResult: "stepResult"
        case .stepEnded: "stepEnded"
        case .blockLog: "blockLog"
        case .harnessTime: "harnessTime"
        case .frozen: "frozen"
        case .note: "note"
        case .problem: "problem"
        case .runEnded: "runEnded"
        }
    }

    fileprivate var fields: [String: JSON] {
        switch self {
        case .runStarted(let runID, let scenario, let arm, let seed, let size):
            [
                "run": .string(runID), "scenario": .string(scenario), "arm": .string(arm), "seed": JSON(seed),
                "size": size.map { .string($0) },
            ].compactMapValues { $0 }
        case .phase(let phase): ["phase": .string(phase.rawValue)]
        case .hostReady(let host, let took): ["host": .string(host), "took": .string(took.description)]
        case .hostLost(let host, let reason): ["host": .string(host), "reason": .string(reason)]
        case .sample(let probe, let target, let started, let value, let error):
            [
                "probe": .string(probe), "target": .string(target), "started": .int(started), "value": value,
                "error": error.map { .string($0) },
            ].compactMapValues { $0 }
        case .fault(let id, let host, let stage, let detail):
            [
                "fault": .string(id), "host": .string(host), "stage": .string(stage.rawValue),
                "detail": .string(detail),
            ]
        case .signal(let source, let id, let names, let summary, let resolved):
            [
                "source": .string(source.rawValue), "id": .string(id), "names": JSON(names),
                "summary": .string(summary), "resolved": .bool(resolved),
            ]
        case .pagerTest(let moment, let received, let detail):
            ["moment": .string(moment), "received": .bool(received), "detail": .string(detail)]
        case .responder(let action, let detail):
            ["action": .string(action.rawValue), "detail": .string(detail)]
        case .stepStarted, .stepResult, .stepEnded: stepFields
        case .blockLog(let scope, let lastBefore, let firstAfter, let source):
            [
                "scope": .string(scope), "lastBefore": lastBefore.map { .int($0) },
                "firstAfter": firstAfter.map { .int($0) }, "source": .string(source),
            ].compactMapValues { $0 }
        case .harnessTime(let name, let took): ["name": .string(name), "took": .string(took.description)]
        case .frozen: [:]
        case .note(let level, let message): ["level": .string(level.rawValue), "message": .string(message)]
        case .problem(let kind, let reason): ["kind": .string(kind.rawValue), "reason": .string(reason)]
        case .runEnded(let error): error.map { ["error": .string($0)] } ?? [:]
        }
    }

    private var stepFields: [String: JSON] {
        switch self {
        case .stepStarted(let step, let role, let hosts):
            ["step": .string(step), "role": .string(role), "hosts": JSON(hosts)]
        case .stepResult(let step, let host, let attempt, let outcome, let stdout, let stderr, let truncated, let took):
            outcome.fields.merging([
                "step": .string(step), "host": .string(host), "attempt": .int(Int64(attempt)),
                "stdout": .string(stdout), "stderr": .string(stderr), "truncated": .bool(truncated),
                "took": .string(took.description),
            ]) { $1 }
        case .stepEnded(let step, let role, let passed, let simulated, let reason):
            [
                "step": .string(step), "role": .string(role), "passed": .bool(passed),
                "simulated": .bool(simulated), "reason": .string(reason),
            ]
        default: [:]
        }
    }

    fileprivate init(type: String, from fields: inout EventFields) throws(EventFormatError) {
        switch type {
        case "runStarted":
            self = .runStarted(
                runID: try fields.text("run"), scenario: try fields.text("scenario"), arm: try fields.text("arm"),
                seed: try fields.seed("seed"), size: try fields.optionalText("size"))
        case "phase": self = .phase(try fields.choice("phase", of: Event.Phase.self))
        case "hostReady": self = .hostReady(host: try fields.text("host"), took: try fields.duration("took"))
        case "hostLost": self = .hostLost(host: try fields.text("host"), reason: try fields.text("reason"))
        case "sample": self = try Self.sample(from: &fields)
        case "fault":
            self = .fault(
                id: try fields.text("fault"), host: try fields.text("host"),
                stage: try fields.choice("stage", of: Event.FaultStage.self), detail: try fields.text("detail"))
        case "signal":
            self = .signal(
                source: try fields.choice("source", of: Event.SignalSource.self), id: try fields.text("id"),
                names: try fields.texts("names"), summary: try fields.text("summary"),
                resolved: try fields.flag("resolved"))
        case "pagerTest":
            self = .pagerTest(
                moment: try fields.text("moment"), received: try fields.flag("received"),
                detail: try fields.text("detail"))
        case "responder":
            self = .responder(
                action: try fields.choice("action", of: Event.ResponderAction.self), detail: try fields.text("detail"))
        case "stepStarted", "stepResult", "stepEnded": self = try Self.step(type: type, from: &fields)
        case "blockLog":
            self = .blockLog(
                scope: try fields.text("scope"), lastBefore: try fields.optionalInteger("lastBefore"),
                firstAfter: try fields.optionalInteger("firstAfter"), source: try fields.text("source"))
        case "harnessTime": self = .harnessTime(name: try fields.text("name"), took: try fields.duration("took"))
        case "frozen": self = .frozen
        case "note":
            self = .note(
                level: try fields.choice("level", of: Event.NoteLevel.self), message: try fields.text("message"))
        case "problem":
            self = .problem(
                kind: try fields.choice("kind", of: Event.ProblemKind.self), reason: try fields.text("reason"))
        case "runEnded": self = .runEnded(error: try fields.optionalText("error"))
        default: throw .unknownType(type)
        }
    }

    private static func sample(from fields: inout EventFields) throws(EventFormatError) -> Self {
        let value = fields.json("value")
        let error = try fields.optionalText("error")
        guard (value == nil) != (error == nil) else {
            throw .wrong(field: "value", type: "sample", expected: "there exactly when 'error' is not")
        }
        return .sample(
            probe: try fields.text("probe"), target: try fields.text("target"), started: try fields.integer("started"),
            value: value, error: error)
    }

    private static func step(type: String, from fields: inout EventFields) throws(EventFormatError) -> Self {
        let step = try fields.text("step")
        switch type {
        case "stepStarted":
            return .stepStarted(step: step, role: try fields.text("role"), hosts: try fields.texts("hosts"))
        case "stepEnded":
            return .stepEnded(
                step: step, role: try fields.text("role"), passed: try fields.flag("passed"),
                simulated: try fields.flag("simulated"), reason: try fields.text("reason"))
        default:
            guard let attempt = Int(exactly: try fields.integer("attempt")) else {
                throw .wrong(field: "attempt", type: type, expected: "a whole number")
            }
            return .stepResult(
                step: step, host: try fields.text("host"), attempt: attempt, outcome: try CommandOutcome(from: &fields),
                stdout: try fields.text("stdout"), stderr: try fields.text("stderr"),
                truncated: try fields.flag("truncated"), took: try fields.duration("took"))
        }
    }
}

extension CommandOutcome {
    fileprivate var fields: [String: JSON] {
        switch self {
        case .exited(let code): ["outcome": .string("exited"), "code": .int(Int64(code))]
        case .signaled(let name): ["outcome": .string("signaled"), "signal": .string(name)]
        case .unknown(let reason): ["outcome": .string("unknown"), "reason": .string(reason)]
        }
    }

    fileprivate init(from fields: inout EventFields) throws(EventFormatError) {
        switch try fields.text("outcome") {
        case "exited":
            guard let code = Int32(exactly: try fields.integer("code")) else {
                throw .wrong(field: "code", type: fields.type, expected: "an exit code")
            }
            self = .exited(code: code)
        case "signaled": self = .signaled(name: try fields.text("signal"))
        case "unknown": self = .unknown(reason: try fields.text("reason"))
        default: throw .wrong(field: "outcome", type: fields.type, expected: "one of exited, signaled, unknown")
        }
    }
}
