import Foundation

/// `fleet-bench fleet …` measures SSH clients beside each other, `fleet-bench agent MODE` is our own client among them.
/// Started by `scripts/bench` inside the benchmark's private namespace, not by people.
@main
enum Program {
    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            switch arguments.first {
            case "agent": try await OwnAgent(arguments.dropFirst().first ?? "").serve()
            case "fleet": try FleetBenchmark(FleetOptions(Array(arguments.dropFirst()))).run()
            default: throw BenchmarkError("usage: scripts/bench fleet [OPTIONS]; see docs/benchmarks.md")
            }
        } catch {
            FileHandle.standardError.write(Data("fleet-bench: \(error)\n".utf8))
            exit(1)
        }
    }
}

/// What stops a benchmark, in a sentence.
struct BenchmarkError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Where things are inside the benchmark's namespace, and the account that everything runs as.
struct Place {
    /// Keys, addresses, sockets, the hosts' files: a file system in memory.
    let folder: String
    let user: String

    init() throws {
        let environment = ProcessInfo.processInfo.environment
        guard let folder = environment["BENCH_FOLDER"], let user = environment["BENCH_USER"] else {
            throw BenchmarkError("BENCH_FOLDER and BENCH_USER are not set; start it with: make bench")
        }
        self.folder = folder
        self.user = user
    }

    var key: String { "\(folder)/id_ed25519" }
    var knownHosts: String { "\(folder)/known_hosts" }
    var addresses: String { "\(folder)/addresses" }
    func host(_ address: String) -> String { "\(folder)/hosts/\(address)" }
}
