import Foundation
@testable import Replay
import Testing

@Suite("The containment")
struct ContainmentTests {
    private let test = TestFolder()
    private var folder: RunFolder { RunFolder(path: test.root) }

    @Test("as root, the folder and the identity are arguments of a constant script")
    func rootCommand() throws {
        let odd = RunFolder(path: "/root/$(touch x); 'y'")
        let identity = try #require(try? Identity.forContained(environment: ["SUDO_UID": "65534"]))
        let containment = Containment(folder: odd, identity: identity, asRoot: true, subcommand: "_supervise")
        let script = try #require(containment.command.firstIndex(of: "-c"))
        #expect(containment.command[script + 1] == Containment.rootScript)
        #expect(
            Array(containment.command[(script + 2)...(script + 5)])
                == ["firedrill", odd.path, "\(identity.uid)", "\(identity.gid)"])
        #expect(containment.command.suffix(2) == ["_supervise", Containment.folderSeenFromRoot])
    }

    @Test("the contained part has processes and a network of its own, no root, and nothing that the caller had open")
    func containedForReal() async throws {
        let identity = try Identity.forContained(environment: ProcessInfo.processInfo.environment)
        let inherited = open("/", O_RDONLY | O_DIRECTORY)
        defer { close(inherited) }
        let program = """
            #!/bin/sh
            echo "arguments $*"
            echo "user $(id -u)"
            echo "process $$"
            echo "links $(ip -o link | wc -l)"
            echo "routes $(ip route show table all 2>/dev/null | grep -vc ' dev lo')"
            [ ! -e /proc/self/fd/\(inherited) ] && echo "inherited none"
            exit 7
            """
        try FileManager.default.createDirectory(atPath: folder.staged, withIntermediateDirectories: true)
        // Written by a process of its own: see `LocalHost.install`.
        await LocalHost(folder: test).install(program, at: folder.program)
        for path in [test.root, folder.staged, folder.program] {
            chmod(path, 0o755)
            if geteuid() == 0 { #expect(chown(path, identity.uid, identity.gid) == 0) }
        }
        let containment = Containment(
            folder: folder, identity: identity, asRoot: geteuid() == 0, subcommand: "_supervise", arguments: ["--x y"])
        let process = try ContainedProcess.start(containment, log: folder.log, bond: .untilCallerEnds)
        #expect(try await process.waitForEnd() == 7)
        let lines = try #require(test.text("firedrill.log")).split(separator: "\n").map(String.init)
        #expect(
            lines == [
                "arguments _supervise \(containment.inside.path) --x y", "user \(identity.uid)", "process 1", "links 1",
                "routes 0", "inherited none",
            ])
    }

    @Test("a program that cannot be started is an exit status and a message in the log, not silence")
    func missingProgram() async throws {
        let identity = try Identity.forContained(environment: ProcessInfo.processInfo.environment)
        if geteuid() == 0 { #expect(chown(test.root, identity.uid, identity.gid) == 0) }
        let containment = Containment(
            folder: folder, identity: identity, asRoot: geteuid() == 0, subcommand: "_supervise")
        let process = try ContainedProcess.start(containment, log: folder.log, bond: .untilCallerEnds)
        #expect(try await process.waitForEnd() != 0)
        #expect(test.text("firedrill.log")?.contains("staged/firedrill") == true)
    }
}
