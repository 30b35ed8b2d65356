import Definitions
import Timeline

/// What a conductor is given: a booted, deployed, onboarded testnet.
public struct ConductorInput: Sendable {
    /// What to play.
    public var plan: Plan
    /// What the hosts' markers say.
    public var identity: RunIdentity
    /// Connected hosts by name, every host of the plan.
    public var hosts: [String: any RemoteHost]
    /// Where events go, and the measurement over them.
    public var log: RunLog
    /// The time to live in.
    public var clock: any ReplayClock
    /// `journal.jsonl` of the run folder.
    public var journalPath: String
    /// Nil: nobody can be asked, and unapproved hazardous steps end the run before it breaks anything.
    public var approver: (any Approver)?

    /// Everything that one arm needs.
    public init(
        plan: Plan, identity: RunIdentity, hosts: [String: any RemoteHost], log: RunLog, clock: any ReplayClock,
        journalPath: String, approver: (any Approver)?
    ) {
        self.plan = plan
        self.identity = identity
        self.hosts = hosts
        self.log = log
        self.clock = clock
        self.journalPath = journalPath
        self.approver = approver
    }
}

/// Plays one arm on a booted testnet: from settling to collected logs. Boot, deploy and tear-down are the caller's.
public actor Conductor {
    /// Between two looks at the measurement.
    static let lookInterval = Duration.milliseconds(100)

    let input: ConductorInput
    let agents: [String: HostAgent]
    let keeper: MarkerKeeper
    let client = HTTPClient()
    var scheduler: ProbeScheduler?
    var faults: [FaultSet] = []
    private var machine: ConductMachine
    private var playing: Task<ConductMachine.Input, Never>?
    private var observing: Task<Void, Never>?
    var laterFaults: Task<Bool, Never>?
    private var interruption: String?

    /// A conductor plays one arm, once.
    public init(_ input: ConductorInput) {
        self.init(input, makeAgent: { HostAgent(host: $0, identity: input.identity) })
    }

    init(_ input: ConductorInput, makeAgent: (any RemoteHost) -> HostAgent) {
        self.input = input
        agents = input.hosts.mapValues(makeAgent)
        keeper = MarkerKeeper(agents: agents, clock: input.clock)
        machine = ConductMachine(arm: input.plan.criteria.played, hasSteps: !input.plan.response.steps.isEmpty)
    }

    var plan: Plan { input.plan }
    var clock: any ReplayClock { input.clock }
    var log: RunLog { input.log }

    /// Ends the run as soon as everything broken is undone. May be called at any time, from any task.
    public func interrupt(_ reason: String) {
        guard interruption == nil else { return }
        interruption = reason
        playing?.cancel()
    }

    /// Plays the arm to its end.
    /// - Returns: Why the harness failed; nil when the run is one to judge.
    public func run() async -> String? {
        if let reason = await prepare() {
            await log.record(.problem(kind: .harness, reason: reason))
            client.stop()
            return reason
        }
        observing = Task { [scheduler, keeper, log] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await scheduler?.run() }
                group.addTask {
                    await keeper.run { failure in
                        await log.record(.note(level: .warning, message: "A marker was not renewed. \(failure)"))
                    }
                }
            }
        }
        let error = await play()
        await stopObserving()
        client.stop()
        return error
    }

    /// Makes probes and faults; the reason when the plan cannot be played.
    private func prepare() async -> String? {
        let missing = Set(plan.testnet.hosts.map(\.name)).subtracting(input.hosts.keys)
        if let name = missing.min() { return "Host \(name) is not connected." }
        if input.approver == nil, let step = plan.response.steps.first(where: { $0.hazard != nil && !$0.approved }) {
            return
                "Step \(step.name) (\(step.file):\(step.line)) is hazardous and not approved. Run at a terminal, or add 'approvals: {\(step.name): \(step.approvalHash)}' to the scenario."
        }
        do throws(ProbePlanError) {
            scheduler = try ProbeScheduler(
                plan: plan, hosts: input.hosts, client: client, sink: log, clock: clock,
                isAwaited: { [log] probe, target in await log.measure { $0.awaits(probe, at: target) } })
        } catch {
            return error.description
        }
        guard plan.criteria.arm != .noFault else { return nil }
        do throws(JournalError) {
            let journal = try Journal(path: input.journalPath)
            for (number, fault) in plan.faults.enumerated() {
                var drivers: [FaultDriver] = []
                for name in fault.hosts {
                    guard let agent = agents[name] else {
                        return "Fault \(fault.id) is for host \(name), which the testnet does not have."
                    }
                    drivers.append(
                        FaultDriver(
                            plan: fault, number: number, agent: agent, journal: journal, sink: log, clock: clock,
                            keeper: keeper))
                }
                faults.append(FaultSet(plan: fault, drivers: drivers))
            }
        } catch {
            return error.description
        }
        return nil
    }

    private func play() async -> String? {
        var pending = machine.apply(.begin)
        while !pending.isEmpty {
            switch pending.removeFirst() {
            case .phase(let phase): await log.record(.phase(phase))
            case .problem(let kind, let reason): await log.record(.problem(kind: kind, reason: reason))
            case .note(let message): await log.record(.note(level: .info, message: message))
            case .freeze:
                await log.record(.frozen)
                laterFaults?.cancel()
                await stopObserving()
            case .end(let error): return error
            case .work(let work): pending += machine.apply(await perform(work))
            }
        }
        return nil
    }

    /// Does one piece of work; an interruption cuts it short, except what cleans up.
    private func perform(_ work: ConductMachine.Work) async -> ConductMachine.Input {
        let result: ConductMachine.Input
        if work == .cleanUp {
            result = await cleanUp()
        } else {
            if let interruption, !wasInterruptionTaken { return take(interruption) }
            let task = Task { await self.play(work) }
            playing = task
            result = await task.value
            playing = nil
        }
        if let interruption, !wasInterruptionTaken { return take(interruption) }
        if let failure = await log.failure { return .broken(failure) }
        return result
    }

    private var wasInterruptionTaken = false
    private func take(_ reason: String) -> ConductMachine.Input {
        wasInterruptionTaken = true
        return .interrupted(reason)
    }

    private func stopObserving() async {
        observing?.cancel()
        await observing?.value
        observing = nil
    }

    private func cleanUp() async -> ConductMachine.Input {
        laterFaults?.cancel()
        _ = await laterFaults?.value
        var open: [String] = []
        // Last in, first out.
        for fault in faults.reversed() where await !fault.undo() { open.append(fault.plan.id) }
        guard !open.isEmpty else { return .done }
        await log.record(
            .note(
                level: .warning,
                message:
                    "Not undone: \(open.joined(separator: ", ")). The journal keeps the record and the host\u{2019}s lease goes on trying; a testnet of Firedrill\u{2019}s own goes away with the fault."
            ))
        return .done
    }
}
