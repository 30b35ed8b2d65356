import Definitions
import Foundation
import Replay
import Timeline

/// One testnet inside its containment: boot, onboard, replay, and keep it if asked to.
struct ContainedNetwork: Sendable {
    let folder: RunFolder
    let plan: Plan
    let log: RunLog
    let keepUp: Bool

    func run() async throws {
        let boot = TestnetBoot(
            plan: plan.testnet, folder: folder, connector: SSHConnector(),
            extraFiles: { _ in AgentFiles.all.mapValues { (String($0.mode, radix: 8), $0.content) } },
            extraServices: ["firedrill-lease"],
            record: { await log.record($0) })
        try await boot.withHosts { hosts in
            try Data("ready\n".utf8).write(to: URL(fileURLWithPath: folder.ready))
            while keepUp { try await Task.sleep(for: .seconds(3600)) }
            _ = hosts
        }
    }
}
