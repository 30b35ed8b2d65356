import Definitions
import Timeline

/// What the verdict will be made of: what is watched besides probes, what normal and impact are, symptoms and budgets.
extension PlanText {
    var observation: [String] {
        let observation = plan.observation
        var lines: [String] = []
        if let window = observation.noFaultWindow, plan.criteria.arm == .noFault {
            lines += ["", "observed for \(window) after the baseline"]
        }
        if let test = observation.pagerTest {
            lines += [""] + command("pager test before the fault and at the end", test.command, on: test.hosts)
        } else {
            lines += ["", "pager test: none, so silence of the pager proves nothing"]
        }
        guard let check = observation.crossCheck else { return lines + ["", "cross-check of recovery: none"] }
        let scopes = check.scopes.sorted { $0.key < $1.key }.map { "\($0.key): \(names.brief($0.value))" }
        return lines + [""]
            + command("cross-check of recovery by the nodes' own block logs", check.command, on: [])
            + ["    height \(check.height), moment \(check.monotonic); \(scopes.joined(separator: ", "))"]
    }

    var criteria: [String] {
        let criteria = plan.criteria
        return ["", "steady state, which must hold for \(criteria.hold)"] + checks(criteria.steadyState, indent: 2)
            + ["", "user impact, which lasts while one of these does not hold"] + checks(criteria.impact, indent: 2)
            + symptoms + budgets + phases
    }

    private var phases: [String] {
        guard plan.criteria.arm == .asDocumented, let documented = plan.criteria.documented else { return [] }
        return [
            "",
            "phases, compared with the write-up within 10 % or what this time scale can resolve (one value must match)",
        ]
            + documented.phases.map {
                "  \($0.fact): from \($0.from) to \($0.to), documented \($0.documented.map(\.description).joined(separator: " or "))"
            }
    }

    private var symptoms: [String] {
        let criteria = plan.criteria
        guard !criteria.symptoms.isEmpty else { return ["", "symptoms: none"] }
        return [
            "",
            "symptoms (onset: only after the fault; context: throughout; response: only after a wrong response; "
                + "latent: before the fault)",
        ]
            + criteria.symptoms.flatMap { symptom in
                let inferred = criteria.inferred.contains(symptom.fact) ? ", inferred" : ""
                let after = symptom.after.isEmpty ? "" : " after \(symptom.after.joined(separator: ", "))"
                return ["  \(symptom.fact) (\(symptom.kind.rawValue)\(after)\(inferred)): \(symptom.summary)"]
                    + checks(symptom.checks, indent: 4)
            }
    }

    private var budgets: [String] {
        let budgets = plan.criteria.budgets
        let set = [("detect", budgets.detect), ("mitigate", budgets.mitigate), ("recover", budgets.recover)]
            .compactMap { name, limit in limit.map { "\(name) \($0)" } }
        return [
            "",
            set.isEmpty
                ? "budgets: none"
                : "budgets from the completed injection, in incident time: \(set.joined(separator: ", "))",
        ]
    }

    private func checks(_ checks: [Check], indent: Int) -> [String] {
        let space = String(repeating: " ", count: indent)
        guard !checks.isEmpty else { return [space + "none"] }
        return checks.map { check in
            let probe = check.probe.isEmpty ? "" : ", by the probe \(check.probe)"
            return "\(space)\(check.id): \(check.predicate.words)\(probe), \(place(check.scopes))"
        }
    }

    private func place(_ scopes: [String: [String]]) -> String {
        let parts = scopes.sorted { $0.key < $1.key }.map { (name: $0.key, hosts: names.brief($0.value)) }
        if parts.count == 1 { return "on \(parts[0].hosts)" }
        return "in each of "
            + parts.map { part in
                part.hosts.hasPrefix(part.name + " (") ? part.hosts : "\(part.name) (\(part.hosts))"
            }.joined(separator: ", ")
    }
}

extension Check.Predicate {
    /// What must be true, in the terms of docs/formats.
    fileprivate var words: String {
        switch self {
        case .advancing(let value, let hash, let quorum, let within):
            "\(value) that at least \(quorum) agree on\(hash.isEmpty ? "" : " (same \(hash))") rose within \(within)"
        case .stalled(let value, let lasting, let answering):
            "\(value) had risen and no longer rises for \(lasting), at least \(answering) answering"
        case .match(let comparisons, let targets): "\(targets.words) with \(comparisons.words)"
        case .distinct(let value, let atLeast, let matching, let answering, let lasting):
            "\(value) takes at least \(atLeast) different values for \(lasting)"
                + (matching.isEmpty ? "" : " among those with \(matching.words)") + ", at least \(answering) answering"
        case .pages(let atLeast, let firstAlone):
            "pages name at least \(atLeast)\(firstAlone ? ", the first exactly one" : "")"
        case .quiet(let lasting): "no page and no report for \(lasting)"
        }
    }
}

extension Check.Quantifier {
    fileprivate var words: String {
        switch self {
        case .all: "all"
        case .any: "any"
        case .none: "none"
        case .atLeast(let count): "at least \(count)"
        case .atMost(let count): "at most \(count)"
        }
    }
}

extension [Comparison] {
    fileprivate var words: String { map(\.words).joined(separator: " and ") }
}

extension Comparison {
    /// As definition files write it.
    var words: String {
        let right =
            switch operand {
            case .value(let value): value.text()
            case .pattern(let pattern): "/\(pattern)/"
            case .baseline: "$baseline"
            case .moment(let moment): "$\(moment.rawValue)"
            }
        return "\(path) \(operation.rawValue) \(right)"
    }
}
