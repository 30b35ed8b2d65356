import Foundation
import Glibc
import Testing

extension DrillTests {
    /// What single scripts of fixes and mutants do, without a network: a fix that stops all work is none.
    @Suite struct FixScripts {
        private static let fix = "chaos/fixes/harmony-endpoints-wiped/explicit-profile/ops/opt/ops/wipe-nodes"
        private static let mutant = "chaos/mutants/profile-must-be-set/ops/opt/ops/wipe-nodes"

        /// Runs a script on lists of two networks; `ssh` only writes down where it was sent.
        private func wipe(_ script: String, _ arguments: [String], profile: String?) async throws
            -> (status: Int32, hosts: [String])
        {
            let folder = "/tmp/firedrill-script-\(UUID().uuidString.prefix(12))"
            let files = FileManager.default
            defer { try? files.removeItem(atPath: folder) }
            for (network, hosts) in ["mainnet": "m-1\nm-2\n", "open-staking": "o-1\n"] {
                try files.createDirectory(
                    atPath: "\(folder)/profiles/\(network)", withIntermediateDirectories: true)
                try hosts.write(
                    toFile: "\(folder)/profiles/\(network)/nodes.txt", atomically: false, encoding: .utf8)
            }
            let text = try String(contentsOfFile: "\(Programs.package)/\(script)", encoding: .utf8)
            try text.replacing("/opt/ops/profiles", with: "\(folder)/profiles")
                .write(toFile: "\(folder)/wipe-nodes", atomically: false, encoding: .utf8)
            try files.createDirectory(atPath: "\(folder)/bin", withIntermediateDirectories: true)
            try "#!/bin/sh\necho \"$2\" >>'\(folder)/sent'\n"
                .write(toFile: "\(folder)/bin/ssh", atomically: false, encoding: .utf8)
            chmod("\(folder)/bin/ssh", 0o755)
            let end = try await Command(
                ["sh", "\(folder)/wipe-nodes"] + arguments,
                environment: ["HMY_PROFILE": profile, "PATH": "\(folder)/bin:/usr/bin:/bin"], folder: folder
            ).end(within: .seconds(20))
            let sent = files.contents(atPath: "\(folder)/sent").map { String(decoding: $0, as: UTF8.self) } ?? ""
            return (end.status, sent.split(separator: "\n").map(String.init))
        }

        @Test func theNetworkMustBeNamedWhateverTheLoginSays() async throws {
            let forgotten = try await wipe(Self.fix, [], profile: "mainnet")
            #expect(forgotten.status == 64 && forgotten.hosts.isEmpty)
            let named = try await wipe(Self.fix, ["--profile", "open-staking"], profile: "mainnet")
            #expect(named.status == 0 && named.hosts == ["o-1"], "it still does its work, on what was named")
            let unknown = try await wipe(Self.fix, ["--profile", "open-stakin"], profile: "mainnet")
            #expect(unknown.status == 64 && unknown.hosts.isEmpty)
        }

        @Test func insistingOnTheVariableDoesNotHelp() async throws {
            let forgotten = try await wipe(Self.mutant, [], profile: "mainnet")
            #expect(forgotten.hosts == ["m-1", "m-2"], "the login has set it")
            let unset = try await wipe(Self.mutant, [], profile: nil)
            #expect(unset.status == 64 && unset.hosts.isEmpty, "it does insist")
        }
    }
}
