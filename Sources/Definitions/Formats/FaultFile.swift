/// `chaos/faults/<name>.yaml`: one way to break something, as data (DESIGN section 5, fault).
struct FaultFile: Sendable {
    var at: Location
    var name: Located<String>
    var summary: String
    var capability: Located<String>
    var requires: Requirements
    var parameters: [VariableRule]
    var invariants: [String]
    var fingerprint: ScriptBlock
    var inject: ScriptBlock
    var prove: ScriptBlock
    var undo: ScriptBlock
    var proveUndone: ScriptBlock

    /// What a host must be able to do besides; the plan refuses a fault that its host cannot do, and says why.
    struct Requirements: Sendable {
        /// Found by PATH on the host.
        var programs: [Located<String>] = []
        /// Name of the parameter whose value must be one of the host's small file systems.
        var fileSystem: Located<String>?
    }

    static func read(_ root: YAMLValue, sink: Sink) -> FaultFile? {
        guard let reader = MappingReader(root, table: keys, sink: sink) else { return nil }
        let name = reader.name("fault")
        let summary = reader.text("summary")
        let capability = reader.name("capability")
        let parameters = reader.objectMap("parameters").compactMap { VariableRule.read($0.name, $0.reader) }
        let requires = readRequirements(reader, parameters: parameters)
        let invariants = reader.texts("invariants").map(\.value)
        if reader.has("invariants"), invariants.isEmpty {
            sink.error(
                "a fault declares at least one invariant", at: reader.location(of: "invariants"),
                remedy: "Say what is as before after undo.")
        }
        let scripts = ["fingerprint", "inject", "prove", "undo", "prove_undone"].map { stage -> ScriptBlock? in
            guard let block = reader.object(stage) else { return nil }
            defer { block.finish() }
            return ScriptBlock.read(block)
        }
        reader.finish()
        guard let name, let summary, let capability, let fingerprint = scripts[0], let inject = scripts[1],
            let prove = scripts[2], let undo = scripts[3], let proveUndone = scripts[4]
        else { return nil }
        return FaultFile(
            at: root.at, name: name, summary: summary.value, capability: capability, requires: requires,
            parameters: parameters, invariants: invariants, fingerprint: fingerprint, inject: inject, prove: prove,
            undo: undo, proveUndone: proveUndone)
    }

    private static func readRequirements(_ reader: MappingReader, parameters: [VariableRule]) -> Requirements {
        var requires = Requirements()
        guard reader.has("requires"), let entry = reader.object("requires") else { return requires }
        requires.programs = entry.names("programs")
        if entry.has("filesystem"), let parameter = entry.text("filesystem") {
            if parameters.contains(where: { $0.name.value == parameter.value }) {
                requires.fileSystem = parameter
            } else {
                entry.sink.unknown("the parameter", parameter, among: parameters.map(\.name.value))
            }
        }
        entry.finish()
        return requires
    }

    static let keys = KeyTable(
        "fault", "One way to break something. The file's name is the fault's name.",
        [
            .required("fault", .name, "The fault's name.", example: "bucket-revoked"),
            .required("summary", .text, "What it does, in one line.", example: "Public read of a bucket is revoked"),
            .required(
                "capability", .name, "What a host must have been onboarded for; the testnet's hosts list theirs.",
                example: "bucket-admin"),
            .optional(
                "requires", .object(requirementKeys),
                "What the host and the machine must be able to do besides. A fault that they cannot do is refused by the plan.",
                example: "{programs: [faketime]}"),
            .optional(
                "parameters", .map(.variable, .object(VariableRule.keys)),
                "Values that a scenario gives; they reach every script as environment.",
                example: "{BUCKET: {match: \"[a-z0-9.-]+\", required: true}}"),
            .required(
                "invariants", .list(.text), "What is guaranteed to be as before after `undo`, in words.",
                example: "[public access settings of the bucket]"),
            .required(
                "fingerprint",
                .object(
                    ScriptBlock.keys(
                        "fault.fingerprint",
                        "Prints the state of the invariants, byte for byte comparable; changes nothing.")),
                "Prints the present state of the invariants.", example: "{timeout: 10s, script: show-policy}"),
            .required(
                "inject", .object(ScriptBlock.keys("fault.inject", "Breaks it.")), "Breaks it.",
                example: "{timeout: 10s, script: revoke}"),
            .required(
                "prove", .object(ScriptBlock.keys("fault.prove", "Exits 0 when the effect can be observed.")),
                "Exits 0 when the effect can be observed.", example: "{timeout: 10s, script: is-denied}"),
            .required(
                "undo", .object(ScriptBlock.keys("fault.undo", "Puts it back; allowed from any state.")),
                "Puts it back; allowed from any state.", example: "{timeout: 10s, script: grant}"),
            .required(
                "prove_undone", .object(ScriptBlock.keys("fault.prove_undone", "Exits 0 when the effect is gone.")),
                "Exits 0 when the effect is gone.", example: "{timeout: 10s, script: is-allowed}"),
        ])

    static let requirementKeys = KeyTable(
        "fault.requires", "What a host must be able to do for this fault.",
        [
            .optional(
                "programs", .list(.name),
                "Programs that the host must have, found in the usual folders; hosts see the machine's `/usr`.",
                example: "[faketime, openssl]"),
            .optional(
                "filesystem", .text,
                "A parameter of this fault; its value must be a path of the host's own `filesystems`.",
                example: "FOLDER"),
        ])
}
