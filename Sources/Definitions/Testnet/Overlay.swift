/// What changes lay over the hosts of a testnet, resolved: files that replace or add to those of the layers, and files
/// that are left out.
struct Overlay: Sendable {
    /// Host to its files by path, each with the place of the change that brought it.
    private(set) var files: [String: [String: (file: LayerFile, at: Location)]] = [:]
    /// Host to paths that are left out.
    private(set) var removed: [String: Set<String>] = [:]
    /// What `remove` names: a path, the hosts that are meant, and where it is written.
    private(set) var removals: [(path: String, hosts: [String], at: Location)] = []

    /// Where a change's files lie.
    struct Source: Sendable {
        var root: RootFolder
        /// Path under `root`; its first level names layers, groups and hosts.
        var folder: String
        var at: Location
    }

    var isEmpty: Bool { files.isEmpty && removals.isEmpty }

    /// Lays one change's files over what is there already. Names that are less special come first: a layer, a group, a host.
    /// - Parameter owner: for messages.
    mutating func add(_ source: Source, owner: String, testnet: Testnet, sink: Sink) {
        guard source.root.entry(source.folder) == .folder else {
            sink.error(
                "the overlay '\(Quote.short(source.folder))' of \(owner) is no folder", at: source.at,
                remedy: "Make it, with the files in <layer, group or host>/<path on the host>.")
            return
        }
        let places = (source.root.names(in: source.folder) ?? []).filter {
            !$0.hasPrefix(".") && $0.lowercased() != "readme.md"
        }
        if places.isEmpty {
            sink.error("the overlay of \(owner) is empty", at: source.at, remedy: "Put the changed files into it.")
        }
        var own: [String: [String: LayerFile]] = [:]
        for (place, hosts) in ordered(places, of: source, testnet: testnet, sink: sink) {
            let found = LayerReader.read(
                folder: "\(source.folder)/\(place)", at: source.at, root: source.root, sink: sink)
            for host in hosts { for file in found { own[host, default: [:]][file.path] = file } }
        }
        for (host, changed) in own {
            for (path, file) in changed {
                if let other = files[host]?[path], other.file.bytes != file.bytes {
                    sink.error(
                        "two fixes replace \(path) of '\(host)', and differ", at: source.at,
                        remedy: "Make one fix of them: what they are together must be written down.")
                }
                files[host, default: [:]][path] = (file, source.at)
            }
        }
    }

    private func ordered(
        _ places: [String], of source: Source, testnet: Testnet, sink: Sink
    ) -> [(place: String, hosts: [String])] {
        let known = Set(testnet.hosts.flatMap { [$0.name] + $0.groups + $0.layers.map(\.value) })
        var ranked: [(rank: Int, place: String, hosts: [String])] = []
        for place in places {
            let at = Location(file: "\(source.folder)/\(place)", line: 1, column: 1)
            guard source.root.entry("\(source.folder)/\(place)") == .folder else {
                sink.error(
                    "'\(Quote.short(place))' is not a folder of a layer, group or host", at: at,
                    remedy: "Write <layer, group or host>/<path on the host>.")
                continue
            }
            guard known.contains(place) else {
                sink.unknown("the layer, group or host", Located(value: place, at: at), among: known)
                continue
            }
            let rank = testnet.host(place) != nil ? 2 : testnet.groups.contains(place) ? 1 : 0
            ranked.append((rank, place, testnet.hosts(namedBy: place)))
        }
        return ranked.sorted { ($0.rank, $0.place) < ($1.rank, $1.place) }.map { ($0.place, $0.hosts) }
    }

    /// Leaves out a file: `/path` everywhere, or `<layer, group or host>/path`.
    mutating func remove(_ text: Located<String>, testnet: Testnet, sink: Sink) {
        var (hosts, path) = (testnet.hosts.map(\.name), text.value)
        if !text.value.hasPrefix("/"), let slash = text.value.firstIndex(of: "/") {
            let place = String(text.value[..<slash])
            (hosts, path) = (testnet.hosts(namedBy: place), String(text.value[slash...]))
            if hosts.isEmpty {
                let known = Set(testnet.hosts.flatMap { [$0.name] + $0.groups + $0.layers.map(\.value) })
                sink.unknown("the layer, group or host", Located(value: place, at: text.at), among: known)
                return
            }
        }
        for host in hosts { removed[host, default: []].insert(path) }
        removals.append((path, hosts, text.at))
    }
}

extension Testnet {
    /// Hosts that have a layer, are in a group, or are a host of that name.
    func hosts(namedBy place: String) -> [String] {
        hosts.filter { host in
            host.name == place || host.groups.contains(place) || host.layers.contains { $0.value == place }
        }.map(\.name)
    }
}
