import ArgumentParser
import Definitions
import Foundation
import Replay
import Timeline

/// Heals a network that was left running, from inside its namespaces; started by `heal`, not by people.
struct HealHostsCommand: AsyncParsableCommand {
    static let name = "_heal"
    static let configuration = CommandConfiguration(commandName: name, shouldDisplay: false)

    /// How long a host may take to answer over SSH.
    private static let connectTimeout = Duration.seconds(10)

    @Argument var folder: String

    func run() async throws {
        let folder = RunFolder(path: folder)
        let plan = try JSONDecoder().decode(Plan.self, from: Data(contentsOf: URL(fileURLWithPath: folder.stagedPlan)))
        let faults = try FaultHealing.open(journal: folder.journal)
        let wanted = Set(faults.map(\.host))
        var hosts: [String: any RemoteHost] = [:]
        for address in try folder.addresses(of: plan.testnet.hosts.filter { wanted.contains($0.name) }) {
            do {
                hosts[address.name] = try await SSHConnector().connect(to: address, timeout: Self.connectTimeout)
            } catch {
                Stop.printError("\(error)")
            }
        }
        let healed = await FaultHealing.heal(
            faults, hosts: hosts, journal: try Journal(path: folder.journal), sink: Unrecorded(), clock: SystemClock())
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for one in healed {
            let line = HealSession.Line(
                fault: one.fault.plan.id, host: one.fault.host, end: one.end, invariants: one.invariants,
                reason: one.reason)
            print(String(decoding: try encoder.encode(line), as: UTF8.self))
        }
        fflush(nil)
        // As in `_replay`: exit handlers would free what the SSH module's threads still use.
        _exit(Timeline.ExitCode.passed.rawValue)
    }

    /// The run's record has ended and is judged by what is in it; the journal says what healing did.
    private struct Unrecorded: EventSink {
        func record(_ body: Event.Body) async {}
    }
}
