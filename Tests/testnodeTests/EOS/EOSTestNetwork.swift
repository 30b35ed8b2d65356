import Foundation
import Synchronization
import Testing

@testable import testnode

/// Real `nodeos` processes on loopback: two producers, alice and bob, and eu, a node that only follows. Whatever a test
/// does, `with` ends every process it started, by process id, and removes the folder.
final class EOSTestNetwork: Sendable {
    static let names = ["alice", "bob", "eu"]
    private static let nextNetwork = Atomic<Int>(0)

    let folder: URL
    private let prefix: String
    private let processes = Mutex<[String: Process]>([:])

    static func with(_ body: (EOSTestNetwork) async throws -> Void) async throws {
        let network = try EOSTestNetwork()
        defer { network.tearDown() }
        try await body(network)
    }

    private init() throws {
        // The process id keeps runs of different checkouts on one machine apart.
        let number = Self.nextNetwork.add(1, ordering: .relaxed).newValue
        prefix = "127.\(20 + Int(getpid()) % 70).\(100 + number)"
        folder = FileManager.default.temporaryDirectory.appending(path: "eos-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try write("genesis.json", Self.genesis(network: "devnet"))
        try write("other-genesis.json", Self.genesis(network: "jungle"))
        for name in Self.names {
            var text = """
                dialect = eos
                genesis = \(folder.path)/genesis.json
                name = \(name)
                address = \(address(name))
                p2p_port = 9876
                data_dir = \(folder.path)/\(name)
                log_file = \(folder.path)/\(name).log
                peer = \(address("alice")):9876 \(address("bob")):9876
                sync_blocks_per_second = 100

                """
            if name != "eu" {
                text += "producer = \(name)\nprivate_key = \(PrivateKey(seed: "test", name: name).wif)\n"
            }
            try write("\(name).conf", text)
        }
    }

    private static func genesis(network: String) -> String {
        """
        {"initial_timestamp": "2026-01-01T00:00:00.000", "network": "\(network)", "seed": "test",
         "block_interval_ms": 200,
         "producers": [{"producer_name": "alice", "key_name": "alice", "url": "http://alice.example"},
                       {"producer_name": "bob", "key_name": "bob"}],
         "accounts": [{"account_name": "carol", "balance": 7}]}
        """
    }

    private func write(_ name: String, _ text: String) throws {
        try text.write(to: file(name), atomically: true, encoding: .utf8)
    }

    func file(_ name: String) -> URL { folder.appending(path: name) }
    func address(_ name: String) -> String { "\(prefix).\((Self.names.firstIndex(of: name) ?? 200) + 1)" }
    func url(_ name: String) -> String { "http://\(address(name)):8888" }

    // MARK: Processes

    func start(_ name: String, _ options: [String] = []) throws {
        let process = Process()
        process.executableURL = NodeTestNetwork.executable
        process.arguments = ["--config", file("\(name).conf").path] + options
        let said = file("\(name).said")
        try Data().write(to: said)
        process.standardError = try FileHandle(forWritingTo: said)
        try process.run()
        processes.withLock { $0[name] = process }
    }

    /// What the node that was started last wrote to standard error.
    func said(_ name: String) throws -> String { try String(contentsOf: file("\(name).said"), encoding: .utf8) }

    /// Ends a node and waits until it is gone.
    func end(_ name: String, signal: Int32 = SIGKILL) {
        guard let process = processes.withLock({ $0.removeValue(forKey: name) }) else { return }
        if process.isRunning { kill(process.processIdentifier, signal) }
        process.waitUntilExit()
    }

    /// Waits for a node to end by itself and returns its exit code; nil when it does not within `limit`.
    func exitCode(_ name: String, within limit: Duration = .seconds(15)) async throws -> Int32? {
        let process = processes.withLock { $0[name] }
        let deadline = ContinuousClock.now + limit
        while let process, process.isRunning, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        guard let process, !process.isRunning else { return nil }
        return process.terminationStatus
    }

    /// Starts a node that is expected to end by itself, and gives its exit code.
    func exitCode(starting name: String, _ options: String...) async throws -> Int32? {
        end(name)
        try start(name, options)
        return try await exitCode(name)
    }

    private func tearDown() {
        for name in Self.names { end(name) }
        try? FileManager.default.removeItem(at: folder)
    }

    // MARK: RPC

    /// One request to a node's API: status and JSON; nil when it does not answer.
    func ask(_ name: String, _ method: String, _ body: String? = nil) async throws -> (status: Int, answer: JSON)? {
        var arguments = ["-s", "-m", "5", "-w", "\n%{http_code}", "\(url(name))/v1/chain/\(method)"]
        if let body { arguments += ["-d", body] }
        let result = try await Command.run("curl", arguments)
        let lines = result.text.split(separator: "\n", omittingEmptySubsequences: false)
        guard result.status == 0, let last = lines.last, let status = Int(last) else { return nil }
        return (status, try JSON.parse(Array(lines.dropLast().joined(separator: "\n").utf8)))
    }

    func info(_ name: String) async throws -> JSON? { try await ask(name, "get_info")?.answer }
    func head(_ name: String) async throws -> Int? { try await info(name)?["head_block_num"]?.integer }

    /// Waits until a node's head is at least `number`; false when that takes longer than `limit`.
    func reach(_ number: Int, _ name: String, within limit: Duration = .seconds(40)) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if try await head(name) ?? -1 >= number { return true }
            try await Task.sleep(for: .milliseconds(100))
        }
        return false
    }
}
