/// One line about the machine or a version.
public struct MachineFact: Codable, Sendable, Hashable {
    /// What it is about.
    public var name: String
    /// What is so.
    public var value: String

    /// A fact in words.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A whole run of the fleet benchmark: every sample as it was taken, and the tables made of them.
public struct FleetReport: Codable, Sendable {
    /// Of the file's shape.
    public var format = 1
    /// Where it was measured, with which versions.
    public var machine: [MachineFact]
    /// Every call.
    public var samples: [Sample]

    /// - Parameter samples: in the order in which they were taken.
    public init(machine: [MachineFact], samples: [Sample]) {
        self.machine = machine
        self.samples = samples
    }

    /// The report as Markdown.
    public var markdown: String {
        let figures = Figures.all(samples)
        var text = "# Fleet benchmark\n\n"
        for fact in machine { text += "- \(fact.name): \(fact.value)\n" }
        let checks = FleetTargets.check(figures)
        if !checks.isEmpty { text += "\n## Targets\n\n" + FleetTargets.table(checks) }
        for hosts in Self.inOrder(figures.map(\.hosts)) {
            for work in Self.inOrder(figures.map(\.work)) {
                let rows = figures.filter { $0.hosts == hosts && $0.work == work }
                guard !rows.isEmpty else { continue }
                text += "\n## \(Self.titles[work] ?? work), \(hosts) hosts\n\n" + Self.table(rows)
            }
        }
        return text
    }

    private static let titles = [
        "cold": "Connect and /bin/true", "warm": "/bin/true over open connections", "output": "26 KB of output",
        "stderr": "4 MB of stderr", "upload": "Upload of 10 MB", "restart": "Restart of a service",
    ]

    private static func inOrder<Value: Hashable>(_ values: [Value]) -> [Value] {
        var seen: Set<Value> = []
        return values.filter { seen.insert($0).inserted }
    }

    private static func table(_ rows: [Figures]) -> String {
        let spread = rows.contains { $0.startSpread.count > 0 }
        var table = MarkdownTable(
            [
                ("client", .left), ("wall", .right), ("lowest–highest", .right), ("p99 of hosts", .right),
                ("client CPU", .right), ("peak memory", .right), ("CPU elsewhere", .right), ("calls", .right),
            ] + (spread ? [("spread of starts", .right), ("lowest–highest", .right)] : []))
        for row in rows {
            table.add(
                [
                    row.tool, Text.seconds(row.wall.median), Text.range(row.wall),
                    Text.seconds(row.done.quantile(0.99)), Text.seconds(row.clientCPU.median),
                    Text.megabytes(row.peakBytes), Text.percent(row.elsewhereShare),
                    row.failedCalls == 0 ? "\(row.wall.count)" : "\(row.wall.count) (\(row.failedCalls) failed)",
                ] + (spread ? [Text.seconds(row.startSpread.median), Text.range(row.startSpread)] : []))
        }
        return table.text
    }
}

extension Figures {
    /// The figures in one line, for people who watch.
    public var line: String {
        let spread = startSpread.median.map { ", starts within \(Text.seconds($0))" } ?? ""
        return "\(work) \(hosts) \(tool): wall \(Text.seconds(wall.median)) (\(Text.range(wall))), client CPU "
            + "\(Text.seconds(clientCPU.median)), \(Text.megabytes(peakBytes))\(spread)"
    }
}
