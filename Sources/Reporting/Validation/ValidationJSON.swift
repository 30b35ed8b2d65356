import Timeline

extension ValidationReport {
    /// Version of `validation.json`.
    public static let format: Int64 = 1

    /// `validation.json`: keys sorted, three decimals, two spaces of indent, a line feed at the end.
    public func encoded() -> String { json.text(.init(decimals: 3, indent: 2)) + "\n" }

    /// The report as a JSON object (docs/validating-fixes.md).
    public var json: JSON {
        .object([
            "format": .int(Self.format), "commit": .string(commit), "machine": .string(machine),
            "exit_code": .int(Int64(exitCode.rawValue)), "pairs": .array(pairs.map(\.json)),
            "claims": .array(claims.map(\.json)), "mutants": .array(mutants.map(\.json)),
        ])
    }
}

private func texts(_ values: [String]) -> JSON { .array(values.map(JSON.string)) }
private func text(_ value: String?) -> JSON { value.map(JSON.string) ?? .null }

extension ValidationReport.Pair {
    fileprivate var json: JSON {
        .object([
            "scenario": .string(scenario), "incident": .string(incident), "fix": .string(fix), "facts": texts(facts),
            "variant": text(variant), "claimed": .bool(notClaimed == nil), "not_claimed_because": text(notClaimed),
            "expect": .string(promise.description), "control": control.json, "treatment": treatment.json,
            "ratio_of": .string(promise.measure.rawValue), "ratio": judgement.ratio.json,
            "verdict": .string(judgement.verdict.rawValue), "reason": .string(judgement.reason),
        ])
    }
}

extension ValidationReport.ClaimResult {
    fileprivate var json: JSON {
        .object([
            "id": .string(claim.id), "scenario": .string(scenario), "incident": .string(incident),
            "statement": .string(claim.statement), "note": text(claim.note), "control": control.json,
            "treatment": treatment.json, "measure": .string(claim.measure.rawValue),
            "against": text(claim.against?.rawValue), "scope": text(claim.scope),
            "expect": .string(claim.expect.description),
            "n": .int(Int64(min(control.runs.count, treatment.runs.count))),
            "ratio": answer.ratio.json, "answer": .string(answer.word), "reason": .string(answer.reason),
        ])
    }
}

extension ValidationReport.MutantResult {
    fileprivate var json: JSON {
        .object([
            "id": .string(id), "of": .string(fix), "summary": .string(summary), "rejected": .bool(isRejected == true),
            "inconclusive": .bool(isRejected == nil), "reason": .string(reason), "pairs": .array(pairs.map(\.json)),
        ])
    }
}

extension ComparedSide {
    fileprivate var json: JSON {
        .object(["arm": .string(arm), "runs": .array(runs.map(\.json))])
    }
}

extension ComparedRun {
    fileprivate var json: JSON {
        let times = Promise.Measure.allCases.map { ($0.rawValue, verdict.times[$0].json) }
        return .object(
            [
                "run": .string(run), "outcome": .string(verdict.outcome.rawValue),
                "outage": verdict.outage.map(JSON.bool) ?? .null, "precision_s": .double(verdict.precision),
                "deployed_sha256": .string(deployed),
            ].merging(times) { first, _ in first })
    }
}

extension Ratio? {
    fileprivate var json: JSON {
        guard let self else { return .null }
        return .object([
            "value": self.value.map(JSON.double) ?? .null, "low": .double(self.low),
            "high": self.high.map(JSON.double) ?? .null,
        ])
    }
}
