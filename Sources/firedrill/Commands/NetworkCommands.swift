import ArgumentParser
import Definitions
import Foundation
import Replay
import Timeline

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Boots a testnet and leaves it running, to look around or rehearse on.",
        discussion: """
            Example:
              firedrill up harmony-four-shards        prints the FILE for ssh
              ssh -F FILE ops
              firedrill down harmony-four-shards
            """)

    @Argument(help: "A testnet's name.") var testnet: String
    @Option(help: "Incident seconds per wall second for the testnet's scaled delays.") var timeScale: Double = 1
    @Option(help: "The testnet's size, instead of its default one.") var size: String?
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        try await Stop.reporting {
            let options = CompileOptions(size: size, runNonce: RunIdentity.makeRun(), programFolder: Programs.folder)
            let (testnetPlan, staged) = try place.catalogue().compile(
                testnet: testnet, timeScale: timeScale, options: options)
            let plan = Plan.idle(on: testnetPlan)
            let identity = try Identity.forContained(environment: ProcessInfo.processInfo.environment)
            let claim = try RunSession.claim(testnet, root: place.rootPath, identity: identity)
            try OpenFaultGate.check([testnet], root: place.rootPath)
            RunLock.sweep(root: place.rootPath)
            let prepared = try RunPreparation(root: place.rootPath, identity: identity)
                .prepare(plan: plan, staged: staged, name: "up-\(testnet)")
            let folder = prepared.folder
            let session = RunSession(
                folder: folder, criteria: plan.criteria, identity: identity,
                mode: ContainedMode(keepUp: true, bootOnly: true), display: .quiet,
                lock: prepared.lock.descriptor)
            let config = try await session.up(root: place.rootPath, testnet: testnetPlan)
            print("\(testnet) is up: \(testnetPlan.hosts.count) hosts")
            print(
                "  ssh -F \(config) HOST      hosts: \(testnetPlan.hosts.prefix(6).map(\.name).joined(separator: ", ")), ..."
            )
            print("  firedrill down \(testnet)")
            _ = consume claim
            _ = consume prepared
            return .passed
        }
    }
}

struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Takes down testnets that were left running, and all their processes.")

    @Argument(help: "A testnet's name; all of them when left out.") var testnet: String?
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        try await Stop.reporting {
            let networks = try KeptNetwork.all(root: place.rootPath).filter { testnet == nil || $0.testnet == testnet }
            if networks.isEmpty, let testnet {
                throw Stop("\(testnet) is not up; 'firedrill status' lists what is", .usage)
            }
            for network in networks {
                try await network.end()
                try KeptNetwork.forget(network.testnet, root: place.rootPath)
                let lost = try await OpenFaultGate.closeGone(RunFolder(path: network.folder))
                print(
                    "\(network.testnet) is down\(lost == 0 ? "" : ", and \(lost) open \(lost == 1 ? "fault" : "faults") with it")"
                )
            }
            if networks.isEmpty { print("nothing is up") }
            return .passed
        }
    }
}

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Lists testnets that were left running.")

    @OptionGroup var place: PlaceOptions

    func run() async throws {
        try await Stop.reporting {
            let networks = try KeptNetwork.all(root: place.rootPath)
            let width = networks.map(\.testnet.count).max() ?? 0
            for network in networks {
                let state =
                    network.isRunning
                    ? "up since \(network.since)" : "gone; 'firedrill down \(network.testnet)' forgets it"
                print("\(network.testnet.padding(to: width))  \(state)  \(network.folder)")
            }
            if networks.isEmpty { print("nothing is up") }
            return .passed
        }
    }
}
