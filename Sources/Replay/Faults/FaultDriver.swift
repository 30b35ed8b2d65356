import Definitions
import Timeline

/// Plays the fault contract for one fault on one host: does the machine's work and reports its events.
///
/// One task at a time drives it; a heartbeat runs beside it from the armed lease to the release.
actor FaultDriver {
    /// How long the effect of a fault, or of its undo, may take to show. Wall time.
    static let proofTimeout = Duration.seconds(10)
    static let proofInterval = Duration.milliseconds(250)
    static let undoPause = Duration.seconds(1)

    nonisolated let plan: FaultPlan
    nonisolated let hostName: String
    private let agent: HostAgent
    private let journal: Journal
    private let sink: any EventSink
    private let clock: any ReplayClock
    private let keeper: MarkerKeeper?
    private(set) var machine: FaultMachine
    private var record: FaultRecord
    private var beating: Task<Void, Never>?
    /// An undo was asked for: proofs of the effect end at their next look.
    private var undoWanted = false
    /// Why the last undo failed; empty when none did.
    private(set) var lastFailure = ""
    private var busy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(
        plan: FaultPlan, number: Int, agent: HostAgent, journal: Journal, sink: any EventSink, clock: any ReplayClock,
        keeper: MarkerKeeper?
    ) {
        self.plan = plan
        self.agent = agent
        self.journal = journal
        self.sink = sink
        self.clock = clock
        self.keeper = keeper
        hostName = agent.host.name
        machine = FaultMachine()
        let name = FaultRecord.name(run: agent.identity.run, number: number, fault: plan.id)
        record = FaultRecord(name: name, identity: agent.identity, plan: plan, before: "")
    }

    /// A driver for a fault that an earlier process left open.
    init(
        healing open: OpenFault, host: any RemoteHost, journal: Journal, sink: any EventSink, clock: any ReplayClock,
        state: String
    ) {
        plan = open.plan
        agent = HostAgent(host: host, identity: open.identity, state: state, lease: GuardLimits.lease)
        self.journal = journal
        self.sink = sink
        self.clock = clock
        keeper = nil
        hostName = host.name
        machine = FaultMachine(resuming: open.stage)
        record = FaultRecord(
            name: open.record, identity: open.identity, plan: open.plan, before: open.before, after: open.after ?? "")
    }

    deinit { beating?.cancel() }

    /// Fingerprint, intent and lease; nothing is broken yet. True when the lease is armed.
    func prepare() async -> Bool {
        await exclusively { $0.prepare() }
        return machine.state == .armed
    }

    /// Injects and proves. True when the effect was proven.
    func inject() async -> Bool {
        await exclusively { $0.apply(.inject) }
        return machine.state == .proven
    }

    /// Undoes from whatever state, after what is under way; bounded by the scripts' own deadlines.
    func undo() async -> FaultMachine.State {
        undoWanted = true
        await exclusively { $0.apply(.undo) }
        return machine.state
    }

    /// One piece at a time, and whole: a cancelled caller does not cut an injection or an undo short, because then
    /// nobody would know how far it got. What follows an interruption is undo.
    private func exclusively(_ step: @escaping @Sendable (inout FaultMachine) -> [FaultMachine.Output]) async {
        await Task {
            while self.busy { await withCheckedContinuation { self.waiting.append($0) } }
            self.busy = true
            await self.drive(step(&self.machine))
            self.busy = false
            if !self.waiting.isEmpty { self.waiting.removeFirst().resume() }
        }.value
    }

    private func drive(_ outputs: [FaultMachine.Output]) async {
        var pending = outputs
        while !pending.isEmpty {
            let output = pending.removeFirst()
            switch output {
            case .event(let stage, let detail):
                if stage == .undoFailed { lastFailure = redacted(detail) }
                await sink.record(.fault(id: plan.id, host: hostName, stage: stage, detail: redacted(detail)))
            case .problem(let kind, let reason):
                await sink.record(
                    .problem(kind: kind, reason: "Fault \(plan.id) on host \(hostName). \(redacted(reason))"))
            case .journal(let stage, let reason):
                if let failure = await write(stage, reason: reason) {
                    await sink.record(.problem(kind: .harness, reason: failure))
                    // Without a journal nothing is broken; what is broken already is undone all the same.
                    if stage == .injecting {
                        pending = machine.apply(.failed(reason: failure))
                        continue
                    }
                }
            case .work(let work):
                let input = await perform(work)
                pending += machine.apply(input)
            }
            beatIfDue()
        }
    }

    private func perform(_ work: FaultMachine.Work) async -> FaultMachine.Input {
        do throws(AgentError) {
            switch work {
            case .fingerprint:
                record.before = try await agent.fingerprint(plan)
                return .done(detail: record.before)
            case .journalIntent:
                if let failure = await write(.intended, reason: nil) { return .failed(reason: failure) }
                return .done(detail: "")
            case .stage:
                try await keeper?.cover(record.injectDeadline, on: hostName)
                try await agent.stage(record)
                return .done(detail: record.name)
            case .arm:
                try await agent.arm(record)
                return .done(detail: "lease \(DurationText(agent.lease))")
            case .inject:
                let injection = try await agent.inject(record)
                record.after = injection.after ?? ""
                guard injection.exit == 0 else {
                    return .failed(reason: "inject ended with status \(injection.exit): \(injection.words)")
                }
                return .done(detail: record.after)
            case .prove: return await proof(plan.prove, unless: { self.undoWanted })
            case .proveUndone: return await proof(plan.proveUndone, unless: { false })
            case .undo: return try await undoOnce()
            case .restage:
                var lost = record
                lost.state = record.after.isEmpty ? "injecting" : "injected"
                try await agent.stage(lost)
                return .done(detail: "")
            case .close:
                try await agent.close(record)
                return .done(detail: "")
            }
        } catch {
            switch error {
            case .refused: return .failed(reason: error.description)
            case .unknown: return .unknown(reason: error.description)
            }
        }
    }

    private func undoOnce() async throws(AgentError) -> FaultMachine.Input {
        let result: HostAgent.Undoing
        do throws(AgentError) {
            result = try await agent.undo(record)
        } catch {
            try? await clock.sleep(for: Self.undoPause)
            throw error
        }
        switch result.end {
        case .undone, .closed:
            return .undone(
                untouched: result.detail.contains("nothing had been injected"), fired: result.fired,
                detail: result.detail)
        case .superseded: return .superseded(fired: result.fired)
        case .missing: return .recordMissing
        case .failed(let reason):
            try? await clock.sleep(for: Self.undoPause)
            return .failed(reason: reason)
        }
    }

    /// Repeats a proof, which changes nothing, until it exits 0 or its time is up.
    private func proof(_ script: ScriptPlan, unless stopped: () -> Bool) async -> FaultMachine.Input {
        let end = clock.now() + Self.proofTimeout.nanoseconds
        var tries = 0
        while true {
            tries += 1
            let result = await agent.host.run(script, stdin: [])
            let why: String
            switch result.outcome {
            case .exited(0): return .done(detail: "after \(tries) look\(tries == 1 ? "" : "s")")
            case .exited(let code):
                why = "status \(code): " + String(decoding: (result.stderr + result.stdout).prefix(200), as: UTF8.self)
            case .signaled(let name): why = "killed by \(name)"
            case .unknown(let reason): why = reason
            }
            guard !stopped(), clock.now() < end, (try? await clock.sleep(for: Self.proofInterval)) != nil else {
                return .failed(reason: "\(tries) looks in \(DurationText(Self.proofTimeout)), the last: \(why)")
            }
        }
    }

    private func write(_ stage: JournalEntry.Stage, reason: String?) async -> String? {
        let entry = JournalEntry(
            record: record.name, fault: plan.id, host: hostName, run: record.identity.run,
            testnet: record.identity.testnet, wall: clock.wallLabel(), stage: stage,
            fingerprint: stage == .intended ? record.before : stage == .injected ? record.after : nil,
            plan: stage == .intended ? plan : nil, reason: reason.map(redacted))
        do throws(JournalError) {
            try await journal.append(entry)
            return nil
        } catch {
            return error.description
        }
    }

    /// Heartbeats go over channels of their own, beside whatever else the host does.
    private func beatIfDue() {
        guard machine.needsHeartbeat else {
            beating?.cancel()
            beating = nil
            return
        }
        guard beating == nil else { return }
        beating = Task { [agent, clock, weak self] in
            while !Task.isCancelled {
                guard (try? await clock.sleep(for: GuardLimits.heartbeat)) != nil else { return }
                let pulse = try? await agent.heartbeat()
                guard !Task.isCancelled else { return }
                if pulse == .fired {
                    await self?.leaseFired()
                    return
                }
            }
        }
    }

    private func leaseFired() async {
        let outputs = machine.apply(.leaseFired)
        beating = nil
        for case .event(let stage, let detail) in outputs {
            await sink.record(.fault(id: plan.id, host: hostName, stage: stage, detail: detail))
        }
        for case .problem(let kind, let reason) in outputs {
            await sink.record(.problem(kind: kind, reason: "Fault \(plan.id) on host \(hostName). \(reason)"))
        }
    }

    private func redacted(_ text: String) -> String {
        Redaction(of: [plan.fingerprint, plan.inject, plan.prove, plan.undo, plan.proveUndone]).apply(to: text)
    }
}
