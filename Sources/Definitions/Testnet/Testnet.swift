import Timeline

/// A testnet with its hosts expanded: what names and host expressions resolve against.
struct Testnet: Sendable {
    var file: TestnetFile
    var hosts: [Host]
    /// The chosen size, nil without sizes, and its values by name.
    var size: String?
    var sizeValues: [String: String] = [:]

    struct Host: Sendable {
        var name: String
        var address: String
        var groups: [String]
        var layers: [Located<String>]
        var services: [Located<String>]
        var capabilities: [String]
        var vars: [String: String]
        var isSSHClient: Bool
        var controlsNetwork: Bool
        /// Path to bytes.
        var fileSystems: [String: Int]
        var at: Location
    }

    /// The capability of a host with `network_control: true`.
    static let networkControl = "network-control"

    func host(_ name: String) -> Host? { hosts.first { $0.name == name } }
    var groups: Set<String> { Set(hosts.flatMap(\.groups)) }
    /// Everything that a host expression may mention.
    var hostTerms: Set<String> { groups.union(hosts.map(\.name)).union(["all"]) }

    /// Hosts that an expression matches, in file order. Unknown names and an empty match are errors.
    func resolve(_ expression: Located<HostExpression>, sink: Sink) -> [String] {
        let known = hostTerms
        var allKnown = true
        for term in expression.value.terms where !known.contains(term) {
            allKnown = false
            sink.unknown("the host or group", Located(value: term, at: expression.at), among: known)
        }
        guard allKnown else { return [] }
        let matches = hosts.filter { expression.value.matches(name: $0.name, groups: $0.groups) }.map(\.name)
        if matches.isEmpty {
            sink.error(
                "the host expression matches no host of '\(file.name.value)'", at: expression.at,
                remedy: "Check the groups in \(file.at.file).")
        }
        return matches
    }

    /// Scope name to hosts, for `each:`; only hosts among `targets`. A scope without a target is an error.
    func scopes(of family: Located<String>, among targets: [String], sink: Sink) -> [String: [String]] {
        guard let groups = file.scopes[family.value] else {
            sink.unknown("the scope family", family, among: file.scopes.keys)
            return [:]
        }
        var scopes: [String: [String]] = [:]
        for group in groups {
            let members = hosts.filter { $0.groups.contains(group.value) && targets.contains($0.name) }.map(\.name)
            if members.isEmpty {
                sink.error(
                    "the scope '\(group.value)' has none of the hosts that are looked at", at: family.at,
                    remedy: "Probe its hosts too, or remove 'each'.")
            }
            scopes[group.value] = members
        }
        return scopes
    }
}

extension Testnet {
    /// Expands `for` loops, gives addresses, and checks names, addresses and host expressions.
    /// - Parameter size: Instead of the default one.
    static func expand(_ file: TestnetFile, size: String? = nil, sink: Sink) -> Testnet? {
        guard let size = file.size(size, sink: sink) else { return nil }
        guard let prefix = AddressText.prefix(file.addressPrefix.value) else {
            sink.error(
                "'\(Quote.short(file.addressPrefix.value))' is not an address prefix", at: file.addressPrefix.at,
                remedy: "Write two numbers such as 127.31.")
            return nil
        }
        var hosts: [Host] = []
        for (block, entry) in file.hosts.enumerated() {
            let combinations = entry.combinations(size: size.values, sink: sink)
            guard hosts.count + combinations.count <= Limits.hosts, combinations.count <= 250, block < 250 else {
                sink.error(
                    "the testnet has more than \(Limits.hosts) hosts", at: entry.name.at,
                    remedy: "Make the loops smaller.")
                return nil
            }
            for (index, values) in combinations.enumerated() {
                let standard = "\(prefix).\(block).\(index + 1)"
                hosts.append(entry.host(values: values, standardAddress: standard, sink: sink))
            }
        }
        let testnet = Testnet(
            file: file, hosts: hosts, size: size.name,
            sizeValues: Dictionary(size.values.map { (String($0.key.dropFirst(5)), $0.value) }) { first, _ in first })
        testnet.check(sink: sink)
        return testnet
    }

    private func check(sink: Sink) {
        if hosts.isEmpty { sink.error("the testnet has no hosts", at: file.at, remedy: "Add one under 'hosts'.") }
        let groups = self.groups
        var names: [String: Location] = [:]
        var addresses: [String: String] = [:]
        for host in hosts {
            checkHost(host, groups: groups, sink: sink)
            if names.updateValue(host.at, forKey: host.name) != nil {
                sink.error(
                    "two hosts are named '\(host.name)'", at: host.at, remedy: "Use every loop variable in the name.")
            }
            if let other = addresses.updateValue(host.name, forKey: host.address), other != host.name {
                sink.error(
                    "'\(host.name)' and '\(other)' have the same address \(host.address)", at: host.at,
                    remedy: "Give one of them another address.")
            }
        }
        for family in file.scopes.keys.sorted() {
            for group in file.scopes[family] ?? [] where !groups.contains(group.value) {
                sink.unknown("the group", group, among: groups)
            }
        }
        checkStagesAndPrograms(sink: sink)
    }

    private func checkHost(_ host: Host, groups: Set<String>, sink: Sink) {
        let named =
            [("host", [host.name]), ("group", host.groups), ("capability", host.capabilities)]
            + [("layer", host.layers.map(\.value)), ("service", host.services.map(\.value))]
        for (noun, values) in named {
            for value in values where !Scalars.isName(value) {
                sink.error(
                    "'\(Quote.short(value))' is not a \(noun) name", at: host.at,
                    remedy: "Names are lower-case letters, digits and hyphens.")
            }
        }
        if groups.contains(host.name) {
            sink.error(
                "'\(host.name)' is a host and a group of other hosts", at: host.at, remedy: "Rename one of them.")
        }
        if host.name == "all" || host.groups.contains("all") || host.name == "localhost" {
            sink.error("'all' and 'localhost' are reserved names", at: host.at, remedy: "Choose another name.")
        }
        if host.capabilities.count(where: { $0 == Testnet.networkControl }) != (host.controlsNetwork ? 1 : 0) {
            sink.error(
                "'\(Testnet.networkControl)' is no capability to list", at: host.at,
                remedy: "Write 'network_control: true': the host then has it, and what it takes.")
        }
        if !AddressText.isLoopback(host.address) {
            sink.error(
                "'\(Quote.short(host.address))' is not an address of a host", at: host.at,
                remedy: "Write 127.x.y.z with z from 1 to 254, and not 127.0.0.1.")
        }
    }

    private func checkStagesAndPrograms(sink: Sink) {
        var seen: Set<String> = []
        for stage in file.stages {
            _ = resolve(stage.hosts, sink: sink)
            if !seen.insert(stage.name.value).inserted {
                sink.error(
                    "two stages are named '\(stage.name.value)'", at: stage.name.at, remedy: "Rename one of them.")
            }
        }
        if let release = file.release {
            _ = resolve(release.hosts, sink: sink)
            if let after = release.after, !seen.contains(after.value) { sink.unknown("the stage", after, among: seen) }
            if seen.contains("release") {
                sink.error("a stage and 'release' have one name", at: release.hosts.at, remedy: "Rename the stage.")
            }
        }
        for program in file.programs {
            _ = resolve(program.hosts, sink: sink)
            if !HostPath.isValid(program.to.value) {
                sink.error(
                    "'\(Quote.short(program.to.value))' is not an absolute path of a file", at: program.to.at,
                    remedy: "Write for example /usr/local/bin/\(program.program.value).")
            }
        }
    }
}

extension TestnetFile.HostEntry {
    /// Every combination of loop values, the first loop turning slowest, each with the size's values.
    fileprivate func combinations(size: [String: String], sink: Sink) -> [[String: String]] {
        var result: [[String: String]] = [size]
        for loop in loops {
            let values = Self.values(of: loop.values, size: size, sink: sink)
            guard result.count * values.count <= 10 * Limits.hosts else {
                return Array(repeating: [:], count: 10_000)
            }
            result = result.flatMap { known in values.map { known.merging([loop.name: $0]) { _, new in new } } }
        }
        return result
    }

    private static func values(of loop: TestnetFile.Loop, size: [String: String], sink: Sink) -> [String] {
        switch loop {
        case .list(let values): return values
        case .range(let text):
            do throws(ExpressionError) {
                return try NumberRange.parse(Placeholders.fill(text, with: size, sink: sink, noun: "the size's value"))
            } catch {
                sink.error(error.message, at: text.at, remedy: error.remedy)
                return []
            }
        }
    }

    fileprivate func host(values: [String: String], standardAddress: String, sink: Sink) -> Testnet.Host {
        func fill(_ text: Located<String>) -> String { Placeholders.fill(text, with: values, sink: sink) }
        return Testnet.Host(
            name: fill(name), address: address.map(fill) ?? standardAddress, groups: groups.map(fill),
            layers: layers.map { Located(value: fill($0), at: $0.at) },
            services: services.map { Located(value: fill($0), at: $0.at) },
            capabilities: capabilities.map(fill) + (controlsNetwork ? [Testnet.networkControl] : []),
            vars: vars.mapValues(fill), isSSHClient: isSSHClient, controlsNetwork: controlsNetwork,
            fileSystems: SmallFileSystems.read(fileSystems, sink: sink), at: name.at)
    }
}

/// `{name}` in texts of a host entry.
enum Placeholders {
    /// An unknown name is an error with the near miss.
    static func fill(
        _ text: Located<String>, with values: [String: String], sink: Sink, noun: String = "the loop variable"
    ) -> String {
        var result = ""
        var rest = text.value[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            guard let close = rest[open...].firstIndex(of: "}") else {
                sink.error(
                    "a '}' is missing in '\(Quote.short(text.value))'", at: text.at, remedy: "Close the placeholder.")
                return result
            }
            let name = String(rest[rest.index(after: open)..<close])
            if let value = values[name] {
                result += value
            } else {
                sink.unknown(noun, Located(value: name, at: text.at), among: values.keys)
            }
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}

/// Addresses in 127.0.0.0/8, as text.
enum AddressText {
    /// `127.31` as it is written; nil for anything else.
    static func prefix(_ text: String) -> String? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Scalars.plainInteger($0) }
        guard parts.count == 2, parts[0] == 127, let second = parts[1], (0...255).contains(second) else { return nil }
        return text
    }

    static func isLoopback(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Scalars.plainInteger($0) ?? -1 }
        return parts.count == 4 && parts[0] == 127 && parts.allSatisfy((0...255).contains)
            && (1...254).contains(parts[3])
            && text != "127.0.0.1"
    }
}

/// Absolute paths on hosts.
enum HostPath {
    /// Absolute, without empty, `.` or `..` parts, without control characters, at most 1000 bytes.
    static func isValid(_ path: String) -> Bool {
        guard path.first == "/", path.utf8.count <= 1_000 else { return false }
        return path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && part != "." && part != ".."
                && part.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        }
    }
}
