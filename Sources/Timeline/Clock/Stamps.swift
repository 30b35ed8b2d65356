/// The raw moments of a run, monotonic nanoseconds; nil where it did not come. Times are derived from these and name
/// their start.
public struct Stamps: Sendable, Hashable {
    /// First and last event.
    public var runStarted: Int64?
    /// The event of that type; nil for a run that was killed.
    public var runEnded: Int64?
    /// The baseline phase began.
    public var baselineStarted: Int64?
    /// First moment at which every steady-state check held.
    public var firstSteady: Int64?
    /// Since when the steady state had held when the first injection started.
    public var steadyBeforeFault: Int64?
    /// The first injection started: the baseline ends here.
    public var injectStarted: Int64?
    /// Onset: the first injection completed. TTD, TTA, TTM and TTR start here.
    public var injectCompleted: Int64?
    /// The fault's effect was proven for the first time.
    public var effect: Int64?
    /// Who told the responders first.
    public var signal: Signal?
    /// The responder acknowledged.
    public var acknowledged: Int64?
    /// The first `act` step of the response began.
    public var firstAct: Int64?
    /// Observation stopped: by the event, or by the first thing that only clean-up does.
    public var frozen: Int64?
    /// The last record of the fault journal was closed or undone.
    public var clean: Int64?
    /// The teardown phase began.
    public var teardownStarted: Int64?

    /// The first signal after the injection started.
    public struct Signal: Sendable, Hashable {
        /// Monotonic nanoseconds.
        public var at: Int64
        /// Pager or user.
        public var source: Event.SignalSource
        /// What it said.
        public var summary: String
    }
}
