import Subprocess
import SystemPackage
import Timeline

/// Runs one of the machine's own programs to its end, for boot.
enum Tool {
    /// The most that a tool's message may hold; what is longer is cut by the caller's limit and reported as a failure.
    private static let outputLimit = 64 * 1024

    /// Longest time that a tool may take; each normally ends within a second.
    private static let limit = Duration.seconds(30)

    /// Returns what `command` printed.
    /// - Throws: `BootError.missingTool`, `BootError.toolFailed`.
    @discardableResult
    static func run(_ command: [String], purpose: String, workingDirectory: String? = nil) async throws -> String {
        try await within(limit, otherwise: late(command[0], purpose, limit)) {
            try await runToEnd(command, purpose: purpose, workingDirectory: workingDirectory)
        }
    }

    /// Does `work`, which is cancelled (its process killed) when it takes longer than `limit`; that throws `error`.
    static func within(
        _ limit: Duration, otherwise error: BootError, _ work: @escaping @Sendable () async throws -> String
    ) async throws -> String {
        try await withThrowingTaskGroup(of: String.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await Task.sleep(for: limit)
                throw error
            }
            defer { group.cancelAll() }
            return try await group.next() ?? ""
        }
    }

    /// How a tool is reported that was killed after `limit`.
    static func late(_ tool: String, _ purpose: String, _ limit: Duration) -> BootError {
        .toolFailed(
            tool: tool, purpose: purpose, status: "killed", message: "it took longer than \(DurationText(limit))")
    }

    /// Runs `command` for as long as the caller wants.
    /// - Throws: `BootError` when it ends by itself.
    static func runUntilCancelled(_ command: [String], purpose: String) async throws -> Never {
        _ = try await runToEnd(command, purpose: purpose, workingDirectory: nil)
        throw BootError.toolFailed(
            tool: command[0], purpose: purpose, status: "ended", message: "it should have gone on")
    }

    private static func runToEnd(
        _ command: [String], purpose: String, workingDirectory: String?
    ) async throws -> String {
        do {
            let program: Executable = command[0].contains("/") ? .path(FilePath(command[0])) : .name(command[0])
            let result = try await Subprocess.run(
                program, arguments: Arguments(Array(command.dropFirst())),
                workingDirectory: workingDirectory.map { FilePath($0) }, output: .string(limit: outputLimit),
                error: .string(limit: outputLimit))
            guard result.terminationStatus.isSuccess else {
                throw BootError.toolFailed(
                    tool: command[0], purpose: purpose, status: "\(result.terminationStatus)",
                    message: result.standardError.trimmingWhitespace())
            }
            return result.standardOutput
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw BootError.missingTool(command[0])
        }
    }
}

extension String {
    func trimmingWhitespace() -> String {
        var slice = self[...]
        while slice.first?.isWhitespace == true { slice.removeFirst() }
        while slice.last?.isWhitespace == true { slice.removeLast() }
        return String(slice)
    }
}
