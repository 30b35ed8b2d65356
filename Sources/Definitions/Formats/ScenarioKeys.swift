extension ScenarioFile {
    static let keys = KeyTable(
        "scenario", "A runnable replay of an incident on a testnet. The file's name is the scenario's name.",
        [
            .required("scenario", .name, "The scenario's name.", example: "harmony-release-bucket"),
            .optional(
                "summary", .text, "In one line; the incident's title when absent.",
                example: "Four shards lose their binary"),
            .required("incident", .factID, "The incident's id.", example: "H1"),
            .required("testnet", .name, "The testnet's name.", example: "harmony-four-shards"),
            .required("time_scale", .number(1...10_000), "Incident seconds per wall second.", example: "30"),
            .optional(
                "seed", .integer(0...Int(Int32.max)), "Seeds jitter and choices; templates see it as `{{seed}}`.",
                standard: "1", example: "1"),
            .required(
                "hold", .duration(.wall),
                "How long the steady state must hold: at least 5 probe intervals and 3 blocks.", example: "6s"),
            .required("block_time", .duration(.wall), "The network's usual time between blocks.", example: "1s"),
            .optional(
                "probe_interval", .duration(.wall), "How often probes look, unless they say otherwise.",
                standard: "500ms", example: "500ms"),
            .required("horizon", .duration(.incident), "How long recovery is waited for.", example: "45m"),
            .optional(
                "no_fault_window", .duration(.incident),
                "How long the arm without a fault is watched after its baseline; default: twice `hold`.", example: "12m"
            ),
            .required(
                "probes", .map(.name, .object(ProbeEntry.keys)), "The probes.",
                example: "{head: {hosts: validators, rpc: {port: 9500, method: head}}}"),
            .required(
                "steady_state", .list(.object(CheckEntry.keys)), "What normal looks like.",
                example: "[{id: up, probe: head, match: [\".height > 0\"]}]"),
            .required(
                "impact", .list(.object(CheckEntry.keys)), "What users lose: impact has ended when all hold again.",
                example: "[{id: up, probe: head, match: [\".height > 0\"]}]"),
            .optional(
                "symptoms", .map(.factID, .object(SymptomEntry.keys)), "Symptoms by fact id.",
                example: "{H1-S1: {kind: onset, checks: [{id: up, probe: head, match: [\".height > 0\"]}]}}"),
            .optional(
                "latent", .map(.factID, .object(LatentEntry.keys)),
                "Latent conditions by fact id: they must hold before the fault, in every arm.",
                example: "{H1-L3: {checks: [{id: unchecked, probe: updater, match: [\".stdout !~ /sha256/\"]}]}}"),
            .optional(
                "set_by", .map(.factID, .text),
                "Facts that the testnet carries as a scaled period or a setting: `scaled.NAME` or `settings.NAME`.",
                example: "{H1-L1: scaled.update_poll}"),
            .optional(
                "excused", .map(.factID, .text),
                "Facts that this scenario does not show or play, each with the reason.",
                example: "{H1-S9: block lines are not written by explorers}"),
            .required(
                "faults", .list(.object(faultKeys)), "The faults, with their moments.",
                example: "[{fault: bucket-revoked, at: 0s, hosts: ops}]"),
            .optional(
                "fault_variants", .map(.name, .object(FaultVariant.keys)),
                "Other ways in which the same thing can go wrong, for `--variant` and the fixes' `under`.",
                example:
                    "{object-garbage: {summary: Garbage, faults: [{fault: bucket-object-garbage, at: 0s, hosts: ops}]}}"
            ),
            .optional(
                "fixes", .map(.name, .object(FixEntry.keys)), "Fixes by id, for the arm `fix:<id>`.",
                example:
                    "{fail-download: {summary: Fail on errors, overlay: chaos/fixes/fail-download, expect: no-outage}}"
            ),
            .optional(
                "claims", .map(.factID, .object(ClaimEntry.keys)), "Claims by the id of their C fact.",
                example:
                    "{H1-C1: {statement: Faster, control: runbook, treatment: \"fix:at-once\", measure: ttm, expect: ratio<=0.5}}"
            ),
            .optional(
                "detection", .object(detectionKeys), "How responders learn of it.",
                example: "{pager: pages, affected: validators}"),
            .optional(
                "responder", .object(responderKeys), "How fast people are.",
                example: "{acknowledge_after: 2m, start_after: 5m}"),
            .optional("runbook", .name, "The runbook that should bring it back.", example: "release-bucket-revoked"),
            .optional(
                "runbook_vars", .map(.variable, .text), "Values for the runbook's variables.",
                example: "{BUCKET: release}"),
            .optional(
                "manual_delays", .map(.name, .duration(.incident)),
                "How long each manual step takes when nobody is at a terminal.", example: "{call-the-exchange: 3m}"),
            .optional(
                "approvals", .map(.name, .either(.text, .list(.text))),
                "Hazardous steps by name, with the hash that `firedrill check` prints; a list when the testnet's sizes differ.",
                example: "{restore-read: 5f70bf18a086}"),
            .optional(
                "wrong_responses", .map(.name, .object(wrongResponseKeys)),
                "Responses that do not help, for the arm `wrong-response:<id>`.",
                example:
                    "{restore-only: {summary: Nothing else, steps: [{name: a, hosts: ops, delay: 1m, timeout: 9s, script: b}]}}"
            ),
            .optional(
                "documented", .object(DocumentedEntry.keys),
                "What the people of the time did, and how long it took them: the arm `as-documented`.",
                example:
                    "{steps: [{name: a, at: 9m, hosts: ops, timeout: 9s, script: b}], phases: [{fact: H1-T2, from: onset, to: signal, documented: [2m]}]}"
            ),
            .optional(
                "budgets", .object(BudgetEntry.keys("scenario.budgets")), "Override the runbook's budgets.",
                example: "{recover: 30m}"),
            .optional(
                "cross_check", .object(crossCheckKeys), "Nodes' own block logs, for checking the probes' figures.",
                example: "{hosts: validators, each: shard, timeout: 9s, script: block-log}"),
        ])

    static let faultKeys = KeyTable(
        "scenario.fault", "A fault and its moment.",
        [
            .required("fault", .name, "The fault's name.", example: "bucket-revoked"),
            .optional("at", .duration(.incident), "After the baseline ended.", standard: "0s", example: "0s"),
            .required(
                "hosts", .hostExpression, "Where its scripts run; each host needs the fault's capability.",
                example: "ops"),
            .optional(
                "with", .map(.variable, .text), "Values for the fault's parameters.", example: "{BUCKET: release}"),
            .optional("facts", .list(.text), "F facts of the incident that it plays.", example: "[H1-F1]"),
        ])

    static let detectionKeys = KeyTable(
        "scenario.detection", "How responders learn of it.",
        [
            .optional("pager", .name, "A probe of kind `pager`: its pages are alerts.", example: "pages"),
            .optional("reports", .name, "A probe of kind `chat`: its messages are reports.", example: "community"),
            .required("affected", .hostExpression, "A page counts when it names one of these.", example: "validators"),
            .optional(
                "pager_test", .object(pagerTestKeys), "Sends a test event to the pager, before and after.",
                example: "{hosts: monitor, timeout: 5s, script: page-test}"),
        ])

    static let pagerTestKeys: KeyTable = {
        var table = ScriptBlock.keys("scenario.detection.pager_test", "A script that sends a test event.")
        table.keys.insert(.required("hosts", .hostExpression, "Where it runs.", example: "monitor"), at: 0)
        table.keys.append(ScriptBlock.envKey)
        return table
    }()

    static let responderKeys = KeyTable(
        "scenario.responder", "How fast people are.",
        [
            .optional(
                "acknowledge_after", .duration(.incident), "From the first signal.", standard: "0s", example: "2m"),
            .optional(
                "start_after", .duration(.incident), "From the acknowledgement to the first step.", standard: "0s",
                example: "5m"),
        ])

    static let wrongResponseKeys = KeyTable(
        "scenario.wrong_response", "A documented or inferred response that does not help.",
        [
            .required("summary", .text, "What people did.", example: "Read access is restored and nothing else"),
            .optional("facts", .list(.text), "R facts of the incident that it plays.", example: "[H1-R2]"),
            .required(
                "steps", .list(.object(wrongStepKeys)), "The steps, in order.",
                example: "[{name: restore, hosts: ops, delay: 10m, timeout: 10s, script: grant}]"),
        ])

    static let wrongStepKeys: KeyTable = {
        var table = ScriptBlock.keys("scenario.wrong_response.step", "One step.")
        table.keys.insert(
            contentsOf: [
                .required("name", .name, "Unique within the response.", example: "restore"),
                .required("hosts", .hostExpression, "Where it runs.", example: "ops"),
                .optional(
                    "delay", .duration(.incident), "Time that people take before it.", standard: "0s", example: "10m"),
                .optional(
                    "strategy", .strategy, "As a runbook's `Strategy:` line.", standard: "parallel",
                    example: "rolling 1"),
                .optional(
                    "expect", .list(.text), "As a runbook's `Expect:` lines; `exit 0` when absent.", example: "[exit 0]"
                ),
            ], at: 0)
        table.keys.append(ScriptBlock.envKey)
        return table
    }()

    static let crossCheckKeys: KeyTable = {
        var table = ScriptBlock.keys(
            "scenario.cross_check", "A script that prints the host's own block log, one JSON object per line.")
        table.keys.insert(
            contentsOf: [
                .required("hosts", .hostExpression, "Where it runs.", example: "validators"),
                .optional("each", .name, "A scope family of the testnet.", example: "shard"),
            ], at: 0)
        table.keys.append(ScriptBlock.envKey)
        return table
    }()
}
