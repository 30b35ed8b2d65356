import Definitions
import Foundation
@testable import Replay
import Testing
import Timeline

/// Every fault of `chaos/faults` for real: on a booted testnet, through guard, journal and lease, over ssh.
@Suite("The fault catalogue", .workbench)
struct FaultCatalogueTests {
    /// One fault on the host of the fixture's scenario.
    private struct Trial {
        let fault: FaultPlan
        let agent: HostAgent
        let driver: FaultDriver
        let recorder = EventRecorder()
        let bench: Workbench

        init(_ name: String, number: Int) async throws {
            bench = try #require(Workbench.current)
            fault = try #require(bench.plan.faults.first { $0.id == name })
            agent = try await bench.agent(try #require(fault.hosts.first))
            driver = FaultDriver(
                plan: fault, number: number, agent: agent,
                journal: try Journal(path: "\(bench.base)/journal-\(name)-\(number).jsonl"), sink: recorder,
                clock: MachineClock(), keeper: nil)
        }

        func fingerprint() async throws -> String { try await agent.fingerprint(fault) }

        /// Runs one of the fault's scripts once and tells whether it exited 0.
        func holds(_ script: ScriptPlan) async throws -> Bool {
            let result = await agent.host.run(script, stdin: [])
            guard case .exited(let code) = result.outcome else {
                throw Workbench.HarnessFailure(description: "\(result.outcome)")
            }
            return code == 0
        }

        /// What happened, for messages.
        func story() async -> String { "\(await recorder.bodies)" }
    }

    @Test("breaks, is seen to be broken, is put back, and leaves everything as it was", arguments: FaultCase.all)
    func roundTrip(_ item: FaultCase) async throws {
        let bench = try #require(Workbench.current)
        try await bench.queue.with(item.touches(bench.plan)) {
            let trial = try await Trial(item.name, number: 0)
            let before = try await trial.fingerprint()
            #expect(try await !trial.holds(trial.fault.prove), "the effect is seen before the injection")
            #expect(try await trial.holds(trial.fault.proveUndone), "the effect is not absent before the injection")

            let injected = await trial.driver.inject()
            let injection = await trial.story()
            try #require(injected, "\(injection)")
            #expect(try await !trial.holds(trial.fault.proveUndone), "the effect is not seen while it is there")

            let end = await trial.driver.undo()
            let story = await trial.story()
            #expect(end == .closed(.undone), "\(story)")
            #expect(try await trial.fingerprint() == before, "the fingerprint after undo differs")
            #expect(try await !trial.holds(trial.fault.prove), "the effect is still seen after undo")

            // The script itself, too, must do no harm when nothing is left to undo.
            #expect(try await trial.holds(trial.fault.undo))
            #expect(try await trial.fingerprint() == before, "a second undo changed something")
            #expect(try await trial.holds(trial.fault.proveUndone), "a second undo brought the effect back")
            #expect(await trial.driver.undo() == .closed(.undone))
        }
    }

    @Test("is left alone once somebody else has put things right", arguments: FaultCase.all)
    func superseded(_ item: FaultCase) async throws {
        let bench = try #require(Workbench.current)
        try await bench.queue.with(item.touches(bench.plan)) {
            let trial = try await Trial(item.name, number: 1)
            let injected = await trial.driver.inject()
            let injection = await trial.story()
            try #require(injected, "\(injection)")

            let repair = await trial.agent.host.run(
                script(item.repair, trial.fault.undo.environment, timeout: .seconds(20)), stdin: [])
            #expect(
                repair.outcome == .exited(code: 0), "\(String(decoding: repair.stdout + repair.stderr, as: UTF8.self))")
            let repaired = try await trial.fingerprint()

            let end = await trial.driver.undo()
            let story = await trial.story()
            #expect(end == .closed(.superseded), "\(story)")
            #expect(try await trial.fingerprint() == repaired, "undo changed what somebody else had put right")
            #expect(try await trial.holds(trial.fault.proveUndone))
        }
    }

    @Test("every file of chaos/faults has a case here, and a use in the fixture's scenario")
    func complete() throws {
        let bench = try #require(Workbench.current)
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(Workbench.package)/chaos/faults")
        let names = Set(files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) })
        let here = names.subtracting(FaultCase.elsewhere.keys)
        #expect(here == Set(FaultCase.all.map(\.name)))
        #expect(here == Set(bench.plan.faults.map(\.id)))
        #expect(names.count == here.count + FaultCase.elsewhere.count)
        // The other test plays a scenario that uses the fault.
        for (fault, file) in FaultCase.elsewhere {
            let test = try String(contentsOfFile: "\(Workbench.package)/\(file)", encoding: .utf8)
            let scenario = try #require(test.firstMatch(of: /scenario = "([a-z0-9-]+)"/)?.1)
            let text = try String(
                contentsOfFile: "\(Workbench.package)/chaos/scenarios/\(scenario).yaml", encoding: .utf8)
            #expect(text.contains("fault: \(fault)"), "\(file) does not play \(fault)")
        }
    }
}
