/// Times, budgets and cross-checks: what the stamps and trackers of a finished clock amount to.
struct Measuring {
    let criteria: Criteria
    let clock: PhaseClock
    let ledger: RunLedger

    /// Incident seconds per wall second; a scale that makes no sense counts as real time.
    var scale: Double { criteria.timeScale.isFinite && criteria.timeScale > 0 ? criteria.timeScale : 1 }

    /// The horizon in nanoseconds of wall time.
    var horizon: Int64 { Int64(Double(Nanoseconds.span(criteria.horizon)) / max(scale, 0.01)) }

    var onset: Int64? { clock.stamps.injectCompleted }

    /// Whether it was looked for up to the horizon, give or take one look.
    var reachedHorizon: Bool {
        guard let onset, let frozen = clock.stamps.frozen else { return false }
        return frozen >= onset + horizon - Nanoseconds.span(criteria.probeInterval)
    }

    /// The interval of the slowest probe that measures, plus the longest look of one between fault and freeze: a change
    /// is seen by the next look at the latest, and known when that look ends. Seconds of wall time.
    var precision: Double {
        let probes = Set((criteria.steadyState + criteria.impact).map(\.probe))
        let intervals = probes.map { Nanoseconds.span(criteria.probes[$0]?.interval ?? criteria.probeInterval) }
        return Nanoseconds.seconds((intervals.max() ?? Nanoseconds.span(criteria.probeInterval)) + ledger.longestLook)
    }

    /// Whether user impact or the steady state broke; nil before breaks counted.
    var outage: Bool? {
        guard clock.steady.begin != nil else { return nil }
        return clock.steady.downAt != nil || clock.impact.downAt != nil
    }

    /// Seconds of wall time from onset until something was first seen to break.
    var brokeAfter: Double? {
        guard let onset, let down = [clock.steady.downAt, clock.impact.downAt].compactMap({ $0 }).min() else {
            return nil
        }
        return Nanoseconds.seconds(max(0, down - onset))
    }

    // MARK: Times

    var times: Verdict.Times {
        Verdict.Times(
            detect: time(of: clock.stamps.signal?.at, source: clock.stamps.signal?.source.rawValue ?? "no signal"),
            act: time(of: clock.stamps.firstAct, source: clock.stamps.firstAct == nil ? "no response" : "response"),
            mitigate: time(of: clock.impact, isMeasured: !criteria.impact.isEmpty, unbroken: "no impact seen"),
            recover: time(
                of: clock.steady, isMeasured: !criteria.steadyState.isEmpty, unbroken: "steady state never broke"))
    }

    var byScope: [String: Verdict.ScopeTimes] {
        Dictionary(
            uniqueKeysWithValues: clock.scopes.map { name, scope in
                let hasImpact = criteria.impact.contains { $0.scopes[name] != nil }
                let hasSteadyState = criteria.steadyState.contains { $0.scopes[name] != nil }
                let times = Verdict.ScopeTimes(
                    mitigate: time(of: scope.impact, isMeasured: hasImpact, unbroken: "no impact seen"),
                    recover: time(of: scope.steady, isMeasured: hasSteadyState, unbroken: "steady state never broke"),
                    breaks: scope.steady.breaks)
                return (name, times)
            })
    }

    private func time(of tracker: WindowTracker, isMeasured: Bool, unbroken: String) -> Verdict.Time {
        guard isMeasured else {
            return Verdict.Time(wall: nil, incident: nil, isCensored: false, source: "not measured")
        }
        guard onset == nil || tracker.downAt != nil else {
            return Verdict.Time(wall: nil, incident: nil, isCensored: false, source: unbroken)
        }
        return time(of: returned(tracker), source: "probes")
    }

    /// When the condition came back for good, if that was before the horizon.
    func returned(_ tracker: WindowTracker) -> Int64? {
        guard let onset, let at = tracker.returnedAt, at <= onset + horizon else { return nil }
        return at
    }

    private func time(of moment: Int64?, source: String) -> Verdict.Time {
        guard let onset else {
            return Verdict.Time(wall: nil, incident: nil, isCensored: false, source: "no fault was injected")
        }
        let waited = min(horizon, max(0, (clock.stamps.frozen ?? clock.evaluator.now) - onset))
        let isCensored = moment.map { $0 > onset + horizon } ?? true
        // A signal may come while the injection still runs; the outage had begun then, so that is no time at all.
        let span = isCensored ? waited : max(0, (moment ?? onset) - onset)
        let wall = Nanoseconds.seconds(span)
        return Verdict.Time(wall: wall, incident: wall * scale, isCensored: isCensored, source: source)
    }

    // MARK: Budgets

    func budgets(for times: Verdict.Times) -> [Verdict.Budget] {
        // Where nothing broke there is nothing that anybody could have detected, mitigated or recovered from.
        let hasBroken = clock.steady.downAt != nil || clock.impact.downAt != nil
        let limits = [
            ("detect", criteria.budgets.detect, times.detect), ("mitigate", criteria.budgets.mitigate, times.mitigate),
            ("recover", criteria.budgets.recover, times.recover),
        ]
        return limits.compactMap { name, limit, time in
            guard let limit else { return nil }
            let seconds = Nanoseconds.seconds(Nanoseconds.span(limit))
            let measured = time.isCensored ? nil : time.incident
            let isMet: Bool? = time.wall == nil || !hasBroken ? nil : measured.map { $0 <= seconds } ?? false
            return Verdict.Budget(name: name, limit: seconds, measured: measured, isMet: isMet)
        }
    }

    // MARK: Cross-check

    /// Per scope with a block log: the first block after the outage against the recovery that the probes saw.
    var crossChecks: [Verdict.CrossCheck] {
        guard let onset else { return [] }
        return ledger.blockLogs.sorted { $0.key < $1.key }.map { scope, log in
            let tracker = clock.scopes[scope]?.steady ?? clock.steady
            let probes = returned(tracker).map { Nanoseconds.seconds($0 - onset) }
            let logs = log.firstAfter.map { Nanoseconds.seconds(Nanoseconds.moment($0) - onset) }
            let difference: Double? = if let probes, let logs { probes - logs } else { nil }
            let agrees: Bool? =
                if let difference { abs(difference) <= precision } else { probes == nil && logs == nil ? nil : false }
            return Verdict.CrossCheck(
                scope: scope, byProbes: probes, byLogs: logs, difference: difference, agrees: agrees, source: log.source
            )
        }
    }

    // MARK: The harness's own time

    /// - boot: from the first event to the first moment at which the whole steady state held (with a chain: first
    ///   agreed rise in every scope).
    /// - teardown: from the teardown phase to the last event.
    /// - overhead: the rest of the run that is neither `hold` before the fault, nor incident time (from onset to
    ///   recovery, or to the freeze when there was none), nor `hold` after recovery. Without a fault, incident time
    ///   runs from the end of the baseline's `hold` to the freeze.
    var harnessTimes: Verdict.HarnessTimes {
        let stamps = clock.stamps
        let named = ledger.harnessTimes
        let boot = span(from: stamps.runStarted, to: stamps.firstSteady)
        let teardown = span(from: stamps.teardownStarted, to: stamps.runEnded)
        guard let total = span(from: stamps.runStarted, to: stamps.runEnded), let boot, let frozen = stamps.frozen
        else {
            return .init(
                boot: boot.map(Nanoseconds.seconds), overhead: nil, teardown: teardown.map(Nanoseconds.seconds),
                named: named)
        }
        let hold = Nanoseconds.span(criteria.hold)
        var accounted = boot + (teardown ?? 0)
        if let onset {
            accounted += min(hold, span(from: stamps.steadyBeforeFault, to: stamps.injectStarted) ?? 0)
            if let recovered = returned(clock.steady) {
                accounted += max(0, recovered - onset) + min(hold, max(0, frozen - recovered))
            } else {
                accounted += max(0, frozen - onset)
            }
        } else if let firstSteady = stamps.firstSteady {
            accounted += max(0, frozen - firstSteady)
        }
        return .init(
            boot: Nanoseconds.seconds(boot), overhead: Nanoseconds.seconds(max(0, total - accounted)),
            teardown: teardown.map(Nanoseconds.seconds), named: named)
    }

    private func span(from start: Int64?, to end: Int64?) -> Int64? {
        guard let start, let end else { return nil }
        return max(0, end - start)
    }
}
