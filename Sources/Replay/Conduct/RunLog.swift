import Timeline

/// The run's `events.jsonl` and the live measurement over it: every event is stamped, written and measured in one place,
/// so that what the replay decides by is what the judge will read.
public actor RunLog: EventSink {
    private let executor = BlockingExecutor(label: "firedrill.events")
    private let clock: any ReplayClock
    private var writer: EventLogWriter
    private var measurement: PhaseClock
    private var hasEnded = false
    /// Why events can no longer be written; the run must then end.
    public private(set) var failure: String?

    /// A queue of its own: writing blocks.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameter path: `events.jsonl` of the run folder.
    /// - Throws: `EventLogError.cannotOpen`.
    public init(path: String, criteria: Criteria, clock: any ReplayClock, nextSequence: Int = 0) throws(EventLogError) {
        writer = try EventLogWriter(path: path, nextSequence: nextSequence)
        measurement = PhaseClock(criteria)
        self.clock = clock
    }

    /// Stamps, writes and measures one event.
    public func record(_ body: Event.Body) async { append(body) }

    private func append(_ body: Event.Body) {
        // The end of a run is its last event, also when its network is kept running.
        guard failure == nil, !hasEnded else { return }
        var durable = false
        if case .fault = body { durable = true }
        if case .runEnded = body { (durable, hasEnded) = (true, true) }
        do throws(EventLogError) {
            measurement.apply(
                try writer.append(body, monotonic: clock.now(), wall: clock.wallLabel(), durable: durable))
        } catch {
            failure = error.description
        }
    }

    /// Lets time pass up to now, then reads the measurement.
    public func measure<Value: Sendable>(_ read: @Sendable (PhaseClock) -> Value) -> Value {
        measurement.advance(to: clock.now())
        return read(measurement)
    }
}
