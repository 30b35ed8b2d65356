extension CheckEntry {
    static let keys = KeyTable(
        "scenario.check",
        "One condition, judged per scope. Exactly one of the predicates `advancing`, `stalled`, `match`, `distinct`, `pages`, `quiet`.",
        [
            .required("id", .name, "Unique within its list; names the evidence.", example: "blocks"),
            .optional(
                "probe", .name, "Whose samples are read. Not with `pages` and `quiet`, which read signals.",
                example: "head"),
            .optional(
                "each", .name, "A scope family of the testnet: the check is judged for each of its groups.",
                example: "shard"),
            .optional(
                "hosts", .hostExpression,
                "Only these of the probe's targets; for `pages`, the hosts that must be named.",
                example: "\"validators & !auto-update\""),
            .optional(
                "advancing", .object(advancingKeys), "The height that at least a quorum agrees on rose lately.",
                example: "{value: .height, hash: .hash, quorum: 5, within: 6s}"),
            .optional(
                "stalled", .object(stalledKeys), "No answering target's value rises.",
                example: "{value: .height, for: 9s}"),
            .optional(
                "match", .list(.comparison),
                "Enough targets' latest samples satisfy every comparison: `.path op value` with == != < <= > >= ~ !~, "
                    + "and a number, \"text\", /pattern/, true, false, null, $baseline, $injected or $response.",
                example: "[\".status == 403\", \".body ~ /<Error>/\"]"),
            .optional(
                "targets", .either(.oneOf(["all", "any", "none"]), .object(quantityKeys)),
                "With `match`: how many of the targets.",
                standard: "all", example: "{at_least: 2}"),
            .optional(
                "distinct", .object(distinctKeys), "Targets have different values.",
                example: "{value: .view, for: 3s, answering: 5}"),
            .optional(
                "pages", .object(pagesKeys), "Pages name the hosts.", example: "{at_least: all, first_alone: true}"),
            .optional("quiet", .object(quietKeys), "No page and no report arrives.", example: "{for_incident: 10m}"),
        ])

    private static let count = ValueType.integer(1...Limits.hosts)
    private static let spanKeys: [KeyTable.Key] = [
        .optional("for", .duration(.wall), "For how long. One of `for` and `for_incident`.", example: "9s"),
        .optional("for_incident", .duration(.incident), "The same in incident time.", example: "10m"),
    ]

    static let quantityKeys = KeyTable(
        "scenario.check.targets", "A number of targets.",
        [
            .optional("at_least", count, "At least so many.", example: "2"),
            .optional("at_most", .integer(0...Limits.hosts), "At most so many.", example: "1"),
        ])

    static let advancingKeys = KeyTable(
        "scenario.check.advancing", "Progress that enough targets agree on.",
        [
            .required("value", .path, "The height in a sample.", example: ".height"),
            .optional(
                "hash", .path,
                "The hash at that height, which targets must agree on. Without it heights are compared, and a target vouches for "
                    + "every height below its own: for a height that has no hash, such as that of a producer's last block.",
                example: ".hash"),
            .required("quorum", count, "Targets that must report the same hash, or the height.", example: "5"),
            .required("within", .duration(.wall), "How lately it rose.", example: "6s"),
        ])

    static let stalledKeys = KeyTable(
        "scenario.check.stalled", "A height that stands still.",
        [
            .required("value", .path, "The height in a sample.", example: ".height"),
            .optional(
                "answering", .integer(0...Limits.hosts), "At least so many targets answer.", standard: "1", example: "2"
            ),
        ] + spanKeys)

    static let distinctKeys = KeyTable(
        "scenario.check.distinct", "Different values among targets.",
        [
            .required("value", .path, "The value in a sample.", example: ".view"),
            .optional("at_least", count, "How many different values.", standard: "2", example: "2"),
            .optional(
                "where", .list(.comparison), "Only targets whose sample satisfies all of these.",
                example: "[\".started > $response\"]"),
            .optional(
                "answering", .integer(0...Limits.hosts), "At least so many such targets answer.", standard: "1",
                example: "5"),
        ] + spanKeys)

    static let pagesKeys = KeyTable(
        "scenario.check.pages", "Who is named in pages.",
        [
            .required(
                "at_least", .either(count, .oneOf(["all"])), "How many of the hosts are named by the end.",
                example: "all"),
            .optional(
                "first_alone", .boolean,
                "True when the first page must name one of them alone, and another must be first named at least one "
                    + "interval of the pager's probe later.",
                standard: "false", example: "true"),
        ])

    static let quietKeys = KeyTable("scenario.check.quiet", "Silence.", spanKeys)
}
