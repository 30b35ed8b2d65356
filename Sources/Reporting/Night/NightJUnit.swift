import Timeline

/// `junit.xml` of a night: a test case per scenario and arm, per fix pair and per regression.
public struct NightJUnit {
    let night: Night

    /// A report of `night`.
    public init(_ night: Night) { self.night = night }

    private struct Case {
        var suite: String
        var name: String
        var seconds: Double
        var code: ExitCode
        var isSkipped = false
        var message: String
    }

    private var cases: [Case] {
        night.plays.map {
            Case(
                suite: "firedrill.\($0.scenario)", name: $0.arm + ($0.role == .canary ? " (canary: must fail)" : ""),
                seconds: $0.took, code: $0.contribution, message: $0.meaning)
        }
            + night.pairs.map {
                Case(
                    suite: "firedrill.\($0.scenario)", name: "fix \($0.fix)", seconds: $0.took, code: $0.contribution,
                    isSkipped: $0.verdict == Night.notPlayed, message: $0.reason)
            }
            + night.regressions.map {
                Case(
                    suite: "firedrill.\($0.scenario)", name: "\($0.arm): trend of \($0.measure)", seconds: 0,
                    code: .failed, message: $0.sentence)
            }
    }

    /// The whole file.
    public var text: String {
        let cases = cases
        func count(_ code: (ExitCode) -> Bool) -> String { String(cases.count { code($0.code) }) }
        let properties = [
            ("night", night.id), ("verdict", night.verdict), ("commit", night.commit), ("machine", night.machine),
            ("shards", night.shards.joined(separator: " ")),
        ].map { Markup.element("property", [("name", $0), ("value", $1)]) }.joined(separator: "\n      ")
        let problems = night.problems.joined(separator: "\n")
        let suite = Markup.element(
            "testsuite",
            [
                ("id", "0"), ("package", "firedrill"), ("name", "firedrill nightly"), ("hostname", "localhost"),
                ("timestamp", String(night.started.prefix(19))), ("tests", String(cases.count)),
                ("failures", count { $0 == .failed }), ("errors", count { $0 == .inconclusive || $0 == .harnessError }),
                ("skipped", String(cases.count { $0.isSkipped })),
                ("time", Text.fixed(cases.map(\.seconds).reduce(0, +), decimals: 3)),
            ],
            """

                <properties>
                  \(properties)
                </properties>
                \(cases.map(element).joined(separator: "\n    "))
                <system-out>\(Markup.escaped(problems))</system-out>
                <system-err></system-err>

            """)
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  \(suite)\n</testsuites>\n"
    }

    private func element(_ item: Case) -> String {
        let attributes = [
            ("classname", item.suite), ("name", item.name), ("time", Text.fixed(item.seconds, decimals: 3)),
        ]
        let content =
            switch item.code {
            case .passed: item.isSkipped ? Markup.element("skipped", [("message", item.message)]) : ""
            case .failed:
                Markup.element(
                    "failure", [("type", "failed"), ("message", item.message)], Markup.escaped(item.message))
            case .inconclusive, .harnessError, .usage:
                Markup.element(
                    "error", [("type", Night.word(item.code)), ("message", item.message)], Markup.escaped(item.message))
            }
        return Markup.element("testcase", attributes, content)
    }
}
