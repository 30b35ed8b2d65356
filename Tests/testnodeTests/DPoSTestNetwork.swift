import Consensus
import Crypto
import Foundation
import Synchronization
import Testing

@testable import testnode

/// Real DPoS nodes on loopback, in the driver's own dialect, each on its own 127.x address, in a folder of their own.
/// Whatever a test does, `with` ends every process it started, by process id, and removes the folder.
final class DPoSTestNetwork: Sendable {
    private static let nextNetwork = Atomic<Int>(0)
    static let seed = "dpos test"

    let folder: URL
    let names: [String]
    let chainID: [UInt8]
    private let prefix: String
    private let processes = Mutex<[String: Process]>([:])

    /// Builds the files, runs `body`, and cleans up. `p0` … make blocks, `o0` … do not.
    static func with(
        producers: Int = 5, others: Int = 0, _ body: (DPoSTestNetwork) async throws -> Void
    ) async throws {
        let network = try DPoSTestNetwork(producers, others)
        defer {
            network.kill(network.names)
            try? FileManager.default.removeItem(at: network.folder)
        }
        try await body(network)
    }

    private init(_ producers: Int, _ others: Int) throws {
        let number = Self.nextNetwork.add(1, ordering: .relaxed).newValue
        prefix = "127.\(100 + Int(getpid()) % 100).\(100 + number)"
        names = (0..<producers).map { "p\($0)" } + (0..<others).map { "o\($0)" }
        folder = FileManager.default.temporaryDirectory.appending(path: "dpos-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var genesis = """
            engine dpos
            network test-\(number)
            seed \(Self.seed)
            genesis_time \(Int(Date().timeIntervalSince1970))
            slot 250ms

            """
        for index in 0..<producers { genesis += "producer p\(index) p\(index)-signing\n" }
        chainID = try DPoSGenesis.parse(genesis, file: "genesis").chainID
        try write(genesis, to: "genesis")
        try write(genesis.replacing("slot 250ms", with: "slot 300ms"), to: "genesis.other")
        for name in names {
            let isProducer = name.hasPrefix("p")
            try configure(name, producer: isProducer ? name : nil, keys: isProducer ? ["\(name)-signing"] : [])
        }
    }

    private func write(_ text: String, to name: String) throws {
        try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
    }

    /// Writes a node's configuration.
    func configure(_ name: String, producer: String?, keys: [String], more: String = "") throws {
        let keys = keys.map { PrivateKey(seed: Self.seed, name: $0).wif }
        try write(
            """
            dialect = plain
            genesis = \(folder.path)/genesis
            name = \(name)
            address = \(address(name))
            data_dir = \(folder.path)/\(name)
            log_file = \(folder.path)/\(name).log
            producer = \(producer ?? "")
            private_key = \(keys.joined(separator: " "))
            peer = \(names.map(address).joined(separator: ", "))
            \(more)
            """, to: "\(name).conf")
    }

    func address(_ name: String) -> String {
        "\(prefix).\((Int(name.dropFirst()) ?? 0) + (name.hasPrefix("p") ? 1 : 150))"
    }

    func file(_ path: String) -> URL { folder.appending(path: path) }

    // MARK: Processes

    func start(_ names: [String], _ more: [String] = []) throws {
        for name in names {
            let process = Process()
            process.executableURL = NodeTestNetwork.executable
            process.arguments = ["--config", file("\(name).conf").path] + more
            process.standardError = FileHandle.nullDevice
            try process.run()
            processes.withLock { $0[name] = process }
        }
    }

    /// Ends nodes and waits until they are gone; returns their exit codes.
    @discardableResult
    func kill(_ names: [String], signal: Int32 = SIGKILL) -> [Int32] {
        let ended = processes.withLock { processes in names.compactMap { processes.removeValue(forKey: $0) } }
        for process in ended where process.isRunning { Foundation.kill(process.processIdentifier, signal) }
        for process in ended { process.waitUntilExit() }
        return ended.map(\.terminationStatus)
    }

    /// Runs a node that ends by itself; nil when it does not within 20 s.
    func exitCode(_ name: String, _ more: [String] = []) async throws -> Int32? {
        try start([name], more)
        let process = processes.withLock { $0[name] }
        let deadline = ContinuousClock.now + .seconds(20)
        while let process, process.isRunning, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        guard let process, !process.isRunning else { return nil }
        return process.terminationStatus
    }

    // MARK: Looking

    /// The node's own report; nil when it does not answer.
    func report(_ name: String) async -> JSON? {
        await exchange(name, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    }

    /// Submits an update and returns the answer's text.
    func submit(_ update: DPoS.Update, signedBy key: String, to name: String) async -> String? {
        let signed = PlainUpdate.encode(update, chainID: chainID)
        let digest = Array(SHA256.hash(data: signed))
        let signature = PrivateKey(seed: Self.seed, name: key).sign(digest: digest).bytes
        let body = signed.hex + " " + signature.hex
        let head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n"
        return await exchange(name, head + body)?.text
    }

    private func exchange(_ name: String, _ request: String) async -> JSON? {
        let address = address(name)
        return await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                let bytes = PlainHTTP.exchange(address, 9500, Array(request.utf8))
                let body = bytes.flatMap { bytes in
                    bytes.firstRange(of: Array("\r\n\r\n".utf8)).map { Array(bytes[$0.upperBound...]) }
                }
                continuation.resume(returning: body.flatMap { try? JSON.parse($0, depth: 64) })
            }
        }
    }

    func number(_ key: String, _ name: String) async -> Int { await report(name)?[key]?.integer ?? -1 }

    /// Missed slots of a producer as a node counts them.
    func missed(_ producer: String, at name: String) async -> Int {
        await report(name)?["producers"]?.items?.first { $0["name"]?.text == producer }?["missed"]?.integer ?? -1
    }

    /// Waits until `condition` holds; false when it does not within `limit`.
    func wait(_ limit: Duration = .seconds(40), _ condition: () async throws -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if try await condition() { return true }
            try await Task.sleep(for: .milliseconds(100))
        }
        return false
    }

    /// Waits until every one of `names` has block `number`.
    func reach(_ number: Int, _ names: [String], within limit: Duration = .seconds(40)) async throws -> Bool {
        try await wait(limit) {
            for name in names where await self.number("head", name) < number { return false }
            return true
        }
    }

    func log(_ name: String) throws -> [JSON] {
        let text = try String(contentsOf: file("\(name).log"), encoding: .utf8)
        return try text.split(separator: "\n").map { try JSON.parse(Array($0.utf8)) }
    }
}
