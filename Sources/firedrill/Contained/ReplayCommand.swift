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
    @OptionGroup var options: ContainedModeOptions

    func run() async throws {
        // One connection, two pipes and a few files for each host.
        let openFiles = Int32(RLIMIT_NOFILE.rawValue)
        var files = rlimit()
        if getrlimit(openFiles, &files) == 0 {
            files.rlim_cur = files.rlim_max
            setrlimit(openFiles, &files)
        }
        let folder = RunFolder(path: folder)
        let clock = SystemClock()
        let stop = StopRequest()
        let plan = try JSONDecoder().decode(Plan.self, from: Data(contentsOf: URL(fileURLWithPath: folder.stagedPlan)))
        let written = try EventLogReader.readAll(path: folder.events).events.count
        let log = try RunLog(path: folder.events, criteria: plan.criteria, clock: clock, nextSequence: written)
        let network = ContainedNetwork(
            folder: folder, plan: plan, log: log, clock: clock, keepUp: options.keepUp, bootOnly: options.bootOnly,
            stop: stop)
        let failure = await withTaskGroup(of: String??.self) { group in
            group.addTask {
                for await _ in Signals.stream([SIGTERM, SIGINT]) { await stop.make() }
                return .none
            }
            group.addTask { .some(await Self.play(network, stop: stop)) }
            while let ended = await group.next() {
                guard let failure = ended else { continue }
                group.cancelAll()
                return failure
            }
            return nil
        }
        if let failure {
            await log.record(.problem(kind: .harness, reason: failure))
            Stop.printError(failure)
        }
        if let reason = await log.failure { Stop.printError(reason) }
        let failed = await log.failure != nil || failure != nil
        // Not exit(): its handlers free what libcrypto keeps while the SSH module's threads still use it. All that matters
        // is on disk.
        _exit(failed ? Timeline.ExitCode.harnessError.rawValue : Timeline.ExitCode.passed.rawValue)
    }

    /// Plays to the end. While hosts are still being booted a stop request just cancels; later the replay cleans up first.
    private static func play(_ network: ContainedNetwork, stop: StopRequest) async -> String? {
        await withTaskGroup(of: String??.self) { group in
            group.addTask {
                do {
                    return .some(try await network.run())
                } catch {
                    return .some(await stop.isMade ? "The run was stopped before the network was up." : "\(error)")
                }
            }
            group.addTask {
                await stop.wait()
                return .none
            }
            while let ended = await group.next() {
                if let failure = ended {
                    group.cancelAll()
                    return failure
                }
                if !FileManager.default.fileExists(atPath: network.folder.ready) { group.cancelAll() }
            }
            return nil
        }
    }
}

/// How the contained process is asked to behave.
struct ContainedMode: Sendable, Hashable {
    /// Keep the network running after the replay, until a stop is requested.
    var keepUp = false
    /// Replay nothing: the network is only for people.
    var bootOnly = false

    /// The same choice as command-line arguments, which `ContainedModeOptions` reads.
    var arguments: [String] { (keepUp ? ["--keep-up"] : []) + (bootOnly ? ["--boot-only"] : []) }
}

/// `ContainedMode` on a command line.
struct ContainedModeOptions: ParsableArguments {
    @Flag var keepUp = false
    @Flag var bootOnly = false

    var mode: ContainedMode { ContainedMode(keepUp: keepUp, bootOnly: bootOnly) }
}
