import ArgumentParser
import Definitions
import Foundation
import Glibc
import Replay
import Timeline

/// The contained process: boots the testnet of a run folder's plan and replays. Started by the supervisor, not by people.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "_replay", shouldDisplay: false)

    @Argument var folder: String
    @Flag(help: "Keep the network running after the replay, until a stop is requested.") var keepUp = false

    func run() async throws {
        let folder = RunFolder(path: folder)
        let plan = try JSONDecoder().decode(Plan.self, from: Data(contentsOf: URL(fileURLWithPath: folder.plan)))
        let work = CancellableWork()
        let log = try RunLog(path: folder.events, clock: SystemClock()) { _ in work.cancel() }
        let stopping = Task {
            for await _ in Signals.stream([SIGTERM, SIGINT]) { work.cancel() }
        }
        defer { stopping.cancel() }
        let network = ContainedNetwork(folder: folder, plan: plan, log: log, keepUp: keepUp)
        let failure = await work.run { try await network.run() }
        await log.record(.runEnded(error: failure))
        if let logFailure = await log.failure {
            FileHandle.standardError.write(Data("\(logFailure)\n".utf8))
            throw ArgumentParser.ExitCode(ExitStatus.harness)
        }
        throw ArgumentParser.ExitCode(failure == nil ? 0 : ExitStatus.harness)
    }
}

/// The task that does the work, cancellable from signal handlers and from the event log.
final class CancellableWork: Sendable {
    private let stop: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stop, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    /// Cancels the work, also when it has not begun yet.
    func cancel() { continuation.yield() }

    /// Runs `body`; returns the message of what it threw, or nil.
    func run(_ body: @escaping @Sendable () async throws -> Void) async -> String? {
        await withTaskGroup(of: (isWork: Bool, failure: String?).self) { group in
            group.addTask {
                do {
                    try await body()
                    return (true, nil)
                } catch is CancellationError {
                    return (true, "the run was stopped before it ended")
                } catch {
                    return (true, "\(error)")
                }
            }
            group.addTask {
                for await _ in self.stop { break }
                return (false, nil)
            }
            // Both orders: the work ends by itself, or is cancelled first and then ends.
            var failure: String?
            for await ending in group {
                group.cancelAll()
                if ending.isWork { failure = ending.failure }
            }
            return failure
        }
    }
}
