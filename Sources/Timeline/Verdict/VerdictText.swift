extension Verdict {
    /// `verdict.json`: keys sorted, numbers with three decimals, two spaces of indent, a line feed at the end. The same
    /// verdict is the same bytes, always.
    public func encoded() -> String { json.text(.init(decimals: 3, indent: 2)) + "\n" }

    /// The verdict as a JSON object (docs/formats/verdict.md).
    public var json: JSON {
        .object([
            "run": .string(run), "scenario": .string(scenario), "incident": .string(incident),
            "arm": .string(arm.description), "variant": variant.map { .string($0) } ?? .null,
            "outage": JSON(outage), "broke_s": JSON(brokeAfter), "verdict": .string(outcome.rawValue),
            "exit_code": .int(Int64(exitCode.rawValue)), "reasons": JSON(reasons), "notes": JSON(notes),
            "facts": .array(facts.map(\.json)),
            "times": .object([
                "ttd": times.detect.json, "tta": times.act.json, "ttm": times.mitigate.json, "ttr": times.recover.json,
            ]),
            "by_scope": .object(
                byScope.mapValues {
                    .object(["ttm": $0.mitigate.json, "ttr": $0.recover.json, "breaks": .int(Int64($0.breaks))])
                }),
            "budgets": .object(Dictionary(budgets.map { ($0.name, $0.json) }) { $1 }),
            "phases": .array(phases.map(\.json)),
            "cross_check": .array(crossChecks.map(\.json)),
            "stamps": stamps.json,
            "time_scale": .double(timeScale), "seed": JSON(seed), "precision_s": .double(precision),
            "harness": harness.json, "commit": .string(commit),
            "size": size.map { .string($0) } ?? .null,
        ])
    }
}

extension JSON {
    init(_ value: Double?) { self = value.map { .double($0) } ?? .null }
    init(_ value: Bool?) { self = value.map { .bool($0) } ?? .null }
}

extension Verdict.Fact {
    fileprivate var json: JSON {
        .object([
            "id": .string(id), "kind": .string(kind.rawValue), "summary": .string(summary),
            "observed": .bool(isObserved), "finding": .string(finding.rawValue), "at": JSON(at),
            "evidence": .string(evidence), "inferred": .bool(isInferred), "required": .bool(isRequired),
        ])
    }
}

extension Verdict.Time {
    /// As in `verdict.json`.
    public var json: JSON {
        .object([
            "wall_s": JSON(wall), "incident_s": JSON(incident), "censored": .bool(isCensored),
            "source": .string(source),
        ])
    }
}

extension Verdict.Budget {
    fileprivate var json: JSON {
        .object(["limit": .double(limit), "measured": JSON(measured), "met": JSON(isMet)])
    }
}

extension Verdict.CrossCheck {
    fileprivate var json: JSON {
        .object([
            "scope": .string(scope), "probes_s": JSON(byProbes), "logs_s": JSON(byLogs),
            "difference_s": JSON(difference),
            "agree": JSON(agrees), "source": .string(source),
        ])
    }
}

extension Verdict.HarnessTimes {
    fileprivate var json: JSON {
        .object([
            "boot_s": JSON(boot), "overhead_s": JSON(overhead), "teardown_s": JSON(teardown),
            "named_s": .object(named.mapValues { .double($0) }),
        ])
    }
}

extension Stamps {
    /// Seconds of wall time from onset, or without a fault from the start of the run; negative before it.
    fileprivate var json: JSON {
        let origin = injectCompleted ?? runStarted ?? 0
        let moments: [String: Int64?] = [
            "run_started": runStarted, "first_steady": firstSteady, "baseline_started": baselineStarted,
            "steady_before_fault": steadyBeforeFault, "inject_started": injectStarted,
            "inject_completed": injectCompleted,
            "effect": effect, "signal": signal?.at, "acknowledged": acknowledged, "first_act": firstAct,
            "frozen": frozen, "clean": clean, "teardown_started": teardownStarted, "run_ended": runEnded,
        ]
        return .object(moments.mapValues { moment in JSON(moment.map { Nanoseconds.seconds($0 - origin) }) })
    }
}
