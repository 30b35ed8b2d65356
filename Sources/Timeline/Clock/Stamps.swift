/// The raw moments of a run, monotonic nanoseconds; nil where it did not come. Times are derived from these and name
/// their start.
public struct Stamps: Sendable, Hashable {
    /// First and last event.
    public var runStarted: Int64?
    public var runEnded: Int64?
    public var baselineStarted: Int64?
    /// First moment at which every steady-state check held.
    public var firstSteady: Int64?
    /// Since when the steady state had held when the first injection started.
    public var steadyBeforeFault: Int64?
    public var injectStarted: Int64?
    /// Onset: the first injection completed. TTD, TTA, TTM and TTR start here.
    public var injectCompleted: Int64?
    /// The fault's effect was proven for the first time.
    public var effect: Int64?
    public var signal: Signal?
    public var acknowledged: Int64?
    public var firstAct: Int64?
    /// Observation stopped: by the event, or by the first thing that only clean-up does.
    public var frozen: Int64?
    /// The last record of the fault journal was closed or undone.
    public var clean: Int64?
    public var teardownStarted: Int64?

    /// The first signal after the injection started.
    public struct Signal: Sendable, Hashable {
        public var at: Int64
        public var source: Event.SignalSource
        public var summary: String
    }
}
