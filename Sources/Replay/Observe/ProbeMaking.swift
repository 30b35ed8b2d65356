import Definitions
import Timeline

extension ProbeScheduler {
    /// Makes the looks that a plan's probes ask for.
    /// - Parameters:
    ///   - hosts: Connected hosts by name, for command probes.
    ///   - client: Shared by all looks over HTTP.
    ///   - isAwaited: Whether a look of a probe (by id) at a target may still decide anything.
    init(
        plan: Plan, hosts: [String: any RemoteHost], client: HTTPClient, sink: any EventSink, clock: any ReplayClock,
        isAwaited: @escaping @Sendable (_ probe: String, _ target: String) async -> Bool
    ) throws(ProbePlanError) {
        let addresses = Dictionary(plan.testnet.hosts.map { ($0.name, $0.address) }) { first, _ in first }
        let names = Set(addresses.keys)
        var series: [Series] = []
        var feeds: [(plan: ProbePlan, feed: SignalFeed)] = []
        for probe in plan.probes {
            let timeout = probe.timeout.duration
            switch probe.kind {
            case .rpc(let port, let path, let method, let params):
                let body: JSON = .object([
                    "jsonrpc": .string("2.0"), "id": .int(1), "method": .string(method), "params": params,
                ])
                let look = RPCLook(
                    client: client, addresses: addresses, timeout: timeout, port: try Self.port(port, of: probe),
                    path: path, body: Array(body.text().utf8), values: try Self.paths(of: probe))
                series.append(Series(plan: probe, probe: look))
            case .http(let url, let headers):
                series.append(
                    Series(
                        plan: probe,
                        probe: HTTPLook(
                            client: client, addresses: addresses, timeout: timeout, url: url, headers: headers)))
            case .command(var command):
                command.timeout = min(command.timeout.duration, timeout) == timeout ? probe.timeout : command.timeout
                series.append(Series(plan: probe, probe: CommandLook(hosts: hosts, command: command)))
            case .pager(let port, let path), .chat(let port, let path):
                for target in probe.targets {
                    guard let address = addresses[target] else { throw .unknownHost(probe: probe.id, host: target) }
                    var kind = SignalFeed.Kind.chat
                    if case .pager = probe.kind { kind = .pager }
                    let feed = SignalFeed(
                        kind: kind, client: client, address: address, port: try Self.port(port, of: probe), path: path,
                        timeout: timeout, hosts: names, sink: sink)
                    feeds.append((probe, feed))
                }
            }
        }
        self.init(series: series, feeds: feeds, sink: sink, clock: clock, isAwaited: isAwaited)
    }

    private static func port(_ number: Int, of probe: ProbePlan) throws(ProbePlanError) -> UInt16 {
        guard let port = UInt16(exactly: number), port > 0 else { throw .badPort(probe: probe.id, port: number) }
        return port
    }

    private static func paths(of probe: ProbePlan) throws(ProbePlanError) -> [(key: String, path: JSONPath)] {
        var paths: [(key: String, path: JSONPath)] = []
        for (key, text) in probe.values.sorted(by: { $0.key < $1.key }) {
            guard let path = JSONPath(text) else { throw .badPath(probe: probe.id, path: text) }
            paths.append((key, path))
        }
        return paths
    }

    /// The feeds that read a pager (not a chat).
    var pagerFeeds: [SignalFeed] {
        feeds.compactMap { if case .pager = $0.plan.kind { $0.feed } else { nil } }
    }
}

/// What is wrong with a probe of a plan. Definitions refuse these earlier; a plan read from disk is checked again.
public enum ProbePlanError: Error, Sendable, Hashable, CustomStringConvertible {
    case badPort(probe: String, port: Int)
    case badPath(probe: String, path: String)
    case unknownHost(probe: String, host: String)

    /// A full sentence that names the probe.
    public var description: String {
        switch self {
        case .badPort(let probe, let port): "Probe \(probe) has the port \(port); ports are 1 to 65535."
        case .badPath(let probe, let path):
            "Probe \(probe) reads '\(path)', which is not a path such as .result.height."
        case .unknownHost(let probe, let host): "Probe \(probe) reads host \(host), which the testnet does not have."
        }
    }
}
