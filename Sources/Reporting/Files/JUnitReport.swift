import Timeline

/// `junit.xml`: one suite per run, with a test case for the verdict, each fact and each budget, in the shape that
/// Jenkins' and the common Ant schema share.
public struct JUnitReport {
    let verdict: Verdict
    /// RFC 3339 label of the run's first event; empty when there is none.
    let startedAt: String

    /// A report of `verdict`; `startedAt` is the wall label of the first event.
    public init(_ verdict: Verdict, startedAt: String) {
        self.verdict = verdict
        self.startedAt = startedAt
    }

    private enum Result {
        case passed
        case failure(type: String, message: String)
        case error(type: String, message: String)
        case skipped(message: String)
    }

    private struct Case {
        var name: String
        var seconds: Double
        var result: Result
    }

    /// The whole file.
    public var text: String {
        let cases =
            [verdictCase] + verdict.facts.map(factCase) + verdict.budgets.map(budgetCase)
            + verdict.phases.compactMap(phaseCase)
        func count(_ matches: (Result) -> Bool) -> String { String(cases.count { matches($0.result) }) }
        let seconds = verdict.stamps.runStarted.flatMap { start in
            verdict.stamps.runEnded.map { Double($0 - start) / 1e9 }
        }
        let properties = [
            ("verdict", verdict.outcome.rawValue), ("run", verdict.run), ("commit", verdict.commit),
            ("seed", String(verdict.seed)), ("time_scale", Text.fixed(verdict.timeScale, decimals: 3)),
        ].map { Markup.element("property", [("name", $0), ("value", $1)]) }.joined(separator: "\n      ")
        let suite = Markup.element(
            "testsuite",
            [
                ("id", "0"), ("package", "firedrill"),
                ("name", "\(verdict.scenario) \(verdict.arm)\(verdict.variant.map { " \($0)" } ?? "")"),
                ("hostname", "localhost"),
            ] + (startedAt.isEmpty ? [] : [("timestamp", String(startedAt.prefix(19)))]) + [
                ("tests", String(cases.count)),
                ("failures", count { if case .failure = $0 { true } else { false } }),
                ("errors", count { if case .error = $0 { true } else { false } }),
                ("skipped", count { if case .skipped = $0 { true } else { false } }),
                ("time", Text.fixed(seconds ?? 0, decimals: 3)),
            ],
            """

                <properties>
                  \(properties)
                </properties>
                \(cases.map(element).joined(separator: "\n    "))
                <system-out>\(Markup.escaped((verdict.reasons + verdict.notes).joined(separator: "\n")))</system-out>
                <system-err></system-err>

            """)
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  \(suite)\n</testsuites>\n"
    }

    private var verdictCase: Case {
        let message = verdict.reasons.joined(separator: " ")
        let result: Result =
            switch verdict.exitCode {
            case .passed: .passed
            case .failed: .failure(type: "failed", message: message)
            case .inconclusive: .error(type: "inconclusive", message: message)
            case .harnessError, .usage: .error(type: "harness", message: message)
            }
        return Case(name: "verdict", seconds: verdict.times.recover.wall ?? 0, result: result)
    }

    /// A run that never broke anything could not show a symptom; its verdict says why.
    private var reachedFault: Bool { verdict.arm == .noFault || verdict.stamps.injectStarted != nil }

    private func factCase(_ fact: Verdict.Fact) -> Case {
        let result: Result =
            if fact.isBad, !reachedFault {
                .skipped(message: "the run ended before the fault")
            } else if fact.isBad {
                .failure(type: fact.finding.rawValue, message: "\(fact.summary) \(fact.findingText): \(fact.evidence)")
            } else {
                fact.finding == .observed || fact.finding == .absent
                    ? .passed : .skipped(message: "\(fact.findingText): \(fact.evidence)")
            }
        return Case(
            name: fact.id + (fact.isInferred ? " (inferred)" : ""), seconds: max(0, fact.at ?? 0), result: result)
    }

    private func budgetCase(_ budget: Verdict.Budget) -> Case {
        let limit = Text.incident(budget.limit)
        let result: Result =
            switch budget.isMet {
            case true?: .passed
            case false?:
                .failure(
                    type: "budget",
                    message: "\(budget.measured.map(Text.incident) ?? "never"), the limit is \(limit) of incident time")
            case nil: .skipped(message: "nothing to measure in this arm")
            }
        let wall = (budget.measured ?? 0) / max(verdict.timeScale, 0.01)
        return Case(name: "budget to \(budget.name) \(limit)", seconds: wall, result: result)
    }

    private func phaseCase(_ phase: Verdict.Phase) -> Case? {
        let message = "\(phase.measuredText), documented is \(phase.documentedText)"
        let result: Result? =
            switch phase.result {
            case .matched: .passed
            case .unresolvable: .skipped(message: "unresolvable at this time scale: \(message)")
            case .missed: .failure(type: "phase", message: message)
            case .shown: nil
            }
        guard let result else { return nil }
        return Case(name: "phase \(phase.fact) \(phase.spanText)", seconds: phase.wall ?? 0, result: result)
    }

    private func element(_ item: Case) -> String {
        let attributes = [
            ("classname", "firedrill.\(verdict.scenario).\(verdict.arm)\(verdict.variant.map { ".\($0)" } ?? "")"),
            ("name", item.name),
            ("time", Text.fixed(item.seconds, decimals: 3)),
        ]
        let content =
            switch item.result {
            case .passed: ""
            case .skipped(let message): Markup.element("skipped", [("message", message)])
            case .failure(let type, let message):
                Markup.element("failure", [("type", type), ("message", message)], Markup.escaped(message))
            case .error(let type, let message):
                Markup.element("error", [("type", type), ("message", message)], Markup.escaped(message))
            }
        return Markup.element("testcase", attributes, content)
    }
}
