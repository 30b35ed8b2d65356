import Foundation
import Synchronization
import Testing

@testable import testnode

/// Real node processes on loopback, each on its own 127.x address, in a folder of their own. Whatever a test does,
/// `with` ends every process it started, by process id, and removes the folder.
final class NodeTestNetwork: Sendable {
    struct Options: Sendable {
        var validators = 7
        var explorers = 0
        var protocolName = "fixed"
        var blocksPerEpoch = 16
        var settings: [String: String] = [
            "block_interval": "300ms", "phase_timeout": "2s", "view_change_unit": "1s", "bootstrap_timeout": "3s",
            "retry_interval": "300ms",
        ]
    }

    static let account = "one1a50tun737ulcvwy0yvve0pvu5skq0kjargvhwe"
    private static let nextNetwork = Atomic<Int>(0)

    let folder: URL
    let names: [String]
    private let prefix: String
    private let validators: Int
    private let processes = Mutex<[String: Process]>([:])

    /// Builds the files, runs `body`, and cleans up.
    static func with(
        _ options: Options = Options(), _ body: (NodeTestNetwork) async throws -> Void
    ) async throws {
        let network = try NodeTestNetwork(options)
        defer { network.tearDown() }
        try await body(network)
    }

    private init(_ options: Options) throws {
        // The process id keeps runs of different checkouts on one machine apart.
        let number = Self.nextNetwork.add(1, ordering: .relaxed).newValue
        prefix = "127.\(100 + Int(getpid()) % 100).\(number)"
        validators = options.validators
        names =
            (0..<options.validators).map { "v\($0)" } + (0..<options.explorers).map { "e\($0)" }
        folder = FileManager.default.temporaryDirectory.appending(path: "node-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var genesis = """
            network devnet
            chain_id 2
            seed test \(number)
            genesis_time 1767225600
            blocks_per_epoch \(options.blocksPerEpoch)
            block_reward 28
            balance 0 \(Self.account) 1000
            endpoint 0 http://api.s0.example ws://ws.s0.example

            """
        for index in 0..<options.validators { genesis += "validator 0 v\(index) \(address("v\(index)"))\n" }
        genesis += "validator 1 other \(prefix).200\n"
        try genesis.write(to: folder.appending(path: "genesis"), atomically: true, encoding: .utf8)
        for name in names { try writeConfiguration(name, options) }
    }

    private func writeConfiguration(_ name: String, _ options: Options) throws {
        var text = """
            genesis = \(folder.path)/genesis
            name = \(name)
            shard = 0
            role = \(name.hasPrefix("v") ? "validator" : "explorer")
            address = \(address(name))
            data_dir = \(folder.path)/\(name)
            log_file = \(folder.path)/\(name).log
            protocol = \(options.protocolName)

            """
        for (key, value) in options.settings.sorted(by: { $0.key < $1.key }) { text += "\(key) = \(value)\n" }
        try text.write(to: folder.appending(path: "\(name).conf"), atomically: true, encoding: .utf8)
    }

    func address(_ name: String) -> String {
        let index = Int(name.dropFirst()) ?? 0
        return "\(prefix).\(name.hasPrefix("v") ? index + 1 : index + 150)"
    }

    var validatorNames: [String] { Array(names.prefix(validators)) }

    /// Directory of a node's database.
    func database(_ name: String) -> URL { folder.appending(path: "\(name)/harmony_db_0") }

    // MARK: Processes

    /// The program under test, beside the test bundle.
    static var executable: URL {
        URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "testnode")
    }

    func start(_ names: [String]) throws {
        for name in names {
            let process = Process()
            process.executableURL = Self.executable
            process.arguments = ["--config", folder.appending(path: "\(name).conf").path]
            process.standardError = FileHandle.nullDevice
            try process.run()
            processes.withLock { $0[name] = process }
        }
    }

    /// Ends nodes the way a crash does and waits until they are gone.
    func kill(_ names: [String], signal: Int32 = SIGKILL) {
        let ended = processes.withLock { processes in names.compactMap { processes.removeValue(forKey: $0) } }
        for process in ended where process.isRunning { Foundation.kill(process.processIdentifier, signal) }
        for process in ended { process.waitUntilExit() }
    }

    /// Waits for a node to end by itself and returns its exit code; nil when it does not within `limit`.
    func exitCode(_ name: String, within limit: Duration = .seconds(60)) async throws -> Int32? {
        let process = processes.withLock { $0[name] }
        let deadline = ContinuousClock.now + limit
        while let process, process.isRunning, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        guard let process, !process.isRunning else { return nil }
        return process.terminationStatus
    }

    func processID(_ name: String) -> Int32? {
        processes.withLock { $0[name]?.processIdentifier }
    }

    private func tearDown() {
        kill(names)
        try? FileManager.default.removeItem(at: folder)
    }

    // MARK: RPC

    /// The `result` of a call; nil when the node does not answer or answers with an error.
    func call(_ name: String, _ method: String, _ parameters: [JSON] = []) async -> JSON? {
        let body = JSON.make([
            "jsonrpc": .string("2.0"), "id": .int(1), "method": .string(method), "params": .array(parameters),
        ])
        return await post(name, Array(body.line.utf8))?.answer?["result"]
    }

    /// Posts a body and returns status and answer; nil when there is no answer.
    func post(_ name: String, _ body: [UInt8]) async -> (status: Int, answer: JSON?)? {
        let address = address(name)
        return await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: PlainHTTP.post(to: address, port: 9500, body: body))
            }
        }
    }

    func height(_ name: String) async -> Int? {
        await call(name, "hmyv2_blockNumber")?.integer
    }

    func heights(_ names: [String]) async -> [Int?] {
        var heights: [Int?] = []
        for name in names { heights.append(await height(name)) }
        return heights
    }

    /// A node's `consensus` object of `getNodeMetadata`.
    func consensus(_ name: String) async -> JSON? {
        await call(name, "hmyv2_getNodeMetadata")?["consensus"]
    }

    /// Waits until every one of `names` is at least at `height`; false when that takes longer than `limit`.
    func reach(_ height: Int, _ names: [String], within limit: Duration = .seconds(40)) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if await heights(names).allSatisfy({ ($0 ?? -1) >= height }) { return true }
            try await Task.sleep(for: .milliseconds(100))
        }
        return false
    }

    /// The hash that each node has at `height`.
    func hashes(at height: Int, _ names: [String]) async -> Set<String?> {
        var hashes: Set<String?> = []
        for name in names {
            hashes.insert(await call(name, "hmyv2_getBlockByNumber", [.int(height), .make([:])])?["hash"]?.text)
        }
        return hashes
    }

    func log(_ name: String) throws -> [JSON] {
        let text = try String(contentsOf: folder.appending(path: "\(name).log"), encoding: .utf8)
        return try text.split(separator: "\n").map { try JSON.parse(Array($0.utf8)) }
    }
}

/// One HTTP request over a blocking socket, so that a test depends on nothing but the wire.
enum PlainHTTP {
    static func post(to host: String, port: UInt16, body: [UInt8]) -> (status: Int, answer: JSON?)? {
        let head = "POST / HTTP/1.1\r\nHost: \(host)\r\nContent-Length: \(body.count)\r\nConnection: close\r\n\r\n"
        guard let bytes = exchange(host, port, Array(head.utf8) + body),
            let split = bytes.firstRange(of: Array("\r\n\r\n".utf8)),
            let status = Int(String(decoding: bytes.prefix(12).suffix(3), as: UTF8.self))
        else { return nil }
        return (status, try? JSON.parse(Array(bytes[split.upperBound...]), depth: 64))
    }

    /// Sends everything, then reads until the peer closes; nil when it cannot connect.
    static func exchange(_ host: String, _ port: UInt16, _ bytes: [UInt8]) -> [UInt8]? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { return nil }
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { break }
            sent += count
        }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return answer }
            answer += chunk[..<count]
        }
    }
}
