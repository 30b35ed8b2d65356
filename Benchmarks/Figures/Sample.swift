/// One call of one tool: everything that was measured of it. Its keys carry their units.
public struct Sample: Codable, Sendable, Hashable {
    /// What was called, such as `asyncssh`.
    public var tool: String
    /// What was done, such as `warm`.
    public var work: String
    /// On how many hosts at once.
    public var hosts: Int
    /// From the call to the end of the last host's command.
    public var wallSeconds: Double
    /// What the client's processes used, from the call until a moment after its end.
    public var clientCPUSeconds: Double
    /// What everything on the machine used meanwhile, in ticks of 10 ms: too coarse for one call, good in sum.
    public var machineCPUSeconds: Double
    /// Largest resident memory of the client so far, in bytes; of several processes at once only the largest one counts.
    public var peakBytes: Int
    /// When each host's command was over, after the call; empty for tools that do not tell.
    public var doneSeconds: [Double]
    /// First to last start of the service's processes, as they stamped it themselves.
    public var startSpreadSeconds: Double?
    /// Hosts on which it went wrong, and how. A call with any is not counted.
    public var failed: [String]

    enum CodingKeys: String, CodingKey {
        case tool, work, hosts, failed
        case wallSeconds = "wall_s"
        case clientCPUSeconds = "client_cpu_s"
        case machineCPUSeconds = "machine_cpu_s"
        case peakBytes = "peak_bytes"
        case doneSeconds = "done_s"
        case startSpreadSeconds = "start_spread_s"
    }

    /// Everything at once.
    public init(
        tool: String, work: String, hosts: Int, wallSeconds: Double, clientCPUSeconds: Double,
        machineCPUSeconds: Double, peakBytes: Int, doneSeconds: [Double] = [], startSpreadSeconds: Double? = nil,
        failed: [String] = []
    ) {
        self.tool = tool
        self.work = work
        self.hosts = hosts
        self.wallSeconds = wallSeconds
        self.clientCPUSeconds = clientCPUSeconds
        self.machineCPUSeconds = machineCPUSeconds
        self.peakBytes = peakBytes
        self.doneSeconds = doneSeconds
        self.startSpreadSeconds = startSpreadSeconds
        self.failed = failed
    }
}

/// All calls of one tool for one kind of work on one number of hosts.
public struct Figures: Sendable {
    /// What was called.
    public let tool: String
    /// What was done.
    public let work: String
    /// On how many hosts at once.
    public let hosts: Int
    /// Calls that failed on at least one host; they are in none of the figures.
    public let failedCalls: Int
    /// Wall time of the calls.
    public let wall: Distribution
    /// Client CPU of the calls.
    public let clientCPU: Distribution
    /// The time after the call at which a host's command was over, over all hosts of all calls.
    public let done: Distribution
    /// Spread of the starts of a service.
    public let startSpread: Distribution
    /// Largest resident memory in bytes.
    public let peakBytes: Int
    /// The part of all CPU time that was not the client's, 0 to 1; nil when too little was used to say.
    public let elsewhereShare: Double?

    /// - Parameter samples: all of one tool, work and number of hosts; at least one.
    public init(_ samples: [Sample]) {
        let good = samples.filter(\.failed.isEmpty)
        tool = samples[0].tool
        work = samples[0].work
        hosts = samples[0].hosts
        failedCalls = samples.count - good.count
        wall = Distribution(good.map(\.wallSeconds))
        clientCPU = Distribution(good.map(\.clientCPUSeconds))
        done = Distribution(good.flatMap(\.doneSeconds))
        startSpread = Distribution(good.compactMap(\.startSpreadSeconds))
        peakBytes = good.map(\.peakBytes).max() ?? 0
        let machine = good.map(\.machineCPUSeconds).reduce(0, +)
        let client = good.map(\.clientCPUSeconds).reduce(0, +)
        elsewhereShare = machine >= 0.1 ? max(0, min(1, (machine - client) / machine)) : nil
    }

    /// Groups samples, in the order in which they first appear.
    public static func all(_ samples: [Sample]) -> [Figures] {
        var order: [String] = []
        var groups: [String: [Sample]] = [:]
        for sample in samples {
            let key = "\(sample.work) \(sample.hosts) \(sample.tool)"
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(sample)
        }
        return order.compactMap { groups[$0].map(Figures.init) }
    }
}
