import Timeline

/// `testnet/<name>/testnet.yaml` as written; `Testnet` is the resolved form.
struct TestnetFile: Sendable {
    var at: Location
    var name: Located<String>
    var summary: String
    var network: String
    var addressPrefix: Located<String>
    var bootTimeout: DurationText
    var settleTimeout: DurationText
    /// Incident time.
    var scaled: [String: DurationText]
    var settings: [String: String]
    var programs: [Program]
    var hosts: [HostEntry]
    /// Bytes of each generated token.
    var generated: [String: Int]
    var stages: [Stage]
    /// How a new build comes onto the hosts; nil: only with the network itself.
    var release: Release?
    var scopes: [String: [Located<String>]]
    /// Sizes in file order, each with its values by name; empty when the testnet has one size only.
    var sizes: [(name: Located<String>, values: [String: String])]
    /// The size that is taken when none is chosen; nil without sizes.
    var defaultSize: Located<String>?

    struct Program: Sendable {
        var program: Located<String>
        var to: Located<String>
        var hosts: Located<HostExpression>
    }

    struct HostEntry: Sendable {
        var name: Located<String>
        /// Placeholder names and what they run through, in file order; every combination makes a host.
        var loops: [(name: String, values: Loop)]
        var address: Located<String>?
        var groups: [Located<String>]
        var layers: [Located<String>]
        var services: [Located<String>]
        var capabilities: [Located<String>]
        var vars: [String: Located<String>]
        var isSSHClient: Bool
        var controlsNetwork: Bool
        /// Path on the host and size, as written.
        var fileSystems: [(path: Located<String>, size: Located<String>)]
    }

    /// What a placeholder of `for` runs through.
    enum Loop: Sendable {
        /// `1..4`, perhaps with a size's value in it: `1..{size.wiped}`.
        case range(Located<String>)
        case list([String])
    }

    /// Where a new build of a program is put, and the command that rolls it out as in production.
    struct Release: Sendable {
        var to: Located<String>
        /// The stage after which it is rolled out; nil: the last one.
        var after: Located<String>?
        var hosts: Located<HostExpression>
        var block: ScriptBlock
    }

    struct Stage: Sendable {
        var name: Located<String>
        var hosts: Located<HostExpression>
        var block: ScriptBlock
    }

    static func read(_ root: YAMLValue, sink: Sink) -> TestnetFile? {
        guard let reader = MappingReader(root, table: keys, sink: sink) else { return nil }
        let name = reader.name("testnet")
        let summary = reader.text("summary")
        let network = reader.text("network")
        let prefix = reader.text("address_prefix")
        let boot = reader.positiveDuration("boot_timeout", atMost: Limits.longestTimeout)
        let settle = reader.positiveDuration("settle_timeout", atMost: Limits.longestTimeout)
        var scaled: [String: DurationText] = [:]
        for entry in reader.map("scaled") {
            scaled[entry.key.value] = Scalars.duration(entry.value, what: entry.key.value, sink: sink)?.value
        }
        let settings = reader.textMap("settings").mapValues(\.value)
        let programs = reader.objects("programs").compactMap(Program.read)
        let hosts = reader.objects("hosts").compactMap(HostEntry.read)
        var generated: [String: Int] = [:]
        for (name, token) in reader.objectMap("generated") {
            generated[name.value] = token.integer("token")?.value
            token.finish()
        }
        let stages = reader.objects("stages").compactMap(Stage.read)
        let release = reader.object("release").flatMap(Release.read)
        let scopes = readScopes(reader)
        let sizes = readSizes(reader)
        let defaultSize = reader.has("default_size") ? reader.name("default_size") : nil
        checkSizes(sizes, standard: defaultSize, reader)
        reader.finish()
        guard let name, let summary, let network, let prefix, let boot, let settle else { return nil }
        return TestnetFile(
            at: root.at, name: name, summary: summary.value, network: network.value, addressPrefix: prefix,
            bootTimeout: boot.value, settleTimeout: settle.value, scaled: scaled, settings: settings,
            programs: programs,
            hosts: hosts, generated: generated, stages: stages, release: release, scopes: scopes, sizes: sizes,
            defaultSize: defaultSize)
    }

    private static func readScopes(_ reader: MappingReader) -> [String: [Located<String>]] {
        var scopes: [String: [Located<String>]] = [:]
        for entry in reader.map("scopes") {
            guard case .sequence(let items) = entry.value.content else {
                reader.sink.error("a scope is a list of groups", at: entry.value.at, remedy: "Write [a, b].")
                continue
            }
            scopes[entry.key.value] = items.compactMap { Scalars.name($0, what: entry.key.value, sink: reader.sink) }
        }
        return scopes
    }
}

extension TestnetFile.Program {
    fileprivate static func read(_ reader: MappingReader) -> Self? {
        defer { reader.finish() }
        let program = reader.name("program")
        let to = reader.text("to")
        let hosts = reader.hosts("hosts")
        guard let program, let to, let hosts else { return nil }
        return Self(program: program, to: to, hosts: hosts)
    }
}

extension TestnetFile.Stage {
    fileprivate static func read(_ reader: MappingReader) -> Self? {
        defer { reader.finish() }
        let name = reader.name("name")
        let hosts = reader.hosts("hosts")
        guard let block = ScriptBlock.read(reader), let name, let hosts else { return nil }
        return Self(name: name, hosts: hosts, block: block)
    }
}

extension TestnetFile.Release {
    fileprivate static func read(_ reader: MappingReader) -> Self? {
        defer { reader.finish() }
        let (to, after, hosts) = (reader.text("to"), reader.name("after"), reader.hosts("hosts"))
        guard let block = ScriptBlock.read(reader), let to, let hosts else { return nil }
        if !HostPath.isValid(to.value) {
            reader.sink.error(
                "'\(Quote.short(to.value))' is not an absolute path of a file", at: to.at,
                remedy: "Write for example /root/new-release.")
        }
        return Self(to: to, after: after, hosts: hosts, block: block)
    }
}

extension TestnetFile.HostEntry {
    fileprivate static func read(_ reader: MappingReader) -> Self? {
        defer { reader.finish() }
        let name = reader.text("name")
        let loops = readLoops(reader)
        let entry = { (key: String) in reader.texts(key) }
        let address = reader.text("address")
        let (groups, layers, services) = (entry("groups"), entry("layers"), entry("services"))
        let capabilities = entry("capabilities")
        let vars = reader.textMap("vars")
        let fileSystems = reader.map("filesystems").compactMap { entry in
            Scalars.text(entry.value, what: entry.key.value, sink: reader.sink).map { (entry.key, $0) }
        }
        guard let isSSHClient = reader.boolean("ssh_client"), let controls = reader.boolean("network_control") else {
            return nil
        }
        guard let name else { return nil }
        return Self(
            name: name, loops: loops, address: address, groups: groups, layers: layers, services: services,
            capabilities: capabilities, vars: vars, isSSHClient: isSSHClient,
            controlsNetwork: controls, fileSystems: fileSystems)
    }

    private static func readLoops(_ reader: MappingReader) -> [(name: String, values: TestnetFile.Loop)] {
        reader.map("for").compactMap { entry in
            switch entry.value.content {
            case .sequence(let items):
                let values = items.compactMap { Scalars.text($0, what: entry.key.value, sink: reader.sink)?.value }
                if values.isEmpty { reader.sink.error("'\(entry.key.value)' has no values", at: entry.value.at) }
                return (entry.key.value, .list(values))
            case .scalar(let text, _): return (entry.key.value, .range(Located(value: text, at: entry.value.at)))
            case .mapping:
                reader.sink.error("'for' takes ranges and lists", at: entry.value.at, remedy: "Write 1..4 or [a, b].")
                return nil
            }
        }
    }
}
