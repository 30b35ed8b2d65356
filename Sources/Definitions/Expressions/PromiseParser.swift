import Timeline

/// `expect` of fixes and claims.
enum PromiseParser {
    private static let help =
        "Write no-outage, ttd<=2m (or tta, ttm, ttr), alert<=2m, or ttr<=0.5x of the control; join several with ' and '."
    private static let mostTerms = 8

    /// `no-outage and ttr<=10m`.
    static func parse(_ text: String) throws(ExpressionError) -> Promise {
        let words = text.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        let parts = words.split(separator: "and", omittingEmptySubsequences: false).map { $0.joined() }
        guard parts.count <= mostTerms else { throw ExpressionError("there are more than \(mostTerms) terms") }
        var terms: [Promise.Term] = []
        for part in parts { terms.append(try term(part)) }
        guard Set(terms).count == terms.count else { throw ExpressionError("a term appears twice", remedy: help) }
        return Promise(terms: terms)
    }

    private static func term(_ text: String) throws(ExpressionError) -> Promise.Term {
        if text == "no-outage" { return .noOutage }
        guard let sign = text.firstRange(of: "<=") else {
            let near = NearMiss.closest(to: text, among: ["no-outage"]).map { "Did you mean '\($0)'? " } ?? ""
            throw ExpressionError("'\(Quote.short(text))' is no expectation", remedy: near + help)
        }
        let (name, value) = (String(text[..<sign.lowerBound]), String(text[sign.upperBound...]))
        let names = Promise.Measure.allCases.map(\.rawValue) + ["alert"]
        guard names.contains(name) else {
            throw ExpressionError(
                "'\(Quote.short(name))' is not measured",
                remedy: NearMiss.hint(for: name, among: names, noun: "measure"))
        }
        if let measure = Promise.Measure(rawValue: name), value.last == "x" {
            return .share(measure, try number(String(value.dropLast())))
        }
        guard let limit = DurationText(value), limit.duration > .zero else {
            throw ExpressionError("'\(Quote.short(value))' is not a duration longer than zero", remedy: help)
        }
        return Promise.Measure(rawValue: name).map { .atMost($0, limit) } ?? .alert(limit)
    }

    private static func number(_ text: String) throws(ExpressionError) -> Double {
        guard let number = Scalars.plainNumber(text), number > 0, number <= 1_000 else {
            throw ExpressionError("'\(Quote.short(text))' is not a ratio above 0", remedy: "Write for example 0.5.")
        }
        return number
    }

    /// `ratio<=0.5`, `ratio>=1`, `both`, `neither`, `only-control`, `only-treatment`.
    static func claim(_ text: String) throws(ExpressionError) -> Claim.Expect {
        let outages: [String: Claim.Expect] = [
            "both": .outage(control: true, treatment: true), "neither": .outage(control: false, treatment: false),
            "only-control": .outage(control: true, treatment: false),
            "only-treatment": .outage(control: false, treatment: true),
        ]
        let text = text.filter { $0 != " " }
        if let expect = outages[text] { return expect }
        if text.hasPrefix("ratio<=") { return .ratioAtMost(try number(String(text.dropFirst(7)))) }
        if text.hasPrefix("ratio>=") { return .ratioAtLeast(try number(String(text.dropFirst(7)))) }
        throw ExpressionError(
            "'\(Quote.short(text))' is no claim",
            remedy: NearMiss.hint(for: text, among: ["ratio<=0.5", "ratio>=1"] + outages.keys.sorted(), noun: "claim"))
    }
}
