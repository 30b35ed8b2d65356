import Foundation
import Glibc
import Testing
import Timeline

extension DrillTests {
    /// What goes wrong around a run: it says where, at which step and what to do; it takes everything down; and it is
    /// never mistaken for something that the network did.
    @Suite struct Trouble {
        private func expectHarnessError(_ root: TempRoot, _ end: Command.End, says words: [String]) async throws {
            try await root.expectNothingLeft()
            #expect(end.status == 3, "\(end.text)")
            for word in words {
                #expect(end.text.replacing(/\s+/, with: " ").contains(word), "\(word) is missing in \(end.text)")
            }
        }

        @Test func aStageThatFailsIsNamedWithItsHost() async throws {
            try await TempRoot.with(.counters) { root in
                try root.edit(
                    "testnet/two-counters/testnet.yaml",
                    "      until curl -s -m 1 -o /dev/null http://desk:8080/; do sleep 0.1; done",
                    "      echo the-desk-is-on-fire >&2; exit 9")
                let end = try await root.firedrill(["run", "counter-held"])
                try await expectHarnessError(
                    root, end,
                    says: ["'pager-answers'", "host desk", "exit 9", "the-desk-is-on-fire", "firedrill plan"])
                let run = try root.onlyRun()
                #expect(run.problems.contains(.harness))
                #expect(try run.verdict().exit_code == 3)
                #expect(run.exists("hosts/desk"), "the logs of the host are kept")
            }
        }

        /// Ends a host's first process, and with it the host.
        private func killHost(_ name: String, of command: Command) throws {
            let sandboxes = Residue.descendants(of: command.pid).filter {
                $0.arguments.first == "bwrap" && $0.arguments.contains(name)
            }
            let first = sandboxes.first { one in sandboxes.contains { $0.pid == one.parent } }
            guard let first else { throw TestFailure("no first process of \(name) among \(sandboxes)") }
            kill(first.pid, SIGKILL)
        }

        @Test func aHostThatDiesDuringDeployIsNamed() async throws {
            try await TempRoot.with(.counters) { root in
                try root.edit("testnet/two-counters/testnet.yaml", "until curl -s", "sleep 6; until curl -s")
                let command = try root.start(["run", "counter-held"])
                let run = try await root.runStarted()
                try await run.reached(.deploy)
                let seen = run.events().count
                try killHost("blue-1", of: command)
                let end = try await command.end(within: .seconds(20))
                try await expectHarnessError(root, end, says: ["Host blue-1 ended", "firedrill doctor"])
                #expect(run.events().count > seen, "nothing is lost from the record")
            }
        }

        @Test func aHostThatDiesDuringTheRunIsRecordedAndTheRunDoesNotPass() async throws {
            try await TempRoot.with(.counters) { root in
                let command = try root.start(["run", "counter-held"])
                let run = try await root.runStarted()
                try await run.reached(.detection)
                try killHost("red-1", of: command)
                let end = try await command.end(within: .seconds(90))
                try await root.expectNothingLeft()
                #expect(end.status == 1 || end.status == 2, "\(end.text)")
                let isRecorded = run.events().contains {
                    if case .hostLost("red-1", _) = $0.body { true } else { false }
                }
                #expect(isRecorded)
            }
        }

        @Test func aHostThatNeverAnswersIsNamedWithItsBound() async throws {
            try await TempRoot.with(.counters) { root in
                try root.edit("testnet/two-counters/testnet.yaml", "boot_timeout: 30s", "boot_timeout: 3s")
                let command = try root.start(["run", "counter-held"])
                // Stopped before its SSH server can answer.
                let stopped = try await eventually(within: .seconds(10), every: .milliseconds(1)) { () -> pid_t? in
                    let found = Residue.descendants(of: command.pid).filter {
                        $0.arguments.first == "bwrap" && $0.arguments.contains("desk")
                    }
                    for process in found { kill(process.pid, SIGSTOP) }
                    return found.first?.pid
                }
                #expect(stopped != nil)
                let end = try await command.end(within: .seconds(40))
                try await root.expectNothingLeft()
                // Unless the server was quicker than the test.
                if end.status != 0 { #expect(end.status == 3 && end.text.contains("desk"), "\(end.text)") }
            }
        }

        // MARK: this machine

        @Test func theDoctorFindsThisMachineWell() async throws {
            try await TempRoot.with(.counters) { root in
                let end = try await root.firedrill(["doctor"])
                #expect(end.status == 0, "\(end.text)")
                #expect(!end.output.contains("MISSING"), "\(end.text)")
            }
        }

        /// A user namespace in which no other may be made: what a runner looks like that forbids them.
        @Test(.enabled(if: Programs.isRoot, "an ordinary user would have to be allowed what is forbidden here"))
        func theDoctorNamesTheSettingThatForbidsNamespaces() async throws {
            try await TempRoot.with(.counters) { root in
                let (prefix, program) = try await root.asOrdinaryUser()
                let forbidding =
                    "echo 0 >/proc/sys/user/max_user_namespaces; exec setpriv --ambient-caps=-all --inh-caps=-all \"$@\""
                let end = try await root.firedrill(
                    ["doctor"],
                    prefix: prefix + [
                        "unshare", "--user", "--map-current-user", "--keep-caps", "sh", "-c", forbidding, "sh",
                    ], program: program)
                #expect(end.status == 3, "\(end.text)")
                #expect(end.output.contains("sudo sysctl user.max_user_namespaces=15000"), "\(end.text)")
            }
        }

        /// Folders with every program of this machine but one.
        private func path(without program: String, _ root: TempRoot) throws -> String {
            let folder = "\(root.base)/path"
            let files = FileManager.default
            try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for place in ["/usr/local/bin", "/usr/bin", "/usr/sbin"] {
                for name in try files.contentsOfDirectory(atPath: place) where name != program {
                    symlink("\(place)/\(name)", "\(folder)/\(name)")
                }
            }
            return folder
        }

        @Test(arguments: ["bwrap", "unshare", "setpriv", "ssh-keygen"])
        func aMissingProgramIsNamedAndSoIsTheDoctor(_ program: String) async throws {
            try await TempRoot.with(.counters) { root in
                let environment: [String: String?] = ["PATH": try path(without: program, root)]
                let end = try await root.firedrill(["run", "counter-held"], environment: environment)
                try await expectHarnessError(root, end, says: [program, "firedrill doctor"])
                let doctor = try await root.firedrill(["doctor"], environment: environment)
                #expect(doctor.status == 3, "\(doctor.text)")
                #expect(doctor.output.contains("MISSING"))
            }
        }

        // MARK: space

        /// Runs on a file system of `megabytes`, in a private mount namespace that ends with the command.
        private func start(_ root: TempRoot, megabytes: Int) throws -> Command {
            let script = """
                set -e
                mkdir "$1/small"
                mount -t tmpfs -o size=\(megabytes)m none "$1/small"
                cp -r "$1/root" "$1/small/root"
                status=0
                "$2" run counter-held --root "$1/small/root" || status=$?
                find "$1/small/root/.firedrill" | sed "s/^/left: /"
                exit "$status"
                """
            return try Command(
                [
                    "unshare", "--mount", "--propagation", "private", "--", "sh", "-c", script, "sh", root.base,
                    Programs.firedrill(),
                ],
                environment: ["TMPDIR": root.temporary], folder: root.base)
        }

        private func programsSize() throws -> Int {
            let own = try Programs.firedrill()
            return try [own, URL(fileURLWithPath: own).deletingLastPathComponent().path + "/testnode"].reduce(0) {
                $0 + ((try FileManager.default.attributesOfItem(atPath: $1)[.size] as? Int) ?? 0)
            }
        }

        /// Room for less than the run's preparation, and room for that but not for deployment.
        @Test(.enabled(if: Programs.isRoot, "only root may mount a small file system"), arguments: [false, true])
        func noRoomForTheRunFolderIsSaid(_ fitsPreparation: Bool) async throws {
            try await TempRoot.with(.counters) { root in
                let megabyte = 1 << 20
                let size = try fitsPreparation ? programsSize() / megabyte + 3 : 4
                let end = try await start(root, megabytes: size).end(within: .seconds(60))
                try await root.expectNothingLeft()
                #expect(end.status == 3, "\(end.text)")
                #expect(end.text.lowercased().contains("no space") || end.text.contains("free space"), "\(end.text)")
                for name in ["/staged", "/machines", "/keys"] {
                    #expect(
                        !end.output.split(separator: "\n").contains { $0.hasPrefix("left:") && $0.contains(name) },
                        "\(name): \(end.output)")
                }
            }
        }

        @Test(.enabled(if: Programs.isRoot, "only root may mount a small file system"))
        func aRecordThatCannotGoOnEndsTheRun() async throws {
            try await TempRoot.with(.counters) { root in
                let command = try start(root, megabytes: try programsSize() * 2 / (1 << 20) + 8)
                // The file system is the command's own; the way in is through its view of it.
                let runs = "/proc/\(command.pid)/root\(root.base)/small/root/.firedrill/runs"
                let folder = try await eventually(within: .seconds(20)) {
                    (try? FileManager.default.contentsOfDirectory(atPath: runs))?.first.map { "\(runs)/\($0)" }
                }
                let run = RunFiles(path: try #require(folder))
                try await run.reached(.detection, within: .seconds(30))
                let filler = open("\(runs)/filler", O_WRONLY | O_CREAT, 0o600)
                let block = [UInt8](repeating: 1, count: 4096)
                while write(filler, block, block.count) > 0 {}
                close(filler)
                #expect(run.events().count > 20)
                // The record is read while it can be: it goes away with the command's mount.
                var last: [Event] = []
                while await command.isRunning {
                    let events = run.events()
                    if events.count >= last.count { last = events }
                    try await Task.sleep(for: .milliseconds(20))
                }
                let end = try await command.end(within: .seconds(5))
                try await root.expectNothingLeft()
                #expect(end.status == 3, "\(end.text)")
                #expect(end.text.lowercased().contains("space"), "\(end.text)")
                #expect(last.map(\.sequence) == Array(0..<last.count))
            }
        }
    }
}
