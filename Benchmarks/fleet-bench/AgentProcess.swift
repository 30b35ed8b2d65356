import BenchmarkFigures
import Foundation

/// One measured client: a process that answers requests with what they cost.
final class AgentProcess {
    /// A request; its keys are the parameters of the agents' methods.
    struct Request: Encodable {
        var op: String
        var command: String?
        var out: Int?
        var err: Int?
        var source: String?
        var target: String?
    }

    /// An answer; see `Benchmarks/peers/agent.py`.
    struct Answer: Codable {
        var wallSeconds: Double
        var clientCPUSeconds: Double
        var peakBytes: Int
        var doneSeconds: [Double]
        var failed: [String]

        enum CodingKeys: String, CodingKey {
            case failed
            case wallSeconds = "wall_s"
            case clientCPUSeconds = "client_cpu_s"
            case peakBytes = "peak_bytes"
            case doneSeconds = "done_s"
        }
    }

    /// How long one request may take; the tools have time limits of their own just below.
    private static let patience: Duration = .seconds(120)

    let tool: Tool
    private let child: Child
    private var rest: [UInt8] = []

    init(_ tool: Tool) throws {
        self.tool = tool
        child = try Child(tool.command, piped: true)
    }

    func ask(_ request: Request) throws -> Answer {
        let bytes = try JSONEncoder().encode(request) + [UInt8(ascii: "\n")]
        guard bytes.withUnsafeBytes({ write(child.input, $0.baseAddress!, $0.count) }) == bytes.count else {
            throw BenchmarkError("\(tool.name) ended; see what it said above")
        }
        return try JSONDecoder().decode(Answer.self, from: Data(try line()))
    }

    /// Asks it to close its connections and waits for its end.
    func close() {
        _ = try? ask(Request(op: "close"))
        child.finish()
    }

    /// Ends it without waiting for an answer.
    func giveUp() { child.finish(within: 0) }

    private func line() throws -> [UInt8] {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(rest[..<end])
                rest.removeFirst(end + 1)
                return line
            }
            var poll = pollfd(fd: child.output, events: Int16(POLLIN), revents: 0)
            guard ContinuousClock.now < deadline else {
                throw BenchmarkError("\(tool.name) did not answer in \(Self.patience)")
            }
            guard Glibc.poll(&poll, 1, 1000) > 0 else { continue }
            var bytes = [UInt8](repeating: 0, count: 64 * 1024)
            let count = read(child.output, &bytes, bytes.count)
            guard count > 0 else { throw BenchmarkError("\(tool.name) ended; see what it said above") }
            rest += bytes.prefix(count)
        }
    }
}

/// A client that is measured.
struct Tool {
    let name: String
    let command: [String]
    /// What it can be asked for.
    let works: Set<Work>
    /// It takes so long that fewer calls have to do.
    var isSlow = false

    /// All of them, ours first.
    static func all(program: String, venv: String, peers: String) -> [Tool] {
        let python = "\(venv)/bin/python3"
        let everything = Set(Work.allCases)
        let short: Set<Work> = [.warm, .output, .restart]
        return [
            Tool(name: "firedrill", command: [program, "agent", "ask"], works: everything),
            Tool(name: "firedrill run", command: [program, "agent", "run"], works: [.warm, .output, .restart]),
            Tool(
                name: "firedrill exec", command: [program, "agent", "exec"], works: [.cold, .warm, .output, .stderr]),
            Tool(name: "asyncssh", command: [python, "\(peers)/asyncssh_agent.py", "exec"], works: everything),
            Tool(name: "asyncssh shell", command: [python, "\(peers)/asyncssh_agent.py", "shell"], works: short),
            Tool(name: "parallel-ssh", command: [python, "\(peers)/parallel_ssh_agent.py"], works: everything),
            Tool(name: "ControlMaster", command: command("controlmaster"), works: everything),
            Tool(name: "pdsh", command: command("pdsh"), works: [.cold, .warm, .output, .restart]),
            // It reads stderr line by line, some 3 s for each host's 4 MB.
            Tool(
                name: "ClusterShell", command: command("clush"), works: [.cold, .warm, .output, .upload, .restart]),
            Tool(name: "Ansible", command: command("ansible"), works: [.cold, .warm, .output, .restart], isSlow: true),
            Tool(name: "no SSH", command: [python, "\(peers)/floor_agent.py"], works: [.warm, .restart]),
        ]
        func command(_ kind: String) -> [String] { [python, "\(peers)/command_agent.py", kind] }
    }
}

/// What the clients are asked to do on all hosts at once.
enum Work: String, CaseIterable {
    case cold, warm, output, stderr, upload, restart

    func request(_ place: Place) -> AgentProcess.Request {
        switch self {
        case .cold: .init(op: "cold")
        case .warm: .init(op: "run", command: "/bin/true", out: 0, err: 0)
        case .output: .init(op: "run", command: "cat /srv/report", out: Servers.reportBytes, err: 0)
        case .stderr: .init(op: "run", command: "cat /srv/noise >&2", out: 0, err: Servers.noiseBytes)
        case .upload: .init(op: "upload", source: "\(place.folder)/content", target: "/srv/uploaded")
        case .restart: .init(op: "run", command: "sv restart /srv/service >/dev/null", out: 0, err: 0)
        }
    }
}
