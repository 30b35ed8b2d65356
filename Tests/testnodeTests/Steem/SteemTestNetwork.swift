import Foundation
import Synchronization
import Testing

@testable import testnode

/// Three real nodes of the steem dialect: the primary and the backup of the witness `alice`, and `bob`'s. `with` ends
/// every process it started, by process id, and removes the folder.
final class SteemTestNetwork: Sendable {
    private static let nextNetwork = Atomic<Int>(0)
    static let seed = "steem test"
    static let names = ["primary", "bob", "backup"]

    private let folder: URL
    private let prefix: String
    private let processes = Mutex<[String: Process]>([:])

    static func key(_ name: String) -> PrivateKey { PrivateKey(seed: seed, name: name) }

    /// Starts the nodes, waits until they share some blocks, runs `body`, and cleans up.
    static func with(_ body: (SteemTestNetwork) async throws -> Void) async throws {
        let network = try SteemTestNetwork()
        defer {
            network.kill(names)
            try? FileManager.default.removeItem(at: network.folder)
        }
        try network.start(names)
        for name in names { #expect(try await network.wait { await network.head(name) >= 4 }, "\(name)") }
        try await body(network)
    }

    private init() throws {
        let number = Self.nextNetwork.add(1, ordering: .relaxed).newValue
        prefix = "127.\(150 + Int(getpid()) % 50).\(200 + number % 50)"
        folder = FileManager.default.temporaryDirectory.appending(path: "steem-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let genesis = """
            engine dpos
            network steem-test
            seed \(Self.seed)
            genesis_time \(Int(Date().timeIntervalSince1970))
            slot 250ms
            schedule shuffled
            irreversible_percent 75
            producer alice primary https://alice.example
            producer bob bob https://bob.example
            account alice 1000

            """
        try genesis.write(to: folder.appending(path: "genesis"), atomically: true, encoding: .utf8)
        for name in Self.names {
            let settings = """
                dialect = steem
                genesis = \(folder.path)/genesis
                name = \(name)
                address = \(address(name))
                data_dir = \(folder.path)/\(name)
                log_file = \(folder.path)/\(name).log
                producer = \(name == "bob" ? "bob" : "alice")
                private_key = \(Self.key(name).wif)
                peer = \(Self.names.map(address).joined(separator: " "))
                version = 0.19.10

                """
            try settings.write(to: folder.appending(path: "\(name).conf"), atomically: true, encoding: .utf8)
        }
    }

    func address(_ name: String) -> String { "\(prefix).\((Self.names.firstIndex(of: name) ?? 0) + 1)" }
    func url(_ name: String) -> String { "http://\(address(name)):8090" }

    func start(_ names: [String]) throws {
        for name in names {
            let process = Process()
            process.executableURL = NodeTestNetwork.executable
            process.arguments = ["--config", folder.appending(path: "\(name).conf").path]
            process.standardError = FileHandle.nullDevice
            try process.run()
            processes.withLock { $0[name] = process }
        }
    }

    func kill(_ names: [String]) {
        let ended = processes.withLock { processes in names.compactMap { processes.removeValue(forKey: $0) } }
        for process in ended where process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
        for process in ended { process.waitUntilExit() }
    }

    /// The answer to one request; nil when the node does not answer.
    func ask(_ name: String, _ method: String, _ parameters: JSON = .array([])) async -> JSON? {
        let body = JSON.make([
            "jsonrpc": .string("2.0"), "id": .int(1), "method": .string(method), "params": parameters,
        ])
        let address = address(name)
        return await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                let answer = PlainHTTP.post(to: address, port: 8090, body: Array(body.line.utf8))?.answer
                continuation.resume(returning: answer)
            }
        }
    }

    func result(_ name: String, _ method: String, _ parameters: JSON = .array([])) async throws -> JSON {
        let answer = await ask(name, method, parameters)
        return try #require(answer?["result"], "\(method): \(answer?.line ?? "no answer")")
    }

    func head(_ name: String) async -> Int {
        await ask(name, "condenser_api.get_dynamic_global_properties")?["result"]?["head_block_number"]?.integer ?? 0
    }

    /// The witness as `bob`'s node has it.
    func witness(_ name: String) async throws -> JSON {
        try await result("bob", "condenser_api.get_witness_by_account", .array([.string(name)]))
    }

    /// Blocks that a node says it made.
    func produced(_ name: String) throws -> Int {
        let text = try String(contentsOf: folder.appending(path: "\(name).log"), encoding: .utf8)
        return text.split(separator: "\n").count { $0.contains("\"produced block\"") }
    }

    func wait(_ limit: Duration = .seconds(40), _ condition: () async throws -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if try await condition() { return true }
            try await Task.sleep(for: .milliseconds(100))
        }
        return false
    }
}
