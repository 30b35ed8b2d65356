import Definitions
import Timeline

/// Looks at every target of every probe at its interval, and records what it sees, until cancelled.
struct ProbeScheduler: Sendable {
    /// Looks under way at once, over all probes.
    static let concurrentLooks = 64
    /// How much longer than its timeout a look may take to say that it failed.
    static let grace = Duration.milliseconds(500)
    /// Ticks for each look that decides nothing any more: it is for the picture only, and what looks cost is taken from
    /// the network that is looked at.
    static let restingTicks: Int64 = 8

    /// One probe with what does its looking.
    struct Series: Sendable {
        var plan: ProbePlan
        var probe: any Probe
    }

    let series: [Series]
    let feeds: [(plan: ProbePlan, feed: SignalFeed)]
    let sink: any EventSink
    let clock: any ReplayClock
    /// Whether a look of a probe (by id) at a target may still decide anything.
    let isAwaited: @Sendable (_ probe: String, _ target: String) async -> Bool
    let seen = SeenTargets()

    /// Number of pairs of probe and target, feeds not counted.
    var pairCount: Int { series.reduce(0) { $0 + $1.plan.targets.count } }

    /// True once every target of every probe was looked at.
    func hasLookedEverywhere() async -> Bool { await seen.count >= pairCount }

    /// Runs until the task is cancelled.
    func run() async {
        let gate = LookGate(limit: Self.concurrentLooks)
        let start = clock.now()
        await withTaskGroup(of: Void.self) { group in
            for one in series {
                for (index, target) in one.plan.targets.enumerated() {
                    // Spread over the interval, the same way in every run.
                    let interval = one.plan.interval.duration.nanoseconds
                    let offset = interval * Int64(index) / Int64(max(1, one.plan.targets.count))
                    let schedule = LookSchedule(start: start + offset, interval: interval)
                    group.addTask { await follow(one, target, schedule, gate) }
                }
            }
            for one in feeds {
                let schedule = LookSchedule(start: start, interval: one.plan.interval.duration.nanoseconds)
                group.addTask { await follow(one.plan, one.feed, schedule) }
            }
        }
    }

    private func follow(_ series: Series, _ target: String, _ first: LookSchedule, _ gate: LookGate) async {
        var schedule = first
        while await isDue(schedule.next) {
            await gate.enter()
            let started = clock.now()
            let result = await look(series, at: target)
            await gate.leave()
            guard !Task.isCancelled else { break }
            switch result {
            case .success(let value):
                await sink.record(
                    .sample(probe: series.plan.id, target: target, started: started, value: value, error: nil))
            case .failure(let failure):
                await sink.record(
                    .sample(
                        probe: series.plan.id, target: target, started: started, value: nil, error: failure.description)
                )
            }
            await seen.insert("\(series.plan.id)/\(target)")
            if await !isAwaited(series.plan.id, target) { schedule.pass(Self.restingTicks - 1) }
            schedule.looked(at: clock.now())
        }
        if schedule.skipped > 0 {
            await sink.record(
                .note(
                    level: .warning,
                    message:
                        "Probe \(series.plan.id) skipped \(schedule.skipped) of \(schedule.due) looks at \(target): looks took longer than its interval of \(series.plan.interval)."
                ))
        }
    }

    private func follow(_ plan: ProbePlan, _ feed: SignalFeed, _ first: LookSchedule) async {
        var schedule = first
        var wasFailing = false
        while await isDue(schedule.next) {
            let failure = await feed.look()
            guard !Task.isCancelled else { return }
            if let failure, !wasFailing {
                await sink.record(.note(level: .warning, message: "Probe \(plan.id) cannot read signals: \(failure)."))
            }
            wasFailing = failure != nil
            schedule.looked(at: clock.now())
        }
    }

    /// Waits for a tick; false when cancelled.
    private func isDue(_ tick: Int64) async -> Bool {
        let wait = tick - clock.now()
        if wait > 0 { try? await clock.sleep(for: .nanoseconds(wait)) }
        return !Task.isCancelled
    }

    /// One look, which is an unknown sample when it takes longer than the probe's timeout.
    private func look(_ series: Series, at target: String) async -> Result<JSON, ProbeFailure> {
        await withTaskGroup(of: Result<JSON, ProbeFailure>?.self) { group in
            group.addTask { await series.probe.look(at: target) }
            group.addTask { [clock] in
                try? await clock.sleep(for: series.plan.timeout.duration + Self.grace)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? .failure(ProbeFailure("no answer within \(series.plan.timeout)"))
        }
    }
}

/// Which pairs of probe and target have been looked at.
actor SeenTargets {
    private var pairs: Set<String> = []
    var count: Int { pairs.count }
    func insert(_ pair: String) { pairs.insert(pair) }
}
