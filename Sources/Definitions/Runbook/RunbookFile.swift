import Timeline

/// `runbooks/<name>.md`: a page that people read and Firedrill executes (DESIGN section 4).
struct RunbookFile: Sendable {
    var at: Location
    var name: Located<String>
    var summary: String
    /// Alerts that lead here.
    var alerts: [String]
    var budget: BudgetEntry
    var variables: [VariableRule]
    /// In page order, without rollbacks.
    var steps: [Step]
    var rollbacks: [Step]

    struct Step: Sendable {
        var name: Located<String>
        var heading: String
        var role: StepPlan.Role
        /// Nil for manual steps and rollbacks; a rollback runs on the hosts of the step that it undoes.
        var hosts: Located<HostExpression>?
        var strategy: StepPlan.Strategy
        var timeout: DurationText
        var until: StepPlan.Until?
        var expect: [StepPlan.Expectation]
        var rollback: Rollback?
        /// Text of the `[!CAUTION]` or `[!WARNING]` block.
        var hazard: String?
        /// Facts of incidents that the step codifies.
        var facts: [Located<String>] = []
        var script: String
        var instruction: String?
    }

    enum Rollback: Sendable {
        case none(reason: String)
        case step(Located<String>)
    }

    static let frontMatterKeys = KeyTable(
        "runbook", "Front matter of a runbook, between `---` lines. The file's name is the runbook's name.",
        [
            .required("runbook", .name, "The runbook's name.", example: "release-bucket-revoked"),
            .optional(
                "summary", .text, "In one line; the first heading when absent.",
                example: "Bring the release bucket back"),
            .optional("alerts", .list(.name), "Alerts that lead here.", example: "[node-process-down]"),
            .optional(
                "budget", .object(BudgetEntry.keys("runbook.budget")), "Times that must be met.",
                example: "{detect: 2m, mitigate: 10m, recover: 25m}"),
            .optional(
                "vars", .map(.variable, .object(VariableRule.keys)),
                "Variables; they reach every script as environment.",
                example: "{BUCKET: {match: \"[a-z0-9.-]+\", required: true}}"),
        ])

    /// Attributes of an executable fence.
    static let fenceKeys = KeyTable(
        "runbook.fence",
        "Attributes in the info string of an executable fence: ```` ```sh {name=restore-read role=act} ````.",
        [
            .required("name", .name, "Unique name of the step.", example: "restore-read"),
            .required(
                "role", .oneOf(["check", "diagnose", "act", "verify", "rollback"]), "What the step is for.",
                example: "act"),
        ])

    /// Visible lines of a step.
    static let lineKeys = KeyTable(
        "runbook.line", "List items under the heading of a step: `- Hosts: ops`. Values may stand in backticks.",
        [
            .required(
                "Hosts", .hostExpression, "Where the step runs. Not with rollbacks and manual steps.",
                example: "validators & !explorers"),
            .optional(
                "Strategy", .strategy, "`parallel`, `parallel N`, `rolling N`, and after it perhaps `max-fail N`.",
                standard: "parallel", example: "rolling 1, max-fail 0"),
            .optional(
                "Timeout", .duration(.wall),
                "Deadline of one run of the script on one host. Required with `act` and `rollback`.", standard: "30s",
                example: "30s"),
            .optional(
                "Until", .text, "Repeats until the expectations hold. Wall times. Not with `act` and `rollback`.",
                example: "every 1s for 5m, hold 10s"),
            .optional(
                "Expect", .text,
                "`exit N`, `stdout ~ /pattern/` or `json .path == value`. Several lines must all hold; `exit 0` is expected unless a line says otherwise.",
                standard: "exit 0", example: "stdout ~ /BINGO/"),
            .optional(
                "Rollback", .text, "Required with `act`: `none - reason`, or the name of a fence with `role=rollback`.",
                example: "none - this restores the documented state"),
            .optional(
                "Facts", .text, "Ids of the facts that the step codifies: R facts, and X facts that are responses.",
                example: "H1-R2, H1-X5"),
        ])
}
