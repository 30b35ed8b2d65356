import BenchmarkFigures
import Foundation

/// What is measured, from the command line.
struct FleetOptions {
    var hosts = [1, 16, 64, 256]
    var rounds = 9
    var works = Work.allCases
    var tools: [String] = []
    var out = "."
    var venv = ""
    var peers = ""

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw BenchmarkError("\(name) needs a value") }
            let list = value.split(separator: ",").map(String.init)
            switch name {
            case "--hosts": hosts = try list.map { try Self.number($0, for: name, in: 1...1024) }
            case "--rounds": rounds = try Self.number(value, for: name, in: 1...100)
            case "--cases":
                works = try list.map {
                    guard let work = Work(rawValue: $0) else {
                        throw BenchmarkError("there is no case '\($0)'; there are \(Work.allCases.map(\.rawValue))")
                    }
                    return work
                }
            case "--tools": tools = list
            case "--out": out = value
            case "--venv": venv = value
            case "--peers": peers = value
            default: throw BenchmarkError("there is no option '\(name)'")
            }
        }
    }

    private static func number(_ text: String, for name: String, in range: ClosedRange<Int>) throws -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw BenchmarkError("\(name) takes numbers from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
        }
        return number
    }
}

/// Measures all clients in turn, round by round, in alternating order, so that whatever else happens on the machine meets
/// all of them.
struct FleetBenchmark {
    let options: FleetOptions
    let place: Place
    let tools: [Tool]

    /// Above this many hosts only the clients whose memory allows it, and fewer rounds.
    private static let many = 64
    /// A service that is restarted sooner than a second after its start waits (runsv).
    private static let betweenRestarts: useconds_t = 1_100_000
    /// How long after the call a restarted service may take to write down its start.
    private static let stampTimeout: Duration = .seconds(5)

    init(_ options: FleetOptions) throws {
        self.options = options
        place = try Place()
        let all = Tool.all(program: CommandLine.arguments[0], venv: options.venv, peers: options.peers)
        for name in options.tools where !all.contains(where: { $0.name == name }) {
            throw BenchmarkError("there is no tool '\(name)'; there are \(all.map(\.name).joined(separator: ", "))")
        }
        tools = all.filter { options.tools.isEmpty || options.tools.contains($0.name) }
    }

    func run() throws {
        var samples: [Sample] = []
        for count in options.hosts {
            say("\(count) hosts: starting servers")
            let servers = try Servers(count: count, place: place)
            try servers.start()
            defer { servers.stop() }
            samples += try measure(servers, after: samples)
        }
    }

    /// All cases on these servers. What is known is written after each of them.
    private func measure(_ servers: Servers, after earlier: [Sample]) throws -> [Sample] {
        let count = servers.addresses.count
        var agents: [AgentProcess] = []
        defer { agents.forEach { $0.close() } }
        for tool in tools where count <= Self.many || !tool.isSlow {
            let agent = try AgentProcess(tool)
            agents.append(agent)
            let answer = try agent.ask(.init(op: "open"))
            guard answer.failed.isEmpty else {
                throw BenchmarkError("\(tool.name) could not connect: \(answer.failed.joined(separator: "; "))")
            }
        }
        var samples: [Sample] = []
        for work in options.works {
            let most = [.stderr: 3, .upload: 3, .cold: 5, .restart: 5][work] ?? options.rounds
            let rounds = min(options.rounds, most)
            for round in 0..<rounds {
                for agent in round % 2 == 0 ? agents : agents.reversed() where agent.tool.works.contains(work) {
                    if agent.tool.isSlow && round >= 3 { continue }
                    do {
                        samples.append(try measure(agent, work, servers))
                    } catch let error as BenchmarkError {
                        // One client that hangs or ends costs the others nothing; what it was asked would answer the next call.
                        say("\(work.rawValue): \(error); it is left out from here on")
                        agents.removeAll { $0 === agent }
                        agent.giveUp()
                    }
                }
            }
            for figures in Figures.all(samples.filter { $0.work == work.rawValue }) { say(figures.line) }
            try write(earlier + samples)
        }
        return samples
    }

    private func measure(_ agent: AgentProcess, _ work: Work, _ servers: Servers) throws -> Sample {
        if work == .restart { usleep(Self.betweenRestarts) }
        let startsBefore = work == .restart ? try servers.addresses.map { try servers.starts($0).count } : []
        let busy = Machine.busySeconds()
        let answer = try agent.ask(work.request(place))
        var sample = Sample(
            tool: agent.tool.name, work: work.rawValue, hosts: servers.addresses.count,
            wallSeconds: answer.wallSeconds, clientCPUSeconds: answer.clientCPUSeconds,
            machineCPUSeconds: Machine.busySeconds() - busy, peakBytes: answer.peakBytes,
            doneSeconds: answer.doneSeconds, failed: answer.failed)
        if work == .restart {
            let starts = try starts(servers, after: startsBefore)
            for (index, times) in starts.enumerated() where times.count != startsBefore[index] + 1 {
                sample.failed.append(
                    "\(servers.addresses[index]): \(times.count - startsBefore[index]) starts instead of one")
            }
            sample.startSpreadSeconds = Distribution(starts.compactMap(\.last)).range
        }
        if work == .upload, sample.failed.isEmpty { sample.failed = wrongUploads(servers) }
        for failure in sample.failed.prefix(2) { say("\(agent.tool.name), \(work.rawValue): \(failure)") }
        return sample
    }

    /// What the services stamped, once each has done so again; runsv calls one restarted before its process wrote that.
    private func starts(_ servers: Servers, after before: [Int]) throws -> [[Double]] {
        let deadline = ContinuousClock.now + Self.stampTimeout
        while true {
            let starts = try servers.addresses.map { try servers.starts($0) }
            if !zip(starts, before).contains(where: { $0.count <= $1 }) || ContinuousClock.now >= deadline {
                return starts
            }
            usleep(10_000)
        }
    }

    /// Every host must have the whole file; it is removed, so that each call has to bring it again.
    private func wrongUploads(_ servers: Servers) -> [String] {
        let content = FileManager.default.contents(atPath: "\(place.folder)/content")
        return servers.addresses.compactMap { address in
            let path = "\(place.host(address))/uploaded"
            defer { unlink(path) }
            return FileManager.default.contents(atPath: path) == content
                ? nil : "\(address): the file is not what was sent"
        }
    }

    private func write(_ samples: [Sample]) throws {
        let report = FleetReport(machine: Machine.facts(venv: options.venv), samples: samples)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(report).write(to: URL(fileURLWithPath: "\(options.out)/fleet.json"))
        try Data(report.markdown.utf8).write(to: URL(fileURLWithPath: "\(options.out)/fleet.md"))
    }

    private func say(_ text: String) {
        FileHandle.standardError.write(Data("bench: \(text)\n".utf8))
    }
}
