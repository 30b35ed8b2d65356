import Definitions
import Timeline

/// The pieces of work of a run, each bounded by a duration of the plan.
extension Conductor {
    /// How much longer than `hold` the baseline may take to hold.
    static let baselinePatience = Duration.seconds(20)

    func play(_ work: ConductMachine.Work) async -> ConductMachine.Input {
        switch work {
        case .awaitSteady: return await awaitSteady()
        case .testPager(let moment): return await testPager(moment)
        case .awaitBaseline: return await awaitBaseline()
        case .injectFaults: return await injectFaults()
        case .awaitSignal:
            let seen = await wait(until: horizon()) { $0.stamps.signal != nil }
            return seen
                ? .done : .timedOut("nobody was told of anything within the horizon of \(plan.criteria.horizon).")
        case .acknowledge:
            await pause(plan.response.acknowledgeAfter)
            guard !Task.isCancelled else { return .done }
            await log.record(
                .responder(
                    action: .acknowledged, detail: "\(plan.response.acknowledgeAfter) of incident time after the signal"
                ))
            return .done
        case .startResponse:
            await pause(plan.response.startAfter)
            return .done
        case .respond:
            let runner = StepRunner(
                agents: agents, keeper: keeper, sink: log, clock: clock, timeScale: plan.criteria.timeScale,
                approver: input.approver, onset: await log.measure { $0.stamps.injectCompleted })
            return .responded(await runner.run(plan.response.steps))
        case .awaitRecovery:
            _ = await wait(until: horizon()) { $0.hasRecovered && $0.hasMitigated }
            return .done
        case .awaitHorizon:
            // A fix that promises times has shown them once somebody was told and all is back: like a runbook it is not
            // watched for longer. One that promises that nothing breaks is watched to the end.
            let promise = plan.criteria.fix?.expect
            let endsEarly = promise.map { !$0.promisesNoOutage } ?? false
            _ = await wait(until: horizon()) {
                endsEarly && $0.hasRecovered && $0.hasMitigated && $0.stamps.signal != nil
            }
            return .done
        case .awaitWindow:
            let window = plan.observation.noFaultWindow?.duration ?? plan.criteria.hold.duration * 2
            _ = await wait(until: clock.now() + window.nanoseconds) { _ in false }
            return .done
        case .collect: return await collect()
        case .cleanUp: return .done
        }
    }

    /// Waits incident time; cancellation ends it.
    private func pause(_ incident: DurationText) async {
        try? await clock.sleep(for: incident.duration / plan.criteria.timeScale)
    }

    /// Monotonic nanoseconds at which observation ends: the horizon after the onset.
    private func horizon() async -> Int64 {
        let onset = await log.measure { $0.stamps.injectCompleted } ?? clock.now()
        return onset + (plan.criteria.horizon.duration / plan.criteria.timeScale).nanoseconds
    }

    /// Looks at the measurement until `condition` holds; false at `end`, or when cancelled or the log is broken.
    private func wait(until end: Int64, _ condition: @Sendable (PhaseClock) -> Bool) async -> Bool {
        while true {
            if await log.measure(condition) { return true }
            let left = end - clock.now()
            guard left > 0, await log.failure == nil else { return false }
            guard (try? await clock.sleep(for: min(Self.lookInterval, .nanoseconds(left)))) != nil else { return false }
        }
    }

    private func awaitSteady() async -> ConductMachine.Input {
        let limit = plan.testnet.settleTimeout
        if await wait(until: clock.now() + limit.duration.nanoseconds, { $0.evaluator.truth(of: .steadyState) == .yes })
        {
            return .done
        }
        return .timedOut("It did not hold within \(limit) of the start. \(await unsteady())")
    }

    /// The baseline: held for `hold`, no onset symptom, and every probe has something to compare with.
    private func awaitBaseline() async -> ConductMachine.Input {
        let limit = plan.criteria.hold.duration * 2 + Self.baselinePatience
        let end = clock.now() + limit.nanoseconds
        let onset = plan.criteria.symptoms.indices.filter { plan.criteria.symptoms[$0].kind == .onset }
        // A fix may have taken away what was wrong before.
        let isFixed = plan.criteria.isFix
        let latent = plan.criteria.symptoms.indices.filter {
            !isFixed && plan.criteria.symptoms[$0].kind == .latent
        }
        while clock.now() < end, !Task.isCancelled {
            let hasHeld = await log.measure { clock in
                clock.hasHeldBaseline && onset.allSatisfy { clock.shows(symptom: $0) == .no }
                    && latent.allSatisfy { clock.hasShown(symptom: $0) }
            }
            if hasHeld, await scheduler?.hasLookedEverywhere() ?? false { return .done }
            guard (try? await clock.sleep(for: Self.lookInterval)) != nil else { break }
        }
        let showing = await log.measure { clock in
            onset.filter { clock.shows(symptom: $0) != .no }.map { ($0, clock.shows(symptom: $0)) }
        }
        let absent = await log.measure { clock in latent.filter { !clock.hasShown(symptom: $0) } }
        var reason = "Within \(DurationText(limit)) it did not hold for \(plan.criteria.hold). \(await unsteady())"
        for (index, truth) in showing {
            reason +=
                " The onset symptom \(plan.criteria.symptoms[index].fact) \(truth == .yes ? "showed already" : "could not be told")."
        }
        for index in absent { reason += " The latent condition \(plan.criteria.symptoms[index].fact) did not hold." }
        if await !(scheduler?.hasLookedEverywhere() ?? true) {
            reason += " Not every probe has looked at every target."
        }
        return .timedOut(reason)
    }

    /// The first checks that do not hold, in words.
    private func unsteady() async -> String {
        let findings = await log.measure { $0.evaluator.findings(of: .steadyState).filter { $0.truth != .yes } }
        return findings.prefix(3).map { "Check \($0.check) of \($0.scope): \($0.evidence)." }.joined(separator: " ")
    }

    private func testPager(_ moment: String) async -> ConductMachine.Input {
        guard let test = plan.observation.pagerTest, let feeds = scheduler?.pagerFeeds, !feeds.isEmpty else {
            return .done
        }
        await PagerTest(plan: test, hosts: input.hosts, feeds: feeds, run: input.identity.run, sink: log, clock: clock)
            .perform(moment: moment)
        return .done
    }

    /// Prepares all faults, then injects them at their moments; those after the first go on in the background.
    private func injectFaults() async -> ConductMachine.Input {
        let order = faults.sorted { $0.plan.at.duration < $1.plan.at.duration }
        guard let first = order.first else { return .notInjected }
        let baselineEnd = clock.now()
        for fault in order {
            guard !Task.isCancelled, await fault.prepare() else { return .notInjected }
        }
        let now = order.filter { $0.plan.at == first.plan.at }
        guard await inject(now, since: baselineEnd) else { return .notInjected }
        let later = order.filter { $0.plan.at != first.plan.at }
        if !later.isEmpty { laterFaults = Task { await self.inject(later, since: baselineEnd) } }
        return .done
    }

    private func inject(_ faults: [FaultSet], since start: Int64) async -> Bool {
        for fault in faults {
            let due = start + (fault.plan.at.duration / plan.criteria.timeScale).nanoseconds
            let wait = due - clock.now()
            if wait > 0 { try? await clock.sleep(for: .nanoseconds(wait)) }
            guard !Task.isCancelled, await fault.inject() else { return false }
        }
        return true
    }

    /// What is read after clean-up: the nodes' own block logs.
    private func collect() async -> ConductMachine.Input {
        guard let check = plan.observation.crossCheck else { return .done }
        let hold = plan.criteria.hold.duration.nanoseconds
        let outages = await log.measure { clock -> [String: CrossCheck.Outage] in
            guard let onset = clock.stamps.injectCompleted, let frozen = clock.stamps.frozen else { return [:] }
            return clock.scopes.filter { $0.value.steady.downAt != nil }.mapValues { _ in
                CrossCheck.Outage(onset: onset, frozen: frozen, shortest: hold / 2)
            }
        }
        await CrossCheck(plan: check, hosts: input.hosts, sink: log).perform(outages)
        return .done
    }
}
