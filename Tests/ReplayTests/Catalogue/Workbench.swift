import Definitions
import Foundation
import Glibc
@testable import Replay
import Testing
import Timeline

/// The testnet on which every fault of the catalogue is tried, booted once for the whole suite by `firedrill up`.
final class Workbench: Sendable {
    @TaskLocal static var current: Workbench?

    /// The package that these tests belong to; its `chaos/faults` is what is tested.
    static let package = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .path
    /// What the test bundle was built together with.
    static let programs =
        ((try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) as NSString?)?
        .deletingLastPathComponent ?? ""

    let base: String
    let config: String
    let plan: Plan
    let queue = HostQueue()

    private init(base: String, config: String, plan: Plan) {
        self.base = base
        self.config = config
        self.plan = plan
    }

    /// The fixture's definitions with the shipped testnet's bucket, pager and scripts beside them.
    static func layOut(_ base: String) throws -> String {
        let root = "\(base)/root"
        let files = FileManager.default
        try files.createDirectory(atPath: root, withIntermediateDirectories: true)
        let shipped = "\(package)/testnet/harmony-four-shards/layers"
        let layers = "\(root)/testnet/workbench/layers"
        let copies = [
            ("\(package)/Tests/ReplayTests/Fixtures/catalogue/.", root),
            ("\(shipped)/bucket", "\(layers)/harmony-bucket"),
            ("\(shipped)/pager", "\(layers)/harmony-pager"),
            ("\(shipped)/ops/opt/ops/public-access", "\(layers)/harmony-ops/opt/ops/"),
            ("\(shipped)/ops/opt/ops/publish-release", "\(layers)/harmony-ops/opt/ops/"),
            ("\(shipped)/ops/opt/ops/s3", "\(layers)/harmony-ops/opt/ops/"),
            ("\(shipped)/ops/etc/ops/bucket.conf.mustache", "\(layers)/harmony-ops/etc/ops/"),
            ("\(shipped)/monitor/opt/monitor/page", "\(layers)/harmony-monitor/opt/monitor/"),
        ]
        for (from, to) in copies {
            if to.hasSuffix("/") { try files.createDirectory(atPath: to, withIntermediateDirectories: true) }
            // cp, because FileManager wants to keep owners, which an ordinary user may not.
            let copy = Child.spawn(["/bin/cp", "-r", from, to], environment: [:])?.wait(for: .seconds(10))
            guard copy == 0 else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: from]) }
        }
        return root
    }

    static func compile(root: String, nonce: String = "workbench") throws -> Plan {
        try Catalogue.load(root: root, builtIn: package).compile(
            scenario: "every-fault", arm: .faultOnly,
            options: CompileOptions(runNonce: nonce, programFolder: programs)
        ).plan
    }

    static func up() async throws -> Workbench {
        let base = "/tmp/firedrill-faults-\(UUID().uuidString.prefix(8))"
        let root = try layOut(base)
        do {
            let plan = try compile(root: root)
            try firedrill(["up", "workbench", "--root", root], log: "\(base)/up.log")
            let run = try FileManager.default.contentsOfDirectory(atPath: "\(root)/.firedrill/runs").first ?? ""
            return Workbench(base: base, config: "\(root)/.firedrill/runs/\(run)/ssh_config", plan: plan)
        } catch {
            try? firedrill(["down", "--root", root], log: "\(base)/down.log")
            try? FileManager.default.removeItem(atPath: base)
            throw error
        }
    }

    func down() async throws {
        for host in plan.testnet.hosts { await shell(host.name).close() }
        try Self.firedrill(["down", "--root", "\(base)/root"], log: "\(base)/down.log")
        try FileManager.default.removeItem(atPath: base)
    }

    private static func firedrill(_ arguments: [String], log: String) throws {
        var environment = ProcessInfo.processInfo.environment
        environment["TMPDIR"] = "/tmp"
        let child = Child.spawn(
            ["\(programs)/firedrill"] + arguments, environment: environment, stdout: log, stderr: log)
        guard let child else { throw CocoaError(.fileNoSuchFile) }
        guard child.wait(for: .seconds(90)) == 0 else {
            child.kill()
            let text = FileManager.default.contents(atPath: log).map { String(decoding: $0, as: UTF8.self) } ?? ""
            throw HarnessFailure(description: "firedrill \(arguments) failed: \(text)")
        }
    }

    struct HarnessFailure: Error, CustomStringConvertible { let description: String }

    func shell(_ host: String) -> SSHShell { SSHShell(name: host, config: config, folder: base) }

    /// Acts for the run that `up` made the host part of.
    func agent(_ host: String, lease: Duration = GuardLimits.lease) async throws -> HostAgent {
        let marker = await shell(host).run(script("sed -n 's/^run //p' /var/lib/firedrill/marker"), stdin: [])
        let run = String(decoding: marker.stdout, as: UTF8.self).trimmingWhitespace()
        try #require(!run.isEmpty, "\(String(decoding: marker.stderr, as: UTF8.self))")
        return HostAgent(
            host: shell(host), identity: RunIdentity(run: run, testnet: plan.testnet.name), state: HostLayout.state,
            lease: lease)
    }
}

/// Boots the workbench around a suite.
struct WorkbenchTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let bench = try await Workbench.up()
        do {
            try await Workbench.$current.withValue(bench) { try await function() }
        } catch {
            try? await bench.down()
            throw error
        }
        try await bench.down()
    }
}

extension Trait where Self == WorkbenchTrait {
    static var workbench: Self { WorkbenchTrait() }
}

/// Faults that touch the same host take turns; the others go on side by side.
actor HostQueue {
    private var busy: Set<String> = []
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func with<Value: Sendable>(
        _ hosts: Set<String>, _ body: @Sendable () async throws -> Value
    ) async rethrows -> Value {
        while !busy.isDisjoint(with: hosts) { await withCheckedContinuation { waiting.append($0) } }
        busy.formUnion(hosts)
        defer {
            busy.subtract(hosts)
            for continuation in waiting { continuation.resume() }
            waiting = []
        }
        return try await body()
    }
}
