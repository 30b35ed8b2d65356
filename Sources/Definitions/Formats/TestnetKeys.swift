extension TestnetFile {
    static let keys = KeyTable(
        "testnet", "A network of hosts. The folder's name is the testnet's name.",
        [
            .required("testnet", .name, "The testnet's name.", example: "harmony-four-shards"),
            .required("summary", .text, "What it is, in one line.", example: "Four shards with a release bucket"),
            .optional("network", .text, "Free label, for templates.", standard: "local", example: "mainnet"),
            .required(
                "address_prefix", .text,
                "First two numbers of every host's address, in 127.0.0.0/8. Hosts get the prefix, "
                    + "the position of their entry in `hosts` (from 0) and their number in it (from 1).",
                example: "127.31"),
            .optional(
                "boot_timeout", .duration(.wall), "Within which every host must be up and deployed.", standard: "60s",
                example: "60s"),
            .optional(
                "settle_timeout", .duration(.wall), "Within which the steady state must hold after the last stage.",
                standard: "60s", example: "60s"),
            .optional(
                "scaled", .map(.identifier, .duration(.incident)),
                "Named periods. Templates see wall seconds as decimal text: `{{scaled.update_poll}}` of 5m at time scale 30 is `10.000`.",
                example: "{update_poll: 5m}"),
            .optional(
                "settings", .map(.identifier, .text),
                "Named texts for templates, as written: `{{settings.block_interval}}`.",
                example: "{block_interval: 1s}"),
            .optional(
                "programs", .list(.object(programKeys)), "Programs from beside the `firedrill` executable.",
                example: "[{program: testnode, to: /usr/local/bin/testnode, hosts: all}]"),
            .required("hosts", .list(.object(hostKeys)), "The hosts.", example: "[{name: ops, layers: [base]}]"),
            .optional(
                "generated", .map(.identifier, .object(generatedKeys)),
                "Values made for each run, for templates: `{{generated.bucket_secret}}`.",
                example: "{bucket_secret: {token: 20}}"),
            .optional(
                "stages", .list(.object(stageKeys)), "Commands after deploy, in order; each waits for all its hosts.",
                example: "[{name: start, hosts: all, timeout: 10s, script: sv start node}]"),
            .optional(
                "release", .object(releaseKeys),
                "How a new build of the node comes onto the hosts, for `firedrill validate --node-binary`.",
                example:
                    "{to: /root/new-release, hosts: ops, timeout: 60s, script: publish /root/new-release}"),
            .optional(
                "scopes", .map(.name, .list(.name)), "Families of groups that checks use with `each:`.",
                example: "{shard: [shard0, shard1]}"),
            .optional(
                "sizes", .map(.name, .map(.identifier, .text)),
                "Sizes to choose from with `--size`. Each has the same values, for `for:` and all texts of a host entry "
                    + "(`\"1..{size.wiped}\"`, quoted inside braces) and for templates (`{{size.wiped}}`).",
                example: "{small: {wiped: 8}, documented: {wiped: 30}}"),
            .optional(
                "default_size", .name, "The size that is taken when none is chosen. Required with `sizes`.",
                example: "small"),
        ])

    static let programKeys = KeyTable(
        "testnet.program", "A program that hosts need.",
        [
            .required("program", .name, "File name beside the `firedrill` executable.", example: "testnode"),
            .required("to", .text, "Absolute path on the host; mode 0755.", example: "/usr/local/bin/testnode"),
            .required("hosts", .hostExpression, "Which hosts get it.", example: "\"bucket | pager\""),
        ])

    static let hostKeys = KeyTable(
        "testnet.host",
        "A host, or with `for` a family of hosts. `{name}` of a loop can be used in every text of the entry.",
        [
            .required("name", .nameTemplate, "Unique host name.", example: "\"s{shard}-t3-{n}\""),
            .optional(
                "for", .map(.identifier, .either(.text, .list(.text))),
                "Loops: ranges (`0..3`) or lists. Every combination makes a host.", example: "{shard: 0..3, n: 1..4}"),
            .optional("address", .text, "Explicit address in 127.0.0.0/8.", example: "127.31.9.1"),
            .optional(
                "groups", .list(.nameTemplate), "Groups that host expressions can name.",
                example: "[validators, \"shard{shard}\"]"),
            .optional(
                "layers", .list(.nameTemplate),
                "Folders under `layers/`, mirrored onto the host's `/`; a later one wins. Files ending in `.mustache` are rendered.",
                example: "[base, validator]"),
            .optional(
                "services", .list(.nameTemplate), "runit services; each needs `/etc/sv/<name>/run` in a layer.",
                example: "[harmony]"),
            .optional(
                "capabilities", .list(.nameTemplate), "What may be done to this host; faults name what they need.",
                example: "[bucket-admin]"),
            .optional(
                "vars", .map(.identifier, .text), "Texts for templates: `{{host.vars.shard}}`.",
                example: "{shard: \"{shard}\"}"),
            .optional(
                "ssh_client", .boolean,
                "Whether the network's key lies on this host, so that its scripts reach the other hosts by `ssh`.",
                standard: "false", example: "true"),
            .optional(
                "network_control", .boolean,
                "Whether this host is the network's switch: its command `network` cuts and thins the paths between the "
                    + "testnet's hosts. The host then has the capability `network-control`.",
                standard: "false", example: "true"),
            .optional(
                "filesystems", .map(.path, .text),
                "Small file systems of the host's own, in memory: absolute path to size, from 64KiB to 64MiB.",
                example: "{/srv/data: 8MiB}"),
        ])

    static let generatedKeys = KeyTable(
        "testnet.generated", "A value made for each run.",
        [.required("token", .integer(8...64), "Random bytes; the value is their lower-case hex.", example: "20")])

    static let releaseKeys = KeyTable(
        "testnet.release",
        "Rolls out a new build as production does. Without a new build nothing of it is done: the network starts with the "
            + "present one.",
        [
            .required(
                "to", .text, "Absolute path on `hosts` where the new build is put; mode 0755.",
                example: "/root/new-release"),
            .optional("after", .name, "The stage after which it is rolled out; default: the last.", example: "start"),
            .required("hosts", .hostExpression, "Where the script runs.", example: "ops"),
            .required(
                "timeout", .duration(.wall), "Deadline of the script; its process group is killed then.", example: "60s"
            ),
            .required(
                "script", .script, "POSIX shell that publishes it and waits until the hosts run it.",
                example: "publish /root/new-release"),
            ScriptBlock.envKey,
        ])

    static let stageKeys = KeyTable(
        "testnet.stage", "A command after deploy.",
        [
            .required("name", .name, "Unique name.", example: "start-services"),
            .required("hosts", .hostExpression, "Where it runs, on all at once.", example: "\"bucket | pager\""),
            .required(
                "timeout", .duration(.wall), "Deadline of the script; its process group is killed then.", example: "10s"
            ),
            .required(
                "script", .script, "POSIX shell, or `./file` of the testnet's folder on one line.",
                example: "sv start node"),
            ScriptBlock.envKey,
        ])
}
