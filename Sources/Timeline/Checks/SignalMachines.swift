/// `pages`: pages named the scope's targets, the first one perhaps a single one, a while before others.
struct PagesMachine: CheckMachine {
    private let atLeast: Int
    private let firstAlone: Bool
    /// Nanoseconds between two looks at the pager: names that are closer together may have come in one look.
    private let lookInterval: Int64
    private let targets: Set<String>
    private var named: Set<String> = []
    private var first: (names: Set<String>, at: Int64)?
    /// When a target was last named that had not been before.
    private var lastNew: Int64 = 0
    private var isAfterFault = false

    init(atLeast: Int, firstAlone: Bool, lookInterval: Int64, targets: [String]) {
        self.atLeast = max(1, atLeast)
        self.firstAlone = firstAlone
        self.lookInterval = lookInterval
        self.targets = Set(targets)
    }

    mutating func observe(signal: RunSignal, at now: Int64) {
        guard signal.source == .alert, !signal.resolved, !signal.wasFiringBefore else { return }
        let names = targets.intersection(signal.names)
        guard !names.isEmpty else { return }
        if first == nil { first = (names, now) }
        guard !names.isSubset(of: named) else { return }
        named.formUnion(names)
        lastNew = now
    }

    /// Pages from before the fault are judged there and forgotten.
    mutating func runMoved(to progress: RunProgress) {
        guard progress.injectStarted != nil, !isAfterFault else { return }
        isAfterFault = true
        named = []
        first = nil
    }

    /// One target was paged for, and another followed so much later that they were not merely seen in one look.
    private var isFirstAlone: Bool {
        guard let first else { return false }
        return first.names.count == 1 && lastNew - first.at >= lookInterval
    }

    mutating func assess(at now: Int64) -> Assessment {
        Assessment(truth: Truth(named.count >= atLeast && (!firstAlone || isFirstAlone)), changesAt: nil)
    }

    func evidence(at now: Int64) -> String {
        guard let first else { return "no page names any of \(targets.count)" }
        let names = first.names.sorted().prefix(3).joined(separator: ", ") + (first.names.count > 3 ? ", …" : "")
        let all = "\(named.count) of \(targets.count) named"
        guard named.count > first.names.count else { return "first page named \(names); \(all) so far" }
        return "first \(names)\(isFirstAlone ? " alone" : ""); \(all) \(Nanoseconds.text(lastNew - first.at)) later"
    }
}

/// `quiet`: nobody was told anything for a while, by a pager that is known to work.
struct QuietMachine: CheckMachine {
    private let lasting: Int64
    /// The window starts when the injection completed (symptoms); else it is the last `lasting` (steady state).
    private let startsAtFault: Bool
    private var testedSince: Int64?
    private var lastSignal: Int64?
    private var firstSignalAfterFault: Int64?
    private var progress = RunProgress()

    init(lasting: Int64, startsAtFault: Bool) {
        self.lasting = lasting
        self.startsAtFault = startsAtFault
    }

    mutating func observe(signal: RunSignal, at now: Int64) {
        guard !signal.resolved else { return }
        lastSignal = now
        if progress.injectStarted != nil, firstSignalAfterFault == nil { firstSignalAfterFault = now }
    }

    mutating func observePagerTest(received: Bool, at now: Int64) {
        if !received { testedSince = nil } else if testedSince == nil { testedSince = now }
    }

    mutating func runMoved(to progress: RunProgress) { self.progress = progress }

    mutating func assess(at now: Int64) -> Assessment {
        guard startsAtFault else { return assessLastWhile(at: now) }
        guard let start = progress.injectCompleted else {
            return Assessment(truth: firstSignalAfterFault == nil ? .unknown : .no, changesAt: nil)
        }
        if let signal = firstSignalAfterFault, signal < start + lasting {
            return Assessment(truth: .no, changesAt: nil)
        }
        guard now >= start + lasting else { return Assessment(truth: .unknown, changesAt: start + lasting) }
        guard let testedSince, testedSince <= start else { return Assessment(truth: .unknown, changesAt: nil) }
        return Assessment(truth: .yes, changesAt: nil)
    }

    private func assessLastWhile(at now: Int64) -> Assessment {
        if let lastSignal, now < lastSignal + lasting {
            return Assessment(truth: .no, changesAt: lastSignal + lasting)
        }
        guard let testedSince else { return Assessment(truth: .unknown, changesAt: nil) }
        let start = max(testedSince, lastSignal ?? 0)
        return now >= start + lasting
            ? Assessment(truth: .yes, changesAt: nil) : Assessment(truth: .unknown, changesAt: start + lasting)
    }

    func evidence(at now: Int64) -> String {
        let tested = testedSince == nil ? "the pager was not shown to work" : "the pager took its test"
        guard startsAtFault, let start = progress.injectCompleted else {
            guard let lastSignal else { return "no page or report; \(tested)" }
            return "last page or report \(Nanoseconds.text(now - lastSignal)) ago; \(tested)"
        }
        guard let signal = firstSignalAfterFault else {
            return "no page or report for \(Nanoseconds.text(now - start)) after the fault; \(tested)"
        }
        return "first page or report \(Nanoseconds.text(max(0, signal - start))) after the fault; \(tested)"
    }
}
