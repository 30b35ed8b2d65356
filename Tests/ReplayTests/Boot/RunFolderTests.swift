import Foundation
import Replay
import Testing

@Suite("The run folder")
struct RunFolderTests {
    private let test = TestFolder()
    private var folder: RunFolder { RunFolder(path: test.root) }

    private func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: test.path(name), withIntermediateDirectories: true)
    }

    @Test("logs of hosts are kept, but never what a host linked to")
    func salvagedLogs() throws {
        try makeFolder("elsewhere/log")
        try test.write("private", "elsewhere/log/secret")
        try makeFolder("machines/good/var/log")
        try test.write("line", "machines/good/var/log/node.log")
        symlink(test.path("elsewhere/log/secret"), test.path("machines/good/var/log/secret"))
        mkfifo(test.path("machines/good/var/log/pipe"), 0o600)
        try makeFolder("machines/linked-log/var")
        symlink(test.path("elsewhere/log"), test.path("machines/linked-log/var/log"))
        try makeFolder("machines/linked-var")
        symlink(test.path("elsewhere"), test.path("machines/linked-var/var"))

        folder.salvageLogs()

        #expect(test.text("hosts/good/node.log") == "line")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.hostLogs("good")) == ["node.log"])
        #expect(!test.exists("hosts/linked-log/secret"))
        #expect(!test.exists("hosts/linked-var/secret"))
        #expect(test.text("elsewhere/log/secret") == "private")
    }

    @Test("logs that were collected over SSH are not touched")
    func collectedLogs() throws {
        try makeFolder("machines/a/var/log")
        try test.write("later", "machines/a/var/log/node.log")
        try makeFolder("hosts/a")
        try test.write("collected", "hosts/a/node.log")
        folder.salvageLogs()
        #expect(test.text("hosts/a/node.log") == "collected")
    }

    @Test("a host cannot lock its folder against tear-down, nor send tear-down elsewhere")
    func removal() throws {
        try makeFolder("elsewhere")
        try test.write("stays", "elsewhere/file")
        chmod(test.path("elsewhere"), 0o555)
        defer { chmod(test.path("elsewhere"), 0o755) }
        try makeFolder("machines/a/home/deep/deeper")
        try test.write("x", "machines/a/home/deep/deeper/file")
        symlink(test.path("elsewhere"), test.path("machines/a/home/link"))
        chmod(test.path("machines/a/home/deep/deeper"), 0o555)
        chmod(test.path("machines/a/home/deep"), 0)
        try makeFolder("staged")
        try makeFolder("keys")
        mkfifo(folder.control, 0o600)
        symlink(test.path("nowhere"), folder.ready)
        try test.write("{}", "plan.json")

        try folder.removeMachines()

        #expect(try FileManager.default.contentsOfDirectory(atPath: test.root).sorted() == ["elsewhere", "plan.json"])
        #expect(test.text("elsewhere/file") == "stays")
        var status = stat()
        #expect(stat(test.path("elsewhere"), &status) == 0)
        #expect(status.st_mode & 0o777 == 0o555)
        // Nothing left to remove is no error.
        try folder.removeMachines()
    }
}
