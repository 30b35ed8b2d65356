import Foundation
import Replay
import Testing

@Suite("Networks that are kept")
struct KeptNetworkTests {
    private let test = TestFolder()

    private func network(_ pid: Int32) -> KeptNetwork {
        KeptNetwork(testnet: "small", folder: test.path("run"), pid: pid, since: "2019-08-31T05:31:24Z")
    }

    /// The id of a process that has ended and was collected.
    private func endedProcess() throws -> Int32 {
        let child = try #require(Child.spawn(["/bin/true"], environment: [:]))
        let status = child.wait(for: .seconds(20))
        #expect(status == 0)
        return child.pid
    }

    @Test("a process that runs is running, one that has ended is not")
    func running() throws {
        #expect(network(getpid()).isRunning)
        let gone = network(try endedProcess())
        #expect(!gone.isRunning)
        #expect(!KeptNetwork.isAlive(gone.pid))
    }

    @Test("an id that another process has got since is not the network")
    func reusedID() throws {
        var stale = network(getpid())
        stale.processStart += 1
        #expect(!stale.isRunning)
        #expect(KeptNetwork.isAlive(stale.pid))
    }

    @Test("ending a network that is gone touches no process, keeps its logs and removes its folders")
    func endOfStale() async throws {
        let child = try #require(Child.spawn(["/bin/sleep", "60"], environment: [:]))
        defer { child.kill() }
        var stale = network(child.pid)
        stale.processStart += 1
        try FileManager.default.createDirectory(
            atPath: test.path("run/machines/a/var/log"), withIntermediateDirectories: true)
        try test.write("line", "run/machines/a/var/log/node.log")

        try await stale.end()

        #expect(KeptNetwork.isAlive(child.pid))
        #expect(!test.exists("run/machines"))
        #expect(test.text("run/hosts/a/node.log") == "line")
    }

    @Test("records are found again until they are forgotten")
    func records() throws {
        #expect(try KeptNetwork.all(root: test.root).isEmpty)
        let kept = network(getpid())
        try kept.save(root: test.root, owner: try owner())
        #expect(try KeptNetwork.all(root: test.root) == [kept])
        try KeptNetwork.forget("small", root: test.root)
        #expect(try KeptNetwork.all(root: test.root).isEmpty)
    }

    @Test("a damaged record is named")
    func damagedRecord() throws {
        try network(getpid()).save(root: test.root, owner: try owner())
        let path = ".firedrill/networks/small.json"
        try test.write("{\"testnet\":", path)
        let error = #expect(throws: BootError.self) { try KeptNetwork.all(root: test.root) }
        #expect(error?.description.contains(test.path(path)) == true)
    }

    /// Who runs these tests, or whom root would drop to.
    private func owner() throws -> Identity {
        try Identity.forContained(environment: ProcessInfo.processInfo.environment)
    }
}
