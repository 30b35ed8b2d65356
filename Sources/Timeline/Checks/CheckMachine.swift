/// One look of a probe at one target.
struct Look: Sendable, Hashable {
    /// Monotonic nanoseconds at which the answer was there.
    var ended: Int64
    /// Nil when the look gave no answer: then nothing is known about the target's values.
    var value: JSON?
}

/// What a check says at one moment.
struct Assessment: Sendable, Hashable {
    var truth: Truth
    /// When the truth may change although nothing more is observed (monotonic nanoseconds, after the moment asked
    /// about); nil when only an observation can change it.
    var changesAt: Int64?
}

/// The state of one check in one scope: fed with what was observed, asked what is true.
///
/// Times never run backwards: `now` is at least that of every earlier call.
protocol CheckMachine: Sendable {
    mutating func observe(target: Int, look: Look)
    mutating func observe(signal: RunSignal, at now: Int64)
    mutating func observePagerTest(received: Bool, at now: Int64)
    /// The run moved on: a fault's injection started or completed, or the response began to act.
    mutating func runMoved(to progress: RunProgress)
    mutating func assess(at now: Int64) -> Assessment
    /// A short text with the observed values, without the scope's name.
    func evidence(at now: Int64) -> String
}

extension CheckMachine {
    mutating func observe(target: Int, look: Look) {}
    mutating func observe(signal: RunSignal, at now: Int64) {}
    mutating func observePagerTest(received: Bool, at now: Int64) {}
    mutating func runMoved(to progress: RunProgress) {}
}

/// A page or a report, as the event of that type carries it.
struct RunSignal: Sendable, Hashable {
    var source: Event.SignalSource
    var id: String
    var names: [String]
    var resolved: Bool
    /// It was firing when the fault began, so it says nothing about the fault.
    var wasFiringBefore: Bool
}

/// The moments of a run that checks may refer to.
struct RunProgress: Sendable, Hashable {
    /// Monotonic nanoseconds; nil while it has not come.
    var injectStarted: Int64?
    var injectCompleted: Int64?
    /// Unix seconds, for values that hosts report.
    var moments: [Comparison.Moment: Double] = [:]
}

/// Durations of checks as nanoseconds, and moments that cannot overflow.
enum Nanoseconds {
    /// Moments are kept in 0 ... 2^61 (73 years of uptime), so that sums and differences of them are always in range.
    static func moment(_ time: Int64) -> Int64 { min(max(time, 0), 1 << 61) }

    /// A duration in 0 ... 366 days.
    static func span(_ duration: Duration) -> Int64 {
        min(max(duration, .zero), .seconds(366 * 86_400)).nanoseconds
    }

    static func span(_ text: DurationText) -> Int64 { span(text.duration) }

    /// `1.2 s`, for evidence.
    static func text(_ span: Int64) -> String {
        JSON.numberText(Double(span) / 1e9, decimals: 1) + " s"
    }

    /// Nanoseconds as seconds.
    static func seconds(_ span: Int64) -> Double { Double(span) / 1e9 }
}

/// The earliest of some moments that may not be.
func earliest(_ moments: Int64?...) -> Int64? { moments.compactMap { $0 }.min() }

/// The targets of one check and how long a look at one of them counts.
struct Targets: Sendable, Hashable {
    var names: [String]
    /// Nanoseconds after a look's end at which it says nothing any more.
    var staleAfter: Int64
    /// The last look at each target.
    private(set) var looks: [Look?]

    init(names: [String], staleAfter: Int64) {
        self.names = names
        self.staleAfter = staleAfter
        self.looks = names.map { _ in nil }
    }

    var count: Int { names.count }

    mutating func observe(target: Int, look: Look) { looks[target] = look }

    /// The last look at a target while it counts.
    func fresh(_ target: Int, at now: Int64) -> Look? {
        guard let look = looks[target], now < look.ended + staleAfter else { return nil }
        return look
    }

    /// When the next look stops counting.
    func nextStale(after now: Int64) -> Int64? {
        looks.compactMap { $0.map { $0.ended + staleAfter } }.filter { $0 > now }.min()
    }
}
