extension TestnetPlan {
    /// SHA-256 (hex) over everything that is deployed: files by host, path, mode and content, programs among them, services,
    /// and the commands that start the network. Settings are part of it as they were rendered.
    public var deployedDigest: String {
        var lines: [String] = []
        for host in hosts {
            lines += host.files.map { "file \(host.name) \($0.path) \($0.mode) \($0.sha256)" }
            lines += host.services.map { "service \(host.name) \($0)" }
        }
        lines += programs.map { "program \($0.key) \($0.value)" }
        let started = stages.map { stage in
            let variables = stage.command.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            return "stage \(stage.name) \(stage.hosts) \(variables) \(Hash.hex(Array(stage.command.script.utf8)))"
        }
        return Hash.hex(Array((lines.sorted() + started).joined(separator: "\n").utf8))
    }
}
