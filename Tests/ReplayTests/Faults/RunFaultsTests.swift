import Definitions
import Foundation
import Testing
import Timeline

@testable import Replay

/// What a root's journals leave open, seen from another process.
struct RunFaultsTests {
    private func entry(
        _ bench: AgentBench, _ stage: JournalEntry.Stage, plan: FaultPlan? = nil, reason: String? = nil
    ) -> JournalEntry {
        JournalEntry(
            record: "r", fault: "door-shut", host: "local", run: bench.identity.run, testnet: bench.identity.testnet,
            wall: "2026-01-31T10:00:00.000Z", stage: stage, fingerprint: stage == .intended ? "before" : nil,
            plan: plan,
            reason: reason)
    }

    /// A root with one run whose journal holds `entries`.
    private func root(_ bench: AgentBench, _ entries: [JournalEntry]) async throws -> (root: String, run: RunFolder) {
        let folder = RunFolder(path: bench.folder.path("root/.firedrill/runs/20260131T100000Z-a"))
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        let journal = try Journal(path: folder.journal)
        for entry in entries { try await journal.append(entry) }
        return (bench.folder.path("root"), folder)
    }

    @Test func aKilledRunsFaultIsOpenUntilItsNetworkIsKnownToBeGone() async throws {
        let bench = try AgentBench()
        let (root, folder) = try await root(
            bench, [entry(bench, .intended, plan: bench.fault()), entry(bench, .armed), entry(bench, .injecting)])
        // Somebody works with the folder: a run that goes on, whose fault is meant to be in.
        do {
            guard let lock = RunLock(folder) else {
                Issue.record("the folder cannot be locked")
                return
            }
            #expect(try RunFaults.all(root: root).map(\.network) == [.inUse])
            _ = consume lock
        }
        // A program that another test starts just now has the lock as well until it is executed.
        #expect(try await eventually { try RunFaults.all(root: root).map(\.network) == [.gone] })
        let found = try RunFaults.all(root: root)
        #expect(found.first?.name == "20260131T100000Z-a")
        #expect(found.first?.faults.map(\.stage) == [.injecting])
        #expect(found.first?.faults.map(\.since) == ["2026-01-31T10:00:00.000Z"])

        try await Journal(path: folder.journal).closeGone(found[0].faults, wall: "2026-01-31T11:00:00.000Z")
        #expect(try RunFaults.all(root: root).isEmpty)
        let last = try #require(try Journal.read(path: folder.journal).last)
        #expect(last.stage == .closed && last.reason == "gone with its testnet")
    }

    /// A failed undo is kept with its reason; a torn line of a killed writer does not swallow the next entry.
    @Test func aFailedUndoStaysAndATornLineIsCut() async throws {
        let bench = try AgentBench()
        let (root, folder) = try await root(
            bench, [entry(bench, .intended, plan: bench.fault()), entry(bench, .undoFailed, reason: "no key")])
        let handle = try #require(FileHandle(forWritingAtPath: folder.journal))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("{\"fault\":\"door-sh".utf8))
        try handle.close()
        #expect(try RunFaults.all(root: root).first?.faults.map(\.reason) == ["no key"])
        let journal = try Journal(path: folder.journal)
        try await journal.append(entry(bench, .undone))
        #expect(try Journal.read(path: folder.journal).map(\.stage) == [.intended, .undoFailed, .undone])
        #expect(try RunFaults.all(root: root).first?.faults.map(\.stage) == [.undone])
    }

    /// A journal that was tampered with is said to be damaged; what can be read of it still counts.
    @Test func aDamagedLineIsCountedAndTheRestIsRead() async throws {
        let bench = try AgentBench()
        let (root, folder) = try await root(bench, [entry(bench, .intended, plan: bench.fault())])
        let text = try #require(bench.folder.text("root/.firedrill/runs/20260131T100000Z-a/journal.jsonl"))
        try ("garbage\n" + text).write(toFile: folder.journal, atomically: false, encoding: .utf8)
        let found = try RunFaults.all(root: root)
        #expect(found.map(\.damagedLines) == [1])
        #expect(found.first?.faults.count == 1)
    }

    @Test func secretsLeaveTheJournalWithTheNetwork() async throws {
        let bench = try AgentBench()
        var plan = bench.fault()
        for path in [\FaultPlan.inject, \FaultPlan.undo] {
            plan[keyPath: path].environment["KEY"] = "s3cret/value"
            plan[keyPath: path].secrets = ["KEY"]
        }
        let (_, folder) = try await root(bench, [entry(bench, .intended, plan: plan), entry(bench, .injected)])
        let damaged = "{\"KEY\": \"s3cret/value\"\n"
        let handle = try #require(FileHandle(forWritingAtPath: folder.journal))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(damaged.utf8))
        try handle.close()
        #expect(try String(contentsOfFile: folder.journal, encoding: .utf8).contains("s3cret"))
        try folder.removeMachines()
        let text = try String(contentsOfFile: folder.journal, encoding: .utf8)
        #expect(!text.contains("s3cret"))
        let entries = try Journal.lines(path: folder.journal).compactMap(\.entry)
        #expect(entries.map(\.stage) == [.intended, .injected])
        #expect(entries.first?.plan?.undo.environment["KEY"] == "<KEY>")
        #expect(entries.first?.plan?.undo.environment["DOOR"] == plan.undo.environment["DOOR"])
        var status = stat()
        #expect(lstat(folder.journal, &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    /// The host was restarted: another boot id, a marker and a lease of the boot before. Healing needs neither.
    @Test func healingWorksAfterTheHostsRestart() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: ["doors"])
        let lease = try await bench.startLease()
        let driver = try bench.driver(bench.fault())
        #expect(await driver.inject())
        bench.stopLease(lease)
        for name in ["state/marker", "state/lease"] {
            let text = try #require(bench.folder.text(name))
            let boot = try #require(text.firstMatch(of: /[0-9a-f]{8}-[0-9a-f-]{27}/))
            try bench.folder.write(
                text.replacingOccurrences(of: String(boot.output), with: "00000000-0000-0000-0000-000000000000"), name)
        }
        let open = try FaultHealing.open(journal: bench.folder.path("journal.jsonl"))
        let healed = await FaultHealing.heal(
            open, hosts: ["local": bench.host], journal: try Journal(path: bench.folder.path("journal.jsonl")),
            sink: bench.recorder, clock: bench.clock, state: bench.agent.state)
        #expect(healed.map(\.end) == [.undone] && healed.map(\.invariants) == [.asBefore])
        #expect(bench.door == "open")
        let again = await FaultHealing.heal(
            open, hosts: ["local": bench.host], journal: try Journal(path: bench.folder.path("journal.jsonl")),
            sink: bench.recorder, clock: bench.clock, state: bench.agent.state)
        #expect(again.map(\.end) == [.undone] && bench.undoCount == 1)
    }

    @Test func whatAPersonChangedSinceIsSupersededAndSaid() async throws {
        let bench = try AgentBench()
        try await bench.agent.onboard(capabilities: ["doors"])
        let lease = try await bench.startLease()
        let driver = try bench.driver(bench.fault())
        #expect(await driver.inject())
        bench.stopLease(lease)
        try bench.folder.write("ajar\n", "door")
        let open = try FaultHealing.open(journal: bench.folder.path("journal.jsonl"))
        let healed = await FaultHealing.heal(
            open, hosts: ["local": bench.host], journal: try Journal(path: bench.folder.path("journal.jsonl")),
            sink: bench.recorder, clock: bench.clock, state: bench.agent.state)
        #expect(healed.map(\.end) == [.superseded] && healed.map(\.invariants) == [.changed])
        #expect(bench.door == "ajar" && bench.undoCount == 0)
    }

    // MARK: the lease as it lies there

    private static let boot = "11111111-2222-3333-4444-555555555555"

    @Test(arguments: [
        ("armed \(boot) 000000000120 aaaa", LeaseReading.State.armed(seconds: 20)),
        ("armed \(boot) 000000000100 aaaa", .expired),
        ("armed 00000000-2222-3333-4444-555555555555 000000000120 aaaa", .expired),
        ("fired \(boot) 000000000120 aaaa", .fired), ("idle - 000000000000 none", .idle), ("armed", .unknown),
        ("armed \(boot) 9x aaaa", .unknown), ("alarmed \(boot) 1 aaaa", .unknown), ("", .unknown),
    ])
    func leases(_ line: String, _ state: LeaseReading.State) {
        #expect(LeaseReading(file: line, uptime: 100, boot: Self.boot).state == state)
    }

    /// A host can make anything of its folder; it must not make the reader follow it elsewhere or wait.
    @Test func aHostCannotSendTheReaderElsewhere() throws {
        let test = TestFolder()
        let folder = RunFolder(path: test.root)
        let lease = "idle - 000000000000 none\n"
        let state = folder.machine("a") + HostLayout.state
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        try lease.write(toFile: state + "/lease", atomically: false, encoding: .utf8)
        #expect(LeaseReading(folder, host: "a").state == .idle)
        try FileManager.default.createDirectory(atPath: folder.machine("b"), withIntermediateDirectories: true)
        symlink(folder.machine("a") + "/var", folder.machine("b") + "/var")
        #expect(LeaseReading(folder, host: "b").state == .unknown)
        let other = folder.machine("c") + HostLayout.state
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
        mkfifo(other + "/lease", 0o600)
        #expect(LeaseReading(folder, host: "c").state == .unknown)
        #expect(LeaseReading(folder, host: "d").state == .unknown)
    }

    // MARK: networks being made

    @Test func onlyOneCommandMakesANetworkAndADeadOnesClaimIsTakenOver() throws {
        let test = TestFolder()
        let owner = try Identity.forContained(environment: ProcessInfo.processInfo.environment)
        /// Whether a claim can be had now; it is given back at once.
        func isFree(_ name: String) throws -> Bool {
            guard let claim = try KeptNetwork.Claim(name, root: test.root, owner: owner) else { return false }
            _ = consume claim
            return true
        }
        do {
            let first = try KeptNetwork.Claim("small", root: test.root, owner: owner)
            #expect(try !isFree("small"))
            #expect(try isFree("large"))
            _ = consume first
        }
        #expect(try isFree("small"))
        #expect(try KeptNetwork.all(root: test.root).isEmpty)
    }
}
