import Foundation
import Testing

/// What a command that has ended left.
struct CommandResult: Sendable {
    var status: Int32
    var output: Data
    var errors: String

    var text: String { String(decoding: output, as: UTF8.self) }
}

/// Why a test's tool cannot be used. Tests fail with this sentence instead of skipping.
struct ToolFailure: Error, CustomStringConvertible {
    var description: String
}

/// Runs real client programs and gives their output; a command that takes too long is killed and fails the test.
enum Command {
    static let longest: Duration = .seconds(60)

    static func run(
        _ tool: String, _ arguments: [String], environment: [String: String] = [:], within limit: Duration = longest
    ) async throws -> CommandResult {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try path(of: tool))
        process.arguments = arguments
        // Nothing of the user's own configuration may reach the clients.
        process.environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder.path,
            "AWS_EC2_METADATA_DISABLED": "true",
        ].merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try folder.writer("out")
        process.standardError = try folder.writer("err")
        try await wait(for: process, within: limit, name: tool)
        return CommandResult(
            status: process.terminationStatus, output: try folder.read("out"),
            errors: String(decoding: try folder.read("err"), as: UTF8.self))
    }

    private static func wait(for process: Process, within limit: Duration, name: String) async throws {
        let ended = AsyncStream<Void>.makeStream()
        process.terminationHandler = { _ in ended.continuation.finish() }
        try process.run()
        let id = process.processIdentifier
        let watchdog = Task {
            try await Task.sleep(for: limit)
            kill(id, SIGKILL)
            Issue.record("\(name) did not end within \(limit) and was killed")
        }
        for await _ in ended.stream {}
        watchdog.cancel()
    }

    /// Where a tool is; throws a sentence that says how to get it.
    static func path(of tool: String) throws -> String {
        if tool.hasPrefix("/") { return tool }
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        guard let found = folders.map({ "\($0)/\(tool)" }).first(where: FileManager.default.isExecutableFile) else {
            throw ToolFailure(description: "\(tool) is not installed; install it with: apt-get install \(tool)")
        }
        return found
    }
}

/// A folder of its own for one test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "testnode-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    func writer(_ name: String) throws -> FileHandle {
        try Data().write(to: url(name))
        return try FileHandle(forWritingTo: url(name))
    }

    func url(_ name: String) -> URL { URL(fileURLWithPath: path).appendingPathComponent(name) }
    func read(_ name: String) throws -> Data { try Data(contentsOf: url(name)) }

    /// Writes a file of pseudo-random bytes, the same for the same seed, and returns its path.
    func makeFile(_ name: String, size: Int, seed: UInt64 = 1) throws -> String {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        var data = Data(capacity: size + 8)
        while data.count < size {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            withUnsafeBytes(of: state) { data.append(contentsOf: $0) }
        }
        try data.prefix(size).write(to: url(name))
        return url(name).path
    }
}
