import BenchmarkFigures
import Foundation
import SSH

/// How long a login may take: as long as with the other clients, even on a machine that is busy otherwise.
private let loginPatience: Duration = .seconds(60)

/// Firedrill's own client behind the requests that all measured clients answer (see `Benchmarks/peers/agent.py`).
///
/// Modes: `ask`, what Firedrill does by default (short commands on the persistent channel, larger ones with `run`);
/// `run`, a channel and a guarded shell for every command; `exec`, a channel and nothing else, as other clients do.
final class OwnAgent {
    fileprivate enum Mode: String {
        case ask, run, exec
    }

    private struct Request: Decodable {
        var op: String
        var command: String?
        var out: Int?
        var err: Int?
        var source: String?
        var target: String?
    }

    private let mode: Mode
    private let targets: [SSHTarget]
    private var connections: [SSHConnection] = []

    /// What is left to do after a call belongs to its cost; the same pause as in agent.py.
    private static let settle: Duration = .milliseconds(150)

    init(_ mode: String) throws {
        guard let mode = Mode(rawValue: mode) else { throw BenchmarkError("an agent's mode is ask, run or exec") }
        self.mode = mode
        let place = try Place()
        let key = try SSHPrivateKey(file: place.key)
        targets = try String(contentsOfFile: place.knownHosts, encoding: .utf8).split(separator: "\n").map { line in
            let fields = line.split(separator: " ", maxSplits: 1)
            let address = String(fields[0])
            return SSHTarget(
                name: address, address: address, user: place.user, privateKey: key,
                hostKeys: [try SSHHostKey(openSSH: String(fields[1]))])
        }
    }

    func serve() async throws {
        while let line = readLine() {
            let request = try JSONDecoder().decode(Request.self, from: Data(line.utf8))
            let before = Self.cpuSeconds()
            let call = await perform(request)
            try? await Task.sleep(for: Self.settle)
            let answer = AgentProcess.Answer(
                wallSeconds: call.wallSeconds, clientCPUSeconds: Self.cpuSeconds() - before,
                peakBytes: Self.peakBytes(),
                doneSeconds: call.doneSeconds, failed: Array(call.failed.prefix(8)))
            FileHandle.standardOutput.write(try JSONEncoder().encode(answer) + [UInt8(ascii: "\n")])
            // Not exit(): its handlers free what libcrypto keeps while the SSH module's threads still use it.
            if request.op == "close" { _exit(0) }
        }
    }

    private struct Call {
        var wallSeconds = 0.0
        var doneSeconds: [Double] = []
        var failed: [String] = []
    }

    private func perform(_ request: Request) async -> Call {
        switch request.op {
        case "open":
            var call = await connect()
            if mode == .ask {
                // A persistent channel is there before the first command of an incident, as the peers' are.
                let warm = await everywhere { try await $0.check(Job(mode: .ask, command: "/bin/true")) }
                call.failed += warm.failed
            }
            return call
        case "cold": return await cold()
        case "run":
            let job = Job(
                mode: mode, command: request.command ?? "", out: request.out ?? 0, err: request.err ?? 0)
            return await everywhere { try await $0.check(job) }
        case "upload":
            do {
                let started = ContinuousClock.now
                let content = try await Payload.file(request.source ?? "")
                let reading = started.duration(to: .now)
                let path = request.target ?? ""
                var call = await everywhere { try await $0.upload(content, to: path) }
                call.wallSeconds += reading.seconds
                return call
            } catch {
                return Call(failed: ["\(error)"])
            }
        default:
            for connection in connections { await connection.close() }
            return Call()
        }
    }

    private func connect() async -> Call {
        let started = ContinuousClock.now
        var made: [SSHConnection] = []
        var call = Call()
        await withTaskGroup(of: Result<SSHConnection, SSHError>.self) { group in
            for target in targets {
                group.addTask {
                    do throws(SSHError) {
                        return .success(try await SSHConnection.connect(to: target, timeout: loginPatience))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            for await result in group {
                switch result {
                case .success(let connection): made.append(connection)
                case .failure(let error): call.failed.append("\(error)")
                }
            }
        }
        call.wallSeconds = started.duration(to: .now).seconds
        connections = made
        return call
    }

    private func cold() async -> Call {
        let mode = mode
        let started = ContinuousClock.now
        var call = Call()
        var made: [SSHConnection] = []
        await withTaskGroup(of: (SSHConnection?, Double, String?).self) { group in
            for target in targets {
                group.addTask {
                    do {
                        let connection = try await SSHConnection.connect(to: target, timeout: loginPatience)
                        try await connection.check(Job(mode: mode == .ask ? .ask : .exec, command: "/bin/true"))
                        return (connection, started.duration(to: .now).seconds, nil)
                    } catch {
                        return (nil, 0, "\(error)")
                    }
                }
            }
            for await (connection, seconds, failure) in group {
                if let connection { made.append(connection) }
                if let failure { call.failed.append(failure) } else { call.doneSeconds.append(seconds) }
            }
        }
        call.wallSeconds = started.duration(to: .now).seconds
        for connection in made { await connection.close() }
        return call
    }

    private func everywhere(_ body: @escaping @Sendable (SSHConnection) async throws -> Void) async -> Call {
        let started = ContinuousClock.now
        var call = Call()
        await withTaskGroup(of: (Double, String?).self) { group in
            for connection in connections {
                group.addTask {
                    do {
                        try await body(connection)
                        return (started.duration(to: .now).seconds, nil)
                    } catch {
                        return (0, "\(connection.target.name): \(error)")
                    }
                }
            }
            for await (seconds, failure) in group {
                if let failure { call.failed.append(failure) } else { call.doneSeconds.append(seconds) }
            }
        }
        call.wallSeconds = started.duration(to: .now).seconds
        return call
    }

    /// A command and what it must print.
    fileprivate struct Job: Sendable {
        fileprivate let mode: Mode
        let command: String
        var out = 0
        var err = 0
    }

    private static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    /// Largest resident memory of this program (`VmHWM`); what getrusage tells began with that of its parent.
    private static func peakBytes() -> Int {
        let status = String(
            decoding: FileManager.default.contents(atPath: "/proc/self/status") ?? Data(), as: UTF8.self)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }
}

extension SSHConnection {
    /// Runs a command in the mode's way and throws unless it exits with 0 and prints as much as it should.
    fileprivate func check(_ job: OwnAgent.Job) async throws {
        let result: CommandResult
        switch job.mode {
        case .ask where max(job.out, job.err) <= SSHLimits.shortOutput:
            result = try await ask(RemoteCommand(job.command))
        case .ask, .run: result = try await run(RemoteCommand(job.command, outputLimit: max(job.out, job.err) + 1))
        case .exec:
            // Constants only: this way has no safe place for anything else.
            let line: StaticString =
                switch job.command {
                case "/bin/true": "/bin/true"
                case "cat /srv/report": "cat /srv/report"
                case "cat /srv/noise >&2": "cat /srv/noise >&2"
                default: throw BenchmarkError("the mode exec does not know '\(job.command)'")
                }
            result = try await plainExec(line, outputLimit: max(job.out, job.err) + 1)
        }
        guard result.succeeded else { throw BenchmarkError("\(result.outcome)") }
        guard result.stdout.count == job.out, result.stderr.count == job.err else {
            throw BenchmarkError("\(result.stdout.count) and \(result.stderr.count) bytes of output")
        }
    }
}

extension Duration {
    /// As a number of seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
