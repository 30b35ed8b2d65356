import Foundation
import Testing

/// The real `testnode` binary, started on a free loopback port with a data folder of its own.
final class RunningProgram: Sendable {
    /// Longest time from start to listening.
    static let startLimit: Duration = .seconds(60)

    let folder: TemporaryFolder
    let port: Int
    let processIdentifier: Int32
    private let ended: AsyncStream<Void>

    var url: String { "http://127.0.0.1:\(port)" }
    /// What the program has written to standard error so far.
    var log: String { (try? folder.read("log")).map { String(decoding: $0, as: UTF8.self) } ?? "" }

    /// The binary beside the test bundle.
    static func binary() throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("testnode").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ToolFailure(description: "\(path) is missing; build it with: swift build --product testnode")
        }
        return path
    }

    private init(_ program: String, _ folder: TemporaryFolder, configuration: String) async throws {
        self.folder = folder
        let file = folder.url("config")
        let text = "listen = 127.0.0.1:0\ndata = \(folder.path)/data\n" + configuration
        try text.write(to: file, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try Self.binary())
        process.arguments = [program, "--config", file.path]
        process.standardInput = FileHandle.nullDevice
        process.standardError = try folder.writer("log")
        let ended = AsyncStream<Void>.makeStream()
        process.terminationHandler = { _ in ended.continuation.finish() }
        try process.run()
        processIdentifier = process.processIdentifier
        self.ended = ended.stream
        let deadline = ContinuousClock.now + Self.startLimit
        while true {
            let log = (try? folder.read("log")).map { String(decoding: $0, as: UTF8.self) } ?? ""
            if let found = log.firstMatch(of: /"event":"listening".*"port":(\d+)/), let port = Int(found.1) {
                self.port = port
                return
            }
            guard process.isRunning, ContinuousClock.now < deadline else {
                kill(process.processIdentifier, SIGKILL)
                throw ToolFailure(description: "testnode \(program) did not listen within \(Self.startLimit): \(log)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Ends the program and waits until it is gone.
    func stop(_ signal: Int32 = SIGTERM) async {
        kill(processIdentifier, signal)
        for await _ in ended {}
    }

    /// Runs a program for the time of `body`. `body` gets a function that stops and starts it again on the same data.
    static func with(
        _ program: String, _ configuration: String, _ body: @escaping (RunningProgram) async throws -> Void,
        afterRestart: ((RunningProgram) async throws -> Void)? = nil, stoppedBy signal: Int32 = SIGTERM
    ) async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        for part in [body, afterRestart].compactMap({ $0 }) {
            let running = try await RunningProgram(program, folder, configuration: configuration)
            do {
                try await part(running)
            } catch {
                await running.stop()
                throw error
            }
            #expect(kill(running.processIdentifier, 0) == 0, "the program ended by itself: \(running.log)")
            await running.stop(signal)
        }
    }
}
