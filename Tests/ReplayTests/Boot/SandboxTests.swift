import Definitions
import Foundation
@testable import Replay
import Testing

@Suite("The command of a sandboxed host")
struct SandboxTests {
    private let command = Sandbox.command(host: "node-1", machine: "/run/it's here/node-1", runtime: "/opt/swift/lib")

    private func holds(_ part: [String]) -> Bool {
        command.indices.contains { command[$0...].starts(with: part) }
    }

    @Test("drops capabilities before bwrap, which refuses leftovers")
    func capabilities() {
        #expect(command.starts(with: ["setpriv", "--ambient-caps=-all", "--inh-caps=-all", "bwrap"]))
    }

    @Test(
        "isolates processes, users, hostname, IPC, environment and terminal",
        arguments: [
            "--unshare-user", "--disable-userns", "--unshare-pid", "--unshare-uts", "--unshare-ipc", "--new-session",
            "--clearenv",
        ])
    func isolation(_ option: String) {
        #expect(command.contains(option))
    }

    @Test("can write its own folders only")
    func files() {
        var writable: [[String]] = []
        for index in command.indices where command[index] == "--bind" {
            writable.append(Array(command[(index + 1)...(index + 2)]))
        }
        #expect(writable == Sandbox.writable.map { ["/run/it's here/node-1/\($0)", "/\($0)"] })
        #expect(holds(["--ro-bind", "/usr", "/usr"]))
        #expect(holds(["--ro-bind", "/opt/swift/lib", "/opt/swift/lib"]))
        #expect(!Sandbox.command(host: "a", machine: "/m", runtime: nil).contains("/opt/swift/lib"))
    }

    @Test("the boot script is constant and stands alone")
    func script() {
        #expect(command.suffix(4) == ["--", "sh", "-c", Sandbox.bootScript])
        #expect(holds(["--hostname", "node-1"]))
    }
}

@Suite("The ssh_config for people")
struct SSHConfigurationTests {
    private let test = TestFolder()

    /// What the real `ssh` makes of the file, by keyword.
    private func understood(_ host: String, folder: RunFolder) async throws -> [String: String] {
        let plan = HostPlan(name: "ops", address: "127.7.0.2", groups: [], capabilities: [], files: [], services: [])
        try test.write(SSHConfiguration.text(hosts: [plan], folder: folder, pid: 4242), "ssh_config")
        let command = ["ssh", "-G", "-F", test.path("ssh_config"), host]
        let text = try await Tool.run(command, purpose: "read a configuration")
        let lines = text.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1).map(String.init) }
        return Dictionary(lines.map { ($0[0], $0.last ?? "") }, uniquingKeysWith: { first, _ in first })
    }

    @Test("plain ssh reaches a host through the namespaces, with the run's own key and pinned hosts only")
    func readBySSH() async throws {
        let folder = RunFolder(path: "/srv/runs/first")
        let settings = try await understood("ops", folder: folder)
        #expect(settings["hostname"] == "127.7.0.2")
        #expect(settings["user"] == Sandbox.user)
        #expect(settings["identityfile"] == folder.privateKey)
        #expect(settings["identitiesonly"] == "yes")
        #expect(settings["userknownhostsfile"] == folder.knownHosts)
        #expect(settings["globalknownhostsfile"] == "/dev/null")
        #expect(["yes", "true"].contains(settings["stricthostkeychecking"]))
        #expect(settings["forwardagent"] == "no")
        #expect(settings["proxycommand"]?.contains("--target 4242 ") == true)
    }

    @Test("a folder's name with spaces and percent signs stays one path")
    func oddFolder() async throws {
        let settings = try await understood("ops", folder: RunFolder(path: "/srv/50%done runs"))
        // ssh -G prints the path before it expands %%.
        #expect(settings["identityfile"] == "/srv/50%%done runs/keys/id_ed25519")
    }
}
